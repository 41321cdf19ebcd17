/* SPDX-License-Identifier: MIT */
#include "channel/cursors.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "channel/lanes.h"
#include "region/error.h"

/* How often to begin again when somebody else changes the same slot meanwhile. */
#define TRIES 100

/* ---- the reader's side ---- */

/**
 * Puts the cursor of the slot that we hold on a start, by the protocol in cursors.h.
 * @param after  a start from here on, if from the oldest
 * @return 0; -EAGAIN the writer was always faster, and the cursor is nowhere
 */
static int place_cursor(struct seam_channel *channel, enum seam_start start, uint64_t after)
{
    const struct seam_log *log = &channel->log;
    const uint64_t furthest = log->capacity - log->capacity / SEAM_LOOK_EVERY;
    struct seam_slot *slot = channel->slot;
    struct seam_record at, tail;
    for (int i = 0; i < TRIES && seam_log_find_tail(log, &tail) == 0; i++) {
        uint64_t from = tail.position - furthest;
        at = tail;
        if (start == SEAM_FROM_OLDEST &&
            seam_log_find_oldest(log, seam_before(from, after) ? after : from, &at) != 0) {
            break;
        }
        store_relaxed(&slot->sequence, at.sequence);
        /* J1, pairs with C2 in seam_load_cursor: also publishes kind and name of the slot. */
        store_release(&slot->cursor, at.position);
        fence_seq_cst();                           /* J2, pairs with L2 in seam_cursors_limit */
        if (seam_log_find_tail(log, &tail) != 0) { /* J3 */
            break;
        }
        uint64_t expected = at.position;
        /* J4, pairs with L4 in evict */
        if (tail.position - at.position <= furthest &&
            cas_acq_rel(&slot->cursor, &expected, at.position)) {
            channel->next = at;
            return 0;
        }
    }
    store_release(&slot->cursor, SEAM_NOWHERE); /* C1, pairs with C2 in seam_load_cursor */
    return -EAGAIN;
}

/** Takes the lease of slot @p index. */
static int hold_slot(struct seam_channel *channel, int index)
{
    int error = seam_lease_take(&channel->region.lease, SEAM_LEASE_SLOT + index, true);
    if (error == 0) {
        channel->slot = &channel->slots[index];
        channel->slot_index = index;
        store_relaxed(&channel->slot->pid, (uint32_t)getpid());
    }
    return error;
}

static void drop_slot(struct seam_channel *channel)
{
    seam_lease_drop(&channel->region.lease, SEAM_LEASE_SLOT + channel->slot_index);
    channel->slot = NULL;
}

/** Takes a slot that nobody alive holds and no durable cursor lives in. */
static int hold_free_slot(struct seam_channel *channel)
{
    /* More than once: a writer that reaps holds a slot for a moment. */
    for (int pass = 0; pass < 3; pass++) {
        for (unsigned i = 0; i < seam_slot_count(channel); i++) {
            if (seam_slot_is_durable(channel, i) || hold_slot(channel, (int)i) != 0) {
                continue;
            }
            if (!seam_slot_is_durable(channel, i)) {
                return 0;
            }
            drop_slot(channel); /* became one just before we had the lease */
        }
        sched_yield();
    }
    return seam_fail(EUSERS, "cursor table");
}

/**
 * Killed between the stores of C1, the sequence is ahead of the cursor, by a batch at most: the
 * record that is there knows better, or the one that ends there.
 */
static void correct_sequence(const struct seam_log *log, struct seam_record *next)
{
    for (int i = 0; i < TRIES; i++) {
        /* Relaxed: nothing is read behind it. */
        uint64_t header = load_relaxed(seam_log_word(log, next->position));
        struct seam_record tail;
        if (!seam_log_valid(log, next->position)) {
            return; /* overtaken: the reader will count */
        }
        if (header != 0) {
            next->sequence = seam_widen(next->sequence, (uint32_t)(header >> 32));
            return;
        }
        if (seam_log_find_tail(log, &tail) != 0) {
            return; /* nonsense */
        }
        if (tail.position == next->position) {
            next->sequence = tail.sequence;
            return;
        } /* else a record was committed just now: look again */
    }
}

/** Goes on where the durable cursor in the slot stopped. */
static int resume(struct seam_channel *channel)
{
    channel->next.position = seam_load_cursor(&channel->slot->cursor);
    channel->next.sequence = load_relaxed(&channel->slot->sequence); /* C2 orders it */
    if (channel->next.position % SEAM_HEADER_BYTES != 0) {
        return place_cursor(channel, SEAM_FROM_OLDEST, channel->log.first_position);
    }
    correct_sequence(&channel->log, &channel->next);
    return 0;
}

/** Makes a durable cursor in this lane. */
static int place_durable(struct seam_channel *channel, const char *name, enum seam_start start)
{
    /* Free until place_cursor stores the cursor, whatever we are killed in. */
    store_relaxed(&channel->slot->cursor, SEAM_NOWHERE);
    seam_slot_set_name(channel->slot, name);
    store_relaxed(&channel->slot->kind, SEAM_SLOT_DURABLE);
    return place_cursor(channel, start, channel->log.first_position);
}

static int join_durable(struct seam_channel *channel, const char *name, enum seam_start start)
{
    int error = seam_slots_lock(channel);
    if (error != 0) {
        return error;
    }
    int index = seam_slots_find_durable(channel, name);
    error = index >= 0 ? hold_slot(channel, index) : hold_free_slot(channel);
    for (unsigned i = seam_lane_count(channel); error == 0 && i-- > 0;) {
        seam_lanes_select(channel, i);
        error = index >= 0 ? resume(channel) : place_durable(channel, name, start);
    }
    seam_slots_unlock(channel);
    return error;
}

int seam_cursors_join(struct seam_channel *channel, const char *durable, enum seam_start start)
{
    if (durable != NULL) {
        return join_durable(channel, durable, start);
    }
    int error = hold_free_slot(channel);
    for (unsigned i = seam_lane_count(channel); error == 0 && i-- > 0;) {
        seam_lanes_select(channel, i);
        store_relaxed(&channel->slot->kind, SEAM_SLOT_EPHEMERAL);
        error = place_cursor(channel, start, channel->log.first_position);
    }
    return error;
}

/* A reader without a slot has nothing to publish: so one that acknowledges has it only in here. */

static void attach(struct seam_channel *channel)
{
    if (channel->acknowledges) {
        channel->slot = &channel->slots[channel->slot_index];
    }
}

static void detach(struct seam_channel *channel)
{
    if (channel->acknowledges) {
        channel->slot = NULL;
    }
}

void seam_cursors_defer(struct seam_channel *channel)
{
    channel->acknowledges = true;
    detach(channel);
}

void seam_cursors_acknowledge(struct seam_channel *channel)
{
    const unsigned current = channel->lane;
    for (unsigned i = 0; i < seam_lane_count(channel); i++) {
        seam_lanes_select(channel, i);
        attach(channel);
        seam_cursors_publish(channel);
        detach(channel);
    }
    seam_lanes_select(channel, current);
}

int seam_cursors_rejoin(struct seam_channel *channel)
{
    attach(channel);
    int error = channel->slot != NULL
                    ? place_cursor(channel, SEAM_FROM_OLDEST, channel->next.position)
                    : seam_log_find_oldest(&channel->log, channel->next.position, &channel->next);
    detach(channel);
    return error;
}

void seam_cursors_leave(struct seam_channel *channel)
{
    attach(channel);
    if (channel->slot != NULL) {
        unsigned index = (unsigned)channel->slot_index;
        if (!seam_slot_is_durable(channel, index)) {
            seam_slot_free(channel, index);
        }
        drop_slot(channel);
        seam_announce_space(channel);
    }
}

int seam_cursors_forget(struct seam_channel *channel, const char *durable)
{
    int error = seam_slots_lock(channel);
    if (error != 0) {
        return error;
    }
    int index = seam_slots_find_durable(channel, durable);
    attach(channel);
    bool is_own = channel->slot != NULL && channel->slot_index == index;
    detach(channel);
    if (index < 0) {
        error = seam_fail(ENOENT, "cursor");
    } else if (is_own) {
        error = seam_fail(EBUSY, "lease"); /* our own: a lease does not stop its holder */
    } else {
        error = seam_lease_take(&channel->region.lease, SEAM_LEASE_SLOT + index, true);
        if (error == 0) {
            seam_slot_free(channel, (unsigned)index);
            seam_lease_drop(&channel->region.lease, SEAM_LEASE_SLOT + index);
            seam_announce_space(channel);
        }
    }
    seam_slots_unlock(channel);
    return error;
}
