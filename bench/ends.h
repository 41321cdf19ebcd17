/* SPDX-License-Identifier: MIT */
/* Two processes joined by two channels, one there and one back. */
#ifndef SEAM_BENCH_ENDS_H
#define SEAM_BENCH_ENDS_H

#include <stddef.h>
#include <stdint.h>

#include "payload.h"
#include "seam/seam.h"

/** Both processes have one of these; after the fork each goes on with its own copy. */
struct ends {
    enum seam_mode mode;
    enum seam_wait wait;
    size_t size; /* of every message */
    struct seam_channel *out, *in;
    uint64_t sequence; /* of the last round trip */
    _Alignas(64) unsigned char sent[PAYLOAD_MAX];
    _Alignas(64) unsigned char received[PAYLOAD_MAX];
};

/** Before the fork: makes the channels. @return 0 or -errno */
int ends_create(struct ends *ends);

/** In the peer: the other ends of the same channels. @return 0 or -errno */
int ends_join(struct ends *ends);

/** Closes what is open. */
void ends_close(struct ends *ends);

/** @p count round trips that begin here, each with one reading of the clock. */
int ends_ping(struct ends *ends, size_t count, int64_t *ret_samples_ns);

/** The peer's part in them. */
int ends_pong(struct ends *ends, uint64_t count);

#endif
