/* SPDX-License-Identifier: MIT */
/* Messages one by one for the test, several at once for the channel. One channel per process. */
#ifndef SEAM_TESTS_BATCHES_H
#define SEAM_TESTS_BATCHES_H

#include "support.h"

/** Longest message. */
#define BATCHES_MESSAGE 4096U

/** Room for message @p number of @p size bytes; may send those before it. */
uint8_t *batches_room(struct seam_channel *channel, uint64_t number, size_t size);

/** Sends what is left. */
void batches_flush(struct seam_channel *channel);

/** The next message. @return as seam_channel_recv */
ssize_t batches_recv(struct seam_channel *channel, uint8_t *buffer);

#endif
