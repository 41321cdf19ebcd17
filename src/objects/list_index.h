/* SPDX-License-Identifier: MIT */
/*
 * The index of a locked list, and its slots.
 *
 *     index   count | order[0] ... order[capacity]
 *     slot    size | bytes, padded to 8
 *
 * There is one slot more than elements. The order is a permutation of the slots: the first `count`
 * entries are the elements, the others are free. A new element, or a new version of one, is
 * written to a free slot, which no reader looks at; then the index is changed under the latch. So
 * only the index is kept twice, and no slot can get lost: whichever copy of the index is current,
 * all slots are in it.
 *
 * Readers find out by the latch whether what they read was whole; until then every number is taken
 * for anything.
 */
#ifndef SEAM_OBJECTS_LIST_INDEX_H
#define SEAM_OBJECTS_LIST_INDEX_H

#include "memory/copy.h"
#include "objects/list.h"

/* Relaxed throughout: the latch orders what has to be ordered. */

static inline uint64_t seam_index_count(const uint8_t *index)
{
    return load_racy((const _Atomic uint64_t *)(const void *)index);
}

static inline void seam_index_set_count(uint8_t *index, uint64_t count)
{
    store_racy((_Atomic uint64_t *)(void *)index, count);
}

/** Offset of an entry in the index. */
static inline uint64_t seam_index_entry(uint64_t place)
{
    return 8 + 4 * place;
}

static inline uint32_t seam_index_slot(const uint8_t *index, uint64_t place)
{
    const void *at = index + seam_index_entry(place);
    return load_racy((const _Atomic uint32_t *)at);
}

static inline void seam_index_set_slot(uint8_t *index, uint64_t place, uint32_t slot)
{
    void *at = index + seam_index_entry(place);
    store_racy((_Atomic uint32_t *)at, slot);
}

/** Moves @p count entries from place @p from to place @p to. */
static inline void seam_index_move(uint8_t *index, uint64_t to, uint64_t from, uint64_t count)
{
    move_resting(index + seam_index_entry(to), index + seam_index_entry(from), count);
}

/** A slot's address; NULL: there is none of that number. */
static inline uint8_t *seam_index_slot_at(const struct seam_list *list, uint32_t slot)
{
    return slot <= list->capacity ? list->slots + slot * list->slot_stride : NULL;
}

/** The slot of element @p place, and its size. @return 0; -EBADMSG torn, or damaged */
static inline int seam_index_find(const struct seam_list *list, const uint8_t *index,
                                  uint64_t place, const uint8_t **ret_bytes, uint64_t *ret_size)
{
    const uint8_t *slot = seam_index_slot_at(list, seam_index_slot(index, place));
    if (slot == NULL) {
        return -EBADMSG;
    }
    uint64_t size = load_racy((const _Atomic uint64_t *)(const void *)slot);
    if (size > list->element_bytes) {
        return -EBADMSG;
    }
    *ret_bytes = slot + 8;
    *ret_size = size;
    return 0;
}

#endif
