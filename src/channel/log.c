/* SPDX-License-Identifier: MIT */
#include "channel/log.h"

#include <errno.h>

/* How often a reader tries again when the writer is always faster. */
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
    return seam_before(tail->shared, stop) ? tail->shared : stop;
}

void seam_log_extend(const struct seam_log *log, struct seam_tail *tail, uint64_t end,
                     uint64_t limit)
{
    if (seam_before(tail->shared, end)) {
        uint64_t shared = end + log->chunk;
        tail->shared = seam_before(limit, shared) ? limit : shared;
        store_relaxed(&log->head->prepared, tail->shared); /* W1: ordered by the fence behind it */
        fence_release(); /* W2, pairs with A3 in seam_log_valid: before anything is overwritten */
    }
    tail->prepared = next_stop(log, tail);
    if (seam_before(tail->prepared, end)) {
        tail->prepared = end;
    }

    struct seam_waypoint *waypoint = &log->head->waypoints[sixteenth(log, tail->position)];
    uint64_t noted = load_relaxed(&waypoint->position); /* only writers store it */
    if (noted == SEAM_NOWHERE || tail->position - noted >= log->capacity / SEAM_WAYPOINTS) {
        set_waypoint(waypoint, tail->position, tail->sequence);
    }
}

int seam_log_newest(const struct seam_log *log, struct seam_record *ret_newest)
{
    for (int i = 0; i < TRIES; i++) {
        /* A2, pairs with R2 in seam_log_commit: the record that newest points at is committed. */
        uint64_t position = load_acquire(&log->head->newest);
        if (position == SEAM_NOWHERE) {
            return -ENOENT;
        }
        uint64_t header = load_relaxed(seam_log_word(log, position)); /* A2 and A3 order it */
        uint64_t near = load_relaxed(&log->head->newest_sequence);
        uint64_t size = (uint32_t)header - UINT64_C(1);
        /*
         * The ring holds fewer than 2^31 records, so while the record is valid, any value that
         * newest_sequence has had is close enough to tell the upper half of its number.
         */
        if (seam_log_valid(log, position) && size <= log->max_message) {
            *ret_newest = (struct seam_record){
                .position = position,
                .sequence = seam_widen(near, (uint32_t)(header >> 32)),
                .size = size,
            };
            return 0;
        }
    }
    return -EAGAIN;
}

/** Where rolling forward begins: behind the newest record, or at the beginning. */
static int find_roll_start(const struct seam_log *log, struct seam_record *ret_start)
{
    struct seam_record newest;
    int error = seam_log_newest(log, &newest);
    if (error == 0) {
        ret_start->position = seam_record_end(newest.position, newest.size);
        ret_start->sequence = newest.sequence + 1;
        return 0;
    }
    ret_start->position = log->first_position;
    ret_start->sequence = log->first_sequence;
    return error == -ENOENT ? 0 : error;
}

/** Where rolling forward came to. */
struct roll {
    struct seam_record at;     /* the next record, or the tail */
    struct seam_record newest; /* the last one passed, if any was */
    uint64_t bytes;            /* of the messages passed */
};

/** Looks for the record at @p at, whose size it finds; one that may be overwritten counts as such.
 */
static enum seam_look look_firmly(const struct seam_log *log, struct seam_record *at)
{
    enum seam_look look = seam_log_look(log, at->position, at->sequence, &at->size);
    if (look == SEAM_LOOK_RECORD && !seam_log_valid(log, at->position)) {
        return SEAM_LOOK_OVERTAKEN; /* the size may be any bytes of a message */
    }
    return look;
}

/** Moves @p roll over committed records. @return whether it stayed on firm ground */
static bool roll_forward(const struct seam_log *log, struct roll *roll)
{
    /* I4: no more than these, unless a writer goes on meanwhile; then any tail it had will do. */
    for (unsigned i = 0; i < SEAM_BATCH_MOST; i++) {
        struct seam_record *at = &roll->at;
        enum seam_look look = look_firmly(log, at);
        if (look != SEAM_LOOK_RECORD) {
            return look != SEAM_LOOK_OVERTAKEN;
        }
        roll->newest = *at;
        roll->bytes += at->size;
        at->position = seam_record_end(at->position, at->size);
        at->sequence++;
    }
    return true;
}

int seam_log_roll_on(const struct seam_log *log, struct seam_record *newest, uint64_t announced)
{
    for (unsigned i = 0; i < SEAM_BATCH_MOST && seam_before(newest->sequence, announced); i++) {
        struct seam_record next = {
            .position = seam_record_end(newest->position, newest->size),
            .sequence = newest->sequence + 1,
        };
        enum seam_look look = look_firmly(log, &next);
        if (look != SEAM_LOOK_RECORD) {
            return look == SEAM_LOOK_OVERTAKEN ? -ESTALE : 0;
        }
        *newest = next;
    }
    return 0;
}

int seam_log_find_tail(const struct seam_log *log, struct seam_record *ret_tail)
{
    for (int i = 0; i < TRIES; i++) {
        struct roll roll = {0};
        int error = find_roll_start(log, &roll.at);
        if (error != 0) {
            return error;
        }
        if (roll_forward(log, &roll)) {
            *ret_tail = roll.at;
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
    struct roll roll = {0};
    int error = find_roll_start(log, &roll.at);
    if (error != 0) {
        return error;
    }
    uint64_t sequence = roll.at.sequence;
    if (!roll_forward(log, &roll)) {
        return -EAGAIN;
    }
    /* The words below are stored by writers only, and we have the right to write. */
    uint64_t bytes = load_relaxed(&head->published_bytes) + roll.bytes;
    /* One may have died between announcing and committing. */
    store_relaxed(&head->newest_sequence, roll.at.sequence - 1);
    if (roll.at.sequence != sequence) {
        /* I4 again: a writer died between its commit and these stores. */
        store_release(&head->newest,
                      roll.newest.position); /* R2, pairs with A2 in seam_log_newest */
        store_relaxed(&head->published_bytes, bytes);
    }
    *ret_tail = (struct seam_tail){
        .position = roll.at.position,
        .sequence = roll.at.sequence,
        .shared = load_relaxed(&head->prepared),
        .zeroed = SEAM_NOWHERE,
        .owned = roll.at.position,
        .bytes = bytes,
    };
    ret_tail->prepared = next_stop(log, ret_tail);
    return 0;
}
