/* SPDX-License-Identifier: MIT */
/* The sending side: turns, messages, commits, announcements. */
#include "channel/writer.h"

#include <errno.h>
#include <unistd.h>

#include "channel/lanes.h"
#include "channel/room.h"
#include "channel/run.h"

#define LEAVE_PATIENCE_NS INT64_C(1000000000)

/* ---- turns ---- */

/** Begins a turn of writing. With others about, the tail may have moved. */
static int enter(struct seam_channel *channel, int64_t deadline_ns)
{
    if (channel->reserved) {
        return -EALREADY;
    }
    int error = seam_guard_enter(channel->write_guard, deadline_ns);
    if (error == 0) {
        if (seam_log_recover(&channel->log, &channel->tail) != 0) {
            seam_guard_leave(channel->write_guard);
            return -EBADMSG; /* nobody writes meanwhile, so the log itself is wrong */
        }
    }
    return error;
}

/* ---- send ---- */

/** The ordinary case: nothing stands before it, and the ring is prepared. Calls nobody. */
static inline bool can_send_at_once(const struct seam_channel *channel, size_t size,
                                    uint64_t *ret_next)
{
    *ret_next = seam_record_end(channel->tail.position, size);
    return likely(channel->send_key == seam_fork_generation) &&
           likely(size <= channel->log.max_message) &&
           likely(!seam_before(channel->tail.prepared, *ret_next + SEAM_HEADER_BYTES));
}

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
    int error = seam_find_room(channel, size);
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
    int error = enter(channel, deadline_ns);
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
        error = seam_wait_for_room(channel, size, &attempts, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
}

int seam_channel_try_send(struct seam_channel *channel, const void *data, size_t size)
{
    uint64_t next;
    return likely(can_send_at_once(channel, size, &next))
               ? send_to(channel, data, size, next)
               : try_send(channel, data, size, SEAM_NEVER_WAIT);
}

int seam_channel_send_until(struct seam_channel *channel, const void *data, size_t size,
                            int64_t deadline_ns)
{
    uint64_t next;
    return likely(can_send_at_once(channel, size, &next))
               ? send_to(channel, data, size, next)
               : send_slowly(channel, data, size, deadline_ns);
}

int seam_channel_send(struct seam_channel *channel, const void *data, size_t size)
{
    uint64_t next;
    return likely(can_send_at_once(channel, size, &next))
               ? send_to(channel, data, size, next)
               : send_slowly(channel, data, size, SEAM_FOREVER);
}

/* ---- batches ---- */

/* So much of a batch is committed before the rest is written, for readers to begin with. */
#define BATCH_BYTES UINT64_C(8192)

/** How many more messages of @p size bytes the batch may get, of @p most that there are. */
static inline size_t run_most(const struct seam_batch *batch, uint64_t size, uint64_t prepared,
                              size_t most)
{
    uint64_t until = batch->first + BATCH_BYTES;
    until = seam_before(until, prepared) ? until : prepared;
    uint64_t room =
        seam_before(batch->position, until) ? (until - batch->position) / seam_run_stride(size) : 0;
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
    const uint64_t prepared = tail->prepared - SEAM_HEADER_BYTES, max_message = log->max_message;
    struct seam_batch batch = {.first = tail->position, .position = tail->position};
    uint64_t sequence = tail->sequence;
    size_t most = count < SEAM_BATCH_MOST ? count : SEAM_BATCH_MOST;
    while (batch.count < most && batch.position - batch.first < BATCH_BYTES) {
        const struct iovec *message = &messages[batch.count];
        uint64_t size = message->iov_len, end = seam_record_end(batch.position, size);
        if (size > max_message || seam_before(prepared, end)) {
            break;
        }
        copy_into_ring(seam_log_message(log, batch.position), message->iov_base, size);
        seam_log_add(log, &batch, sequence++, size, end);
        if (seam_run_fits(size)) {
            sequence += seam_run_write(log, &batch, sequence, size, messages + batch.count,
                                       run_most(&batch, size, prepared, most - batch.count));
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
            error = seam_find_room(channel, messages[sent].iov_len);
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
    ssize_t result = enter(channel, deadline_ns);
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
            result = seam_wait_for_room(channel, messages[sent].iov_len, &attempts, deadline_ns);
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

/* ---- reserve, commit, cancel ---- */

/** Nothing is reserved: from now on the next send may go straight ahead, if there is no lock. */
static inline void end_reservation(struct seam_channel *channel)
{
    channel->reserved = false;
    if (likely(channel->write_guard == NULL)) {
        channel->send_key = channel->writer_key;
    } else {
        seam_mutex_leave(channel->write_guard);
    }
}

/** Takes the room at the tail, which is there. @return 0 */
static inline int reserve_now(struct seam_channel *channel, size_t size, void **ret_data)
{
    channel->reserved = true;
    channel->send_key = 0;
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
        int error = enter(channel, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
    if (unlikely(channel->reserved)) {
        return -EALREADY; /* enter() has seen to it where there is a lock */
    }
    int error = seam_find_room(channel, size);
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
        error = seam_wait_for_room(channel, size, &attempts, deadline_ns);
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
    return likely(can_send_at_once(channel, size, &next))
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
    end_reservation(channel);
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
    end_reservation(channel);
    return 0;
}

int seam_channel_drain_until(struct seam_channel *channel, int64_t deadline_ns)
{
    if (channel->writer_key != seam_fork_generation) {
        return seam_handle_refuse(channel);
    }
    return seam_wait_for_space(channel, SEAM_ALL_READ, deadline_ns);
}

/* ---- coming and going ---- */

int seam_writer_open(struct seam_channel *channel)
{
    const struct seam_stamp *stamp = &channel->region.stamp;
    int error = seam_lease_take(&channel->region.lease, SEAM_LEASE_WRITER,
                                stamp->many_writers == 0 && stamp->lanes == 1);
    if (error == 0 && stamp->lanes > 1) {
        error = seam_lane_take(channel);
    }
    if (error != 0) {
        return error;
    }
    error = enter(channel, SEAM_FOREVER);
    if (error != 0) {
        return error;
    }
    struct seam_log_head *head = channel->log.head;
    channel->limit = channel->tail.shared;
    add_relaxed(&head->epoch, 1); /* readers only compare it with `ended` and with zero */
    store_relaxed(&head->writer_pid, (uint32_t)getpid());
    channel->writer_key = seam_fork_generation;
    end_reservation(channel);
    return 0;
}

void seam_writer_close(struct seam_channel *channel)
{
    struct seam_log_head *head = channel->log.head;
    if (channel->reserved) {
        end_reservation(channel);
    }
    channel->writer_key = channel->send_key = 0;
    /* One writer leaves at a time, to find out who is last; a stopped one must not hold us up. */
    bool entered =
        seam_guard_enter(channel->write_guard, seam_deadline_in_ns(LEAVE_PATIENCE_NS)) == 0;
    bool alone = channel->region.stamp.lanes > 1; /* in its lane */
    if (alone || !seam_lease_held_by_others(&channel->region.lease, SEAM_LEASE_WRITER)) {
        /* E1, pairs with E2 in seam_news_last_writer: all that was sent is there when this is seen.
         */
        store_release(&head->ended, load_relaxed(&head->epoch));
    }
    seam_lease_drop(&channel->region.lease, SEAM_LEASE_WRITER);
    if (entered) {
        seam_guard_leave(channel->write_guard);
    }
    seam_announce_data(channel);
}
