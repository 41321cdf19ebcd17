/* SPDX-License-Identifier: MIT */
/*
 * Histories of lists that are only appended to: the length is a counter, and what stands at an
 * index stays there.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "histories.h"
#include "support.h"

#define LENGTH 0   /* the counter */
#define CONTENTS 1 /* READ: `value` at index `other` */

/** What one process knows of the list. */
struct view {
    struct actor *me;
    struct seam_list *list;
    struct seam_snapshot *snapshot;
    uint64_t *known; /* elements, from the first on */
    uint64_t length; /* how many of them */
};

static void note_at_least(struct view *view, uint64_t length, uint32_t start, uint32_t end)
{
    note(view->me, EVENT_LEAST, length, start, end)->object = LENGTH;
}

static void note_at_most(struct view *view, uint64_t length, uint32_t start, uint32_t end)
{
    note(view->me, EVENT_MOST, length, start, end)->object = LENGTH;
}

static void note_element(struct view *view, uint64_t index, uint64_t value, uint32_t start,
                         uint32_t end)
{
    struct event *event = note(view->me, EVENT_READ, value, start, end);
    event->object = CONTENTS;
    event->other = index;
}

static void append(struct view *view, uint64_t value)
{
    uint32_t start = start_of_operation(view->me);
    ssize_t index = seam_list_append(view->list, &value, sizeof(value));
    uint32_t end = end_of_operation(view->me);
    CHECK(index >= 0, "append: %s", strerror((int)-index));
    struct event *event = note(view->me, EVENT_STEP, (uint64_t)index, start, end);
    event->object = LENGTH;
    event->other = value;
}

static void look_at_length(struct view *view)
{
    uint32_t start = start_of_operation(view->me);
    ssize_t length = seam_list_length(view->list);
    uint32_t end = end_of_operation(view->me);
    CHECK(length >= 0, "length: %s", strerror((int)-length));
    note_at_least(view, (uint64_t)length, start, end);
    note_at_most(view, (uint64_t)length, start, end);
}

/** Mostly around the end. */
static void look_at_one(struct view *view)
{
    uint64_t value, index = roll(view->me, 4) == 0 ? roll(view->me, view->length + 1)
                                                   : view->length + roll(view->me, 20);
    uint32_t start = start_of_operation(view->me);
    ssize_t size = seam_list_get(view->list, index, &value, sizeof(value));
    uint32_t end = end_of_operation(view->me);
    if (size == -ERANGE) {
        note_at_most(view, index, start, end);
        return;
    }
    CHECK(size == sizeof(value), "get: %zd", size);
    note_at_least(view, index + 1, start, end);
    note_element(view, index, value, start, end);
}

/** What was known is still there; what is new goes into the history. */
static void look_at_all(struct view *view)
{
    uint32_t start = start_of_operation(view->me);
    int error = seam_list_snapshot(view->list, &view->snapshot);
    uint32_t end = end_of_operation(view->me);
    CHECK(error == 0, "snapshot: %s", strerror(-error));
    uint64_t length = seam_snapshot_length(view->snapshot);
    note_at_least(view, length, start, end);
    note_at_most(view, length, start, end);
    for (uint64_t i = 0; i < length; i++) {
        size_t size;
        const void *data = seam_snapshot_at(view->snapshot, i, &size);
        CHECK(data != NULL && size == sizeof(uint64_t), "element %" PRIu64, i);
        if (i < view->length) {
            CHECK(memcmp(data, &view->known[i], sizeof(uint64_t)) == 0, "changed at %" PRIu64, i);
        } else if (has_room(view->me, 4)) {
            memcpy(&view->known[i], data, sizeof(uint64_t));
            note_element(view, i, view->known[i], start, end);
            view->length = i + 1;
        }
    }
}

static void find(struct view *view)
{
    if (view->length > 0) {
        uint64_t index = roll(view->me, view->length < 100 ? view->length : 100);
        ssize_t found =
            seam_list_index_of(view->list, &view->known[index], sizeof(view->known[index]));
        CHECK(found == (ssize_t)index, "%zd is not the index %" PRIu64, found, index);
    }
}

/* ---- the game ---- */

static uint64_t capacity_of(const struct round *round)
{
    return (uint64_t)round->quota * round->game->actors;
}

static void create(struct round *round)
{
    const struct seam_list_options options = {.capacity = capacity_of(round), .mode = round->mode};
    CHECK(seam_list_create(NULL, &options, &round->list) == 0, "create: %s", seam_error_detail());
}

static void act(const struct round *round, struct actor *me)
{
    struct view view = {.me = me, .known = table_of(capacity_of(round), sizeof(uint64_t))};
    CHECK(seam_list_reopen(round->list, NULL, &view.list) == 0, "reopen: %s", seam_error_detail());
    wait_for_all(me);
    for (uint32_t i = 0; i < round->quota && has_room(me, 4); i++) {
        uint64_t how = roll(me, 500);
        if (how == 0) {
            look_at_all(&view);
        } else if (how < 200) {
            append(&view, (uint64_t)unique_of(me, i));
        } else if (how < 300) {
            look_at_length(&view);
        } else if (how < 310 && round->mode == SEAM_LOCKED) {
            find(&view);
        } else {
            look_at_one(&view);
        }
        breathe(me, 30);
    }
    seam_snapshot_free(view.snapshot);
    seam_list_close(view.list);
    free(view.known);
}

static bool check_contents(const struct stage *stage, const uint64_t *appended, uint64_t count,
                           struct verdict *verdict)
{
    for (unsigned i = 0; i < stage->actors; i++) {
        const struct history *history = &stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->object != CONTENTS) {
                continue;
            }
            verdict->pairs++;
            if (event->other >= count || appended[event->other] != event->value) {
                return refuse(verdict, "at %" PRIu64 " is %" PRIx64, event->other, event->value);
            }
        }
    }
    return true;
}

static bool check(const struct round *round, struct verdict *verdict)
{
    const struct stage *stage = round->stage;
    uint64_t *appended = table_of(capacity_of(round), sizeof(*appended));
    struct actor last = {.stage = round->stage, .history = &round->stage->histories[0]};
    struct view view = {.me = &last, .list = round->list};
    uint64_t count = 0;
    look_at_length(&view);
    for (unsigned i = 0; i < stage->actors; i++) {
        const struct history *history = &stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->kind == EVENT_STEP) {
                CHECK(event->value < capacity_of(round), "index %" PRIu64, event->value);
                appended[event->value] = event->other;
                count++;
            }
        }
    }
    bool right =
        check_counter(stage, LENGTH, verdict) && check_contents(stage, appended, count, verdict);
    free(appended);
    seam_list_close(round->list);
    return right;
}

#define BOTH (1U << SEAM_LOCK_FREE | 1U << SEAM_LOCKED)

const struct game list_games[] = {
    {"list", 4, BOTH, create, act, check},
    {0},
};
