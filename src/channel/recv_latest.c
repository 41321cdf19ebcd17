/* SPDX-License-Identifier: MIT */
/* Receiving the newest message. */
#include "channel/reading.h"

/* How often to try again when the writer is always faster. */
#define TRIES 1000

/**
 * Finds what is newer than the cursor.
 * @return 0; -EAGAIN there is nothing; -ESTALE the writer was faster: look again; -EBADMSG
 *
 * `newest` is announced before its record is committed (I4): so nobody has been given anything
 * newer than what is found there, but for the rest of a batch, whose last number is announced, too.
 */
static int find_newer(struct seam_channel *channel, struct seam_record *newest)
{
    const struct seam_log *log = &channel->log;
    /* Relaxed: whoever received that record has seen R1 and what is before it; so do we then. */
    const uint64_t announced = load_relaxed(&log->head->newest_sequence);
    int error = seam_log_newest(log, newest);
    if (error != 0 || seam_before(newest->sequence, channel->next.sequence)) {
        *newest = channel->next; /* whatever `newest` says: the cursor itself is exact */
        switch (seam_log_look(log, newest->position, newest->sequence, &newest->size)) {
        case SEAM_LOOK_RECORD:
            break;
        case SEAM_LOOK_EMPTY:
            return -EAGAIN;
        case SEAM_LOOK_OVERTAKEN:
            return -ESTALE; /* the writer is so fast that `newest` must have moved */
        default:
            return seam_recover_damaged(channel);
        }
    }
    bool is_newest =
        !seam_before(newest->sequence, announced) || seam_log_roll_on(log, newest, announced);
    return likely(is_newest) ? 0 : -ESTALE;
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
    for (int i = 0; channel->writer_is_faster && i < COURTESY; i++) {
        cpu_relax();
    }
}

/**
 * After so many attempts in vain. While nobody writes, the newest record is there, and it is not
 * older than what a cursor that was overtaken wants; and whoever writes moves `prepared`.
 */
static SEAM_COLD int give_up(struct seam_channel *channel)
{
    const struct seam_log *log = &channel->log;
    struct seam_record newest;
    uint64_t prepared = load_relaxed(&log->head->prepared); /* only compared */
    bool found =
        seam_log_newest(log, &newest) == 0 && !seam_before(newest.sequence, channel->next.sequence);
    bool damaged = !found && !seam_log_valid(log, channel->next.position) &&
                   load_relaxed(&log->head->prepared) == prepared;
    return damaged ? seam_recover_damaged(channel) : -EAGAIN;
}

static ssize_t recv_latest(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    let_writer_write(channel);
    for (int i = 0; i < TRIES; i++) {
        struct seam_record newest;
        int error = find_newer(channel, &newest);
        if (error == -ESTALE) {
            continue;
        }
        if (error != 0) {
            channel->writer_is_faster = false;
            return error;
        }
        ssize_t result =
            seam_copy_message(channel, newest.position, newest.size, buffer, buffer_size);
        if (result == -EAGAIN) {
            continue;
        }
        if (result >= 0) {
            channel->peeked = false;
            uint64_t skipped = newest.sequence - channel->next.sequence;
            channel->writer_is_faster = skipped >= OUTPACED_LEAST;
            channel->stats.skipped += skipped;
            channel->next = newest;
            seam_advance(channel, newest.size);
        }
        return result;
    }
    return give_up(channel);
}

/**
 * The ordinary case where values come rarely: the word at the cursor says that there is no other.
 * Not where the writer is fast: it would be about to write that line.
 */
static inline bool has_nothing(const struct seam_channel *channel)
{
    const uint64_t at = channel->next.position;
    return !channel->writer_is_faster &&
           load_relaxed(seam_log_word(&channel->log, at)) == 0 && /* nothing is read after it */
           seam_log_valid(&channel->log, at);
}

static inline ssize_t try_latest(struct seam_channel *channel, const struct seam_destination *to,
                                 int64_t deadline_ns)
{
    if (likely(channel->fast_recv_key == seam_fork_generation && channel->lanes == NULL)) {
        return has_nothing(channel) ? -EAGAIN : recv_latest(channel, to->buffer, to->size);
    }
    ssize_t result = seam_reading_enter(channel, deadline_ns);
    if (likely(result == 0)) {
        result =
            seam_shares_cursor(channel) ? -ENOTSUP : recv_latest(channel, to->buffer, to->size);
        seam_lanes_pass_on(channel);
        seam_reading_leave(channel);
    }
    return result;
}

/* ---- public ---- */

ssize_t seam_channel_try_recv_latest(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    const struct seam_destination to = {.buffer = buffer, .size = buffer_size};
    return try_latest(channel, &to, SEAM_NEVER_WAIT);
}

ssize_t seam_channel_recv_latest_until(struct seam_channel *channel, void *buffer,
                                       size_t buffer_size, int64_t deadline_ns)
{
    const struct seam_destination to = {.buffer = buffer, .size = buffer_size};
    return seam_repeat(try_latest, channel, &to, deadline_ns);
}

ssize_t seam_channel_recv_latest(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    return seam_channel_recv_latest_until(channel, buffer, buffer_size, SEAM_FOREVER);
}
