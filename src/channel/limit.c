/* SPDX-License-Identifier: MIT */
/* The writer's view of the cursors: how far it may go, and who holds it up for no reason. */
#include "channel/cursors.h"
#include "channel/geometry.h"

/* How often to look again when somebody else changes the same cursor meanwhile. */
#define TRIES 100

/** Whether a reader can be at @p at while the tail is at @p tail. */
static bool is_possible(const struct seam_channel *channel, uint64_t at, uint64_t tail)
{
    return at % SEAM_HEADER_BYTES == 0 && tail - at <= channel->log.capacity;
}

/** Replaces an impossible cursor by @p by. Only who has the right to write knows the tail. */
static void evict(const struct seam_channel *channel, _Atomic uint64_t *cursor, uint64_t tail,
                  uint64_t by)
{
    uint64_t at = seam_load_cursor(cursor);
    for (int i = 0; i < TRIES && at != SEAM_NOWHERE && !is_possible(channel, at, tail); i++) {
        /* L4, pairs with J4 in place_cursor: not if the reader just put it right; then look again.
         */
        if (cas_acq_rel(cursor, &at, by)) {
            return;
        }
    }
}

/** The slowest possible cursor; @p tail where there is none. */
static uint64_t slowest_cursor(const struct seam_channel *channel, uint64_t tail, bool may_evict)
{
    bool shared = seam_policy_shares_cursor(channel->region.stamp.policy);
    unsigned count = shared ? 1 : seam_slot_count(channel);
    uint64_t slowest = tail;
    for (unsigned i = 0; i < count; i++) {
        _Atomic uint64_t *cursor = &channel->slots[i].cursor; /* the first: seam_shared_cursor */
        if (may_evict && (shared || !seam_slot_is_durable(channel, i))) {
            evict(channel, cursor, tail, shared ? tail : SEAM_NOWHERE);
        }
        uint64_t at = seam_load_cursor(cursor);
        if (is_possible(channel, at, tail) && seam_before(at, slowest)) {
            slowest = at;
        }
    }
    return slowest;
}

uint64_t seam_cursors_limit(const struct seam_channel *channel, uint64_t tail)
{
    fence_seq_cst(); /* L2, pairs with J2 in place_cursor: R1 has published the tail before */
    uint64_t limit = slowest_cursor(channel, tail, true) + channel->log.capacity;
    uint64_t most = tail + channel->log.capacity / SEAM_LOOK_EVERY;
    return seam_before(most, limit) ? most : limit;
}

uint64_t seam_cursors_slowest(const struct seam_channel *channel, uint64_t tail)
{
    return slowest_cursor(channel, tail, false);
}

void seam_cursors_reap(const struct seam_channel *channel)
{
    if (seam_policy_shares_cursor(channel->region.stamp.policy)) {
        return; /* its cursor belongs to no single reader */
    }
    for (unsigned i = 0; i < seam_slot_count(channel); i++) {
        struct seam_slot *slot = &channel->slots[i];
        if (load_relaxed(&slot->cursor) == SEAM_NOWHERE || seam_slot_is_durable(channel, i) ||
            seam_lease_take(&channel->region.lease, SEAM_LEASE_SLOT + (int)i, true) != 0) {
            continue;
        }
        if (!seam_slot_is_durable(channel, i)) {
            /* C1, pairs with C2 in seam_load_cursor: for its next holder */
            store_release(&slot->cursor, SEAM_NOWHERE);
        }
        seam_lease_drop(&channel->region.lease, SEAM_LEASE_SLOT + (int)i);
    }
}
