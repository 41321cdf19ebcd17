/* SPDX-License-Identifier: MIT */
#include "channel/receive.h"

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

ssize_t seam_recv_shared(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    _Atomic uint64_t *cursor = &channel->desk->shared_cursor;
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

/** Whether there is something newer than the cursor; moves @p newest there if so. */
static int find_newer(struct seam_channel *channel, struct seam_record *newest)
{
    int error = seam_log_newest(&channel->log, newest);
    if (error == 0 && !seam_before(newest->sequence, channel->next.sequence)) {
        if (channel->looked_behind) {
            return 0;
        }
        /* A writer that died just there may have committed one more: looked for once. */
        uint64_t size;
        uint64_t behind = seam_record_end(newest->position, newest->size);
        if (seam_log_look(&channel->log, behind, newest->sequence + 1, &size) == SEAM_LOOK_RECORD &&
            seam_log_valid(&channel->log, behind)) {
            *newest = (struct seam_record){behind, newest->sequence + 1, size};
        }
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

ssize_t seam_recv_latest(struct seam_channel *channel, void *buffer, size_t buffer_size)
{
    for (int i = 0; i < TRIES; i++) {
        struct seam_record newest;
        int error = find_newer(channel, &newest);
        if (error == -ESTALE) {
            continue;
        }
        if (error != 0) {
            return error;
        }
        ssize_t result =
            seam_copy_message(channel, newest.position, newest.size, buffer, buffer_size);
        if (result == -EAGAIN) {
            continue;
        }
        if (result >= 0) {
            channel->shown = false;
            channel->stats.skipped += newest.sequence - channel->next.sequence;
            channel->next = newest;
            seam_advance(channel, newest.size);
        }
        return result;
    }
    return -EAGAIN;
}

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
