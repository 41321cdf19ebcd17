/* SPDX-License-Identifier: MIT */
/*
 * Cursors that a lossless writer waits for: the table on the desk, and the work queue's shared one.
 *
 *     joining reader                              writer whose limit is used up
 *     J1 store cursor = the tail it found         L1 tail is published (R2)
 *     J2 full fence                               L2 full fence
 *     J3 look for the tail again, start there     L3 read the cursors; limit = slowest + capacity
 *                                                 L4 evict what can't be; J4 begins again
 *
 * Either L3 sees J1, or J3 sees a tail no older than L1, and then the limit, computed from that
 * older tail, keeps off everything from J3's tail on. The desk is not believed: a cursor outside
 * [tail - capacity, tail] is evicted, by compare-and-swap, because a joiner may just be correcting
 * it.
 */
#ifndef SEAM_CHANNEL_CURSORS_H
#define SEAM_CHANNEL_CURSORS_H

#include "channel/handle.h"

/** Makes the table of a new channel empty. @param durable  NULL or a cursor to be made with it */
void seam_cursors_init(struct seam_desk *desk, const struct seam_log *log, unsigned count,
                       const char *durable);

/** @return 0; -EINVAL not 1 to 31 bytes */
int seam_cursors_check_name(const char *name);

/** Takes a slot for a reader and finds its start. @return 0; -EUSERS; -EBUSY; -EAGAIN */
int seam_cursors_join(struct seam_channel *channel, const char *durable, enum seam_start start);

/** Starts at the oldest record from the reader's cursor on, after it was overtaken. */
int seam_cursors_rejoin(struct seam_channel *channel);

/** Gives the slot up; a durable cursor stays where it is. */
void seam_cursors_leave(struct seam_channel *channel);

/** Removes a durable cursor. @return 0; -ENOENT; -EBUSY */
int seam_cursors_forget(struct seam_channel *channel, const char *durable);

/** How far the ring may be written. For who has the right to write at @p tail. */
uint64_t seam_cursors_limit(const struct seam_channel *channel, uint64_t tail);

/** The slowest cursor before @p tail, or @p tail. For who waits; it changes nothing. */
uint64_t seam_cursors_slowest(const struct seam_channel *channel, uint64_t tail);

/** Frees the slots of ephemeral readers that died. */
void seam_cursors_reap(const struct seam_channel *channel);

/** Publishes the reader's position, so that the writer may overwrite what is before it. */
static inline void seam_cursors_publish(struct seam_channel *channel)
{
    if (channel->slot != NULL) {
        store_relaxed(&channel->slot->sequence, channel->next.sequence); /* C1 orders it */
        /* C1, pairs with C2 in load_cursor: our reads end before the writer overwrites. */
        store_release(&channel->slot->cursor, channel->next.position);
        seam_announce_space(channel);
    }
}

#endif
