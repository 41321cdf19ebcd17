/* SPDX-License-Identifier: MIT */
/* A list's elements in private memory, side by side. */
#ifndef SEAM_OBJECTS_SNAPSHOT_H
#define SEAM_OBJECTS_SNAPSHOT_H

#include <stdint.h>

#include "memory/atomic.h"
#include "seam/list.h"

struct seam_snapshot {
    size_t count, room;
    struct {
        size_t offset, size;
    } * items; /* room for that many */
    uint8_t *bytes;
    size_t used, bytes_room;
};

/** Takes all elements out, keeps the memory. */
static inline void seam_snapshot_empty(struct seam_snapshot *snapshot)
{
    snapshot->count = snapshot->used = 0;
}

/** Makes room for @p count elements in all. @return 0 or -ENOMEM */
int seam_snapshot_expect(struct seam_snapshot *snapshot, size_t count);

/** Makes room for @p least bytes in all, and then some. @return 0 or -ENOMEM */
int seam_snapshot_grow(struct seam_snapshot *snapshot, size_t least);

/**
 * Room for the next element's bytes, which becomes part of the snapshot at once. There must be room
 * for one more element.
 * @return NULL: no memory
 */
static inline uint8_t *seam_snapshot_add(struct seam_snapshot *snapshot, size_t size)
{
    size_t offset = snapshot->used;
    size_t after = offset + (size + 7) / 8 * 8; /* each is aligned */
    /* One word more: an empty element has an address, too. */
    if (unlikely(after + 8 > snapshot->bytes_room) &&
        seam_snapshot_grow(snapshot, after + 8) != 0) {
        return NULL;
    }
    snapshot->items[snapshot->count].offset = offset;
    snapshot->items[snapshot->count].size = size;
    snapshot->count++;
    snapshot->used = after;
    return snapshot->bytes + offset;
}

#endif
