/* SPDX-License-Identifier: MIT */
/* How long everything takes, and what has to be known everywhere. */
#ifndef SEAM_BENCH_PLAN_H
#define SEAM_BENCH_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "cpus.h"
#include "seam/seam.h"

struct plan {
    struct cpus cpus;
    size_t blocks;      /* per benchmark; each gives one ratio */
    int64_t block_ns;   /* about how long one side's part of a block lasts */
    size_t trips_least; /* but never fewer round trips than this in a block */
    size_t trips_most;  /* or more */
    int64_t warm_up_ns; /* at most, before anything counts */
};

/** For names: "lock-free" or "locked". */
static inline const char *mode_name(enum seam_mode mode)
{
    return mode == SEAM_LOCKED ? "locked" : "lock-free";
}

static inline const char *wait_name(enum seam_wait wait)
{
    return wait == SEAM_WAIT_SPIN ? "spin" : wait == SEAM_WAIT_SLEEP ? "sleep" : "adaptive";
}

#endif
