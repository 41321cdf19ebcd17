/* SPDX-License-Identifier: MIT */
/* Ways to move messages one way through a channel, for bench/throughput. */
#ifndef SEAM_BENCH_STREAMS_H
#define SEAM_BENCH_STREAMS_H

#include "peers/peer.h"
#include "seam/seam.h"

/** Which calls are used. */
enum stream_calls {
    STREAM_SINGLE,   /* send, recv */
    STREAM_BATCH,    /* send_batch, recv_batch */
    STREAM_IN_PLACE, /* reserve and commit, peek and release; work queues: recv */
};

/** What the next link that is opened is to be like. */
struct stream_kind {
    enum seam_policy policy;
    enum seam_mode mode;
    enum stream_calls calls;
    bool untouched; /* in place: nothing but the number is written and read */
};

extern struct stream_kind stream_kind;

extern const struct peer peer_stream;

#endif
