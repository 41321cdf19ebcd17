/* SPDX-License-Identifier: MIT */
/* What an open channel tells of itself. */
#include <errno.h>

#include "channel/handle.h"
#include "channel/lanes.h"
#include "channel/readable.h"

int seam_channel_stats(const struct seam_channel *channel, struct seam_channel_stats *ret_stats)
{
    if (channel->region.fork_generation != seam_fork_generation) {
        return -EPERM;
    }
    struct seam_channel_stats stats = channel->stats;
    for (unsigned i = 0; i < seam_lane_count(channel); i++) {
        const struct seam_log_head *head = seam_region_head(&channel->region, i);
        /* Relaxed: single words that only grow, read for people. */
        stats.published += load_relaxed(&head->newest_sequence) + 1 - channel->log.first_sequence;
        stats.published_bytes += load_relaxed(&head->published_bytes);
    }
    stats.sleeps = channel->waiter.sleeps;
    *ret_stats = stats;
    return 0;
}

int seam_channel_info(const struct seam_channel *channel, struct seam_channel_info *ret_info)
{
    const struct seam_stamp *stamp = &channel->region.stamp;
    *ret_info = (struct seam_channel_info){
        .max_message = stamp->max_message,
        .capacity = stamp->capacity,
        .memory_bytes = stamp->log_bytes + stamp->desk_bytes,
        .max_readers = (unsigned)stamp->max_readers,
        .policy = (enum seam_policy)stamp->policy,
        .mode = (enum seam_mode)stamp->mode,
        .writers = stamp->many_writers != 0 ? 0 : (unsigned)stamp->lanes,
        .many_writers = stamp->many_writers != 0,
    };
    return 0;
}

int seam_channel_writer(const struct seam_channel *channel)
{
    if (channel->region.fork_generation != seam_fork_generation) {
        return -EPERM;
    }
    enum seam_writer last = seam_last_writer(channel);
    bool alive = channel->role == SEAM_WRITER ||
                 seam_lease_held_by_others(&channel->region.lease, SEAM_LEASE_WRITER);
    return (int)(alive && last != SEAM_WRITER_NONE ? SEAM_WRITER_ALIVE : last);
}
