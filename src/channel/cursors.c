/* SPDX-License-Identifier: MIT */
#include "channel/cursors.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "memory/error.h"

/* How often to begin again when somebody else changes the same slot meanwhile. */
#define TRIES 100

static unsigned slot_count(const struct seam_channel *channel)
{
    return (unsigned)channel->region.stamp.max_readers;
}

static uint64_t load_cursor(_Atomic uint64_t *cursor)
{
    return load_acquire(cursor); /* C2, pairs with C1 in seam_cursors_publish */
}

/* ---- names of durable cursors ---- */

int seam_cursors_check_name(const char *name)
{
    size_t length = strnlen(name, SEAM_CURSOR_NAME_BYTES);
    return length > 0 && length < SEAM_CURSOR_NAME_BYTES ? 0 : seam_fail(EINVAL, "cursor");
}

static void set_name(struct seam_slot *slot, const char *name)
{
    uint64_t words[SEAM_CURSOR_NAME_BYTES / 8] = {0};
    memcpy(words, name, strnlen(name, SEAM_CURSOR_NAME_BYTES - 1));
    for (size_t i = 0; i < SEAM_CURSOR_NAME_BYTES / 8; i++) {
        store_relaxed(&slot->name[i], words[i]); /* the cursor's store publishes it */
    }
}

static bool has_name(struct seam_slot *slot, const char *name)
{
    uint64_t words[SEAM_CURSOR_NAME_BYTES / 8] = {0};
    bool same = true;
    memcpy(words, name, strnlen(name, SEAM_CURSOR_NAME_BYTES - 1));
    for (size_t i = 0; i < SEAM_CURSOR_NAME_BYTES / 8; i++) {
        same = same && load_relaxed(&slot->name[i]) == words[i];
    }
    return same;
}

static bool is_durable(struct seam_slot *slot)
{
    /* Relaxed: stored before the cursor that made the slot visible. */
    return load_cursor(&slot->cursor) != SEAM_NOWHERE &&
           load_relaxed(&slot->kind) == SEAM_SLOT_DURABLE;
}

/** @return the slot of the durable cursor @p name, or -1 */
static int find_durable(const struct seam_channel *channel, const char *name)
{
    for (unsigned i = 0; i < slot_count(channel); i++) {
        if (is_durable(&channel->desk->slots[i]) && has_name(&channel->desk->slots[i], name)) {
            return (int)i;
        }
    }
    return -1;
}

void seam_cursors_init(struct seam_desk *desk, const struct seam_log *log, unsigned count,
                       const char *durable)
{
    /* Nobody else sees the desk yet. */
    for (unsigned i = 0; i < count; i++) {
        store_relaxed(&desk->slots[i].cursor, SEAM_NOWHERE);
    }
    store_relaxed(&desk->shared_cursor, log->first_position);
    if (durable != NULL) {
        set_name(&desk->slots[0], durable);
        store_relaxed(&desk->slots[0].kind, SEAM_SLOT_DURABLE);
        store_relaxed(&desk->slots[0].sequence, log->first_sequence);
        store_relaxed(&desk->slots[0].cursor, log->first_position);
    }
}

/* ---- the reader's side ---- */

/**
 * Puts the cursor of a slot that we hold on a start, by the protocol in cursors.h.
 * @param after  a start from here on, if from the oldest
 */
static int settle(struct seam_channel *channel, struct seam_slot *slot, enum seam_start start,
                  uint64_t after)
{
    const struct seam_log *log = &channel->log;
    for (int i = 0; i < TRIES; i++) {
        struct seam_record at, tail;
        int error = start == SEAM_FROM_OLDEST ? seam_log_find_oldest(log, after, &at)
                                              : seam_log_find_tail(log, &at);
        if (error != 0) {
            return error;
        }
        store_relaxed(&slot->sequence, at.sequence);
        /* J1, pairs with C2 in load_cursor: also publishes kind and name of the slot. */
        store_release(&slot->cursor, at.position);
        fence_seq_cst();                        /* J2, pairs with L2 in seam_cursors_limit */
        error = seam_log_find_tail(log, &tail); /* J3 */
        if (error != 0) {
            return error;
        }
        uint64_t expected = at.position;
        if (start == SEAM_FROM_NEXT) {
            store_relaxed(&slot->sequence, tail.sequence);
            at = tail;
        }
        /* J4, pairs with L4 in checked_cursor: evicted meanwhile? Then begin again. */
        if (cas_acq_rel(&slot->cursor, &expected, at.position)) {
            channel->next = at;
            return 0;
        }
    }
    return -EAGAIN;
}

/** Takes the lease of slot @p index. */
static int hold_slot(struct seam_channel *channel, int index)
{
    int error = seam_lease_take(&channel->region.lease, SEAM_LEASE_SLOT + index, true);
    if (error == 0) {
        channel->slot = &channel->desk->slots[index];
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
        for (unsigned i = 0; i < slot_count(channel); i++) {
            if (is_durable(&channel->desk->slots[i]) || hold_slot(channel, (int)i) != 0) {
                continue;
            }
            if (!is_durable(channel->slot)) {
                return 0;
            }
            drop_slot(channel); /* became one just before we had the lease */
        }
    }
    return seam_fail(EUSERS, "cursor table");
}

/** Goes on where the durable cursor in slot @p index stopped. */
static int resume(struct seam_channel *channel, int index)
{
    struct seam_record newest;
    int error = hold_slot(channel, index);
    if (error != 0) {
        return error;
    }
    channel->next.position = load_cursor(&channel->slot->cursor);
    channel->next.sequence = load_relaxed(&channel->slot->sequence); /* C2 orders it */
    if (channel->next.position % SEAM_HEADER_BYTES != 0) {
        return settle(channel, channel->slot, SEAM_FROM_OLDEST, channel->log.first_position);
    }
    /*
     * Killed between the stores of C1, the sequence is one ahead of the cursor: where a record is
     * there, its header knows better.
     */
    uint64_t header = load_acquire(seam_log_word(&channel->log, channel->next.position)); /* A1 */
    if (header != 0 && seam_log_valid(&channel->log, channel->next.position)) {
        channel->next.sequence = seam_widen(channel->next.sequence, (uint32_t)(header >> 32));
    } else if (header == 0 && seam_log_newest(&channel->log, &newest) == 0 &&
               newest.position + seam_record_bytes(newest.size) == channel->next.position) {
        channel->next.sequence = newest.sequence + 1;
    }
    return 0;
}

/** One at a time makes or forgets durable cursors, so that a name is there once. */
static int lock_table(const struct seam_channel *channel)
{
    for (int i = 0; i < 1000; i++) {
        int error = seam_lease_take(&channel->region.lease, SEAM_LEASE_TABLE, true);
        if (error != -EBUSY) {
            return error;
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return seam_fail(EBUSY, "cursor table");
}

static void unlock_table(const struct seam_channel *channel)
{
    seam_lease_drop(&channel->region.lease, SEAM_LEASE_TABLE);
}

static int join_durable(struct seam_channel *channel, const char *name, enum seam_start start)
{
    int error = lock_table(channel);
    if (error != 0) {
        return error;
    }
    int index = find_durable(channel, name);
    if (index >= 0) {
        error = resume(channel, index);
    } else {
        error = hold_free_slot(channel);
        if (error == 0) {
            /* Free until settle stores the cursor, whatever we are killed in. */
            store_relaxed(&channel->slot->cursor, SEAM_NOWHERE);
            set_name(channel->slot, name);
            store_relaxed(&channel->slot->kind, SEAM_SLOT_DURABLE);
            error = settle(channel, channel->slot, start, channel->log.first_position);
        }
    }
    unlock_table(channel);
    return error;
}

int seam_cursors_join(struct seam_channel *channel, const char *durable, enum seam_start start)
{
    if (durable != NULL) {
        return join_durable(channel, durable, start);
    }
    int error = hold_free_slot(channel);
    if (error == 0) {
        store_relaxed(&channel->slot->kind, SEAM_SLOT_EPHEMERAL);
        error = settle(channel, channel->slot, start, channel->log.first_position);
    }
    return error;
}

int seam_cursors_rejoin(struct seam_channel *channel)
{
    if (channel->slot != NULL) {
        return settle(channel, channel->slot, SEAM_FROM_OLDEST, channel->next.position);
    }
    return seam_log_find_oldest(&channel->log, channel->next.position, &channel->next);
}

void seam_cursors_leave(struct seam_channel *channel)
{
    if (channel->slot != NULL) {
        if (load_relaxed(&channel->slot->kind) == SEAM_SLOT_EPHEMERAL) {
            store_release(&channel->slot->cursor, SEAM_NOWHERE); /* C1, pairs with C2 */
        }
        drop_slot(channel);
        seam_announce_space(channel);
    }
}

int seam_cursors_forget(struct seam_channel *channel, const char *durable)
{
    int error = lock_table(channel);
    if (error != 0) {
        return error;
    }
    int index = find_durable(channel, durable);
    if (index < 0) {
        error = seam_fail(ENOENT, "cursor");
    } else {
        error = seam_lease_take(&channel->region.lease, SEAM_LEASE_SLOT + index, true);
        if (error == 0) {
            /* C1, pairs with C2 in load_cursor */
            store_release(&channel->desk->slots[index].cursor, SEAM_NOWHERE);
            seam_lease_drop(&channel->region.lease, SEAM_LEASE_SLOT + index);
            seam_announce_space(channel);
        }
    }
    unlock_table(channel);
    return error;
}

/* ---- the writer's side ---- */

/** Whether a reader can be at @p at while the tail is at @p tail. */
static bool is_possible(const struct seam_channel *channel, uint64_t at, uint64_t tail)
{
    return at % SEAM_HEADER_BYTES == 0 && tail - at <= channel->log.capacity;
}

/** Replaces an impossible cursor by @p by. Only who has the right to write knows the tail. */
static void evict(const struct seam_channel *channel, _Atomic uint64_t *cursor, uint64_t tail,
                  uint64_t by)
{
    uint64_t at = load_cursor(cursor);
    for (int i = 0; i < TRIES && at != SEAM_NOWHERE && !is_possible(channel, at, tail); i++) {
        /* L4, pairs with J4 in settle: not if the reader just put it right; then look again. */
        if (cas_acq_rel(cursor, &at, by)) {
            return;
        }
    }
}

/** The slowest possible cursor; @p tail where there is none. */
static uint64_t slowest_cursor(const struct seam_channel *channel, uint64_t tail, bool may_evict)
{
    bool shared = channel->region.stamp.policy == SEAM_WORK_QUEUE;
    unsigned count = shared ? 1 : slot_count(channel);
    uint64_t slowest = tail;
    for (unsigned i = 0; i < count; i++) {
        _Atomic uint64_t *cursor =
            shared ? &channel->desk->shared_cursor : &channel->desk->slots[i].cursor;
        if (may_evict) {
            evict(channel, cursor, tail, shared ? tail : SEAM_NOWHERE);
        }
        uint64_t at = load_cursor(cursor);
        if (is_possible(channel, at, tail) && seam_before(at, slowest)) {
            slowest = at;
        }
    }
    return slowest;
}

uint64_t seam_cursors_limit(const struct seam_channel *channel, uint64_t tail)
{
    fence_seq_cst(); /* L2, pairs with J2 in settle: R2 has published the tail before */
    return slowest_cursor(channel, tail, true) + channel->log.capacity;
}

uint64_t seam_cursors_slowest(const struct seam_channel *channel, uint64_t tail)
{
    return slowest_cursor(channel, tail, false);
}

void seam_cursors_reap(const struct seam_channel *channel)
{
    for (unsigned i = 0; i < slot_count(channel); i++) {
        struct seam_slot *slot = &channel->desk->slots[i];
        if (load_relaxed(&slot->cursor) == SEAM_NOWHERE || is_durable(slot) ||
            seam_lease_take(&channel->region.lease, SEAM_LEASE_SLOT + (int)i, true) != 0) {
            continue;
        }
        if (!is_durable(slot)) {
            store_release(&slot->cursor, SEAM_NOWHERE); /* C1, pairs with C2: for its next holder */
        }
        seam_lease_drop(&channel->region.lease, SEAM_LEASE_SLOT + (int)i);
    }
}
