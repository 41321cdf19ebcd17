/* SPDX-License-Identifier: MIT */
#include "wait/waitable.h"

#include <errno.h>
#include <linux/futex.h>

#include "wait/barrier.h"
#include "wait/futex.h"

/* Without futex_waitv: so long can news on any but the first thing be overlooked. */
#define BLIND_NS INT64_C(2000000)

void seam_waitable_fill(struct seam_waitable *thing, const struct seam_wait_for *what, void *handle,
                        uint64_t argument)
{
    *thing = (struct seam_waitable){
        .internal = {.is_ready = what->ready,
                     .recheck = what->recheck,
                     .flag = what->flag,
                     .fences = what->fences,
                     .handle = handle,
                     .argument = argument},
    };
}

static bool is_ready(struct seam_waitable *thing)
{
    return thing->internal.is_ready(&thing->internal);
}

/** Ready, or such that waiting for it makes no sense: an attempt tells why. */
static bool is_worth_it(struct seam_waitable *thing, bool thorough)
{
    return is_ready(thing) || thing->internal.recheck(&thing->internal, thorough) != 0;
}

bool seam_prepare_all(struct seam_waitable *things, size_t count, uint32_t *values)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = seam_want(things[i].internal.flag); /* S1 */
    }
    if (!seam_barrier_heavy()) { /* S2, pairs with P2 in seam_barrier_light */
        for (size_t i = 0; i < count; i++) {
            store_relaxed((_Atomic uint32_t *)things[i].internal.fences, 1);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (is_worth_it(&things[i], false)) { /* S3 */
            return true;
        }
    }
    return false;
}

/** What is waited for: any of these. */
struct any {
    struct seam_waitable *things;
    size_t count;
    int64_t thorough_at_ns; /* when to ask after the peers' lives: a system call for each */
};

static bool is_any_ready(void *context)
{
    const struct any *any = context;
    for (size_t i = 0; i < any->count; i++) {
        if (is_ready(&any->things[i])) {
            return true;
        }
    }
    return false;
}

/** @return 1: one of them is worth an attempt; 0 */
static int is_any_worth_it(void *context, bool thorough)
{
    const struct any *any = context;
    for (size_t i = 0; i < any->count; i++) {
        if (is_worth_it(&any->things[i], thorough)) {
            return 1;
        }
    }
    return 0;
}

static int sleep_on_all(void *context, int64_t deadline_ns)
{
    struct any *any = context;
    uint32_t values[SEAM_WAIT_MOST] = {0};
    struct futex_waitv entries[SEAM_WAIT_MOST];
    if (seam_prepare_all(any->things, any->count, values)) {
        return 0;
    }
    for (size_t i = 0; i < any->count; i++) {
        seam_futex_fill(&entries[i], any->things[i].internal.flag, values[i]);
    }
    int64_t until = seam_slice_until(deadline_ns);
    if (seam_futex_wait_many(entries, (unsigned)any->count, until) == -ENOSYS) {
        int64_t blind = seam_deadline_in_ns(BLIND_NS);
        seam_futex_wait(any->things[0].internal.flag, values[0], blind < until ? blind : until);
    }
    if (is_any_ready(context)) {
        return 0;
    }
    /* However short the sleeps are. */
    bool thorough = seam_now_ns() >= any->thorough_at_ns;
    if (thorough) {
        any->thorough_at_ns = seam_deadline_in_ns(SEAM_SLICE_NS);
    }
    return is_any_worth_it(context, thorough) != 0 ? 1 : -EAGAIN;
}

/** Says of each thing whether it is ready. */
static int count_ready(struct seam_waitable *things, size_t count, bool thorough)
{
    int ready = 0;
    for (size_t i = 0; i < count; i++) {
        things[i].ready = is_worth_it(&things[i], thorough);
        ready += things[i].ready;
    }
    return ready;
}

int seam_wait_any(struct seam_waitable *things, size_t count, int64_t deadline_ns)
{
    /* What this thread has learned about waiting for several things. */
    static _Thread_local struct seam_waiter waiter;
    static _Thread_local bool is_known;
    if (count == 0 || count > SEAM_WAIT_MOST) {
        return -EINVAL;
    }
    int ready = count_ready(things, count, false);
    if (ready > 0) {
        return ready;
    }
    if (!is_known) {
        seam_waiter_init(&waiter, SEAM_WAIT_ADAPTIVE);
        is_known = true;
    }
    struct any any = {
        .things = things, .count = count, .thorough_at_ns = seam_deadline_in_ns(SEAM_SLICE_NS)};
    const struct seam_wait_for what = {
        .ready = is_any_ready,
        .recheck = is_any_worth_it,
        .sleep = sleep_on_all,
        .context = &any,
    };
    for (unsigned attempts = 0;;) {
        int result = seam_wait_on(&waiter, &what, deadline_ns);
        ready = count_ready(things, count, result != 0);
        if (ready > 0) {
            return ready;
        }
        /* Another thread or process was faster in taking what there was. */
        if (result == -ETIMEDOUT || seam_is_late(&attempts, deadline_ns)) {
            return -ETIMEDOUT;
        }
    }
}

int seam_wait_prepare(struct seam_waitable *thing, struct seam_futex *ret_futex)
{
    uint32_t value;
    if (seam_prepare_all(thing, 1, &value) || is_worth_it(thing, true)) {
        return 1;
    }
    *ret_futex = (struct seam_futex){.word = thing->internal.flag, .value = value};
    return 0;
}
