/* SPDX-License-Identifier: MIT */
/* Waiting for something to receive. */
#ifndef SEAM_CHANNEL_READABLE_H
#define SEAM_CHANNEL_READABLE_H

#include "channel/lanes.h"
#include "wait/pace.h"

static inline bool seam_readable_now(void *context)
{
    return seam_lane_readable(context);
}

/** What the writers have said of themselves. @return NONE, ENDED, or DEAD, which may be alive */
enum seam_writer seam_last_writer(const struct seam_channel *channel);

/** @return 1: look again, something has happened; -EPIPE no writer is left; 0: wait on */
int seam_readable_recheck(void *context, bool thorough);

/** As seam_await_readable, for a reader with several lanes. */
int seam_await_readable_in_lanes(struct seam_channel *channel, int64_t deadline_ns);

/** Waits after an attempt in vain. @return 0 or 1: try again; -ETIMEDOUT; -EPIPE */
static inline int seam_await_readable(struct seam_channel *channel, int64_t deadline_ns)
{
    if (unlikely(channel->lanes != NULL)) {
        return seam_await_readable_in_lanes(channel, deadline_ns);
    }
    const struct seam_wait_for what = {
        .ready = seam_readable_now,
        .recheck = seam_readable_recheck,
        .flag = &channel->desk->data_wanted,
        .fences = &channel->desk->fences,
        .woken_ns = &channel->desk->woken_ns,
        .context = channel,
    };
    /* A reader that is as fast as its writer would take each line away that is being written. */
    (void)seam_let_gather(&channel->waiter, channel->next.sequence - channel->waited_at);
    channel->waited_at = channel->next.sequence;
    return seam_wait(&channel->waiter, &what, deadline_ns);
}

#endif
