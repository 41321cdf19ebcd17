/* SPDX-License-Identifier: MIT */
/*
 * There and back through two channels, block by block in turn with what the machine can do.
 *
 * A block is some milliseconds of the one and then of the other, between the same two processes on
 * the same CPUs; who begins alternates. The figure to look at is the ratio of their medians, and of
 * these the median over all blocks: the absolute times move whenever the hypervisor moves the CPUs.
 */
#ifndef SEAM_BENCH_ROUNDTRIP_H
#define SEAM_BENCH_ROUNDTRIP_H

#include <stdbool.h>
#include <stdio.h>

#include "plan.h"
#include "shim.h"

struct roundtrip_result {
    bool measured;
    double p50_ns, p99_ns, p99_9_ns; /* over all samples */
    double limit_p50_ns;
    double ratio, ratio_q1, ratio_q3; /* over the blocks */
};

/** Where whole distributions go, as a table; NULL: nowhere. */
extern FILE *roundtrip_distributions;

/** One benchmark: what it measures, and what came out. */
struct roundtrip {
    const struct plan *plan;
    enum seam_mode mode;
    enum seam_wait wait;
    size_t size;
    struct roundtrip_result result;
};

/** A shim_function; @p context is a struct roundtrip. */
void roundtrip_run(struct shim_state *state, void *context);

#endif
