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
#include "memory/prefetch.h"
#include "seam/wait.h"
#include "wait/deadline.h"
#include "wait/flag.h"

/** How one handle waits; private to it. */
struct seam_waiter {
    enum seam_wait strategy;
    bool may_spin;     /* there is another CPU for the peer */
    bool yields;       /* but maybe not for this one: one CPU is allowed to it */
    int64_t spin_ns;   /* adaptive: how long to spin before the next sleep */
    int64_t least_ns;  /* adaptive: the least that this becomes */
    unsigned patience; /* pauses before the first look, see seam_hold_back */
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
    int (*recheck)(void *context, bool thorough);
    _Atomic uint32_t *flag;     /* raised before a sleep; the other side clears it and wakes */
    _Atomic uint32_t *fences;   /* set where this process can't have the heavy barrier */
    _Atomic uint64_t *woken_ns; /* see seam_wake; or NULL */
    void *context;
    /**
     * One slice of sleep, where one flag is not enough, or NULL.
     * @return 0: ready; -EAGAIN: look again; or what recheck() would say
     */
    int (*sleep)(void *context, int64_t deadline_ns);
};

void seam_waiter_init(struct seam_waiter *waiter, enum seam_wait strategy);

/** What a wake-up costs on this machine, as far as this process has seen: so long does it pay to
 * spin. */
int64_t seam_wake_price_ns(void);

/** Somebody slept from @p slept_ns on, was woken at @p woken_ns and is awake at @p now_ns. */
void seam_wake_price_learn(int64_t slept_ns, uint64_t woken_ns, int64_t now_ns);

/** The part of a wait that follows the first spin. @return as seam_wait */
int seam_wait_on(struct seam_waiter *waiter, const struct seam_wait_for *what, int64_t deadline_ns);

/* Looks between two readings of the clock: about as long as reading it takes, several times. */
#define SEAM_LOOKS 64

/**
 * Waits. @p what is a constant at the call, so that its ready function is inlined into the
 * first and hottest round of spinning.
 * @return 0: it has happened; -ETIMEDOUT; or what recheck() said
 */
__attribute__((always_inline)) static inline int
seam_wait(struct seam_waiter *waiter, const struct seam_wait_for *what, int64_t deadline_ns)
{
    bool spins = waiter->strategy == SEAM_WAIT_SPIN ||
                 (waiter->strategy == SEAM_WAIT_ADAPTIVE && waiter->spin_ns > 0);
    int looks = spins ? SEAM_LOOKS : 1;
    for (int i = 0; i < looks; i++) {
        if (what->ready(what->context)) {
            return 0;
        }
        seam_own_more_lines();
        cpu_relax();
    }
    return seam_wait_on(waiter, what, deadline_ns);
}

#endif
