/* SPDX-License-Identifier: MIT */
/*
 * The asymmetric barrier between one who publishes often and one who sleeps seldom.
 *
 *     publisher                          sleeper
 *     P1 store the news                  S1 raise the flag
 *     P2 light barrier                   S2 heavy barrier
 *     P3 load the flag; if raised, wake  S3 look for news; if none, sleep on the flag
 *
 * Not both may miss the other: either P3 sees S1 or S3 sees P1. The heavy barrier makes every
 * CPU that runs a registered process execute a full one; wherever that falls in the publisher's
 * code, P1 is before it, or P3 is after it. So the light barrier only has to stop the compiler.
 *
 * Where a process can't have membarrier(2), it sets `fences` in the desk, and publishers that see
 * it, or that could not register, execute a full fence instead. A publisher that has not seen it
 * yet may miss one sleeper once: that costs one slice of sleep.
 */
#ifndef SEAM_WAIT_BARRIER_H
#define SEAM_WAIT_BARRIER_H

#include <stdbool.h>

#include "memory/atomic.h"

/** Registers this process as a publisher. @return whether the light barrier is enough for it */
bool seam_barrier_register(void);

/** S2. @return false: this process can't, and a full fence was executed instead */
bool seam_barrier_heavy(void);

/** P2. @p fence: whether somebody concerned has no membarrier. */
static inline void seam_barrier_light(bool fence)
{
    if (unlikely(fence)) {
        fence_seq_cst(); /* P2, pairs with S2 in seam_barrier_heavy */
    } else {
        fence_compiler();
    }
}

#endif
