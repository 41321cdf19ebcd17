/* SPDX-License-Identifier: MIT */
#include "channel/slots.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "channel/geometry.h"
#include "channel/lanes.h"
#include "region/error.h"

void seam_slot_set_name(struct seam_slot *slot, const char *name)
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

int seam_slots_find_durable(const struct seam_channel *channel, const char *name)
{
    for (unsigned i = 0; i < seam_slot_count(channel); i++) {
        if (seam_slot_is_durable(channel, i) && has_name(&channel->desk->slots[i], name)) {
            return (int)i;
        }
    }
    return -1;
}

void seam_slots_init(const struct seam_channel *channel, const char *durable)
{
    const struct seam_stamp *stamp = &channel->region.stamp;
    for (unsigned lane = 0; lane < stamp->lanes; lane++) {
        struct seam_slot *slots = seam_lane_slots(channel, lane);
        /* Nobody else sees the desk yet. */
        for (unsigned i = 0; i < stamp->max_readers; i++) {
            store_relaxed(&slots[i].cursor, SEAM_NOWHERE);
        }
        if (durable != NULL) {
            seam_slot_set_name(&slots[0], durable);
            store_relaxed(&slots[0].kind, SEAM_SLOT_DURABLE);
        }
        if (durable != NULL || seam_policy_shares_cursor(stamp->policy)) {
            store_relaxed(&slots[0].sequence, stamp->first_sequence);
            store_relaxed(&slots[0].cursor, stamp->first_position);
        }
    }
}

int seam_slots_lock(const struct seam_channel *channel)
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

void seam_slots_unlock(const struct seam_channel *channel)
{
    seam_lease_drop(&channel->region.lease, SEAM_LEASE_TABLE);
}

/* In the first lane first: from then on the others are nobody's, either. */
void seam_slot_free(const struct seam_channel *channel, unsigned index)
{
    for (unsigned i = 0; i < seam_lane_count(channel); i++) {
        /* C1, pairs with C2 in seam_load_cursor */
        store_release(&seam_lane_slots(channel, i)[index].cursor, SEAM_NOWHERE);
    }
}
