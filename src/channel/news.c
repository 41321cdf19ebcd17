/* SPDX-License-Identifier: MIT */
#include "channel/news.h"

#include <errno.h>

#include "wait/any.h"

/** Whether there has been a writer and there is none any more. */
static bool is_writer_gone(const struct seam_channel *channel, bool thorough)
{
    const struct seam_log_head *head = channel->log.head;
    /* E2, pairs with E1 in seam_writer_close */
    uint32_t ended = load_acquire(&head->ended);
    uint32_t epoch = load_relaxed(&head->epoch); /* behind `ended` only if a new one came */
    if (epoch == 0) {
        return false;
    }
    return ended == epoch ||
           (thorough && !seam_lease_held_by_others(&channel->region.lease, SEAM_LEASE_WRITER));
}

int seam_news_hopeless(void *context, bool thorough)
{
    const struct seam_channel *channel = context;
    bool gone = !channel->follow && is_writer_gone(channel, thorough);
    if (seam_has_news(context) || (channel->how != SEAM_FOLLOW_SHARED &&
                                   !seam_log_valid(&channel->log, channel->next.position))) {
        return 1; /* asked after the writer: what it sent last is not overlooked */
    }
    return gone ? -EPIPE : 0;
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
    return is_refused(internal->handle) || seam_has_news(internal->handle);
}

static int is_not_worth_waiting(void *context, bool thorough)
{
    const struct seam_waitable_internal *internal = context;
    return is_refused(internal->handle) ? 1 : seam_news_hopeless(internal->handle, thorough);
}

int seam_channel_readable(struct seam_channel *channel, struct seam_waitable *ret_thing)
{
    if (is_refused(channel)) {
        return seam_handle_refuse(channel);
    }
    const struct seam_wait_for what = {
        .ready = is_readable,
        .hopeless = is_not_worth_waiting,
        .flag = &channel->desk->data_wanted,
        .fences = &channel->desk->fences,
    };
    seam_waitable_fill(ret_thing, &what, channel, 0);
    return 0;
}
