/* SPDX-License-Identifier: MIT */
/* The sides of a contest while it runs: one of them for a while, with its peer if it has one. */
#ifndef SEAM_BENCH_SIDES_H
#define SEAM_BENCH_SIDES_H

#include "contest.h"
#include "pair.h"

/* A part of a block is about as many runs, so that the last makes it only a little longer. */
#define SIDES_RUNS 4

enum { SEAM, RIVAL };

/** What some runs of one side came to. */
struct tally {
    int64_t ns;
    uint64_t here, there; /* operations */
};

/** One side while it runs. */
struct half {
    const struct side *side;
    uint64_t count; /* operations in a run */
    uint64_t made;  /* what total() must say */
    double *ns;     /* of an operation, one per block */
    struct tally all;
};

/** A benchmark while it runs; the peer has its own copy. */
struct run {
    const struct contest *contest;
    void *context;
    struct pair pair;
    struct half halves[2];
    double *ratios; /* one per block */
};

/** The peer's part, for pair_start; the context is a struct run. */
int sides_open_there(void *context);
int sides_serve(void *context, struct pair_shared *shared, uint32_t order, uint64_t count);

/**
 * Runs one side once, and again until it has taken as long as that; checks what came out.
 * @return 0; -EBADMSG the result is wrong; -errno
 */
int sides_measure(struct run *run, int which, int64_t at_least_ns, struct tally *ret_tally);

/** Finds out how many operations make a run, and goes on until everything is warm. */
int sides_warm_up(struct run *run, int which);

/** Whether only the operations here cost something: the peer does something else. */
static inline bool sides_only_read(const struct run *run)
{
    return run->contest->group->seam->write != NULL;
}

#endif
