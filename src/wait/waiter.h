/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a word that another process will change: spin, then sleep.
 *
 * Sleeps are cut into slices, because a peer may steal a wake-up or die: after each the waiter
 * looks again and asks whether going on makes sense. Knows nothing of what is waited for.
 */
#ifndef SEAM_WAIT_WAITER_H
#define SEAM_WAIT_WAITER_H

#include "memory/atomic.h"
#include "seam/wait.h"
#include "wait/futex.h"

/** Longest sleep without a look around. */
#define SEAM_SLICE_NS INT64_C(100000000)

/** How one handle waits; private to it. */
struct seam_waiter {
    enum seam_wait strategy;
    int64_t spin_ns; /* adaptive: how long to spin before the next sleep */
    uint64_t waits;
    uint64_t sleeps;
};

/** What is waited for. */
struct seam_wait_for {
    /** Whether it has happened; called very often. */
    bool (*ready)(void *context);
    /**
     * Asked now and then whether waiting makes sense; with a look at leases, which is a system
     * call, only if @p thorough. @return 0: go on; else the wait's result
     */
    int (*hopeless)(void *context, bool thorough);
    _Atomic uint32_t *flag;   /* raised before a sleep; the other side clears it and wakes */
    _Atomic uint32_t *fences; /* set where this process can't have the heavy barrier */
    void *context;
};

void seam_waiter_init(struct seam_waiter *waiter, enum seam_wait strategy);

/** The part of a wait that follows the first spin. @return as seam_wait */
int seam_wait_on(struct seam_waiter *waiter, const struct seam_wait_for *what, int64_t deadline_ns);

/* Looks between two readings of the clock: about as long as reading it takes, several times. */
#define SEAM_LOOKS 64

/**
 * Waits. @p what is a constant at the call, so that its ready function is inlined into the
 * first and hottest round of spinning.
 * @return 0: it has happened; -ETIMEDOUT; or what hopeless() said
 */
__attribute__((always_inline)) static inline int
seam_wait(struct seam_waiter *waiter, const struct seam_wait_for *what, int64_t deadline_ns)
{
    int looks = waiter->strategy != SEAM_WAIT_SLEEP && waiter->spin_ns > 0 ? SEAM_LOOKS : 1;
    for (int i = 0; i < looks; i++) {
        if (what->ready(what->context)) {
            return 0;
        }
        cpu_relax();
    }
    return seam_wait_on(waiter, what, deadline_ns);
}

/**
 * Clears a raised flag and wakes the sleepers: the other half, called after a light barrier.
 * Level-triggered: however many messages come, one sleeper is one flag and one wake-up.
 */
static inline bool seam_wake(_Atomic uint32_t *flag)
{
    if (likely(load_relaxed(flag) == 0)) { /* P3: seam_barrier_light stands before */
        return false;
    }
    store_relaxed(flag, 0); /* whoever raises it after this looks for news after that */
    seam_futex_wake_all(flag);
    return true;
}

#endif
