/* SPDX-License-Identifier: MIT */
/*
 * Whether a counter that only grows by ones was atomic: each number is left by one step, whoever
 * saw it was not before the steps up to there had begun, and nobody saw less than what had been
 * seen, or stepped to, before.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "histories.h"

struct counter {
    struct verdict *verdict;
    uint64_t steps;
    uint64_t *begun; /* by number: last start of the steps up to there, and 1 more; at first 0 */
    uint64_t *least; /* by time: what the counter had surely reached before */
};

static bool add_step(struct counter *c, const struct event *event)
{
    if (event->kind != EVENT_STEP) {
        return true;
    }
    if (event->value >= c->steps || c->begun[event->value + 1] != 0) {
        return refuse(c->verdict, "step %" PRIu64 " of %" PRIu64 " twice, or too far", event->value,
                      c->steps);
    }
    c->begun[event->value + 1] = (uint64_t)event->start + 1;
    return true;
}

static bool add_least(struct counter *c, const struct event *event)
{
    uint64_t least = event->value + (event->kind == EVENT_STEP);
    if (event->kind != EVENT_STEP && event->kind != EVENT_LEAST) {
        return true;
    }
    c->verdict->pairs++;
    if (least > c->steps || (uint64_t)event->end + 1 < c->begun[least]) {
        return refuse(c->verdict, "%" PRIu64 " seen before it was reached", least);
    }
    if (least > c->least[event->end + 1]) {
        c->least[event->end + 1] = least;
    }
    return true;
}

static bool check_most(struct counter *c, const struct event *event)
{
    if (event->kind != EVENT_STEP && event->kind != EVENT_MOST) {
        return true;
    }
    c->verdict->pairs++;
    return c->least[event->start] <= event->value ||
           refuse(c->verdict, "still %" PRIu64 " after %" PRIu64 " had been reached", event->value,
                  c->least[event->start]);
}

static bool for_each(const struct stage *stage, unsigned object, struct counter *c,
                     bool (*visit)(struct counter *, const struct event *))
{
    for (unsigned i = 0; i < stage->actors; i++) {
        const struct history *history = &stage->histories[i];
        for (uint32_t k = 0; k < history->count; k++) {
            const struct event *event = &history->events[k];
            if (event->object == object && !visit(c, event)) {
                return false;
            }
        }
    }
    return true;
}

static bool count_step(struct counter *c, const struct event *event)
{
    c->steps += event->kind == EVENT_STEP;
    return true;
}

/** Makes the largest so far of a table. */
static void carry_on(uint64_t *table, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++) {
        table[i] = table[i] < table[i - 1] ? table[i - 1] : table[i];
    }
}

bool check_counter(const struct stage *stage, unsigned object, struct verdict *verdict)
{
    struct counter c = {.verdict = verdict};
    const uint64_t times = (uint64_t)atomic_load(&stage->time) + 2;
    (void)for_each(stage, object, &c, count_step);
    c.begun = table_of(c.steps + 1, sizeof(*c.begun));
    c.least = table_of(times, sizeof(*c.least));
    bool right = for_each(stage, object, &c, add_step);
    carry_on(c.begun, c.steps + 1);
    right = right && for_each(stage, object, &c, add_least);
    carry_on(c.least, times);
    right = right && for_each(stage, object, &c, check_most);
    free(c.begun);
    free(c.least);
    return right;
}
