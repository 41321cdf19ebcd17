/* SPDX-License-Identifier: MIT */
/* How a handle becomes a writer and stops being one; the rest of writer.c is public. */
#ifndef SEAM_CHANNEL_WRITER_H
#define SEAM_CHANNEL_WRITER_H

struct seam_channel;

/** Takes the lease and the tail. @return 0; -EBUSY a live writer has it */
int seam_writer_open(struct seam_channel *channel);

/** Leaves in order: readers learn that nothing more will come. */
void seam_writer_close(struct seam_channel *channel);

#endif
