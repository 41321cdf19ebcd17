/* SPDX-License-Identifier: MIT */
/* Room in the ring for a writer: found, made, or waited for. */
#ifndef SEAM_CHANNEL_WRITABLE_H
#define SEAM_CHANNEL_WRITABLE_H

#include <errno.h>

#include "channel/handle.h"

/** Makes the ring writable up to @p end. @return 0 or -EAGAIN */
int seam_make_space(struct seam_channel *channel, uint64_t end);

/** Makes sure that the message has a place at the tail. @return 0; -EMSGSIZE; -EAGAIN no room */
static inline int seam_find_space(struct seam_channel *channel, size_t size)
{
    if (unlikely(size > channel->log.max_message)) {
        return -EMSGSIZE;
    }
    uint64_t end = seam_log_end(&channel->tail, size);
    return likely(!seam_before(channel->tail.checked, end)) ? 0 : seam_make_space(channel, end);
}

/** No message has this size. */
#define SEAM_ALL_READ UINT64_MAX

/**
 * Waits until a message of @p size bytes has room, exactly; with SEAM_ALL_READ: until every cursor
 * is at the tail.
 * @return 0; -ETIMEDOUT; -EBADMSG
 */
int seam_await_space(struct seam_channel *channel, uint64_t size, int64_t deadline_ns);

/** After an attempt in vain to find room for @p size bytes. @return 0: try again; -ETIMEDOUT */
int seam_retry_for_space(struct seam_channel *channel, size_t size, unsigned *attempts,
                         int64_t deadline_ns);

#endif
