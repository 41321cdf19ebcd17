/* SPDX-License-Identifier: MIT */
/* The receiving side: the public calls. */
#include "channel/reader.h"

#include <errno.h>

#include "channel/lanes.h"
#include "channel/news.h"
#include "channel/receive.h"

/* ---- attempts, with the lock where there is one ---- */

/** Begins a turn of reading. */
static inline int enter(struct seam_channel *channel, int64_t deadline_ns)
{
    if (unlikely(channel->reader_key != seam_fork_generation)) {
        return seam_handle_refuse(channel);
    }
    if (unlikely(channel->lanes != NULL && !channel->shown)) {
        seam_lanes_turn(channel);
    }
    return unlikely(channel->read_guard != NULL)
               ? seam_guard_enter(channel->read_guard, deadline_ns)
               : 0;
}

static inline void leave(struct seam_channel *channel)
{
    if (unlikely(channel->read_guard != NULL)) {
        seam_guard_leave(channel->read_guard);
    }
}

/** Where a call puts what it receives. */
struct destination {
    void *buffer;
    size_t size;
    const void **ret_data;      /* peek */
    struct iovec *ret_messages; /* batch */
    size_t count;
};

typedef ssize_t attempt_fn(struct seam_channel *channel, const struct destination *to,
                           int64_t deadline_ns);

static inline ssize_t try_recv(struct seam_channel *channel, const struct destination *to,
                               int64_t deadline_ns)
{
    ssize_t result = enter(channel, deadline_ns);
    if (likely(result == 0)) {
        channel->shown = false;
        result = likely(channel->how != SEAM_FOLLOW_SHARED)
                     ? seam_recv_own(channel, to->buffer, to->size)
                     : seam_recv_shared(channel, to->buffer, to->size);
        leave(channel);
    }
    return result;
}

static inline ssize_t try_batch(struct seam_channel *channel, const struct destination *to,
                                int64_t deadline_ns)
{
    if (unlikely(to->count == 0)) {
        return -EINVAL;
    }
    ssize_t result = enter(channel, deadline_ns);
    if (likely(result == 0)) {
        channel->shown = false;
        result =
            (channel->how != SEAM_FOLLOW_SHARED ? seam_recv_batch_own : seam_recv_batch_shared)(
                channel, to->ret_messages, to->count, to->buffer, to->size);
        leave(channel);
    }
    return result;
}

static inline ssize_t try_latest(struct seam_channel *channel, const struct destination *to,
                                 int64_t deadline_ns)
{
    if (likely(channel->recv_key == seam_fork_generation && channel->lanes == NULL)) {
        return seam_recv_latest(channel, to->buffer, to->size);
    }
    ssize_t result = enter(channel, deadline_ns);
    if (likely(result == 0)) {
        result = channel->how != SEAM_FOLLOW_SHARED
                     ? seam_recv_latest(channel, to->buffer, to->size)
                     : -ENOTSUP;
        seam_lanes_pass_on(channel);
        leave(channel);
    }
    return result;
}

static inline ssize_t try_peek(struct seam_channel *channel, const struct destination *to,
                               int64_t deadline_ns)
{
    ssize_t result = enter(channel, deadline_ns);
    if (likely(result == 0)) {
        result = channel->how != SEAM_FOLLOW_SHARED ? seam_peek(channel, to->ret_data) : -ENOTSUP;
        leave(channel);
    }
    return result;
}

/** Asks for the first lines of the next message all at once, where it is expected to be short. */
static inline void prefetch_next(const struct seam_channel *channel)
{
    const uint8_t *at = seam_log_at(&channel->log, channel->next.position);
    uint64_t bytes = SEAM_HEADER_BYTES + channel->next.size;
    for (uint64_t i = SEAM_LINE_BYTES; i < bytes && i < 4 * SEAM_LINE_BYTES; i += SEAM_LINE_BYTES) {
        __builtin_prefetch(at + i);
    }
}

/** Repeats an attempt until it finds something. Inlined, so that the attempt is, too. */
__attribute__((always_inline)) static inline ssize_t repeat(attempt_fn *attempt,
                                                            struct seam_channel *channel,
                                                            const struct destination *to,
                                                            int64_t deadline_ns)
{
    unsigned attempts = 0;
    deadline_ns = seam_not_before_zero(deadline_ns);
    if (channel->waiter.patience > 0) {
        seam_hold_back(&channel->waiter);
        prefetch_next(channel);
    }
    for (;;) {
        ssize_t result = attempt(channel, to, deadline_ns);
        if (likely(result != -EAGAIN)) {
            if (likely(channel->read_guard == NULL)) { /* a lock has its own way of meeting */
                seam_learn(&channel->waiter, attempts > 0);
                seam_set_recv_key(channel);
            }
            return result;
        }
        result = seam_is_late(&attempts, deadline_ns) ? -ETIMEDOUT
                                                      : seam_wait_for_news(channel, deadline_ns);
        if (unlikely(result < 0)) {
            return result;
        }
    }
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
    channel->recv_key = 0;
}

/* No errno that a receive could return. */
#define OTHERWISE (-EINTR)

/**
 * The ordinary case of seam_recv_own: a whole message is there, and the buffer takes it. Calls
 * nobody. @return its size; -EAGAIN nothing is there; OTHERWISE it is not that simple, and nothing
 * has been done yet
 */
static inline ssize_t recv_at_once(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    const struct seam_log *log = &channel->log;
    const uint64_t at = channel->next.position, sequence = channel->next.sequence;
    uint64_t most = buffer_size < log->max_message ? buffer_size : log->max_message;
    if (unlikely(channel->recv_key != seam_fork_generation)) {
        return OTHERWISE;
    }
    uint64_t header = load_acquire(seam_log_word(log, at)); /* A1, pairs with R1 */
    uint64_t size = (uint32_t)header - UINT64_C(1);
    if (unlikely(header >> 32 != (uint32_t)sequence || size > most)) {
        return header == 0 && seam_log_valid(log, at) ? -EAGAIN : OTHERWISE;
    }
    copy_racy(buffer, seam_log_message(log, at), size);
    if (unlikely(!seam_log_valid(log, at))) {
        return OTHERWISE;
    }
    seam_advance(channel, size);
    channel->shown = false;
    if (sequence - channel->drained >= STREAM_LEAST) {
        if (unlikely(channel->lanes != NULL)) {
            end_turn(channel);
        } else {
            prefetch_stream(channel, at);
        }
    }
    return (ssize_t)size;
}

/** The ordinary case of seam_peek, likewise. */
static inline ssize_t peek_at_once(struct seam_channel *channel, const void **ret_data)
{
    const struct seam_log *log = &channel->log;
    const uint64_t at = channel->next.position;
    if (unlikely(channel->recv_key != seam_fork_generation)) {
        return OTHERWISE;
    }
    uint64_t header = load_acquire(seam_log_word(log, at)); /* A1, pairs with R1 */
    uint64_t size = (uint32_t)header - UINT64_C(1);
    if (unlikely(header >> 32 != (uint32_t)channel->next.sequence || size > log->max_message ||
                 !seam_log_valid(log, at))) {
        return OTHERWISE;
    }
    channel->shown = true;
    channel->next.size = size;
    *ret_data = seam_log_message(log, at);
    return (ssize_t)size;
}

__attribute__((noinline)) static ssize_t peek_slowly(struct seam_channel *channel,
                                                     const void **ret_data, int64_t deadline_ns)
{
    const struct destination to = {.ret_data = ret_data};
    return repeat(try_peek, channel, &to, deadline_ns);
}

__attribute__((noinline)) static int release_slowly(struct seam_channel *channel)
{
    int result = enter(channel, SEAM_FOREVER);
    if (likely(result == 0)) {
        result = seam_release(channel);
        leave(channel);
    }
    if (channel->lanes != NULL && seam_lanes_is_over(channel)) {
        end_turn(channel);
    }
    return result;
}

__attribute__((noinline)) static ssize_t recv_slowly(struct seam_channel *channel, void *buffer,
                                                     size_t buffer_size, int64_t deadline_ns)
{
    const struct destination to = {.buffer = buffer, .size = buffer_size};
    return repeat(try_recv, channel, &to, deadline_ns);
}

/* ---- public ---- */

ssize_t seam_channel_try_recv(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    ssize_t result = recv_at_once(channel, buffer, buffer_size);
    const struct destination to = {.buffer = buffer, .size = buffer_size};
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

ssize_t seam_channel_try_recv_batch(struct seam_channel *channel, struct iovec *ret_messages,
                                    size_t count, void *buffer, size_t buffer_size)
{
    const struct destination to = {
        .buffer = buffer, .size = buffer_size, .ret_messages = ret_messages, .count = count};
    return try_batch(channel, &to, SEAM_NEVER_WAIT);
}

ssize_t seam_channel_recv_batch_until(struct seam_channel *channel, struct iovec *ret_messages,
                                      size_t count, void *buffer, size_t buffer_size,
                                      int64_t deadline_ns)
{
    const struct destination to = {
        .buffer = buffer, .size = buffer_size, .ret_messages = ret_messages, .count = count};
    return repeat(try_batch, channel, &to, deadline_ns);
}

ssize_t seam_channel_recv_batch(struct seam_channel *channel, struct iovec *ret_messages,
                                size_t count, void *buffer, size_t buffer_size)
{
    return seam_channel_recv_batch_until(channel, ret_messages, count, buffer, buffer_size,
                                         SEAM_FOREVER);
}

ssize_t seam_channel_try_recv_latest(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    const struct destination to = {.buffer = buffer, .size = buffer_size};
    return try_latest(channel, &to, SEAM_NEVER_WAIT);
}

ssize_t seam_channel_recv_latest_until(struct seam_channel *channel, void *buffer,
                                       size_t buffer_size, int64_t deadline_ns)
{
    const struct destination to = {.buffer = buffer, .size = buffer_size};
    return repeat(try_latest, channel, &to, deadline_ns);
}

ssize_t seam_channel_recv_latest(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    return seam_channel_recv_latest_until(channel, buffer, buffer_size, SEAM_FOREVER);
}

ssize_t seam_channel_try_peek(struct seam_channel *channel, const void **ret_data)
{
    ssize_t result = peek_at_once(channel, ret_data);
    const struct destination to = {.ret_data = ret_data};
    return likely(result != OTHERWISE) ? result : try_peek(channel, &to, SEAM_NEVER_WAIT);
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

int seam_channel_release(struct seam_channel *channel)
{
    if (likely(channel->recv_key == seam_fork_generation && channel->shown &&
               channel->lanes == NULL && seam_log_valid(&channel->log, channel->next.position))) {
        channel->shown = false;
        seam_advance(channel, channel->next.size);
        return 0;
    }
    return release_slowly(channel);
}

/* ---- coming and going ---- */

/** Starts where nobody waits for this reader. */
static int start_alone(struct seam_channel *channel, enum seam_start start)
{
    int error = 0;
    for (unsigned i = seam_lane_count(channel); error == 0 && i-- > 0;) {
        seam_lanes_select(channel, i);
        error =
            start == SEAM_FROM_OLDEST
                ? seam_log_find_oldest(&channel->log, channel->log.first_position, &channel->next)
                : seam_log_find_tail(&channel->log, &channel->next);
    }
    return error;
}

int seam_reader_open(struct seam_channel *channel, const struct seam_channel_options *options)
{
    uint32_t policy = channel->region.stamp.policy;
    int error = seam_lanes_open(channel);
    if (error != 0) {
        return error;
    }
    if (policy == SEAM_WORK_QUEUE && channel->role == SEAM_READER) {
        channel->how = SEAM_FOLLOW_SHARED;
    } else if (policy == SEAM_LOSSLESS && channel->role == SEAM_READER) {
        channel->how = SEAM_FOLLOW_SLOT;
        error = seam_cursors_join(channel, options->cursor, options->start);
    } else {
        error = start_alone(channel, options->start);
    }
    if (error != 0) {
        seam_cursors_leave(channel);
        return error;
    }
    channel->follow = options->follow;
    channel->reader_key = seam_fork_generation;
    seam_set_recv_key(channel);
    return 0;
}

void seam_reader_close(struct seam_channel *channel)
{
    channel->reader_key = channel->recv_key = 0;
    seam_cursors_leave(channel);
}
