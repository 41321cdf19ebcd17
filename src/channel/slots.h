/* SPDX-License-Identifier: MIT */
/*
 * The table of cursors on the desk: which slots there are, whose they are, and what durable ones
 * are called. Each lane has a table of its own; what the first one says of a slot holds for all.
 */
#ifndef SEAM_CHANNEL_SLOTS_H
#define SEAM_CHANNEL_SLOTS_H

#include "channel/handle.h"

/** How many slots the table has. */
static inline unsigned seam_slot_count(const struct seam_channel *channel)
{
    return (unsigned)channel->region.stamp.max_readers;
}

static inline uint64_t seam_load_cursor(_Atomic uint64_t *cursor)
{
    return load_acquire(cursor); /* C2, pairs with C1 in seam_cursors_publish */
}

/** Whether a durable cursor lives in slot @p index: what the first lane's table says holds for all.
 */
static inline bool seam_slot_is_durable(const struct seam_channel *channel, unsigned index)
{
    struct seam_slot *slot = &channel->desk->slots[index];
    /* Relaxed: stored before the cursor that made the slot visible. */
    return seam_load_cursor(&slot->cursor) != SEAM_NOWHERE &&
           load_relaxed(&slot->kind) == SEAM_SLOT_DURABLE;
}

/** Makes the tables of a new channel empty. @param durable  NULL or a cursor to be made with it */
void seam_slots_init(const struct seam_channel *channel, const char *durable);

/** Notes a durable cursor's name; the store of its cursor publishes it. */
void seam_slot_set_name(struct seam_slot *slot, const char *name);

/** @return the slot of the durable cursor @p name, or -1 */
int seam_slots_find_durable(const struct seam_channel *channel, const char *name);

/** Makes slot @p index nobody's, in all lanes. */
void seam_slot_free(const struct seam_channel *channel, unsigned index);

/** One at a time makes or forgets durable cursors, so that a name is there once. @return 0; -EBUSY
 */
int seam_slots_lock(const struct seam_channel *channel);
void seam_slots_unlock(const struct seam_channel *channel);

#endif
