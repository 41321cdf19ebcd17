/* SPDX-License-Identifier: MIT */
/*
 * The log: records in a ring, written at the tail, read at cursors. See memory/layout.h for the
 * bytes and the invariants I1 to I4. What is hot is here, inline; what is rare is in log.c.
 *
 *     writer                                   overwriting reader at position p
 *     W1 store prepared  (if it must grow)     A1 load header at p (acquire)
 *     W2 release fence                            copy the message
 *     W3 write message, zero the next header   A3 acquire fence
 *     R4 store previous  (release)             A4 load prepared: whole iff prepared - capacity <= p
 *     R2 store newest    (release): announced
 *     R1 store header    (release): committed
 *
 * If the copy saw any byte of a later lap (W3), the fences W2 and A3 order W1 before A4, and
 * prepared is past p + capacity: the copy is thrown away. 64-bit positions never come back, so
 * there is no ABA.
 */
#ifndef SEAM_CHANNEL_LOG_H
#define SEAM_CHANNEL_LOG_H

#include <stddef.h>

#include "memory/atomic.h"
#include "memory/copy.h"
#include "memory/layout.h"
#include "memory/prefetch.h"

#define SEAM_HEADER_BYTES 8U

/** The most records that are committed at once, and so the most that can be behind `newest`. */
#define SEAM_BATCH_MOST 1024U

/** One process's private view of a log. The geometry was checked and never changes. */
struct seam_log {
    struct seam_log_head *head;
    uint8_t *ring;
    uint64_t mask; /* capacity - 1, and no odd addresses: any 64-bit number is a place */
    uint64_t capacity;
    uint64_t max_message;
    uint64_t chunk; /* prepared grows in steps of at least this */
    uint64_t first_position;
    uint64_t first_sequence;
};

/** Where the writer stands; private to the handle that has the right to write. */
struct seam_tail {
    uint64_t position;   /* the next record begins here */
    uint64_t sequence;   /* and has this number */
    uint64_t newest;     /* the record before, or SEAM_NOWHERE */
    uint64_t checked;    /* it may be written up to here without a look around */
    uint64_t prepared;   /* copy of head->prepared, at least that */
    uint64_t zeroed;     /* a word ahead that reads zero already, or SEAM_NOWHERE */
    uint64_t prefetched; /* cache lines before this have been asked for */
    uint64_t bytes;      /* copy of published_bytes */
};

/** A committed record. */
struct seam_record {
    uint64_t position;
    uint64_t sequence;
    uint64_t size; /* of the message, at most max_message */
};

/** What a reader finds at its cursor. */
enum seam_look {
    SEAM_LOOK_EMPTY,     /* nothing committed there yet */
    SEAM_LOOK_RECORD,    /* a record; validate after copying */
    SEAM_LOOK_OVERTAKEN, /* the writer has been there again */
    SEAM_LOOK_DAMAGED,   /* neither: somebody wrote what no writer of ours writes */
};

/**
 * Where a record of @p size bytes at @p position ends and the next one begins. From half a line on,
 * that is at the end of a cache line: then the next one, if it is alike, lies in as few lines as
 * it can, and each line costs its reader a transfer.
 */
static inline uint64_t seam_record_end(uint64_t position, uint64_t size)
{
    uint64_t end = position + SEAM_HEADER_BYTES + ((size + 7) & ~UINT64_C(7));
    return size > SEAM_LINE_BYTES / 2 ? (end + SEAM_LINE_BYTES - 1) & ~(SEAM_LINE_BYTES - 1) : end;
}

/** The most that a record of @p size bytes and the zero header behind it can take. */
static inline uint64_t seam_record_room(uint64_t size)
{
    return size + SEAM_LINE_BYTES + 2 * (uint64_t)SEAM_HEADER_BYTES;
}

static inline uint64_t seam_header(uint64_t sequence, uint64_t size)
{
    return sequence << 32 | (uint32_t)(size + 1);
}

/** The number close to @p near that ends in @p low. */
static inline uint64_t seam_widen(uint64_t near, uint32_t low)
{
    return near + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)near);
}

/** Whether position @p a is before @p b, also across the wrap of 64 bits. */
static inline bool seam_before(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0;
}

static inline uint8_t *seam_log_at(const struct seam_log *log, uint64_t position)
{
    return log->ring + (position & log->mask);
}

static inline _Atomic uint64_t *seam_log_word(const struct seam_log *log, uint64_t position)
{
    return (_Atomic uint64_t *)(void *)seam_log_at(log, position);
}

/** Whether everything read before, from @p position on, was whole. */
static inline bool seam_log_valid(const struct seam_log *log, uint64_t position)
{
    fence_acquire(); /* A3, pairs with W2 in seam_log_extend */
    uint64_t prepared = load_relaxed(&log->head->prepared); /* A4: ordered by the fence */
    return !seam_before(position, prepared - log->capacity);
}

/** Looks for record number @p sequence at @p position. @param ret_size  set if there is one */
static inline enum seam_look seam_log_look(const struct seam_log *log, uint64_t position,
                                           uint64_t sequence, uint64_t *ret_size)
{
    /* A1, pairs with R1 in seam_log_commit_to: a committed header brings its message along. */
    uint64_t header = load_acquire(seam_log_word(log, position));
    uint64_t size = (uint32_t)header - UINT64_C(1);
    if (likely(header >> 32 == (uint32_t)sequence && size <= log->max_message)) {
        *ret_size = size;
        return SEAM_LOOK_RECORD;
    }
    if (!seam_log_valid(log, position)) {
        return SEAM_LOOK_OVERTAKEN;
    }
    return header == 0 ? SEAM_LOOK_EMPTY : SEAM_LOOK_DAMAGED;
}

/**
 * Makes the ring writable up to @p end: notes a waypoint where one is due, and moves `prepared`
 * where it must be; see I2. @p limit: see I3.
 */
void seam_log_extend(const struct seam_log *log, struct seam_tail *tail, uint64_t end,
                     uint64_t limit);

/** The end of a record of @p size bytes at the tail, with the zero header behind it. */
static inline uint64_t seam_log_end(const struct seam_tail *tail, uint64_t size)
{
    return seam_record_end(tail->position, size) + SEAM_HEADER_BYTES;
}

/** Where the message of the next record goes; the ring must have been extended for it. */
static inline uint8_t *seam_log_message(const struct seam_log *log, uint64_t position)
{
    return seam_log_at(log, position) + SEAM_HEADER_BYTES;
}

/* Lines beyond the one at the tail that are asked for right after a commit. */
#define SEAM_LINES_AHEAD 4U

/** Asks for lines that the next messages will need, see seam_log_prepare_ahead. */
static inline void seam_log_own_lines(const struct seam_log *log, struct seam_tail *tail,
                                      uint64_t size)
{
    /* The line at the tail is the one the reader polls: it would only be taken back. */
    uint64_t from = (tail->position | (SEAM_LINE_BYTES - 1)) + 1;
    uint64_t until = tail->position + SEAM_LINES_AHEAD * SEAM_LINE_BYTES;
    if (seam_before(from, tail->prefetched)) {
        from = tail->prefetched;
    }
    for (; seam_before(from, until); from += SEAM_LINE_BYTES) {
        prefetch_own(seam_log_at(log, from));
    }
    tail->prefetched = from;
    /* I1 of the next commit, where that is in another line; I2: inside of what is prepared. */
    uint64_t next = seam_record_end(tail->position, size);
    if (((next ^ tail->position) & ~(SEAM_LINE_BYTES - 1)) != 0 &&
        !seam_before(tail->checked, next + SEAM_HEADER_BYTES)) {
        store_relaxed(seam_log_word(log, next), 0); /* the next R1 orders it */
        tail->zeroed = next;
    }
    seam_next_lines = (struct seam_lines){seam_log_at(log, tail->position), size};
}

/**
 * Off the critical path, right after a commit of @p size bytes: gets the lines that the next
 * message begins in, so that they are in this CPU's cache when it comes. The lines of the rest, of
 * a message like this one, are left to the time when this thread waits, if it does.
 */
static inline void seam_log_prepare_ahead(const struct seam_log *log, struct seam_tail *tail,
                                          uint64_t size)
{
    if (seam_before(tail->prefetched, tail->position + SEAM_LINES_AHEAD * SEAM_LINE_BYTES)) {
        seam_log_own_lines(log, tail, size);
    }
}

/**
 * Tells which record is about to be committed at the tail, see I4. All that a reader of the newest
 * takes away from the writer is stored here, at once, so that it is fetched back once.
 * @param last  the number of the last record that the commit will show
 */
static inline void seam_log_announce(const struct seam_log *log, const struct seam_tail *tail,
                                     uint64_t last)
{
    struct seam_log_head *head = log->head;
    store_relaxed(&head->newest_sequence, last); /* R2 orders it */
    /* R4, pairs with A7 in find_previous: the record before is committed. */
    store_release(&head->previous, tail->newest);
    /* R2, pairs with A2 in seam_log_newest: what is before this record is known before it is. */
    store_release(&head->newest, tail->position);
}

/** Publishes the message of @p size bytes at the tail. @param next  where that record ends */
static inline void seam_log_commit_to(const struct seam_log *log, struct seam_tail *tail,
                                      uint64_t size, uint64_t next)
{
    const uint64_t at = tail->position, sequence = tail->sequence;
    const uint64_t bytes = tail->bytes + size;
    if (tail->zeroed != next) {
        store_relaxed(seam_log_word(log, next), 0); /* I1: before the commit; R1 orders it */
    }
    seam_log_announce(log, tail, sequence);
    /* R1, pairs with A1 in seam_log_look and read_record: publishes the message. */
    store_release(seam_log_word(log, at), seam_header(sequence, size));
    store_relaxed(&log->head->published_bytes, bytes); /* statistics */
    tail->bytes = bytes;
    tail->newest = at;
    tail->position = next;
    tail->sequence = sequence + 1;
    seam_log_prepare_ahead(log, tail, size);
}

/** Publishes the message of @p size bytes that was written at the tail. */
static inline void seam_log_commit(const struct seam_log *log, struct seam_tail *tail,
                                   uint64_t size)
{
    seam_log_commit_to(log, tail, size, seam_record_end(tail->position, size));
}

/** Makes a new, empty log. */
void seam_log_init(const struct seam_log *log);

/**
 * Finds the newest committed record; of a batch that was just committed perhaps the first.
 * @return 0; -ENOENT none yet; -EAGAIN the writer was faster
 */
int seam_log_newest(const struct seam_log *log, struct seam_record *ret_newest);

/**
 * Moves @p newest on over the records committed behind it, to a later number @p announced at most.
 * @return whether it stayed on firm ground
 */
bool seam_log_roll_on(const struct seam_log *log, struct seam_record *newest, uint64_t announced);

/**
 * Finds the tail: behind the newest record and whatever was committed since. @return 0 or -EAGAIN
 * Only `position` and `sequence` of @p ret_tail are set; its size is 0.
 */
int seam_log_find_tail(const struct seam_log *log, struct seam_record *ret_tail);

/** Finds the oldest record start from @p after on that is still there. @return 0 or -EAGAIN */
int seam_log_find_oldest(const struct seam_log *log, uint64_t after, struct seam_record *ret_start);

/** Takes over as writer: rolls forward and starts from the true tail. @return 0 or -EAGAIN */
int seam_log_recover(const struct seam_log *log, struct seam_tail *ret_tail);

#endif
