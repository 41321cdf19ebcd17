/* SPDX-License-Identifier: MIT */
/* Sending many messages at once. */
#include "channel/uniform.h"
#include "channel/writable.h"
#include "channel/writer.h"

/* So much of a batch is committed before the rest is written, for readers to begin with. */
#define BATCH_BYTES UINT64_C(8192)
_Static_assert(BATCH_BYTES / SEAM_HEADER_BYTES <= SEAM_BATCH_MOST, "I4");

/** How many more messages of @p size bytes the batch may get, of @p most that there are. */
static inline size_t uniform_most(const struct seam_batch *batch, uint64_t size, uint64_t checked,
                                  size_t most)
{
    uint64_t until = batch->first + BATCH_BYTES;
    until = seam_before(until, checked) ? until : checked;
    uint64_t room = seam_before(batch->position, until)
                        ? (until - batch->position) / seam_uniform_stride(size)
                        : 0;
    return most < room ? most : room;
}

/**
 * Writes messages behind the tail and commits them, as many as one commit may have.
 * @return how many; fewer than @p count where the next one is too long, or the ring not prepared
 */
static inline size_t commit_some(struct seam_channel *channel, const struct iovec *messages,
                                 size_t count)
{
    const struct seam_log *log = &channel->log;
    struct seam_tail *tail = &channel->tail;
    const uint64_t checked = tail->checked - SEAM_HEADER_BYTES, max_message = log->max_message;
    struct seam_batch batch = {.first = tail->position, .position = tail->position};
    uint64_t sequence = tail->sequence;
    while (batch.count < count && batch.position - batch.first < BATCH_BYTES) {
        const struct iovec *message = &messages[batch.count];
        uint64_t size = message->iov_len, end = seam_record_end(batch.position, size);
        if (size > max_message || seam_before(checked, end)) {
            break;
        }
        copy_into_ring(seam_log_message(log, batch.position), message->iov_base, size);
        seam_log_add(log, &batch, sequence++, size, end);
        if (seam_uniform_fits(size)) {
            sequence +=
                seam_uniform_write(log, &batch, sequence, size, messages + batch.count,
                                   uniform_most(&batch, size, checked, count - batch.count));
        }
    }
    if (batch.count > 0) {
        seam_log_commit_batch(log, tail, &batch);
    }
    return batch.count;
}

/** @return how many were sent, if any; else why the first one was not */
static ssize_t send_batch_now(struct seam_channel *channel, const struct iovec *messages,
                              size_t count)
{
    size_t sent = 0;
    int error = channel->reserved ? -EALREADY : 0;
    while (error == 0 && sent < count) {
        size_t done = commit_some(channel, messages + sent, count - sent);
        sent += done;
        if (done == 0) {
            error = seam_find_space(channel, messages[sent].iov_len);
        }
    }
    if (sent > 0) {
        (void)seam_announce_data(channel);
        return (ssize_t)sent;
    }
    return error;
}

static ssize_t try_send_batch(struct seam_channel *channel, const struct iovec *messages,
                              size_t count, int64_t deadline_ns)
{
    if (unlikely(channel->writer_key != seam_fork_generation)) {
        return seam_handle_refuse(channel);
    }
    if (likely(channel->write_guard == NULL)) {
        return send_batch_now(channel, messages, count);
    }
    ssize_t result = seam_writer_enter(channel, deadline_ns);
    if (result == 0) {
        result = send_batch_now(channel, messages, count);
        seam_guard_leave(channel->write_guard);
    }
    return result;
}

ssize_t seam_channel_try_send_batch(struct seam_channel *channel, const struct iovec *messages,
                                    size_t count)
{
    return try_send_batch(channel, messages, count, SEAM_NEVER_WAIT);
}

ssize_t seam_channel_send_batch_until(struct seam_channel *channel, const struct iovec *messages,
                                      size_t count, int64_t deadline_ns)
{
    unsigned attempts = 0;
    size_t sent = 0;
    deadline_ns = seam_not_before_zero(deadline_ns);
    for (;;) {
        ssize_t result = try_send_batch(channel, messages + sent, count - sent, deadline_ns);
        if (result > 0) {
            sent += (size_t)result;
            attempts = 0;
        }
        if (result >= 0 && sent == count) {
            return (ssize_t)sent;
        }
        if (result == -EAGAIN) {
            result = seam_retry_for_space(channel, messages[sent].iov_len, &attempts, deadline_ns);
        }
        if (result < 0) {
            return sent > 0 ? (ssize_t)sent : result;
        }
    }
}

ssize_t seam_channel_send_batch(struct seam_channel *channel, const struct iovec *messages,
                                size_t count)
{
    return seam_channel_send_batch_until(channel, messages, count, SEAM_FOREVER);
}
