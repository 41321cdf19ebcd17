/* SPDX-License-Identifier: MIT */
#include "channel/receive.h"

/* How often to try again when the writer or other readers are always faster. */
#define TRIES 1000

SEAM_COLD int seam_recover_overtaken(struct seam_channel *channel)
{
    uint64_t expected = channel->next.sequence;
    channel->peeked = false;
    if (seam_cursors_rejoin(channel) != 0) {
        return -EBADMSG; /* not one record in sight: no writer of ours leaves that */
    }
    /* A successor can't tell what one had who was killed between the stores of C1: none, then. */
    bool is_ahead = seam_before(expected, channel->next.sequence);
    uint64_t lost = is_ahead ? channel->next.sequence - expected : 0;
    channel->stats.lost += lost;
    add_relaxed(&channel->desk->lost, lost);
    return -EOVERFLOW;
}

SEAM_COLD int seam_recover_damaged(struct seam_channel *channel)
{
    channel->peeked = false;
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
        /* Q1, pairs with Q2 in seam_recv_shared: who moved the cursor saw the record before. */
        uint64_t at = load_acquire(cursor);
        /* A1, pairs with R1 in seam_log_commit_to */
        uint64_t header = load_acquire(seam_log_word(&channel->log, at));
        uint64_t size = (uint32_t)header - UINT64_C(1);
        if (header != 0 && size <= channel->log.max_message && size <= buffer_size) {
            copy_racy(buffer, seam_log_message(&channel->log, at), size);
            /* Q2, pairs with Q1 in seam_recv_shared and with C2 in seam_load_cursor: our reads
               end before the record is freed. */
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
