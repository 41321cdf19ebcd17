/* SPDX-License-Identifier: MIT */
/* How a handle becomes a reader and stops being one. */
#ifndef SEAM_CHANNEL_READER_H
#define SEAM_CHANNEL_READER_H

#include "seam/channel.h"

/** Finds the start and, where writers wait for readers, takes a cursor. */
int seam_reader_open(struct seam_channel *channel, const struct seam_channel_options *options);

/** Leaves in order. */
void seam_reader_close(struct seam_channel *channel);

#endif
