/* SPDX-License-Identifier: MIT */
/*
 * Whether queues lost, doubled, invented or reordered messages. The cases are those of Henzinger,
 * Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs", 2013, each checked by one sweep
 * over time. A message counts as sent from the moment on that its sending has ended, or that
 * somebody has received it.
 */
#include "queue.h"

#include <inttypes.h>
#include <stdlib.h>

/** @return the place of a message; the count: nobody sent it */
static uint32_t place_of(const struct queue *q, uint64_t message)
{
    unsigned sender = sender_of(message);
    if (sender >= q->rules->senders || number_of(message) == 0) {
        return q->count;
    }
    uint32_t of_sender = q->first[sender + 1] - q->first[sender];
    return number_of(message) <= of_sender ? q->first[sender] + number_of(message) - 1 : q->count;
}

static bool read_sends(struct queue *q)
{
    for (unsigned i = 0; i < q->rules->senders; i++) {
        const struct history *history = &q->stage->histories[i];
        uint32_t sent = 0;
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->kind == EVENT_SEND) {
                q->sent[q->first[i] + sent++] = (struct sent){event->start, event->end};
                if (event->value != message_of(i, sent)) {
                    return refuse(q->verdict, "sender %u noted %" PRIx64, i, event->value);
                }
            }
        }
    }
    return true;
}

static bool read_receptions(struct queue *q)
{
    struct view all = {q->rules->senders, q->rules->senders + q->rules->receivers};
    for (unsigned i = all.from; i < all.to; i++) {
        const struct history *history = &q->stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->kind != EVENT_RECV) {
                continue;
            }
            uint32_t place = place_of(q, event->value);
            q->verdict->pairs++;
            if (place == q->count || event->end < q->sent[place].start) {
                return refuse(q->verdict, "%" PRIx64 " received before it was sent", event->value);
            }
            if (event->end < q->sent[place].seen) {
                q->sent[place].seen = event->end;
            }
        }
    }
    return true;
}

/** Fills `taken`, and checks what each receiver sees by itself. */
static bool take(struct queue *q, struct view view)
{
    for (uint32_t i = 0; i < q->count; i++) {
        q->taken[i] = (struct taken){NEVER, NEVER};
    }
    for (unsigned i = view.from; i < view.to; i++) {
        const struct history *history = &q->stage->histories[i];
        uint32_t last[ACTORS_MOST] = {0};
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->kind != EVENT_RECV) {
                continue;
            }
            struct taken *taken = &q->taken[place_of(q, event->value)];
            uint32_t *before = &last[sender_of(event->value)], number = number_of(event->value);
            q->verdict->pairs++;
            if (taken->start != NEVER) {
                return refuse(q->verdict, "%" PRIx64 " received twice", event->value);
            }
            if (number <= *before || (!q->rules->shared && number != *before + 1)) {
                return refuse(q->verdict, "%" PRIx64 " received after number %" PRIx32,
                              event->value, *before);
            }
            *taken = (struct taken){event->start, event->end};
            *before = number;
        }
    }
    for (uint32_t i = 0; i < q->count; i++) {
        if (q->taken[i].start == NEVER) {
            return refuse(q->verdict, "message at place %" PRIu32 " was lost", i);
        }
    }
    return true;
}

/** Of one sender's messages, none is received before an earlier one's receiving began. */
static bool check_sender(const struct queue *q, unsigned sender)
{
    uint32_t latest = 0;
    for (uint32_t i = q->first[sender]; i < q->first[sender + 1]; i++) {
        q->verdict->pairs++;
        if (q->taken[i].end < latest) {
            return refuse(q->verdict, "sender %u: number %" PRIu32 " overtook another", sender,
                          i - q->first[sender] + 1);
        }
        latest = q->taken[i].start > latest ? q->taken[i].start : latest;
    }
    return true;
}

/** The same across senders, for messages that were there before another one's sending began. */
static bool check_shared_log(const struct queue *q)
{
    uint32_t *latest = table_of(q->times, sizeof(*latest));
    bool right = true;
    for (uint32_t i = 0; i < q->count; i++) {
        uint32_t *at = &latest[q->sent[i].seen + 1];
        *at = q->taken[i].start > *at ? q->taken[i].start : *at;
    }
    for (uint32_t t = 1; t < q->times; t++) {
        latest[t] = latest[t - 1] > latest[t] ? latest[t - 1] : latest[t];
    }
    for (uint32_t i = 0; right && i < q->count; i++) {
        q->verdict->pairs++;
        if (q->taken[i].end < latest[q->sent[i].start]) {
            right = refuse(q->verdict, "place %" PRIu32 " overtook one that was there before", i);
        }
    }
    free(latest);
    return right;
}

/** All receivers see the same order, and it is one that the sends can have happened in. */
static bool check_common_log(struct queue *q, struct view view)
{
    const struct history *history = &q->stage->histories[view.from];
    bool first = view.from == q->rules->senders;
    uint32_t received = 0, latest = 0;
    for (uint32_t k = 0; k < history->count; k++) {
        const struct event *event = &history->events[k];
        if (event->kind != EVENT_RECV) {
            continue;
        }
        uint32_t place = place_of(q, event->value);
        if (first) {
            q->order[received] = place;
        } else if (q->order[received] != place) {
            return refuse(q->verdict, "%" PRIx64 " is not number %" PRIu32 " of all receivers",
                          event->value, received);
        }
        received++;
        q->verdict->pairs++;
        if (q->sent[place].seen < latest) {
            return refuse(q->verdict, "%" PRIx64 " came after one sent later", event->value);
        }
        latest = q->sent[place].start > latest ? q->sent[place].start : latest;
    }
    return true;
}

static bool check_view(struct queue *q, struct view view)
{
    bool right = take(q, view);
    for (unsigned i = 0; right && i < q->rules->senders; i++) {
        right = check_sender(q, i);
    }
    if (right && !q->rules->lanes) {
        right = q->rules->shared ? check_shared_log(q) : check_common_log(q, view);
    }
    return right && check_empty(q, view);
}

/** How many messages there are from each sender. */
static void count_sends(struct queue *q)
{
    for (unsigned i = 0; i < q->rules->senders; i++) {
        const struct history *history = &q->stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            q->count += history->events[k].kind == EVENT_SEND;
        }
        q->first[i + 1] = q->count;
    }
}

bool check_queue(const struct stage *stage, const struct queue_rules *rules,
                 struct verdict *verdict)
{
    struct queue q = {
        .stage = stage,
        .rules = rules,
        .verdict = verdict,
        .times = atomic_load(&stage->time) + 2,
    };
    count_sends(&q);
    q.sent = table_of(q.count + 1, sizeof(*q.sent));
    q.taken = table_of(q.count + 1, sizeof(*q.taken));
    q.order = table_of(q.count + 1, sizeof(*q.order));
    bool right = read_sends(&q) && read_receptions(&q);
    for (unsigned i = 0; right && i < view_count(&q); i++) {
        right = check_view(&q, view_at(&q, i));
    }
    right = right && (rules->fits == 0 || check_full(&q));
    free(q.sent);
    free(q.taken);
    free(q.order);
    return right;
}
