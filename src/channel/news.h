/* SPDX-License-Identifier: MIT */
/* Waiting for something to receive. */
#ifndef SEAM_CHANNEL_NEWS_H
#define SEAM_CHANNEL_NEWS_H

#include "channel/handle.h"

/** Whether there may be a message; the attempt that follows looks properly. @p context: a handle */
static inline bool seam_has_news(void *context)
{
    const struct seam_channel *channel = context;
    uint64_t at = channel->how == SEAM_FOLLOW_SHARED ? load_relaxed(&channel->desk->shared_cursor)
                                                     : channel->next.position;
    return load_relaxed(seam_log_word(&channel->log, at)) != 0; /* looked at properly after */
}

/** @return 1: look again, something has happened; -EPIPE no writer is left; 0: wait on */
int seam_news_hopeless(void *context, bool thorough);

/** Waits after an attempt in vain. @return 0 or 1: try again; -ETIMEDOUT; -EPIPE */
static inline int seam_wait_for_news(struct seam_channel *channel, int64_t deadline_ns)
{
    const struct seam_wait_for what = {
        .ready = seam_has_news,
        .hopeless = seam_news_hopeless,
        .flag = &channel->desk->data_wanted,
        .fences = &channel->desk->fences,
        .context = channel,
    };
    /* A reader that is as fast as its writer would take each line away that is being written. */
    (void)seam_let_gather(&channel->waiter, channel->next.sequence - channel->drained);
    channel->drained = channel->next.sequence;
    return seam_wait(&channel->waiter, &what, deadline_ns);
}

#endif
