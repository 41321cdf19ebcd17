/* SPDX-License-Identifier: MIT */
/* Receiving messages and printing them. */
#ifndef DEMO_RECEIVE_H
#define DEMO_RECEIVE_H

#include "demo/common.h"

/** Set the first two members, zero the others, and end with demo_receiver_free. */
struct demo_receiver {
    const struct demo_options *options;
    struct seam_channel *channel;
    uint64_t lost; /**< messages missed that the user knows about, or that were printed after all */
    char *copy;
    size_t room;
};

/**
 * Prints the next message, or says how many were missed.
 * @return 1; 0 nothing came by the deadline; -EPIPE no writer is left; -EINTR a signal asks the
 *         program to end; other -errno, and the user has been told
 */
int demo_receive(struct demo_receiver *receiver, int64_t deadline_ns);

/** The same for the newest message. */
int demo_receive_latest(struct demo_receiver *receiver, int64_t deadline_ns);

/** How many messages this receiver got. */
uint64_t demo_received(const struct demo_receiver *receiver);

void demo_receiver_free(struct demo_receiver *receiver);

#endif
