/* SPDX-License-Identifier: MIT */
/*
 * What the receiving calls have in common: a turn, with the lock and the lane where there are any,
 * and an attempt that is repeated until it finds something.
 */
#ifndef SEAM_CHANNEL_READING_H
#define SEAM_CHANNEL_READING_H

#include "channel/lanes.h"
#include "channel/readable.h"
#include "channel/receive.h"
#include "wait/pace.h"

/* No errno that a receive could return: the short way is not the right one. */
#define SEAM_OTHERWISE (-EINTR)

/** Begins a turn of reading. */
static inline int seam_reading_enter(struct seam_channel *channel, int64_t deadline_ns)
{
    if (unlikely(channel->reader_key != seam_fork_generation)) {
        return seam_handle_refuse(channel);
    }
    if (unlikely(channel->lanes != NULL && !channel->peeked)) {
        seam_lanes_turn(channel);
    }
    return unlikely(channel->read_guard != NULL)
               ? seam_guard_enter(channel->read_guard, deadline_ns)
               : 0;
}

static inline void seam_reading_leave(struct seam_channel *channel)
{
    if (unlikely(channel->read_guard != NULL)) {
        seam_guard_leave(channel->read_guard);
    }
}

/** Where a call puts what it receives. */
struct seam_destination {
    void *buffer;
    size_t size;
    const void **ret_data;      /* peek */
    struct iovec *ret_messages; /* batch */
    size_t count;
};

typedef ssize_t seam_attempt_fn(struct seam_channel *channel, const struct seam_destination *to,
                                int64_t deadline_ns);

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
__attribute__((always_inline)) static inline ssize_t seam_repeat(seam_attempt_fn *attempt,
                                                                 struct seam_channel *channel,
                                                                 const struct seam_destination *to,
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
                seam_set_fast_recv_key(channel);
            }
            return result;
        }
        result = seam_is_late(&attempts, deadline_ns) ? -ETIMEDOUT
                                                      : seam_await_readable(channel, deadline_ns);
        if (unlikely(result < 0)) {
            return result;
        }
    }
}

#endif
