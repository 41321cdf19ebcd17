/* SPDX-License-Identifier: MIT */
#include "channel/reader.h"

#include "channel/geometry.h"
#include "channel/lanes.h"
#include "channel/receive.h"

/** Starts where nobody waits for this reader. */
static int start_alone(struct seam_channel *channel, enum seam_start start)
{
    int error = 0;
    for (unsigned i = seam_lane_count(channel); error == 0 && i-- > 0;) {
        seam_lanes_select(channel, i);
        error =
            start == SEAM_FROM_OLDEST
                ? seam_log_find_oldest(&channel->log, channel->log.first_position, &channel->next)
                : seam_log_find_tail(&channel->log, &channel->next);
    }
    return error;
}

int seam_reader_open(struct seam_channel *channel, const struct seam_channel_options *options)
{
    uint32_t policy = channel->region.stamp.policy;
    int error = seam_lanes_open(channel);
    if (error != 0) {
        return error;
    }
    if (seam_policy_shares_cursor(policy) && channel->role == SEAM_READER) {
        channel->cursor_kind = SEAM_CURSOR_SHARED;
    } else if (seam_policy_has_cursors(policy) && channel->role == SEAM_READER) {
        channel->cursor_kind = SEAM_CURSOR_SLOT;
        error = seam_cursors_join(channel, options->cursor, options->start);
    } else {
        error = start_alone(channel, options->start);
    }
    if (error != 0) {
        seam_cursors_leave(channel);
        return error;
    }
    if (options->acknowledge) {
        seam_cursors_defer(channel);
    }
    channel->follow = options->follow;
    channel->waited_at = channel->next.sequence - 1; /* no stream yet */
    channel->reader_key = seam_fork_generation;
    seam_set_fast_recv_key(channel);
    return 0;
}

void seam_reader_close(struct seam_channel *channel)
{
    channel->reader_key = channel->fast_recv_key = 0;
    seam_cursors_leave(channel);
}
