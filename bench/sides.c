/* SPDX-License-Identifier: MIT */
#include "sides.h"

#include <errno.h>
#include <sched.h>

#include "clock.h"
#include "memory/atomic.h"
#include "python.h"

/* How many operations the peer does before it looks whether to stop. */
#define AT_ONCE 16

/* ---- the peer ---- */

int sides_open_there(void *context)
{
    struct run *run = context;
    return run->contest->group->family->join(run->context);
}

/** Goes on until it is told to stop; relaxed: nothing goes with that. The order is whose part. */
int sides_serve(void *context, struct pair_shared *shared, uint32_t order, uint64_t count)
{
    struct run *run = context;
    const struct side *side = run->halves[order].side;
    uint64_t done = 0;
    int error = 0;
    (void)count;
    while (error == 0 && load_relaxed(&shared->stop) == 0) {
        error = (side->write != NULL ? side->write : side->run)(run->context, AT_ONCE);
        done += AT_ONCE;
    }
    shared->result = done;
    return error;
}

/** Python's has a peer of its own. */
static bool has_peer(const struct run *run, const struct side *side)
{
    return run->contest->group->peer && side->python == NULL;
}

/** Returns when the peer is at it, so that its waking up is not timed. */
static int wake_peer(struct run *run, int which)
{
    const struct side *side = run->halves[which].side;
    uint64_t before = side->total(run->context);
    pair_ask(&run->pair, (uint32_t)which, 0);
    while (side->total(run->context) == before) {
        if (!pair_is_busy(&run->pair)) {
            return pair_blame(&run->pair, -ECHILD);
        }
        (void)sched_yield(); /* it may need this CPU */
    }
    return 0;
}

static int stop_peer(struct run *run, int which)
{
    store_relaxed(&run->pair.shared->stop, 1); /* nothing goes with it */
    int error = pair_answer(&run->pair);
    run->halves[which].made += run->pair.shared->result;
    return error;
}

/* ---- one side ---- */

static int run_python(const struct half *half, struct tally *tally)
{
    int64_t ns;
    uint64_t there;
    int error = python_run(half->side->python, half->count, &ns, &there);
    if (error == 0) {
        tally->ns += ns;
        tally->here += half->count;
        tally->there += there;
    }
    return error;
}

static int run_here(struct run *run, struct half *half, struct tally *tally)
{
    const struct side *side = half->side;
    const uint64_t count = half->count;
    int error = side->prepare != NULL ? side->prepare(run->context, count) : 0;
    if (error != 0) {
        return error;
    }
    bool peer = has_peer(run, side);
    uint64_t before = peer ? side->total(run->context) : 0;
    int64_t begun = now_ns();
    error = side->run(run->context, count);
    tally->ns += now_ns() - begun;
    tally->here += count;
    const uint64_t changes = sides_only_read(run) ? 0 : count;
    if (error == 0 && peer) {
        tally->there += side->total(run->context) - before - changes;
    }
    half->made += changes;
    return error == 0 && side->check != NULL ? side->check(run->context, count) : error;
}

int sides_measure(struct run *run, int which, int64_t at_least_ns, struct tally *ret_tally)
{
    struct half *half = &run->halves[which];
    const struct side *side = half->side;
    struct tally tally = {0};
    bool peer = has_peer(run, side);
    int error = peer ? wake_peer(run, which) : 0;
    if (error != 0) {
        return error;
    }
    do {
        error = side->python != NULL ? run_python(half, &tally) : run_here(run, half, &tally);
    } while (error == 0 && tally.ns < at_least_ns);
    if (peer) {
        int theirs = stop_peer(run, which);
        error = theirs != 0 ? theirs : error;
    }
    if (error == 0 && side->total != NULL && side->total(run->context) != half->made) {
        error = -EBADMSG; /* something was lost, or done twice */
    }
    *ret_tally = tally;
    return error;
}

int sides_warm_up(struct run *run, int which)
{
    const struct plan *plan = run->contest->plan;
    struct half *half = &run->halves[which];
    uint64_t most = half->side->most > 0 ? half->side->most : UINT64_MAX / 2;
    int64_t end = now_ns() + plan->warm_up_ns;
    struct tally tally;
    half->count = 1;
    for (;;) {
        int error = sides_measure(run, which, 0, &tally);
        if (error != 0) {
            return error;
        }
        if (tally.ns < plan->block_ns / SIDES_RUNS && half->count < most) {
            half->count = 2 * half->count < most ? 2 * half->count : most;
        } else if (now_ns() >= end) {
            return 0;
        }
    }
}
