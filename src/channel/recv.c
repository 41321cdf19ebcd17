/* SPDX-License-Identifier: MIT */
/* Receiving the next message. */
#include "channel/reading.h"

static inline ssize_t try_recv(struct seam_channel *channel, const struct seam_destination *to,
                               int64_t deadline_ns)
{
    ssize_t result = seam_reading_enter(channel, deadline_ns);
    if (likely(result == 0)) {
        channel->peeked = false;
        result = likely(!seam_shares_cursor(channel))
                     ? seam_recv_own(channel, to->buffer, to->size)
                     : seam_recv_shared(channel, to->buffer, to->size);
        seam_reading_leave(channel);
    }
    return result;
}

/* After so many messages in a row that were there at once, others are taken to be there, too. */
#define STREAM_LEAST SEAM_TURN
#define STREAM_BYTES_AHEAD (8 * SEAM_LINE_BYTES)
/* Longer messages are copied with an eye to what is ahead, see copy_wide.c. */
#define STREAM_LINES_MOST (SEAM_FAR_BYTES / SEAM_LINE_BYTES)

/**
 * In a stream, asks for lines ahead as the cursor has passed as many, starting from @p from. A
 * reader close behind its writer must not: it would take lines away that are being written.
 */
static inline void prefetch_stream(const struct seam_channel *channel, uint64_t from)
{
    const uint64_t to = channel->next.position;
    uint64_t at = (from | (SEAM_LINE_BYTES - 1)) + 1;
    for (unsigned i = 0; i < STREAM_LINES_MOST && !seam_before(to, at);
         i++, at += SEAM_LINE_BYTES) {
        __builtin_prefetch(seam_log_at(&channel->log, at + STREAM_BYTES_AHEAD));
    }
}

/** So much from one lane is enough: see seam_lanes_turn. */
SEAM_COLD __attribute__((noinline)) static void end_turn(struct seam_channel *channel)
{
    channel->fast_recv_key = 0;
}

/**
 * The ordinary case of seam_recv_own: a whole message is there, and the buffer takes it. Calls
 * nobody. @return its size; -EAGAIN nothing is there; SEAM_OTHERWISE it is not that simple, and
 * nothing has been done yet
 */
static inline ssize_t recv_at_once(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    const struct seam_log *log = &channel->log;
    const uint64_t at = channel->next.position, sequence = channel->next.sequence;
    uint64_t most = buffer_size < log->max_message ? buffer_size : log->max_message;
    if (unlikely(channel->fast_recv_key != seam_fork_generation)) {
        return SEAM_OTHERWISE;
    }
    /* A1, pairs with R1 in seam_log_commit_to */
    uint64_t header = load_acquire(seam_log_word(log, at));
    uint64_t size = (uint32_t)header - UINT64_C(1);
    if (unlikely(header >> 32 != (uint32_t)sequence || size > most)) {
        return header == 0 && seam_log_valid(log, at) ? -EAGAIN : SEAM_OTHERWISE;
    }
    copy_racy(buffer, seam_log_message(log, at), size);
    if (unlikely(!seam_log_valid(log, at))) {
        return SEAM_OTHERWISE;
    }
    seam_advance(channel, size);
    channel->peeked = false;
    if (sequence - channel->waited_at >= STREAM_LEAST) {
        if (unlikely(channel->lanes != NULL)) {
            end_turn(channel);
        } else {
            prefetch_stream(channel, at);
        }
    }
    return (ssize_t)size;
}

__attribute__((noinline)) static ssize_t recv_slowly(struct seam_channel *channel, void *buffer,
                                                     size_t buffer_size, int64_t deadline_ns)
{
    const struct seam_destination to = {.buffer = buffer, .size = buffer_size};
    return seam_repeat(try_recv, channel, &to, deadline_ns);
}

/* ---- public ---- */

ssize_t seam_channel_try_recv(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    ssize_t result = recv_at_once(channel, buffer, buffer_size);
    const struct seam_destination to = {.buffer = buffer, .size = buffer_size};
    if (likely(result >= 0 || (result == -EAGAIN && channel->lanes == NULL))) {
        return result;
    }
    return try_recv(channel, &to, SEAM_NEVER_WAIT);
}

ssize_t seam_channel_recv_until(struct seam_channel *channel, void *buffer, size_t buffer_size,
                                int64_t deadline_ns)
{
    ssize_t result = recv_at_once(channel, buffer, buffer_size);
    return likely(result >= 0) ? result : recv_slowly(channel, buffer, buffer_size, deadline_ns);
}

ssize_t seam_channel_recv(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    ssize_t result = recv_at_once(channel, buffer, buffer_size);
    return likely(result >= 0) ? result : recv_slowly(channel, buffer, buffer_size, SEAM_FOREVER);
}
