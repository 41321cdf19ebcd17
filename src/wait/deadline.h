/* SPDX-License-Identifier: MIT */
/* The clock of all deadlines, CLOCK_MONOTONIC, and how long a sleep may be. */
#ifndef SEAM_WAIT_DEADLINE_H
#define SEAM_WAIT_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "seam/wait.h"

#define SEAM_NS_PER_S INT64_C(1000000000)

/** CLOCK_MONOTONIC in nanoseconds. */
int64_t seam_now_ns(void);

/** Longest sleep without a look around. */
#define SEAM_SLICE_NS INT64_C(100000000)

/** When a sleep that begins now has to end, at the latest. */
int64_t seam_slice_until(int64_t deadline_ns);

/** The deadline of a call that must not wait. */
#define SEAM_NEVER_WAIT INT64_MIN

/** A caller's deadline, which may be any number, as one that is not SEAM_NEVER_WAIT. */
static inline int64_t seam_not_before_zero(int64_t deadline_ns)
{
    return deadline_ns < 0 ? 0 : deadline_ns;
}

/* Looks at the clock between attempts that found nothing where something seemed to be. */
#define SEAM_ATTEMPTS_PER_LOOK 16

/**
 * Whether time is up after one more attempt in vain. What looks ready and is not, again and again,
 * must not keep a waiter from looking at the clock.
 */
static inline bool seam_is_late(unsigned *attempts, int64_t deadline_ns)
{
    return ++*attempts % SEAM_ATTEMPTS_PER_LOOK == 0 && seam_now_ns() >= deadline_ns;
}

#endif
