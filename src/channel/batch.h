/* SPDX-License-Identifier: MIT */
/* Several records that are committed at once, by the store of the first one's header. */
#ifndef SEAM_CHANNEL_BATCH_H
#define SEAM_CHANNEL_BATCH_H

#include "channel/log.h"

/**
 * Records behind the tail that nobody sees yet: their headers are there but for the first one's,
 * and that is what every reader meets first. Storing it commits them all at once.
 */
struct seam_batch {
    uint64_t count;
    uint64_t first, last; /* positions of the first and the last record */
    uint64_t position;    /* of the next one */
    uint64_t header;      /* the first one's */
    uint64_t bytes;       /* of all messages */
};

/** Adds message number @p sequence, written at the batch's position, whose record ends at @p end.
 */
static inline void seam_log_add(const struct seam_log *log, struct seam_batch *batch,
                                uint64_t sequence, uint64_t size, uint64_t end)
{
    uint64_t header = seam_header(sequence, size);
    if (batch->count == 0) {
        batch->header = header;
    } else {
        store_relaxed(seam_log_word(log, batch->position), header); /* R1 of the first orders it */
    }
    batch->count++;
    batch->bytes += size;
    batch->last = batch->position;
    batch->position = end;
}

/** Publishes all that was added to @p batch, which began at the tail. */
static inline void seam_log_commit_batch(const struct seam_log *log, struct seam_tail *tail,
                                         const struct seam_batch *batch)
{
    struct seam_log_head *head = log->head;
    store_relaxed(seam_log_word(log, batch->position), 0); /* I1: before the commit */
    seam_log_announce(log, tail, tail->sequence + batch->count - 1);
    /* R1, pairs with A1 in seam_log_look and read_record: publishes the messages. */
    store_release(seam_log_word(log, batch->first), batch->header);
    tail->position = batch->position;
    tail->sequence += batch->count;
    tail->newest = batch->last;
    tail->bytes += batch->bytes;
    /* R2, pairs with A2 in seam_log_newest: the last one is committed, too. */
    store_release(&head->newest, batch->last);
    store_relaxed(&head->published_bytes, tail->bytes); /* statistics */
    seam_log_prepare_ahead(log, tail, batch->bytes);
}

#endif
