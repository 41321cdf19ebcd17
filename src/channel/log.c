/* SPDX-License-Identifier: MIT */
#include "channel/log.h"

#include <errno.h>

/* How often to look for the tail again when the writer is always faster. */
#define TRIES 1000

static uint64_t sixteenth(const struct seam_log *log, uint64_t position)
{
    return position / (log->capacity / SEAM_WAYPOINTS) % SEAM_WAYPOINTS;
}

/**
 * Notes that record number @p sequence begins at @p position. Killed at any point, the pair is
 * whole or marked as nothing.
 */
static void set_waypoint(struct seam_waypoint *waypoint, uint64_t position, uint64_t sequence)
{
    store_relaxed(&waypoint->position, SEAM_NOWHERE);
    fence_release(); /* W4, pairs with A5 in read_waypoint: the mark before the new sequence */
    store_relaxed(&waypoint->sequence, sequence);
    /* R3, pairs with A6 in read_waypoint: the sequence before the position that it belongs to. */
    store_release(&waypoint->position, position);
}

static bool read_waypoint(struct seam_waypoint *waypoint, struct seam_record *ret_start)
{
    /* A6, pairs with R3 in set_waypoint */
    uint64_t position = load_acquire(&waypoint->position);
    uint64_t sequence = load_relaxed(&waypoint->sequence); /* checked by the second load below */
    fence_acquire();                                       /* A5, pairs with W4 in set_waypoint */
    if (position % SEAM_HEADER_BYTES != 0 || load_relaxed(&waypoint->position) != position) {
        return false;
    }
    *ret_start = (struct seam_record){.position = position, .sequence = sequence};
    return true;
}

void seam_log_init(const struct seam_log *log)
{
    struct seam_log_head *head = log->head;
    /* Nobody else sees the region yet: the rename or the fork that shows it orders these. */
    for (unsigned i = 0; i < SEAM_WAYPOINTS; i++) {
        store_relaxed(&head->waypoints[i].position, SEAM_NOWHERE);
    }
    store_relaxed(&head->newest, SEAM_NOWHERE);
    store_relaxed(&head->previous, SEAM_NOWHERE);
    store_relaxed(&head->newest_sequence, log->first_sequence - 1);
    store_relaxed(&head->prepared, log->first_position + SEAM_HEADER_BYTES);
    store_relaxed(seam_log_word(log, log->first_position), 0);
    set_waypoint(&head->waypoints[sixteenth(log, log->first_position)], log->first_position,
                 log->first_sequence);
}

/** How far a writer may go before it looks whether a waypoint is due. */
static uint64_t next_stop(const struct seam_log *log, const struct seam_tail *tail)
{
    uint64_t step = log->capacity / SEAM_WAYPOINTS / 2; /* a power of two */
    uint64_t stop = (tail->position | (step - 1)) + 1;
    return seam_before(tail->prepared, stop) ? tail->prepared : stop;
}

void seam_log_extend(const struct seam_log *log, struct seam_tail *tail, uint64_t end,
                     uint64_t limit)
{
    if (seam_before(tail->prepared, end)) {
        uint64_t prepared = end + log->chunk;
        tail->prepared = seam_before(limit, prepared) ? limit : prepared;
        /* W1: ordered by the fence behind it */
        store_relaxed(&log->head->prepared, tail->prepared);
        fence_release(); /* W2, pairs with A3 in seam_log_valid: before anything is overwritten */
    }
    tail->checked = next_stop(log, tail);
    if (seam_before(tail->checked, end)) {
        tail->checked = end;
    }

    struct seam_waypoint *waypoint = &log->head->waypoints[sixteenth(log, tail->position)];
    uint64_t noted = load_relaxed(&waypoint->position); /* only writers store it */
    if (noted == SEAM_NOWHERE || tail->position - noted >= log->capacity / SEAM_WAYPOINTS) {
        set_waypoint(waypoint, tail->position, tail->sequence);
    }
}

/**
 * Whether there is a record at @p position: one that was committed and not overwritten.
 * @param near  a number close to the record's
 */
static inline bool read_record(const struct seam_log *log, uint64_t position, uint64_t near,
                               struct seam_record *ret_record)
{
    /* A1, pairs with R1 in seam_log_commit_to and seam_log_commit_batch */
    uint64_t header = load_acquire(seam_log_word(log, position));
    uint64_t size = (uint32_t)header - UINT64_C(1);
    if (!seam_log_valid(log, position) || size > log->max_message) {
        return false;
    }
    *ret_record = (struct seam_record){
        .position = position,
        .sequence = seam_widen(near, (uint32_t)(header >> 32)),
        .size = size,
    };
    return true;
}

/** Where `newest` is announced only, or was overwritten meanwhile. */
static SEAM_COLD int find_previous(const struct seam_log *log, uint64_t near,
                                   struct seam_record *ret_newest)
{
    /* A7, pairs with R4 in seam_log_announce */
    uint64_t position = load_acquire(&log->head->previous);
    if (position == SEAM_NOWHERE) {
        return -ENOENT;
    }
    return read_record(log, position, near, ret_newest) ? 0 : -EAGAIN;
}

int seam_log_newest(const struct seam_log *log, struct seam_record *ret_newest)
{
    /* A2, pairs with R2 in seam_log_announce and seam_log_commit_batch: what is before is known. */
    uint64_t position = load_acquire(&log->head->newest);
    /*
     * The ring holds fewer than 2^31 records, so while the record is valid, any value that
     * newest_sequence has had is close enough to tell the upper half of its number.
     */
    uint64_t near = load_relaxed(&log->head->newest_sequence);
    bool found = position != SEAM_NOWHERE && read_record(log, position, near, ret_newest);
    return likely(found) ? 0 : find_previous(log, near, ret_newest);
}

bool seam_log_roll_on(const struct seam_log *log, struct seam_record *newest, uint64_t announced)
{
    uint64_t left = announced - newest->sequence;
    left = left < SEAM_BATCH_MOST ? left : SEAM_BATCH_MOST;
    for (; left > 0; left--) {
        uint64_t position = seam_record_end(newest->position, newest->size), size;
        enum seam_look look = seam_log_look(log, position, newest->sequence + 1, &size);
        if (look != SEAM_LOOK_RECORD) {
            return look != SEAM_LOOK_OVERTAKEN;
        }
        if (!seam_log_valid(log, position)) {
            return false; /* the size may be any bytes of a message */
        }
        newest->position = position;
        newest->sequence++;
        newest->size = size;
    }
    return true;
}

/**
 * Finds the last committed record, and the tail behind it.
 * @param ret_newest  its position is SEAM_NOWHERE if there is none
 * @return whether nobody was faster
 */
static bool find_end(const struct seam_log *log, struct seam_record *ret_newest,
                     struct seam_record *ret_tail)
{
    int error = seam_log_newest(log, ret_newest);
    if (error == -ENOENT) {
        ret_newest->position = SEAM_NOWHERE;
        ret_tail->position = log->first_position;
        ret_tail->sequence = log->first_sequence;
        return true;
    }
    /* I4: no more than these, unless a writer goes on meanwhile; then any tail it had will do. */
    if (error != 0 || !seam_log_roll_on(log, ret_newest, ret_newest->sequence + SEAM_BATCH_MOST)) {
        return false;
    }
    ret_tail->position = seam_record_end(ret_newest->position, ret_newest->size);
    ret_tail->sequence = ret_newest->sequence + 1;
    return true;
}

int seam_log_find_tail(const struct seam_log *log, struct seam_record *ret_tail)
{
    for (int i = 0; i < TRIES; i++) {
        struct seam_record newest;
        if (find_end(log, &newest, ret_tail)) {
            ret_tail->size = 0;
            return 0;
        }
    }
    return -EAGAIN;
}

int seam_log_find_oldest(const struct seam_log *log, uint64_t after, struct seam_record *ret_start)
{
    struct seam_record oldest, start;
    int error = seam_log_find_tail(log, &oldest); /* where no waypoint is left */
    if (error != 0) {
        return error;
    }
    for (unsigned i = 0; i < SEAM_WAYPOINTS; i++) {
        if (read_waypoint(&log->head->waypoints[i], &start) &&
            !seam_before(start.position, after) && seam_before(start.position, oldest.position) &&
            seam_log_valid(log, start.position)) {
            oldest = start;
        }
    }
    *ret_start = oldest;
    return 0;
}

int seam_log_recover(const struct seam_log *log, struct seam_tail *ret_tail)
{
    struct seam_log_head *head = log->head;
    struct seam_record newest, tail;
    if (!find_end(log, &newest, &tail)) {
        return -EAGAIN;
    }
    /* I4: a writer may have died between announcing and committing. */
    store_relaxed(&head->newest_sequence, tail.sequence - 1);
    *ret_tail = (struct seam_tail){
        .position = tail.position,
        .sequence = tail.sequence,
        .newest = newest.position,
        .prepared = load_relaxed(&head->prepared),
        .zeroed = SEAM_NOWHERE,
        .prefetched = tail.position,
        .bytes = load_relaxed(&head->published_bytes),
    };
    ret_tail->checked = next_stop(log, ret_tail);
    return 0;
}
