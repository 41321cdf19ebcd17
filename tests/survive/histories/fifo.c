/* SPDX-License-Identifier: MIT */
/*
 * Histories of a locked list used as a queue: two append, one pops at the front, one looks on. The
 * order in which elements are popped is that of all of them; so what is seen of the list at one
 * moment says exactly how many had been appended and popped by then.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "histories.h"
#include "support.h"

#define SENDERS 2U
#define RECEIVER 2U
#define OBSERVER 3U
#define CAPACITY 64U
#define LOOKS_MOST (EVENTS_MOST / 4) /* each becomes up to four events of counters */

/** What the observer's READ says of the message `value`; `other`: it stands so far from the first.
 */
enum { INSIDE = 0, FIRST = 1, LAST = 2 };

/* The counters. */
#define APPENDED 0
#define POPPED 1

static void append(const struct round *round, struct actor *me, struct seam_list *list)
{
    for (uint64_t number = 1; number <= round->quota;) {
        uint64_t message = message_of(me->index, number);
        uint32_t start = start_of_operation(me);
        ssize_t index = seam_list_append(list, &message, sizeof(message));
        uint32_t end = end_of_operation(me);
        CHECK(index == -ENOSPC || (index >= 0 && index < (ssize_t)CAPACITY), "append: %zd", index);
        if (index >= 0) {
            note(me, EVENT_SEND, message, start, end);
            number++;
        } else if (has_room(me, round->quota)) {
            note(me, EVENT_FULL, 0, start, end);
        }
        if (index < 0) {
            (void)sched_yield();
        }
        breathe(me, 30);
    }
}

static void pop(const struct round *round, struct actor *me, struct seam_list *list)
{
    const uint32_t all = SENDERS * round->quota;
    for (uint32_t received = 0; received < all;) {
        uint64_t message;
        uint32_t start = start_of_operation(me);
        ssize_t size = seam_list_pop(list, 0, &message, sizeof(message));
        uint32_t end = end_of_operation(me);
        CHECK(size == -ERANGE || size == sizeof(message), "pop: %zd", size);
        if (size >= 0) {
            note(me, EVENT_RECV, message, start, end);
            received++;
        } else if (has_room(me, all)) {
            note(me, EVENT_EMPTY, 0, start, end);
        }
        if (size < 0) {
            (void)sched_yield();
        }
        breathe(me, 30);
    }
    atomic_fetch_add(&me->stage->done, 1);
}

static void note_seen(struct actor *me, uint64_t message, uint64_t from_first, unsigned what,
                      uint32_t start, uint32_t end)
{
    struct event *event = note(me, EVENT_READ, message, start, end);
    event->other = from_first;
    event->object = (uint16_t)what;
}

static void look_at_one(struct actor *me, const struct seam_list *list, bool first)
{
    uint64_t message;
    uint32_t start = start_of_operation(me);
    ssize_t size = seam_list_get(list, first ? 0 : SEAM_LAST, &message, sizeof(message));
    uint32_t end = end_of_operation(me);
    CHECK(size == -ERANGE || size == sizeof(message), "get: %zd", size);
    if (size >= 0) {
        note_seen(me, message, 0, first ? FIRST : LAST, start, end);
    }
}

static void look_at_all(struct actor *me, const struct seam_list *list,
                        struct seam_snapshot **snapshot)
{
    uint32_t start = start_of_operation(me);
    int error = seam_list_snapshot(list, snapshot);
    uint32_t end = end_of_operation(me);
    CHECK(error == 0, "snapshot: %s", strerror(-error));
    size_t length = seam_snapshot_length(*snapshot), size;
    CHECK(length <= CAPACITY, "%zu elements", length);
    for (size_t i = 0; i < length; i++) {
        uint64_t message;
        const void *data = seam_snapshot_at(*snapshot, i, &size);
        CHECK(data != NULL && size == sizeof(message), "element %zu", i);
        memcpy(&message, data, sizeof(message));
        unsigned what = (i == 0 ? FIRST : INSIDE) | (i == length - 1 ? LAST : INSIDE);
        note_seen(me, message, i, what, start, end);
    }
}

static void look(struct actor *me, const struct seam_list *list)
{
    struct seam_snapshot *snapshot = NULL;
    while (atomic_load(&me->stage->done) == 0 && me->history->count + CAPACITY < LOOKS_MOST) {
        uint64_t how = roll(me, 8);
        if (how == 0) {
            look_at_all(me, list, &snapshot);
        } else if (how == 1) {
            uint64_t message = message_of(0, 0); /* nobody's */
            ssize_t found = seam_list_index_of(list, &message, sizeof(message));
            CHECK(found == -ENOENT, "index_of: %zd", found);
        } else {
            look_at_one(me, list, how % 2 == 0);
        }
        breathe(me, 3);
    }
    seam_snapshot_free(snapshot);
}

static void create(struct round *round)
{
    const struct seam_list_options options = {.capacity = CAPACITY, .mode = SEAM_LOCKED};
    CHECK(seam_list_create(NULL, &options, &round->list) == 0, "create: %s", seam_error_detail());
}

static void act(const struct round *round, struct actor *me)
{
    struct seam_list *list;
    CHECK(seam_list_reopen(round->list, NULL, &list) == 0, "reopen: %s", seam_error_detail());
    wait_for_all(me);
    if (me->index < SENDERS) {
        append(round, me, list);
    } else if (me->index == RECEIVER) {
        pop(round, me, list);
    } else {
        look(me, list);
    }
    seam_list_close(list);
}

/* ---- checking ---- */

/** By message: its place among all that were popped. */
struct places {
    uint32_t *of[SENDERS]; /* by number */
    uint64_t count;        /* of numbers */
};

static bool place_of(const struct places *places, uint64_t message, uint64_t *ret_place)
{
    if (sender_of(message) >= SENDERS || number_of(message) > places->count) {
        return false;
    }
    *ret_place = places->of[sender_of(message)][number_of(message)];
    return true;
}

static void say(struct actor *teller, const struct event *event, enum event_kind kind,
                unsigned counter, uint64_t value)
{
    note(teller, kind, value, event->start, event->end)->object = (uint16_t)counter;
}

/** What an operation says of the counters. */
static bool tell(struct actor *teller, const struct places *places, const struct event *event,
                 uint64_t *first, struct verdict *verdict)
{
    uint64_t place;
    if (event->kind != EVENT_SEND && event->kind != EVENT_RECV && event->kind != EVENT_READ) {
        return true;
    }
    if (!place_of(places, event->value, &place)) {
        return refuse(verdict, "%" PRIx64 " was never appended", event->value);
    }
    if (event->kind != EVENT_READ) {
        say(teller, event, EVENT_STEP, event->kind == EVENT_SEND ? APPENDED : POPPED, place);
        return true;
    }
    *first = event->other == 0 ? place : *first;
    if (place != *first + event->other) {
        return refuse(verdict, "%" PRIx64 " is not %" PRIu64 " behind the first", event->value,
                      event->other);
    }
    if ((event->object & FIRST) != 0) {
        say(teller, event, EVENT_LEAST, POPPED, place);
    }
    if ((event->object & LAST) != 0) {
        say(teller, event, EVENT_MOST, APPENDED, place + 1);
    }
    say(teller, event, EVENT_MOST, POPPED, (event->object & FIRST) != 0 ? place : *first);
    say(teller, event, EVENT_LEAST, APPENDED, place + 1);
    return true;
}

static bool check_looks(const struct stage *stage, const struct places *places,
                        struct verdict *verdict)
{
    struct stage *told = test_shared(sizeof(*told));
    bool right = true;
    told->actors = stage->actors;
    atomic_store(&told->time, atomic_load(&stage->time));
    for (unsigned i = 0; right && i < stage->actors; i++) {
        struct actor teller = {.history = &told->histories[i]};
        uint64_t first = 0;
        for (uint32_t k = 0; right && k < stage->histories[i].count; k++) {
            right = tell(&teller, places, &stage->histories[i].events[k], &first, verdict);
        }
    }
    right = right && check_counter(told, APPENDED, verdict) && check_counter(told, POPPED, verdict);
    CHECK(munmap(told, sizeof(*told)) == 0, "munmap");
    return right;
}

static bool check(const struct round *round, struct verdict *verdict)
{
    const struct queue_rules rules = {.senders = SENDERS, .receivers = 1, .fits = CAPACITY};
    const struct stage *stage = round->stage;
    const struct history *popped = &stage->histories[RECEIVER];
    seam_list_close(round->list);
    if (!check_queue(stage, &rules, verdict)) {
        return false;
    }
    struct places places = {.count = round->quota};
    for (unsigned i = 0; i < SENDERS; i++) {
        places.of[i] = table_of(places.count + 1, sizeof(uint32_t));
    }
    for (uint32_t k = 0, place = 0; k < popped->count; k++) {
        if (popped->events[k].kind == EVENT_RECV) {
            uint64_t message = popped->events[k].value;
            places.of[sender_of(message)][number_of(message)] = place++;
        }
    }
    bool right = check_looks(stage, &places, verdict);
    for (unsigned i = 0; i < SENDERS; i++) {
        free(places.of[i]);
    }
    return right;
}

const struct game fifo_games[] = {
    {"fifo", 4, 1U << SEAM_LOCKED, create, act, check},
    {0},
};
