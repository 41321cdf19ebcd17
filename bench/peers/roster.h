/* SPDX-License-Identifier: MIT */
/* All who take part. Those whose library was not there at build time say so, see missing.c. */
#ifndef SEAM_BENCH_PEERS_ROSTER_H
#define SEAM_BENCH_PEERS_ROSTER_H

#include "peer.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct peer peer_seam, peer_seam_locked, peer_pipe, peer_seqpacket, peer_mqueue,
    peer_condition, peer_mutex, peer_slots, peer_boost_mq, peer_boost_spsc, peer_iceoryx, peer_ck,
    peer_atomic_queue, peer_urcu, peer_qb, peer_zmq, peer_nng, peer_dpdk, peer_py_pipe,
    peer_py_queue, peer_py_array;

extern const struct latest_peer latest_seam, latest_seqcount, latest_mutex, latest_ck, latest_urcu;

#ifdef __cplusplus
}
#endif

#endif
