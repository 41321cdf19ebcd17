/* SPDX-License-Identifier: MIT */
/*
 * Cursors that a lossless writer waits for: the table on the desk, and the work queue's shared one.
 *
 *     joining reader                              writer whose limit is used up
 *     J1 store the cursor: its start              L1 tail is published (R1)
 *     J2 full fence                               L2 full fence
 *     J3 look for the tail: near enough?          L3 read the cursors; the limit is the slowest
 *     J4 still there? else begin again               + capacity, at most the tail + capacity / 4
 *                                                 L4 evict what can't be
 *
 * Either L3 sees J1, or J3 sees a tail no older than L1. In the second case the writer may go on to
 * a limit that does not know the reader. But no limit is further than a quarter of the ring past
 * the tail of L1, and no reader starts further than three quarters behind the tail of J3: together
 * that is never more than the ring. So the writer looks again before it overtakes anybody.
 *
 * The desk is not believed: a cursor outside [tail - capacity, tail] is evicted, by
 * compare-and-swap, because a joiner may just be putting it right. A durable one is only ignored;
 * its reader will count.
 */
#ifndef SEAM_CHANNEL_CURSORS_H
#define SEAM_CHANNEL_CURSORS_H

#include "channel/slots.h"

/** Takes a slot for a reader and finds its start. @return 0; -EUSERS; -EBUSY; -EAGAIN */
int seam_cursors_join(struct seam_channel *channel, const char *durable, enum seam_start start);

/** Starts at the oldest record from the reader's cursor on, after it was overtaken. */
int seam_cursors_rejoin(struct seam_channel *channel);

/** From now on the cursor stays until seam_cursors_acknowledge. */
void seam_cursors_defer(struct seam_channel *channel);

/** Puts the cursor where the reader is, in all lanes. */
void seam_cursors_acknowledge(struct seam_channel *channel);

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
        /* C1, pairs with C2 in seam_load_cursor: our reads end before the writer overwrites. */
        store_release(&channel->slot->cursor, channel->next.position);
        seam_announce_space(channel);
    }
}

#endif
