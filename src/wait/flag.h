/* SPDX-License-Identifier: MIT */
/*
 * The flag of those who sleep is a futex of two parts: the lowest bit says that somebody wants to
 * be woken, the others count the wake-ups. A sleeper sleeps on the whole word as it was when it
 * raised the flag, before its last look. Without the count it could sleep through a wake-up for it,
 * where another one raises the flag again before it has fallen asleep:
 *
 *     sleeper A               publisher                  sleeper B
 *     raises the flag: 1
 *     looks: no news          news; flag is 1: clears
 *                             it, wakes nobody yet       raises the flag, looks: news
 *     sleeps while it is 1: the flag is B's, the news is there
 */
#ifndef SEAM_WAIT_FLAG_H
#define SEAM_WAIT_FLAG_H

#include "memory/atomic.h"

#define SEAM_WANTED 1U

/** S1: raises the flag. @return the word to sleep on */
static inline uint32_t seam_want(_Atomic uint32_t *flag)
{
    return or_relaxed(flag, SEAM_WANTED) | SEAM_WANTED; /* S2 follows */
}

/** P3: whether anybody wants to be woken; seam_barrier_light stands before. */
static inline bool seam_is_wanted(const _Atomic uint32_t *flag)
{
    return unlikely((load_relaxed(flag) & SEAM_WANTED) != 0);
}

/** Clears the flag and wakes all who sleep. */
void seam_wake_all(_Atomic uint32_t *flag, _Atomic uint64_t *ret_woken_ns);

/**
 * Clears a raised flag and wakes the sleepers: the other half, called after a light barrier.
 * Level-triggered: however many messages come, one sleeper is one flag and one wake-up.
 * @param ret_woken_ns  NULL, or where the sleepers learn when this was, and so what it costs
 */
static inline bool seam_wake(_Atomic uint32_t *flag, _Atomic uint64_t *ret_woken_ns)
{
    if (!seam_is_wanted(flag)) {
        return false;
    }
    seam_wake_all(flag, ret_woken_ns);
    return true;
}

#endif
