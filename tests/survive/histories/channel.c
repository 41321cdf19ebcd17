/* SPDX-License-Identifier: MIT */
/* Histories of channels: the newest value as a register, all others as queues. */
#include "channel.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "support.h"

#define CAPACITY 4096U
#define SHORT_MOST 104U

static const struct kind kinds[] = {
    {"latest", SEAM_OVERWRITE, 1, 2, false, false},
    {"latest-lanes", SEAM_OVERWRITE, 2, 2, false, true},
    {"latest-writers", SEAM_OVERWRITE, 2, 2, true, false},
    {"queue", SEAM_LOSSLESS, 1, 1, false, false},
    {"broadcast", SEAM_LOSSLESS, 1, 3, false, false},
    {"writers", SEAM_LOSSLESS, 2, 2, true, false},
    {"lanes", SEAM_LOSSLESS, 2, 2, false, true},
    {"work", SEAM_WORK_QUEUE, 1, 3, false, false},
    {"work-writers", SEAM_WORK_QUEUE, 2, 2, true, false},
    {"work-lanes", SEAM_WORK_QUEUE, 2, 2, false, true},
};

const struct kind *kind_of(const struct round *round)
{
    const struct kind *kind = kinds;
    while (strcmp(kind->what, round->game->what) != 0) {
        kind++;
    }
    return kind;
}

/**
 * All messages of a round are of one size, so that what fits is known exactly. Long ones are
 * overwritten while they are read.
 */
static size_t size_of(const struct round *round)
{
    static const size_t sizes[] = {8, 24, 48, 100}, to_overwrite[] = {8, MESSAGE_MOST, 48, 100};
    bool overwriting = kind_of(round)->policy == SEAM_OVERWRITE;
    return (overwriting ? to_overwrite : sizes)[round->number % 4];
}

/** Records begin 8-byte-aligned, from half a line on at the beginning of one. */
static uint64_t fits(const struct round *round)
{
    size_t record = size_of(round) + 8;
    size_t stride = size_of(round) > 32 ? (record + 63) / 64 * 64 : record;
    return (CAPACITY - 8) / stride;
}

bool has_lanes(const struct round *round)
{
    return kind_of(round)->lanes && round->mode != SEAM_LOCKED;
}

bool is_unsure(const struct round *round, bool sending)
{
    return round->mode == SEAM_LOCKED || (sending && kind_of(round)->many_writers);
}

static void create(struct round *round)
{
    const struct kind *kind = kind_of(round);
    const struct seam_channel_options options = {
        .role = SEAM_OBSERVER,
        .policy = kind->policy,
        .mode = round->mode,
        .max_message = kind->policy == SEAM_OVERWRITE ? MESSAGE_MOST : SHORT_MOST,
        .capacity = CAPACITY,
        .many_writers = kind->many_writers,
        .writers = kind->lanes ? kind->senders : 0,
    };
    round->channel = test_create(&options);
}

/* ---- receiving ---- */

static void note_received(struct end *end, const void *data, ssize_t size, uint32_t start,
                          uint32_t ended)
{
    uint64_t message = test_message_number(data);
    CHECK((size_t)size == end->size && test_message_is(data, end->size, message),
          "bytes of %" PRIx64, message);
    note(end->me, EVENT_RECV, message, start, ended);
}

/** What a receive says that got nothing. @return false: nothing more will come */
static bool note_nothing(struct end *end, ssize_t result, uint32_t start, uint32_t ended)
{
    CHECK(result == -EAGAIN || result == -EPIPE, "recv: %s", strerror((int)-result));
    struct event *event =
        note(end->me, result == -EAGAIN ? EVENT_EMPTY : EVENT_NOTHING, 0, start, ended);
    event->unsure = is_unsure(end->round, false);
    return result == -EAGAIN;
}

static bool receive_one(struct end *end, bool try)
{
    uint32_t start = start_of_operation(end->me);
    ssize_t size = try ? seam_channel_try_recv(end->channel, end->buffer, BUFFER_BYTES)
                       : seam_channel_recv(end->channel, end->buffer, BUFFER_BYTES);
    uint32_t ended = end_of_operation(end->me);
    if (size < 0) {
        return note_nothing(end, size, start, ended);
    }
    note_received(end, end->buffer, size, start, ended);
    return true;
}

static bool receive_several(struct end *end, bool try)
{
    struct iovec messages[BATCH_MOST];
    size_t most = 1 + roll(end->me, BATCH_MOST);
    uint32_t start = start_of_operation(end->me);
    ssize_t count =
        try ? seam_channel_try_recv_batch(end->channel, messages, most, end->buffer, BUFFER_BYTES)
            : seam_channel_recv_batch(end->channel, messages, most, end->buffer, BUFFER_BYTES);
    uint32_t ended = end_of_operation(end->me);
    for (ssize_t i = 0; i < count; i++) {
        note_received(end, messages[i].iov_base, (ssize_t)messages[i].iov_len, start, ended);
    }
    return count > 0 || note_nothing(end, count, start, ended);
}

static bool receive_in_place(struct end *end, bool try)
{
    const void *data;
    uint32_t start = start_of_operation(end->me);
    ssize_t size =
        try ? seam_channel_try_peek(end->channel, &data) : seam_channel_peek(end->channel, &data);
    if (size < 0) {
        return note_nothing(end, size, start, end_of_operation(end->me));
    }
    memcpy(end->buffer, data, end->size);
    CHECK(seam_channel_release(end->channel) == 0, "release");
    note_received(end, end->buffer, size, start, end_of_operation(end->me));
    return true;
}

static void receive_all(struct end *end)
{
    const struct kind *kind = kind_of(end->round);
    uint32_t all = (end->round->quota + BATCH_MOST) * kind->senders, received = 0;
    bool try = false;
    for (;;) {
        uint32_t before = end->me->history->count;
        uint64_t how = roll(end->me, kind->policy == SEAM_WORK_QUEUE ? 2 : 3);
        bool more = how == 0   ? receive_one(end, try)
                    : how == 1 ? receive_several(end, try)
                               : receive_in_place(end, try);
        if (!more) {
            return;
        }
        const struct event *last = &end->me->history->events[end->me->history->count - 1];
        bool got = last->kind == EVENT_RECV;
        received += got ? end->me->history->count - before : 0;
        /* After finding nothing it waits, as the senders do. */
        try = got && has_room(end->me, all - received + 1);
        breathe(end->me, got ? 50 : 1);
    }
}

/* ---- the newest ---- */

static void note_latest(struct end *end, ssize_t size, uint32_t start, uint32_t ended)
{
    const bool lanes = has_lanes(end->round);
    unsigned senders = kind_of(end->round)->senders;
    if (size >= 0) {
        uint64_t message = test_message_number(end->buffer);
        CHECK((size_t)size == end->size && test_message_is(end->buffer, end->size, message),
              "bytes of %" PRIx64, message);
        unsigned sender = sender_of(message);
        CHECK(sender < senders && message > end->last[sender], "%" PRIx64 " after %" PRIx64,
              message, end->last[sender]);
        note(end->me, EVENT_READ, message, start, ended)->object = lanes ? (uint16_t)sender : 0;
        end->last[sender] = message;
        end->newest = message;
        return;
    }
    CHECK(size == -EAGAIN, "recv_latest: %s", strerror((int)-size));
    for (unsigned i = 0; i < (lanes ? senders : 1); i++) { /* each is still what it was */
        uint64_t last = lanes ? end->last[i] : end->newest;
        struct event *event = note(end->me, EVENT_READ, last, start, ended);
        event->object = (uint16_t)i;
        event->unsure = is_unsure(end->round, false);
    }
}

static void receive_latest(struct end *end)
{
    struct stage *stage = end->me->stage;
    unsigned senders = kind_of(end->round)->senders;
    bool done = false, empty = false;
    while (has_room(end->me, senders + 1) && !(done && empty)) {
        done = atomic_load(&stage->ready) >= stage->actors + senders;
        uint32_t start = start_of_operation(end->me);
        ssize_t size = seam_channel_try_recv_latest(end->channel, end->buffer, BUFFER_BYTES);
        note_latest(end, size, start, end_of_operation(end->me));
        empty = size < 0;
        breathe(end->me, empty ? 2 : 20);
    }
    atomic_fetch_add(&stage->done, 1);
}

/* ---- games ---- */

static void act(const struct round *round, struct actor *me)
{
    const struct kind *kind = kind_of(round);
    static struct end end;
    bool sending = me->index < kind->senders;
    end = (struct end){.round = round, .me = me, .size = size_of(round)};
    end.channel = test_reopen(round->channel, sending ? SEAM_WRITER : SEAM_READER);
    wait_for_all(me);
    if (sending) {
        send_all(&end);
        atomic_fetch_add(&me->stage->ready, 1);
    } else if (kind->policy == SEAM_OVERWRITE) {
        receive_latest(&end);
    } else {
        receive_all(&end);
    }
    /* Closing may take the lock. */
    uint32_t start = start_of_operation(me);
    seam_channel_close(end.channel);
    note(me, EVENT_NOTHING, 0, start, end_of_operation(me));
}

static bool check(const struct round *round, struct verdict *verdict)
{
    const struct kind *kind = kind_of(round);
    seam_channel_close(round->channel);
    if (kind->policy == SEAM_OVERWRITE) {
        return check_registers(round->stage, kind->senders, verdict);
    }
    const struct queue_rules rules = {
        .senders = kind->senders,
        .receivers = kind->receivers,
        .shared = kind->policy == SEAM_WORK_QUEUE,
        .lanes = has_lanes(round),
        .fits = fits(round),
    };
    return check_queue(round->stage, &rules, verdict);
}

#define BOTH (1U << SEAM_LOCK_FREE | 1U << SEAM_LOCKED)
#define GAME(name, actors)                     \
    {                                          \
        name, actors, BOTH, create, act, check \
    }

const struct game channel_games[] = {
    GAME("latest", 3),
    GAME("latest-lanes", 4),
    GAME("latest-writers", 4),
    GAME("queue", 2),
    GAME("broadcast", 4),
    GAME("writers", 4),
    GAME("lanes", 4),
    GAME("work", 4),
    GAME("work-writers", 4),
    GAME("work-lanes", 4),
    {0},
};
