/* SPDX-License-Identifier: MIT */
#include "objects/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#define BYTES_LEAST 1024U

int seam_snapshot_expect(struct seam_snapshot *snapshot, size_t count)
{
    if (count <= snapshot->room) {
        return 0;
    }
    void *items = realloc(snapshot->items, count * sizeof(*snapshot->items));
    if (items == NULL) {
        return -ENOMEM;
    }
    snapshot->items = items;
    snapshot->room = count;
    return 0;
}

SEAM_COLD int seam_snapshot_grow(struct seam_snapshot *snapshot, size_t least)
{
    size_t room = snapshot->bytes_room < BYTES_LEAST ? BYTES_LEAST : 2 * snapshot->bytes_room;
    room = room < least ? least : room;
    uint8_t *bytes = realloc(snapshot->bytes, room);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    snapshot->bytes = bytes;
    snapshot->bytes_room = room;
    return 0;
}

size_t seam_snapshot_length(const struct seam_snapshot *snapshot)
{
    return snapshot != NULL ? snapshot->count : 0;
}

const void *seam_snapshot_at(const struct seam_snapshot *snapshot, size_t index, size_t *ret_size)
{
    if (index >= seam_snapshot_length(snapshot)) {
        return NULL;
    }
    *ret_size = snapshot->items[index].size;
    return snapshot->bytes + snapshot->items[index].offset;
}

void seam_snapshot_free(struct seam_snapshot *snapshot)
{
    if (snapshot != NULL) {
        free(snapshot->items);
        free(snapshot->bytes);
        free(snapshot);
    }
}
