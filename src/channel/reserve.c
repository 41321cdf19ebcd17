/* SPDX-License-Identifier: MIT */
/* Sending in place: reserve, commit, cancel. */
#include "channel/writable.h"
#include "channel/writer.h"

/** Takes the room at the tail, which is there. @return 0 */
static inline int reserve_now(struct seam_channel *channel, size_t size, void **ret_data)
{
    channel->reserved = true;
    channel->fast_send_key = 0;
    channel->reserved_size = size;
    if (seam_before(channel->tail.zeroed, channel->tail.position + SEAM_HEADER_BYTES + size)) {
        channel->tail.zeroed = SEAM_NOWHERE; /* the caller may write over it */
    }
    *ret_data = seam_log_message(&channel->log, channel->tail.position);
    return 0;
}

static int try_reserve(struct seam_channel *channel, size_t size, void **ret_data,
                       int64_t deadline_ns)
{
    if (unlikely(channel->writer_key != seam_fork_generation)) {
        return seam_handle_refuse(channel);
    }
    if (channel->write_guard != NULL) {
        int error = seam_writer_enter(channel, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
    if (unlikely(channel->reserved)) {
        return -EALREADY; /* seam_writer_enter() has seen to it where there is a lock */
    }
    int error = seam_find_space(channel, size);
    if (error != 0) {
        seam_guard_leave(channel->write_guard);
        return error;
    }
    return reserve_now(channel, size, ret_data);
}

__attribute__((noinline)) static int reserve_slowly(struct seam_channel *channel, size_t size,
                                                    void **ret_data, int64_t deadline_ns)
{
    unsigned attempts = 0;
    deadline_ns = seam_not_before_zero(deadline_ns);
    for (;;) {
        int error = try_reserve(channel, size, ret_data, deadline_ns);
        if (likely(error != -EAGAIN)) {
            return error;
        }
        error = seam_retry_for_space(channel, size, &attempts, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
}

int seam_channel_try_reserve(struct seam_channel *channel, size_t size, void **ret_data)
{
    return try_reserve(channel, size, ret_data, SEAM_NEVER_WAIT);
}

int seam_channel_reserve_until(struct seam_channel *channel, size_t size, void **ret_data,
                               int64_t deadline_ns)
{
    uint64_t next;
    return likely(seam_can_send_at_once(channel, size, &next))
               ? reserve_now(channel, size, ret_data)
               : reserve_slowly(channel, size, ret_data, deadline_ns);
}

int seam_channel_reserve(struct seam_channel *channel, size_t size, void **ret_data)
{
    return seam_channel_reserve_until(channel, size, ret_data, SEAM_FOREVER);
}

int seam_channel_commit(struct seam_channel *channel, size_t size)
{
    if (unlikely(channel->writer_key != seam_fork_generation)) {
        return seam_handle_refuse(channel);
    }
    if (unlikely(!channel->reserved)) {
        return -EINVAL;
    }
    if (unlikely(size > channel->reserved_size)) {
        return -EMSGSIZE;
    }
    seam_log_commit(&channel->log, &channel->tail, size);
    seam_end_reservation(channel);
    return seam_announce_data(channel);
}

int seam_channel_cancel(struct seam_channel *channel)
{
    if (unlikely(channel->writer_key != seam_fork_generation)) {
        return seam_handle_refuse(channel);
    }
    if (!channel->reserved) {
        return -EINVAL;
    }
    seam_end_reservation(channel);
    return 0;
}
