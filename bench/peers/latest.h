/* SPDX-License-Identifier: MIT */
/*
 * The newest of values that one thread writes as fast as it can and another reads as fast as it
 * can: seam and a peer, in turn, for some milliseconds each. And read with the writer idle.
 */
#ifndef SEAM_BENCH_PEERS_LATEST_H
#define SEAM_BENCH_PEERS_LATEST_H

#include "../plan.h"
#include "../shim.h"
#include "peer.h"

/** What came out for one side, each second; medians over the blocks. */
struct latest_rates {
    double writes, reads, distinct, idle_reads;
    double failed_percent; /* attempts that returned nothing */
};

struct latest_duel {
    const struct plan *plan;
    const struct latest_peer *peer;
    bool measured;
    const char *missing;
    struct latest_rates rates, seam;
};

/** A shim_function; @p context is a struct latest_duel. */
void latest_run(struct shim_state *state, void *context);

#endif
