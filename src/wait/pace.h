/* SPDX-License-Identifier: MIT */
/*
 * When to look: a look at a line that is just being written takes it from its writer. All times
 * are in the CPU's pauses; what they were measured on stands in src/README.md.
 */
#ifndef SEAM_WAIT_PACE_H
#define SEAM_WAIT_PACE_H

#include "memory/prefetch.h"
#include "wait/waiter.h"

/* Some hundred nanoseconds: about what a message needs there and back. */
#define SEAM_PATIENCE_MOST 40
#define SEAM_PATIENCE_STEP 2

/**
 * Before the first look for something that had to be waited for the last times. Whoever polls a
 * line too early takes it from the peer, who then has to fetch it back in order to write: an
 * early look costs both a transfer. So this pauses for a time that it learns (see seam_learn), and
 * meanwhile takes the lines that this thread will write next, which the peer has read by now.
 */
static inline void seam_hold_back(const struct seam_waiter *waiter)
{
    for (unsigned i = 0; i < waiter->patience; i++) {
        cpu_relax();
        if (i % 4 == 3) {
            seam_own_next_lines();
        }
    }
}

/* Fewer are no stream: those who take turns look early now and then, too, see seam_learn. */
#define SEAM_STREAK_LEAST 8

/**
 * After @p streak messages in a row that were there at once, the next of which is not: lets about
 * as many gather before looking again, up to what SEAM_PATIENCE_MOST allows. So a stream is taken
 * in gulps, and the writer keeps the line that it is writing; while a single message is waited for
 * as ever.
 */
static inline bool seam_let_gather(const struct seam_waiter *waiter, uint64_t streak)
{
    if (streak < SEAM_STREAK_LEAST || waiter->strategy == SEAM_WAIT_SLEEP || !waiter->may_spin) {
        return false;
    }
    uint64_t pauses = streak < SEAM_PATIENCE_MOST / 2 ? 2 * streak : SEAM_PATIENCE_MOST;
    for (uint64_t i = 0; i < pauses; i++) {
        cpu_relax();
    }
    return true;
}

/** What the first look has taught: a little longer next time if it was early, else less. */
static inline void seam_learn(struct seam_waiter *waiter, bool early)
{
    if (unlikely(early)) {
        if (waiter->patience < SEAM_PATIENCE_MOST && waiter->strategy != SEAM_WAIT_SLEEP &&
            waiter->may_spin) {
            waiter->patience += SEAM_PATIENCE_STEP;
        }
    } else if (unlikely(waiter->patience > 0)) {
        waiter->patience--;
    }
}

#endif
