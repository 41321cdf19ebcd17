/* SPDX-License-Identifier: MIT */
/* Receiving as many messages as are there. */
#include "channel/reading.h"
#include "channel/uniform.h"

/* How often to try again when other readers are always faster. */
#define TRIES 1000

/** A batch while it is taken. */
struct taking {
    struct iovec *messages;
    size_t count, most;
    uint8_t *buffer;
    size_t used, bytes; /* the buffer's size */
    uint64_t sum;       /* of the messages' sizes */
};

/** Copies one more message. @return false: there is no room for it */
static inline bool take(const struct seam_log *log, struct taking *taking, uint64_t position,
                        uint64_t size)
{
    if (size > taking->bytes - taking->used) {
        return false;
    }
    uint8_t *to = taking->buffer + taking->used;
    copy_racy(to, seam_log_message(log, position), size);
    taking->messages[taking->count] = (struct iovec){.iov_base = to, .iov_len = size};
    return true;
}

/** The message that was copied last is whole. */
static inline void keep(struct taking *taking, uint64_t size)
{
    size_t padded = (size + 7) & ~(size_t)7;
    size_t left = taking->bytes - taking->used;
    taking->used += padded < left ? padded : left;
    taking->sum += size;
    taking->count++;
}

/** Goes on with messages that are as long as the one taken last. */
static inline void take_run(const struct seam_log *log, struct taking *taking,
                            struct seam_record *next)
{
    const uint64_t size = next->size;
    size_t most = taking->most - taking->count, room = (taking->bytes - taking->used) / size;
    size_t count =
        seam_uniform_read(log, next->position, next->sequence, size, taking->buffer + taking->used,
                          taking->messages + taking->count, most < room ? most : room);
    taking->count += count;
    taking->used += count * size;
    taking->sum += count * size;
    next->position += count * seam_uniform_stride(size);
    next->sequence += count;
}

/** Not even one could be taken: what receiving it says, which may well be that now it could. */
static ssize_t take_none(ssize_t result, struct iovec *ret_messages, void *buffer)
{
    if (result < 0) {
        return result;
    }
    *ret_messages = (struct iovec){.iov_base = buffer, .iov_len = (size_t)result};
    return 1;
}

static void count_received(struct seam_channel *channel, const struct taking *taking)
{
    channel->stats.received += taking->count;
    channel->stats.received_bytes += taking->sum;
}

static ssize_t recv_own(struct seam_channel *channel, struct iovec *ret_messages, size_t count,
                        void *buffer, size_t buffer_size)
{
    const struct seam_log *log = &channel->log;
    struct taking taking = {
        .messages = ret_messages, .most = count, .buffer = buffer, .bytes = buffer_size};
    struct seam_record next = channel->next;
    while (taking.count < taking.most) {
        uint64_t at = next.position, size;
        if (seam_log_look(log, at, next.sequence, &size) != SEAM_LOOK_RECORD ||
            !take(log, &taking, at, size) || !seam_log_valid(log, at)) {
            break;
        }
        keep(&taking, size);
        next.position = seam_guess_end(at, size, &channel->last_bytes);
        next.sequence++;
        next.size = size; /* the next one is expected to be alike */
        if (seam_uniform_fits(size)) {
            take_run(log, &taking, &next);
        }
    }
    if (taking.count == 0) {
        return take_none(seam_recv_own(channel, buffer, buffer_size), ret_messages, buffer);
    }
    channel->next = next;
    count_received(channel, &taking);
    seam_cursors_publish(channel);
    return (ssize_t)taking.count;
}

/**
 * Copies from the shared cursor on what is there. Where others move it meanwhile this may be
 * anything, and the claim fails. @return where the messages end
 */
static uint64_t take_shared(const struct seam_log *log, struct taking *taking, uint64_t at)
{
    while (taking->count < taking->most) {
        /* A1, pairs with R1 in seam_log_commit_to */
        uint64_t header = load_acquire(seam_log_word(log, at));
        uint64_t size = (uint32_t)header - UINT64_C(1);
        if (header == 0 || size > log->max_message || !take(log, taking, at, size)) {
            break;
        }
        keep(taking, size);
        at = seam_record_end(at, size);
    }
    return at;
}

static ssize_t recv_shared(struct seam_channel *channel, struct iovec *ret_messages, size_t count,
                           void *buffer, size_t buffer_size)
{
    _Atomic uint64_t *cursor = seam_shared_cursor(channel);
    for (int i = 0; i < TRIES; i++, channel->stats.retries++) {
        struct taking taking = {
            .messages = ret_messages, .most = count, .buffer = buffer, .bytes = buffer_size};
        /* Q1, pairs with Q2 in recv_shared and seam_recv_shared */
        uint64_t at = load_acquire(cursor);
        uint64_t end = take_shared(&channel->log, &taking, at);
        if (taking.count == 0) {
            return take_none(seam_recv_shared(channel, buffer, buffer_size), ret_messages, buffer);
        }
        /* Q2, pairs with Q1 in recv_shared and with C2 in seam_load_cursor: as for single ones. */
        if (cas_acq_rel(cursor, &at, end)) {
            count_received(channel, &taking);
            seam_announce_space(channel);
            return (ssize_t)taking.count;
        }
    }
    return -EAGAIN;
}

static inline ssize_t try_batch(struct seam_channel *channel, const struct seam_destination *to,
                                int64_t deadline_ns)
{
    if (unlikely(to->count == 0)) {
        return -EINVAL;
    }
    ssize_t result = seam_reading_enter(channel, deadline_ns);
    if (likely(result == 0)) {
        channel->peeked = false;
        result = (seam_shares_cursor(channel) ? recv_shared : recv_own)(
            channel, to->ret_messages, to->count, to->buffer, to->size);
        seam_reading_leave(channel);
    }
    return result;
}

/* ---- public ---- */

ssize_t seam_channel_try_recv_batch(struct seam_channel *channel, struct iovec *ret_messages,
                                    size_t count, void *buffer, size_t buffer_size)
{
    const struct seam_destination to = {
        .buffer = buffer, .size = buffer_size, .ret_messages = ret_messages, .count = count};
    return try_batch(channel, &to, SEAM_NEVER_WAIT);
}

ssize_t seam_channel_recv_batch_until(struct seam_channel *channel, struct iovec *ret_messages,
                                      size_t count, void *buffer, size_t buffer_size,
                                      int64_t deadline_ns)
{
    const struct seam_destination to = {
        .buffer = buffer, .size = buffer_size, .ret_messages = ret_messages, .count = count};
    return seam_repeat(try_batch, channel, &to, deadline_ns);
}

ssize_t seam_channel_recv_batch(struct seam_channel *channel, struct iovec *ret_messages,
                                size_t count, void *buffer, size_t buffer_size)
{
    return seam_channel_recv_batch_until(channel, ret_messages, count, buffer, buffer_size,
                                         SEAM_FOREVER);
}
