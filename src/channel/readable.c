/* SPDX-License-Identifier: MIT */
#include "channel/readable.h"

#include <errno.h>

#include "wait/waitable.h"

enum seam_writer seam_last_writer(const struct seam_channel *channel)
{
    enum seam_writer last = SEAM_WRITER_NONE;
    for (unsigned i = 0; i < seam_lane_count(channel); i++) {
        const struct seam_log_head *head = seam_region_head(&channel->region, i);
        /* E2, pairs with E1 in seam_writer_close */
        uint32_t ended = load_acquire(&head->ended);
        uint32_t epoch = load_relaxed(&head->epoch); /* at least as new as `ended` */
        if (epoch != ended) {
            return SEAM_WRITER_DEAD;
        }
        last = epoch != 0 ? SEAM_WRITER_ENDED : last;
    }
    return last;
}

/** Whether there has been a writer and there is none any more. */
static bool is_writer_gone(const struct seam_channel *channel, bool thorough)
{
    enum seam_writer last = seam_last_writer(channel);
    return last == SEAM_WRITER_ENDED ||
           (last == SEAM_WRITER_DEAD && thorough &&
            !seam_lease_held_by_others(&channel->region.lease, SEAM_LEASE_WRITER));
}

static bool is_any_readable(const struct seam_channel *channel)
{
    return channel->lanes != NULL ? seam_lanes_readable(channel) : seam_lane_readable(channel);
}

static bool is_overtaken(const struct seam_channel *channel)
{
    return channel->lanes != NULL ? seam_lanes_overtaken(channel)
                                  : !seam_shares_cursor(channel) &&
                                        !seam_log_valid(&channel->log, channel->next.position);
}

int seam_readable_recheck(void *context, bool thorough)
{
    const struct seam_channel *channel = context;
    bool gone = !channel->follow && is_writer_gone(channel, thorough);
    if (is_any_readable(channel) || is_overtaken(channel)) {
        return 1; /* asked after the writer: what it sent last is not overlooked */
    }
    return gone ? -EPIPE : 0;
}

static bool ready_in_lanes(void *context)
{
    return seam_lanes_readable(context);
}

int seam_await_readable_in_lanes(struct seam_channel *channel, int64_t deadline_ns)
{
    const struct seam_wait_for what = {
        .ready = ready_in_lanes,
        .recheck = seam_readable_recheck,
        .flag = &channel->desk->data_wanted,
        .fences = &channel->desk->fences,
        .woken_ns = &channel->desk->woken_ns,
        .context = channel,
    };
    uint64_t received = channel->stats.received;
    (void)seam_let_gather(&channel->waiter, received - channel->lanes->waited);
    channel->lanes->waited = received;
    return seam_wait(&channel->waiter, &what, deadline_ns);
}

/* ---- as one of several things ---- */

/** A handle that may not receive here says so at once. */
static bool is_refused(const struct seam_channel *channel)
{
    return channel->reader_key != seam_fork_generation;
}

static bool is_readable(void *context)
{
    const struct seam_waitable_internal *internal = context;
    return is_refused(internal->handle) || is_any_readable(internal->handle);
}

static int is_not_worth_waiting(void *context, bool thorough)
{
    const struct seam_waitable_internal *internal = context;
    return seam_readable_recheck(internal->handle, thorough);
}

int seam_channel_readable(struct seam_channel *channel, struct seam_waitable *ret_thing)
{
    if (is_refused(channel)) {
        return seam_handle_refuse(channel);
    }
    const struct seam_wait_for what = {
        .ready = is_readable,
        .recheck = is_not_worth_waiting,
        .flag = &channel->desk->data_wanted,
        .fences = &channel->desk->fences,
    };
    seam_waitable_fill(ret_thing, &what, channel, 0);
    return 0;
}
