/* SPDX-License-Identifier: MIT */
/* Receiving in place: peek and release; and leaving behind what was received. */
#include "channel/reading.h"

static ssize_t peek(struct seam_channel *channel, const void **ret_data)
{
    uint64_t size = 0;
    int error = seam_look_at_cursor(channel, &size);
    if (error != 0) {
        return error;
    }
    if (!seam_log_valid(&channel->log, channel->next.position)) {
        channel->stats.retries++;
        return seam_recover_overtaken(channel);
    }
    channel->peeked = true;
    channel->next.size = size;
    *ret_data = seam_log_message(&channel->log, channel->next.position);
    return (ssize_t)size;
}

static int release(struct seam_channel *channel)
{
    if (!channel->peeked) {
        return -EINVAL;
    }
    channel->peeked = false;
    if (!seam_log_valid(&channel->log, channel->next.position)) {
        channel->stats.retries++;
        return seam_recover_overtaken(channel);
    }
    seam_advance(channel, channel->next.size);
    return 0;
}

static inline ssize_t try_peek(struct seam_channel *channel, const struct seam_destination *to,
                               int64_t deadline_ns)
{
    ssize_t result = seam_reading_enter(channel, deadline_ns);
    if (likely(result == 0)) {
        result = seam_shares_cursor(channel) ? -ENOTSUP : peek(channel, to->ret_data);
        seam_reading_leave(channel);
    }
    return result;
}

/** The ordinary case of peek: a whole message is there; calls nobody. */
static inline ssize_t peek_at_once(struct seam_channel *channel, const void **ret_data)
{
    const struct seam_log *log = &channel->log;
    const uint64_t at = channel->next.position;
    if (unlikely(channel->fast_recv_key != seam_fork_generation)) {
        return SEAM_OTHERWISE;
    }
    /* A1, pairs with R1 in seam_log_commit_to */
    uint64_t header = load_acquire(seam_log_word(log, at));
    uint64_t size = (uint32_t)header - UINT64_C(1);
    if (unlikely(header >> 32 != (uint32_t)channel->next.sequence || size > log->max_message ||
                 !seam_log_valid(log, at))) {
        return SEAM_OTHERWISE;
    }
    channel->peeked = true;
    channel->next.size = size;
    *ret_data = seam_log_message(log, at);
    return (ssize_t)size;
}

__attribute__((noinline)) static ssize_t peek_slowly(struct seam_channel *channel,
                                                     const void **ret_data, int64_t deadline_ns)
{
    const struct seam_destination to = {.ret_data = ret_data};
    return seam_repeat(try_peek, channel, &to, deadline_ns);
}

__attribute__((noinline)) static int release_slowly(struct seam_channel *channel)
{
    int result = seam_reading_enter(channel, SEAM_FOREVER);
    if (likely(result == 0)) {
        result = release(channel);
        seam_reading_leave(channel);
    }
    if (channel->lanes != NULL && seam_lanes_is_over(channel)) {
        channel->fast_recv_key = 0; /* see seam_lanes_turn */
    }
    return result;
}

/* ---- public ---- */

ssize_t seam_channel_try_peek(struct seam_channel *channel, const void **ret_data)
{
    ssize_t result = peek_at_once(channel, ret_data);
    const struct seam_destination to = {.ret_data = ret_data};
    return likely(result != SEAM_OTHERWISE) ? result : try_peek(channel, &to, SEAM_NEVER_WAIT);
}

ssize_t seam_channel_peek_until(struct seam_channel *channel, const void **ret_data,
                                int64_t deadline_ns)
{
    ssize_t result = peek_at_once(channel, ret_data);
    return likely(result >= 0) ? result : peek_slowly(channel, ret_data, deadline_ns);
}

ssize_t seam_channel_peek(struct seam_channel *channel, const void **ret_data)
{
    return seam_channel_peek_until(channel, ret_data, SEAM_FOREVER);
}

int seam_channel_acknowledge(struct seam_channel *channel)
{
    if (channel->reader_key != seam_fork_generation) {
        return seam_handle_refuse(channel);
    }
    if (!channel->acknowledges) {
        return -EINVAL;
    }
    seam_cursors_acknowledge(channel);
    return 0;
}

int seam_channel_release(struct seam_channel *channel)
{
    if (likely(channel->fast_recv_key == seam_fork_generation && channel->peeked &&
               channel->lanes == NULL && seam_log_valid(&channel->log, channel->next.position))) {
        channel->peeked = false;
        seam_advance(channel, channel->next.size);
        return 0;
    }
    return release_slowly(channel);
}
