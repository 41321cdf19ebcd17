/* SPDX-License-Identifier: MIT */
#include "channel/receive.h"

#include "channel/run.h"

/* How often to try again when the writer or other readers are always faster. */
#define TRIES 1000

SEAM_COLD int seam_recover_overtaken(struct seam_channel *channel)
{
    uint64_t expected = channel->next.sequence;
    channel->shown = false;
    if (seam_cursors_rejoin(channel) != 0) {
        return -EBADMSG; /* not one record in sight: no writer of ours leaves that */
    }
    channel->stats.lost += channel->next.sequence - expected;
    return -EOVERFLOW;
}

SEAM_COLD int seam_recover_damaged(struct seam_channel *channel)
{
    channel->shown = false;
    if (seam_log_find_tail(&channel->log, &channel->next) == 0) {
        seam_cursors_publish(channel);
    }
    return -EBADMSG;
}

int seam_find_no_record(struct seam_channel *channel, enum seam_look look)
{
    switch (look) {
    case SEAM_LOOK_EMPTY:
        return -EAGAIN;
    case SEAM_LOOK_OVERTAKEN:
        return seam_recover_overtaken(channel);
    default:
        return seam_recover_damaged(channel);
    }
}

ssize_t seam_recv_shared(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    _Atomic uint64_t *cursor = seam_shared_cursor(channel);
    for (int i = 0; i < TRIES; i++, channel->stats.retries++) {
        /* Q1, pairs with Q2 below: who moved the cursor here saw the record before. */
        uint64_t at = load_acquire(cursor);
        /* A1, pairs with R1 in seam_log_commit */
        uint64_t header = load_acquire(seam_log_word(&channel->log, at));
        uint64_t size = (uint32_t)header - UINT64_C(1);
        if (header != 0 && size <= channel->log.max_message && size <= buffer_size) {
            copy_racy(buffer, seam_log_message(&channel->log, at), size);
            /* Q2, pairs with Q1, and with C2 in seam_load_cursor: our reads end before it is freed.
             */
            if (cas_acq_rel(cursor, &at, seam_record_end(at, size))) {
                channel->stats.received++;
                channel->stats.received_bytes += size;
                seam_announce_space(channel);
                return (ssize_t)size;
            }
        } else if (load_acquire(cursor) == at) { /* Q1: the header is of now, nobody moved on */
            if (header == 0) {
                return -EAGAIN;
            }
            if (size <= channel->log.max_message) {
                return -EMSGSIZE;
            }
            struct seam_record tail;
            if (seam_log_find_tail(&channel->log, &tail) == 0) {
                (void)cas_acq_rel(cursor, &at, tail.position); /* Q2: away from the damage */
            }
            return -EBADMSG;
        }
    }
    return -EAGAIN;
}

/* ---- batches ---- */

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
        seam_run_read(log, next->position, next->sequence, size, taking->buffer + taking->used,
                      taking->messages + taking->count, most < room ? most : room);
    taking->count += count;
    taking->used += count * size;
    taking->sum += count * size;
    next->position += count * seam_run_stride(size);
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

ssize_t seam_recv_batch_own(struct seam_channel *channel, struct iovec *ret_messages, size_t count,
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
        next.position = seam_guess_end(at, size, &channel->stride);
        next.sequence++;
        next.size = size; /* the next one is expected to be alike */
        if (seam_run_fits(size)) {
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
        /* A1, pairs with R1 in seam_log_commit */
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

ssize_t seam_recv_batch_shared(struct seam_channel *channel, struct iovec *ret_messages,
                               size_t count, void *buffer, size_t buffer_size)
{
    _Atomic uint64_t *cursor = seam_shared_cursor(channel);
    for (int i = 0; i < TRIES; i++, channel->stats.retries++) {
        struct taking taking = {
            .messages = ret_messages, .most = count, .buffer = buffer, .bytes = buffer_size};
        uint64_t at = load_acquire(cursor); /* Q1, pairs with Q2 below and in seam_recv_shared */
        uint64_t end = take_shared(&channel->log, &taking, at);
        if (taking.count == 0) {
            return take_none(seam_recv_shared(channel, buffer, buffer_size), ret_messages, buffer);
        }
        /* Q2, pairs with Q1, and with C2 in seam_load_cursor: as in seam_recv_shared. */
        if (cas_acq_rel(cursor, &at, end)) {
            count_received(channel, &taking);
            seam_announce_space(channel);
            return (ssize_t)taking.count;
        }
    }
    return -EAGAIN;
}

/* ---- the newest ---- */

/** Whether there is something newer than the cursor; moves @p newest there if so. */
static int find_newer(struct seam_channel *channel, struct seam_record *newest)
{
    int error = seam_log_newest(&channel->log, newest);
    if (error == 0 && !seam_before(newest->sequence, channel->next.sequence)) {
        if (channel->looked_behind) {
            return 0;
        }
        /* A writer that died just there may have committed more: looked for once. */
        seam_log_roll_on(&channel->log, newest);
        channel->looked_behind = true;
        return 0;
    }
    /* `newest` is stored a moment after the commit; the cursor itself is exact. */
    *newest = channel->next;
    switch (seam_log_look(&channel->log, newest->position, newest->sequence, &newest->size)) {
    case SEAM_LOOK_RECORD:
        return 0;
    case SEAM_LOOK_EMPTY:
        return -EAGAIN;
    case SEAM_LOOK_OVERTAKEN:
        return -ESTALE; /* the writer is so fast that `newest` must have moved: look again */
    default:
        return seam_recover_damaged(channel);
    }
}

/* A writer that is so much faster writes some of them while its line is away. */
#define OUTPACED_LEAST 4U
/* Pauses: some hundred nanoseconds. */
#define COURTESY 24

/**
 * Every look for the newest takes the line away that the writer stores with each message. Who
 * looks all the time, while messages come even faster, makes the writer as slow as itself; and what
 * it finds a moment later is newer.
 */
static void let_writer_write(const struct seam_channel *channel)
{
    for (int i = 0; channel->outpaced && i < COURTESY; i++) {
        cpu_relax();
    }
}

ssize_t seam_recv_latest(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    let_writer_write(channel);
    for (int i = 0; i < TRIES; i++) {
        struct seam_record newest;
        int error = find_newer(channel, &newest);
        if (error == -ESTALE) {
            continue;
        }
        if (error != 0) {
            channel->outpaced = false;
            return error;
        }
        ssize_t result =
            seam_copy_message(channel, newest.position, newest.size, buffer, buffer_size);
        if (result == -EAGAIN) {
            continue;
        }
        if (result >= 0) {
            channel->shown = false;
            uint64_t skipped = newest.sequence - channel->next.sequence;
            channel->outpaced = skipped >= OUTPACED_LEAST;
            channel->stats.skipped += skipped;
            channel->next = newest;
            seam_advance(channel, newest.size);
        }
        return result;
    }
    return -EAGAIN;
}

/* ---- in place ---- */

ssize_t seam_peek(struct seam_channel *channel, const void **ret_data)
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
    channel->shown = true;
    channel->next.size = size;
    *ret_data = seam_log_message(&channel->log, channel->next.position);
    return (ssize_t)size;
}

int seam_release(struct seam_channel *channel)
{
    if (!channel->shown) {
        return -EINVAL;
    }
    channel->shown = false;
    if (!seam_log_valid(&channel->log, channel->next.position)) {
        channel->stats.retries++;
        return seam_recover_overtaken(channel);
    }
    seam_advance(channel, channel->next.size);
    return 0;
}
