/* SPDX-License-Identifier: MIT */
/* Two parties in two processes, and blocks of messages that each of them passes in turn. */
#ifndef SEAM_BENCH_PEERS_MATCH_H
#define SEAM_BENCH_PEERS_MATCH_H

#include "../pair.h"
#include "duel.h"

enum { RIVAL, SEAM, SIDES };

/** One side's links: there, and for round trips back. */
struct party {
    const struct peer *peer; /* NULL: the limit */
    void *there, *back;
    uint64_t next;  /* number of the next message */
    uint64_t count; /* messages in a block */
};

struct match {
    const struct plan *plan;
    const struct cell *cell;
    struct pair pair;
    struct party parties[SIDES];
    int64_t *samples;
    unsigned char *from, *to; /* memcpy's */
};

/**
 * Opens what both need and starts the other process.
 * @param rival  NULL: the machine's limit  @param seam  NULL: only the rival is there
 * @return 0 or -errno; match_finish is to follow in any case
 */
int match_start(struct match *match, const struct peer *rival, size_t rival_ring,
                const struct peer *seam, size_t seam_ring);

/** Finds out how many messages make a block, and goes on until everything is warm. */
int match_warm_up(struct match *match, int which);

/** One block of one side. @param ret_ns  what a message, or a trip, cost */
int match_measure(struct match *match, int which, double *ret_ns);

void match_finish(struct match *match);

#endif
