/* SPDX-License-Identifier: MIT */
/* What senders and receivers of the games with channels share. */
#ifndef SEAM_TESTS_SURVIVE_HISTORIES_CHANNEL_H
#define SEAM_TESTS_SURVIVE_HISTORIES_CHANNEL_H

#include "histories.h"

#define BATCH_MOST 8U
#define MESSAGE_MOST ((size_t)1000)
#define BUFFER_BYTES (BATCH_MOST * MESSAGE_MOST)

/** One of the channels, by its game's name. */
struct kind {
    const char *what;
    enum seam_policy policy;
    unsigned senders, receivers;
    bool many_writers, lanes;
};

/** A sender or receiver with its handle. */
struct end {
    const struct round *round;
    struct actor *me;
    struct seam_channel *channel;
    size_t size;
    uint64_t number;            /* sender: messages sent */
    uint64_t last[ACTORS_MOST]; /* latest: what was received last, by sender */
    uint64_t newest;            /* of these, the last one */
    uint8_t buffer[BUFFER_BYTES];
};

const struct kind *kind_of(const struct round *round);

/** Whether writers have logs of their own; in locked mode they take turns in one. */
bool has_lanes(const struct round *round);

/** Where there is a lock, who finds nothing may just not have got it. */
bool is_unsure(const struct round *round, bool sending);

/** Sends until the quota is done or nobody receives any more. */
void send_all(struct end *end);

#endif
