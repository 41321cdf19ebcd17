/* SPDX-License-Identifier: MIT */
/*
 * How a blocked call waits, and until when.
 *
 * Deadlines are absolute nanoseconds of CLOCK_MONOTONIC, so a call that is repeated after a
 * signal or an error needs no arithmetic. Calls ending in _until take one.
 */
#ifndef SEAM_WAIT_H
#define SEAM_WAIT_H

#include <stdint.h>

#include "seam/attrs.h"

SEAM_BEGIN_DECLS

/** The deadline that never comes. */
#define SEAM_FOREVER INT64_MAX

/** What a handle does while it has to wait. Chosen per handle, not per channel. */
enum seam_wait {
    SEAM_WAIT_ADAPTIVE = 0, /**< spin for about the price of a wake-up, then sleep (default) */
    SEAM_WAIT_SPIN = 1, /**< never sleep: lowest latency, a whole CPU (sleep if there is but one) */
    SEAM_WAIT_SLEEP = 2, /**< sleep at once: no CPU is spent, each message costs a wake-up */
};

/**
 * The deadline @p ns nanoseconds from now; a sum past the end of time is SEAM_FOREVER.
 * May be called by any thread; never blocks.
 */
SEAM_PUBLIC int64_t seam_deadline_in_ns(int64_t ns);

SEAM_END_DECLS

#endif
