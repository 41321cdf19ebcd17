/* SPDX-License-Identifier: MIT */
/*
 * Several writers without a lock: each has a lane, a log of its own, and is in it what the writer
 * of any other channel is. A reader has a cursor in every lane, all by one lease, and takes its
 * messages from one lane at a time: from the next that has any, when this one is empty or has been
 * read from for long. An idle lane costs it one look at a word that is in its cache.
 *
 * Who writes what: a lane's log, the holder of SEAM_LEASE_LANE; `opened` in the first lane's head,
 * whoever gets such a lease, once; a reader's slot in each lane, the holder of SEAM_LEASE_SLOT, and
 * writers that evict it. A reader killed while it joins leaves slots in some lanes; they are
 * durable only if the first lane's is, which is stored last, else each lane's writer frees its own.
 */
#ifndef SEAM_CHANNEL_LANES_H
#define SEAM_CHANNEL_LANES_H

#include "channel/handle.h"

/** How many lanes the channel has. */
static inline unsigned seam_lane_count(const struct seam_channel *channel)
{
    return (unsigned)channel->region.stamp.lanes;
}

/** The cursor table of lane @p lane. */
static inline struct seam_slot *seam_lane_slots(const struct seam_channel *channel, unsigned lane)
{
    return channel->desk->slots + lane * channel->region.stamp.max_readers;
}

/** Whether there may be a message in the present lane; the attempt that follows looks properly. */
static inline bool seam_lane_readable(const struct seam_channel *channel)
{
    uint64_t at = seam_shares_cursor(channel) ? load_relaxed(seam_shared_cursor(channel))
                                              : channel->next.position;
    return load_relaxed(seam_log_word(&channel->log, at)) != 0; /* looked at properly after */
}

/** Turns the handle to lane @p lane, as a new reader or its writer finds it. */
void seam_lane_view(struct seam_channel *channel, unsigned lane);

/** A writer takes a lane that nobody alive has. @return 0; -EUSERS there is none */
int seam_lane_take(struct seam_channel *channel);

/** A reader prepares for all of them. @return 0 or -ENOMEM */
int seam_lanes_open(struct seam_channel *channel);

/** Turns a reader to lane @p lane, where it left off. */
void seam_lanes_select(struct seam_channel *channel, unsigned lane);

/** Whether the turn of the present one is over. */
static inline bool seam_lanes_is_over(const struct seam_channel *channel)
{
    return channel->stats.received - channel->lanes->began >= SEAM_TURN;
}

/** Before an attempt: turns to the lane whose turn it is. */
void seam_lanes_turn(struct seam_channel *channel);

/** The lane has given what there was to take: the next attempt asks the others first. */
static inline void seam_lanes_pass_on(struct seam_channel *channel)
{
    if (unlikely(channel->lanes != NULL)) {
        channel->lanes->began = channel->stats.received - SEAM_TURN;
    }
}

/** Whether there may be a message in any of them. */
bool seam_lanes_readable(const struct seam_channel *channel);

/** Whether the writer has been at the cursor again, in any of them. */
bool seam_lanes_overtaken(const struct seam_channel *channel);

#endif
