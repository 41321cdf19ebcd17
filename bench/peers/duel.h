/* SPDX-License-Identifier: MIT */
/*
 * seam and one peer do the same work, block by block in turn, between the same two processes.
 *
 * The figure to look at is the ratio of what a message costs, and of these the median over all
 * blocks. Whatever comes out wrong fails the benchmark: there are no figures of wrong results.
 */
#ifndef SEAM_BENCH_PEERS_DUEL_H
#define SEAM_BENCH_PEERS_DUEL_H

#include "../plan.h"
#include "../shim.h"
#include "../statistics.h"
#include "peer.h"

enum work {
    WORK_TRIP,   /* one message there, one back */
    WORK_STREAM, /* one message behind the other, one way */
};

/** What is done. */
struct cell {
    const char *name;  /* first part of the benchmark's */
    const char *title; /* for people */
    enum work work;
    enum peer_wait wait;
    bool bursts;
    size_t size;
    bool against_memcpy; /* the limit: else the bare line, or futex */
    size_t seam_ring;    /* bytes: the best for seam, once it has been looked for; 0: not yet */
};

struct duel_result {
    bool measured;
    const char *missing;   /* why the peer was not measured, or NULL */
    size_t peer_ring;      /* bytes; 0: has none */
    struct spread peer_ns; /* a message, or a trip */
    struct spread seam_ns;
    uint64_t messages;    /* seam's, in all blocks */
    struct spread faster; /* how many times faster seam is */
};

/** One benchmark. */
struct duel {
    const struct plan *plan;
    struct cell *cell;
    const struct peer *seam; /* seam's way to do it */
    const struct peer *peer; /* NULL: the machine's own limit */
    bool seam_by_default;    /* the peer is seam with its default ring */
    bool seam_ring_is_given; /* cell->seam_ring is not the best, but this one; 0: the default */
    struct duel_result result;
};

extern const char *const duel_counters[];

/** A shim_function; @p context is a struct duel. */
void duel_run(struct shim_state *state, void *context);

#endif
