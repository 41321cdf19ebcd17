/* SPDX-License-Identifier: MIT */
/*
 * One attempt to receive: look, copy, validate, advance. Nothing here waits; where there is a lock,
 * the caller holds it. The ordinary case is inline, the others are in receive.c.
 */
#ifndef SEAM_CHANNEL_RECEIVE_H
#define SEAM_CHANNEL_RECEIVE_H

#include <errno.h>

#include "channel/cursors.h"
#include "channel/handle.h"

/** The writer has been where the cursor is: goes on at the oldest record, counts the missed. */
int seam_recover_overtaken(struct seam_channel *channel);

/** What stands at the cursor was never written by a writer of ours: goes on at the tail. */
int seam_recover_damaged(struct seam_channel *channel);

/** Copies a message that seam_log_look found. @return its size; -EMSGSIZE; -EAGAIN not whole */
static inline ssize_t seam_copy_message(struct seam_channel *channel, uint64_t position,
                                        uint64_t size, void *buffer, size_t buffer_size)
{
    uint64_t wanted = size <= buffer_size ? size : 0;
    copy_racy(buffer, seam_log_message(&channel->log, position), wanted);
    if (unlikely(!seam_log_valid(&channel->log, position))) {
        channel->stats.retries++;
        return -EAGAIN;
    }
    return unlikely(size > buffer_size) ? -EMSGSIZE : (ssize_t)size;
}

/**
 * Where a record of @p size bytes at @p position ends. Messages are mostly alike, so it is guessed
 * from the one before, and only compared with what the header says: the CPU then goes on
 * to the next message without waiting until this one's header has come from another CPU.
 * @param stride  bytes of the last record
 */
static inline uint64_t seam_guess_end(uint64_t position, uint64_t size, uint64_t *stride)
{
    uint64_t end = seam_record_end(position, size);
    uint64_t guess = position + *stride;
    uint64_t opaque = guess; /* to the compiler, which would else use `end` once they are equal */
    __asm__("" : "+r"(opaque));
    if (likely(end == guess)) {
        return opaque;
    }
    *stride = end - position;
    return end;
}

/** The message at the cursor has been received. */
static inline void seam_advance(struct seam_channel *channel, uint64_t size)
{
    channel->next.position = seam_guess_end(channel->next.position, size, &channel->last_bytes);
    channel->next.size = size; /* the next one is expected to be alike */
    channel->next.sequence++;
    channel->stats.received++;
    channel->stats.received_bytes += size;
    seam_cursors_publish(channel);
}

/** Why there is no record at the cursor. @return -EAGAIN, or what recovering from it says */
int seam_find_no_record(struct seam_channel *channel, enum seam_look look);

/** @return 0: a record of *ret_size; else what the call returns */
static inline int seam_look_at_cursor(struct seam_channel *channel, uint64_t *ret_size)
{
    enum seam_look look =
        seam_log_look(&channel->log, channel->next.position, channel->next.sequence, ret_size);
    return likely(look == SEAM_LOOK_RECORD) ? 0 : seam_find_no_record(channel, look);
}

/** The next message of a reader with a cursor of its own. */
static inline ssize_t seam_recv_own(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    uint64_t size = 0;
    int error = seam_look_at_cursor(channel, &size);
    if (unlikely(error != 0)) {
        return error;
    }
    ssize_t result = seam_copy_message(channel, channel->next.position, size, buffer, buffer_size);
    if (likely(result >= 0)) {
        seam_advance(channel, size);
        return result;
    }
    return result == -EAGAIN ? seam_recover_overtaken(channel) : result;
}

/**
 * One message from a work queue: copy it, then claim it by moving the shared cursor. Whoever dies
 * before that leaves the message to the others; who dies after takes it along.
 */
ssize_t seam_recv_shared(struct seam_channel *channel, void *buffer, size_t buffer_size);

#endif
