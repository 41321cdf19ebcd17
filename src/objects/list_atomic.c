/* SPDX-License-Identifier: MIT */
/*
 * Lock-free lists: cells of 16 bytes, each empty until it is filled, by one instruction.
 *
 * Invariant: exactly the cells before the length are filled, or these and one more. An append fills
 * the first empty cell and then counts it. Who dies in between has appended: whoever looks counts
 * a filled cell behind the length, too, and whoever appends next moves the length on first.
 *
 *     append A                    append B                      reader
 *     length is 7
 *     fills cell 7, dies          length is 7; cell 7 is full
 *                                 moves the length: 8           length is 7, cell 7 full: says 8
 *                                 fills cell 8
 */
#include <errno.h>

#include "memory/cell.h"
#include "objects/list.h"
#include "objects/snapshot.h"

/** The counted elements, and the one that is not counted yet. */
static size_t length_of(const struct seam_list *list)
{
    /* Z2, pairs with Z1 in seam_list_atomic_append */
    size_t length = load_acquire(&list->object.head->length);
    if (length >= list->capacity) {
        return list->capacity;
    }
    return length + (load_acquire(&list->cells[length].filled) != 0); /* Z2, as above */
}

ssize_t seam_list_atomic_length(const struct seam_list *list)
{
    return (ssize_t)length_of(list);
}

/** The cell of @p index; SEAM_LAST: the last one. NULL: out of range */
static struct seam_cell *cell_at(const struct seam_list *list, size_t index)
{
    size_t length = length_of(list);
    if (index == SEAM_LAST) {
        index = length - 1;
    }
    return index < length ? &list->cells[index] : NULL;
}

ssize_t seam_list_atomic_get(const struct seam_list *list, size_t index, void *buffer)
{
    const struct seam_cell *cell = cell_at(list, index);
    if (cell == NULL) {
        return -ERANGE;
    }
    /* Z2, pairs with Z1 in seam_list_atomic_append and seam_list_atomic_set */
    uint64_t bits = load_acquire(&cell->bits);
    memcpy(buffer, &bits, sizeof(bits));
    return sizeof(bits);
}

ssize_t seam_list_atomic_append(struct seam_list *list, const void *data)
{
    _Atomic uint64_t *length = &list->object.head->length;
    uint64_t bits;
    memcpy(&bits, data, sizeof(bits));
    /* Each turn fills a cell or finds it filled, and leaves it behind. */
    for (size_t i = 0; i <= list->capacity; i++) {
        uint64_t index = load_relaxed(length); /* a hint: the cell itself is what counts */
        if (index >= list->capacity) {
            return -ENOSPC;
        }
        uint64_t counted = index;
        bool filled = fill_cell(&list->cells[index], bits); /* Z1, pairs with Z2 in length_of */
        (void)cas_acq_rel(length, &counted, index + 1);     /* Z1: or somebody else has */
        if (filled) {
            return (ssize_t)index;
        }
    }
    return -EBADMSG;
}

int seam_list_atomic_set(struct seam_list *list, size_t index, const void *data)
{
    struct seam_cell *cell = cell_at(list, index);
    if (cell == NULL) {
        return -ERANGE;
    }
    uint64_t bits;
    memcpy(&bits, data, sizeof(bits));
    store_release(&cell->bits, bits); /* Z1, pairs with Z2 in seam_list_atomic_get */
    return 0;
}

int seam_list_atomic_update(struct seam_list *list, size_t index, seam_list_change *change,
                            void *context)
{
    struct seam_cell *cell = cell_at(list, index);
    uint64_t old, new;
    if (cell == NULL) {
        return -ERANGE;
    }
    old = load_acquire(&cell->bits); /* Z2, pairs with Z1 in seam_list_atomic_set */
    do {                             /* each failure is another one's success */
        new = old;
        ssize_t size = change(&new, sizeof(new), sizeof(new), context);
        if (size != sizeof(new)) {
            return size < 0 ? (int)size : -EMSGSIZE;
        }
    } while (!cas_acq_rel(&cell->bits, &old, new)); /* Z1 and Z2, as above */
    return 0;
}

int seam_list_atomic_snapshot(const struct seam_list *list, struct seam_snapshot *snapshot)
{
    size_t length = length_of(list);
    int error = seam_snapshot_expect(snapshot, length);
    if (error != 0) {
        return error;
    }
    seam_snapshot_empty(snapshot);
    for (size_t i = 0; i < length; i++) {
        /* Z2, pairs with Z1 in seam_list_atomic_set */
        uint64_t bits = load_acquire(&list->cells[i].bits);
        uint8_t *to = seam_snapshot_add(snapshot, sizeof(bits));
        if (to == NULL) {
            seam_snapshot_empty(snapshot);
            return -ENOMEM;
        }
        memcpy(to, &bits, sizeof(bits));
    }
    return 0;
}
