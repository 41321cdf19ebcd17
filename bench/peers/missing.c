/* SPDX-License-Identifier: MIT */
/* Who could take part if its library were there when this was built. */
#include "roster.h"

#define ABSENT "not installed"

#if !defined(HAVE_BOOST)
const struct peer peer_boost_mq = {.name = "boost-mq",
                                   .title = "Boost message_queue",
                                   .spins = true,
                                   .sleeps = true,
                                   .missing = ABSENT};
const struct peer peer_boost_spsc = {
    .name = "boost-spsc", .title = "Boost spsc_queue", .spins = true, .missing = ABSENT};
#endif
#if !defined(HAVE_ICEORYX)
const struct peer peer_iceoryx = {
    .name = "iceoryx", .title = "iceoryx", .spins = true, .missing = ABSENT};
#endif
#if !defined(HAVE_CK)
const struct peer peer_ck = {.name = "ck", .title = "ck_ring", .spins = true, .missing = ABSENT};
const struct latest_peer latest_ck = {.name = "ck", .title = "ck_sequence", .missing = ABSENT};
#endif
#if !defined(HAVE_ATOMIC_QUEUE)
const struct peer peer_atomic_queue = {
    .name = "atomic_queue", .title = "atomic_queue", .spins = true, .missing = ABSENT};
#endif
#if !defined(HAVE_URCU)
const struct peer peer_urcu = {
    .name = "urcu", .title = "liburcu wfcqueue", .spins = true, .missing = ABSENT};
const struct latest_peer latest_urcu = {.name = "urcu", .title = "liburcu RCU", .missing = ABSENT};
#endif
#if !defined(HAVE_QB)
const struct peer peer_qb = {.name = "qb", .title = "libqb ring", .spins = true, .missing = ABSENT};
#endif
#if !defined(HAVE_ZMQ)
const struct peer peer_zmq = {
    .name = "zmq", .title = "ZeroMQ ipc", .sleeps = true, .spins = true, .missing = ABSENT};
#endif
#if !defined(HAVE_NNG)
const struct peer peer_nng = {
    .name = "nng", .title = "nng ipc", .sleeps = true, .spins = true, .missing = ABSENT};
#endif
#if !defined(HAVE_DPDK)
const struct peer peer_dpdk = {
    .name = "dpdk", .title = "DPDK rte_ring", .spins = true, .bursts = true, .missing = ABSENT};
#endif
#if !defined(HAVE_PYTHON)
const struct peer peer_py_pipe = {.name = "python-pipe",
                                  .title = "Python Pipe",
                                  .sleeps = true,
                                  .spins = true,
                                  .missing = ABSENT};
const struct peer peer_py_queue = {.name = "python-queue",
                                   .title = "Python Queue",
                                   .sleeps = true,
                                   .spins = true,
                                   .missing = ABSENT};
const struct peer peer_py_array = {
    .name = "python-array", .title = "Python Lock and Array", .spins = true, .missing = ABSENT};
#endif
