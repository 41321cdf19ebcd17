/* SPDX-License-Identifier: MIT */
/* Sending one message. */
#include "channel/writable.h"
#include "channel/writer.h"

/** Writes, commits and announces a message whose record ends at @p next. @return 0 */
static inline int send_to(struct seam_channel *channel, const void *data, size_t size,
                          uint64_t next)
{
    copy_into_ring(seam_log_message(&channel->log, channel->tail.position), data, size);
    seam_log_commit_to(&channel->log, &channel->tail, size, next);
    return seam_announce_data(channel);
}

static int send_now(struct seam_channel *channel, const void *data, size_t size)
{
    int error = seam_find_space(channel, size);
    return error == 0 ? send_to(channel, data, size, seam_record_end(channel->tail.position, size))
                      : error;
}

/** An attempt with everything that may stand before it. */
static int try_send(struct seam_channel *channel, const void *data, size_t size,
                    int64_t deadline_ns)
{
    if (channel->writer_key != seam_fork_generation) {
        return seam_handle_refuse(channel);
    }
    if (channel->write_guard == NULL) {
        return channel->reserved ? -EALREADY : send_now(channel, data, size);
    }
    int error = seam_writer_enter(channel, deadline_ns);
    if (error == 0) {
        error = send_now(channel, data, size);
        seam_guard_leave(channel->write_guard);
    }
    return error;
}

__attribute__((noinline)) static int send_slowly(struct seam_channel *channel, const void *data,
                                                 size_t size, int64_t deadline_ns)
{
    unsigned attempts = 0;
    deadline_ns = seam_not_before_zero(deadline_ns);
    for (;;) {
        int error = try_send(channel, data, size, deadline_ns);
        if (error != -EAGAIN) {
            return error;
        }
        error = seam_retry_for_space(channel, size, &attempts, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
}

int seam_channel_try_send(struct seam_channel *channel, const void *data, size_t size)
{
    uint64_t next;
    return likely(seam_can_send_at_once(channel, size, &next))
               ? send_to(channel, data, size, next)
               : try_send(channel, data, size, SEAM_NEVER_WAIT);
}

int seam_channel_send_until(struct seam_channel *channel, const void *data, size_t size,
                            int64_t deadline_ns)
{
    uint64_t next;
    return likely(seam_can_send_at_once(channel, size, &next))
               ? send_to(channel, data, size, next)
               : send_slowly(channel, data, size, deadline_ns);
}

int seam_channel_send(struct seam_channel *channel, const void *data, size_t size)
{
    uint64_t next;
    return likely(seam_can_send_at_once(channel, size, &next))
               ? send_to(channel, data, size, next)
               : send_slowly(channel, data, size, SEAM_FOREVER);
}
