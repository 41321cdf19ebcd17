/* SPDX-License-Identifier: MIT */
/* The calls that onesided.c measures, in loops. */
#ifndef SEAM_BENCH_CALLS_H
#define SEAM_BENCH_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "payload.h"
#include "seam/seam.h"

/** The handles of one process on a channel, and what has passed through them. */
struct calls {
    size_t size; /* of every message */
    struct seam_channel *writer, *reader;
    uint64_t sent, seen;   /* sequence numbers of the last message */
    uint64_t reads, tries; /* messages read; calls that asked for one */
    unsigned char out[PAYLOAD_MAX], in[PAYLOAD_MAX];
};

/** @return 0 or -errno */
int calls_send(struct calls *calls, size_t count);

/** Asks once. @return 1: a newer message, whole; 0: there is none; -errno */
int calls_look(struct calls *calls);

/** Asks as often as that and must find nothing new. @return 0 or -errno */
int calls_find_nothing(struct calls *calls, size_t count);

/** Sends each message and reads it back. @return 0 or -errno */
int calls_send_and_read(struct calls *calls, size_t count);

/** Asks until it has read so many. @param broken  gives up when this is no longer @p whole */
int calls_read(struct calls *calls, size_t count, _Atomic uint32_t *broken, uint32_t whole);

#endif
