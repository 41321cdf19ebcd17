/* SPDX-License-Identifier: MIT */
/* Whether those who found a queue empty, or full, can have been right. */
#include <inttypes.h>
#include <stdlib.h>

#include "queue.h"

/** Times during which something was surely in the queue, without a gap. */
struct stretch {
    uint32_t *began; /* by time: when the last one began that began until then */
    uint32_t *end;   /* by time it began */
};

static void find_stretches(const struct queue *q, struct lane lane, struct stretch *stretch)
{
    for (uint32_t i = q->first[lane.from]; i < q->first[lane.to]; i++) {
        uint32_t from = q->sent[i].seen, to = q->taken[i].start;
        if (from < to && stretch->end[from] < to) {
            stretch->end[from] = to;
        }
    }
    uint32_t began = 0;
    for (uint32_t t = 0; t < q->times; t++) {
        if (stretch->end[t] != 0 && t < stretch->end[began] && t != began) {
            if (stretch->end[t] > stretch->end[began]) {
                stretch->end[began] = stretch->end[t];
            }
        } else if (stretch->end[t] != 0) {
            began = t;
        }
        stretch->began[t] = began;
    }
}

static bool check_empty_lane(const struct queue *q, struct view view, const struct stretch *stretch)
{
    for (unsigned i = view.from; i < view.to; i++) {
        const struct history *history = &q->stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->kind != EVENT_EMPTY || event->start == 0) {
                continue;
            }
            q->verdict->pairs++;
            if (stretch->end[stretch->began[event->start - 1]] > event->end) {
                return refuse(q->verdict, "%u found nothing from %" PRIu32 " to %" PRIu32, i,
                              event->start, event->end);
            }
        }
    }
    return true;
}

bool check_empty(const struct queue *q, struct view view)
{
    bool right = true;
    for (unsigned i = 0; right && i < lane_count(q); i++) {
        struct stretch stretch = {
            .began = table_of(q->times, sizeof(uint32_t)),
            .end = table_of(q->times, sizeof(uint32_t)),
        };
        find_stretches(q, lane_at(q, i), &stretch);
        right = check_empty_lane(q, view, &stretch);
        free(stretch.began);
        free(stretch.end);
    }
    return right;
}

/* ---- full ---- */

/** Counts of messages that surely were sent at most, and received at least, by time. */
struct counts {
    uint32_t *sent, *received;
};

static void add_up(uint32_t *table, uint32_t count)
{
    for (uint32_t t = 1; t < count; t++) {
        table[t] += table[t - 1];
    }
}

/** What the slowest view has received. */
static void count_received(const struct queue *q, struct lane lane, uint32_t *slowest)
{
    uint32_t *received = table_of(q->times, sizeof(*received));
    for (unsigned v = 0; v < view_count(q); v++) {
        struct view view = view_at(q, v);
        for (uint32_t t = 0; t < q->times; t++) {
            received[t] = 0;
        }
        for (unsigned i = view.from; i < view.to; i++) {
            const struct history *history = &q->stage->histories[i];
            for (uint32_t k = 0; k < history->count; k++) {
                const struct event *event = &history->events[k];
                if (event->kind == EVENT_RECV && sender_of(event->value) >= lane.from &&
                    sender_of(event->value) < lane.to) {
                    received[event->end + 1]++;
                }
            }
        }
        add_up(received, q->times);
        for (uint32_t t = 0; t < q->times; t++) {
            slowest[t] = v == 0 || received[t] < slowest[t] ? received[t] : slowest[t];
        }
    }
    free(received);
}

static bool check_full_lane(const struct queue *q, struct lane lane, const struct counts *counts)
{
    for (unsigned i = lane.from; i < lane.to; i++) {
        const struct history *history = &q->stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->kind != EVENT_FULL) {
                continue;
            }
            uint32_t there = counts->sent[event->end] - counts->received[event->start];
            q->verdict->pairs++;
            if (there < q->rules->fits) {
                return refuse(q->verdict, "%u found no room beside %" PRIu32 " of %" PRIu64, i,
                              there, q->rules->fits);
            }
        }
    }
    return true;
}

bool check_full(const struct queue *q)
{
    bool right = true;
    for (unsigned n = 0; right && n < lane_count(q); n++) {
        struct lane lane = lane_at(q, n);
        struct counts counts = {
            .sent = table_of(q->times, sizeof(uint32_t)),
            .received = table_of(q->times, sizeof(uint32_t)),
        };
        for (uint32_t i = q->first[lane.from]; i < q->first[lane.to]; i++) {
            counts.sent[q->sent[i].start]++;
        }
        add_up(counts.sent, q->times);
        count_received(q, lane, counts.received);
        right = check_full_lane(q, lane, &counts);
        free(counts.sent);
        free(counts.received);
    }
    return right;
}
