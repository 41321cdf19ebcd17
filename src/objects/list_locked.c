/* SPDX-License-Identifier: MIT */
/* Locked lists, the writing side: turns, and what becomes of the index; see list_index.h. */
#include <errno.h>
#include <stdlib.h>

#include "objects/list_index.h"

/* Elements up to this size are changed on the stack. */
#define SCRATCH_WORDS 64

uint64_t seam_list_locked_index_bytes(uint64_t capacity)
{
    return (seam_index_entry(capacity + 1) + 7) / 8 * 8;
}

uint64_t seam_list_locked_slot_stride(uint64_t element_bytes)
{
    return 8 + (element_bytes + 7) / 8 * 8;
}

void seam_list_locked_fill(struct seam_object *object)
{
    const struct seam_stamp *stamp = &object->region.stamp;
    if (stamp->mode == SEAM_LOCKED) {
        uint8_t *other =
            object->data + seam_latch_stride(seam_list_locked_index_bytes(stamp->length));
        for (uint32_t i = 0; i <= stamp->length; i++) {
            seam_index_set_slot(object->data, i, i);
            seam_index_set_slot(other, i, i);
        }
    }
}

/* ---- turns ---- */

/** What a writer works on while it has the lock. */
struct turn {
    struct seam_list *list;
    uint8_t *index; /* the spare copy, equal to the current one at first */
    uint64_t count;
};

static void leave(const struct turn *turn)
{
    seam_mutex_leave(&turn->list->object.mutex);
}

/** @return 0, also where the list is damaged; -EDEADLK */
static int enter_any(struct seam_list *list, struct turn *ret_turn)
{
    int error = seam_mutex_enter(&list->object.mutex, SEAM_FOREVER);
    if (error != 0 && error != -EOWNERDEAD) {
        return error;
    }
    seam_latch_enter(&list->latch, error == -EOWNERDEAD);
    uint8_t *index = seam_latch_spare(&list->latch);
    *ret_turn = (struct turn){list, index, seam_index_count(index)};
    return 0;
}

/** @return 0; -EDEADLK; -EBADMSG the list is damaged */
static int enter(struct seam_list *list, struct turn *ret_turn)
{
    int error = enter_any(list, ret_turn);
    if (error == 0 && ret_turn->count > list->capacity) {
        leave(ret_turn);
        error = -EBADMSG;
    }
    return error;
}

/** As enter, and finds an element. SEAM_LAST becomes the index of the last one. */
static int enter_at(struct seam_list *list, size_t *index, struct turn *ret_turn)
{
    int error = enter(list, ret_turn);
    if (error != 0) {
        return error;
    }
    if (*index == SEAM_LAST) {
        *index = ret_turn->count - 1;
    }
    if (*index >= ret_turn->count) {
        leave(ret_turn);
        return -ERANGE;
    }
    return 0;
}

/** Makes entries [first, after) of both copies equal, and the words around them. */
static void level(const struct turn *turn, uint64_t first, uint64_t after)
{
    uint64_t from = seam_index_entry(first) & ~UINT64_C(7);
    uint64_t to = (seam_index_entry(after) + 7) & ~UINT64_C(7);
    seam_latch_level(&turn->list->latch, from, to - from);
}

/** Publishes a new count and new entries [first, after), and ends the turn. */
static void commit(const struct turn *turn, uint64_t count, uint64_t first, uint64_t after)
{
    seam_index_set_count(turn->index, count);
    seam_latch_flip(&turn->list->latch);
    seam_latch_level(&turn->list->latch, 0, 8);
    if (first < after) {
        level(turn, first, after);
    }
    leave(turn);
}

/** Writes to the first free slot. @return its number, or -EBADMSG */
static int64_t write_slot(const struct turn *turn, const void *data, size_t size)
{
    uint32_t number = seam_index_slot(turn->index, turn->count);
    uint8_t *slot = seam_index_slot_at(turn->list, number);
    if (slot == NULL) {
        return -EBADMSG;
    }
    store_racy((_Atomic uint64_t *)(void *)slot, (uint64_t)size);
    copy_into_ring(slot + 8, data, size);
    return number;
}

/* ---- verbs ---- */

ssize_t seam_list_locked_insert(struct seam_list *list, size_t index, const void *data, size_t size)
{
    struct turn turn;
    int error = enter(list, &turn);
    if (error != 0) {
        return error;
    }
    uint64_t place = index == SEAM_LAST ? turn.count : index;
    int64_t slot = -ERANGE;
    if (place <= turn.count) {
        slot = turn.count == list->capacity ? -ENOSPC : write_slot(&turn, data, size);
    }
    if (slot < 0) {
        leave(&turn);
        return slot;
    }
    if (place < turn.count) {
        seam_index_move(turn.index, place + 1, place, turn.count - place);
        seam_index_set_slot(turn.index, place, (uint32_t)slot);
    }
    /* Behind all: the entry is what it was. */
    commit(&turn, turn.count + 1, place, place < turn.count ? turn.count + 1 : place);
    return (ssize_t)place;
}

/** Gives element @p place a new version and ends the turn. */
static int replace(const struct turn *turn, uint64_t place, const void *data, size_t size)
{
    int64_t slot = write_slot(turn, data, size);
    if (slot < 0) {
        leave(turn);
        return (int)slot;
    }
    seam_index_set_slot(turn->index, turn->count, seam_index_slot(turn->index, place));
    seam_index_set_slot(turn->index, place, (uint32_t)slot);
    seam_latch_flip(&turn->list->latch);
    level(turn, place, place + 1);
    level(turn, turn->count, turn->count + 1);
    leave(turn);
    return 0;
}

int seam_list_locked_set(struct seam_list *list, size_t index, const void *data, size_t size)
{
    struct turn turn;
    int error = enter_at(list, &index, &turn);
    return error == 0 ? replace(&turn, index, data, size) : error;
}

/** Update with room for one element at @p scratch. */
static int update(struct seam_list *list, size_t index, seam_list_change *change, void *context,
                  void *scratch)
{
    struct turn turn;
    const uint8_t *bytes;
    uint64_t size;
    int error = enter_at(list, &index, &turn);
    if (error != 0) {
        return error;
    }
    ssize_t result = seam_index_find(list, turn.index, index, &bytes, &size);
    if (result == 0) {
        copy_racy(scratch, bytes, size);
        result = change(scratch, size, list->element_bytes, context);
    }
    if (result < 0 || (size_t)result > list->element_bytes) {
        leave(&turn);
        return result < 0 ? (int)result : -EMSGSIZE;
    }
    return replace(&turn, index, scratch, (size_t)result);
}

int seam_list_locked_update(struct seam_list *list, size_t index, seam_list_change *change,
                            void *context)
{
    uint64_t small[SCRATCH_WORDS];
    if (list->element_bytes <= sizeof(small)) {
        return update(list, index, change, context, small);
    }
    void *scratch = malloc(list->element_bytes);
    if (scratch == NULL) {
        return -ENOMEM;
    }
    int error = update(list, index, change, context, scratch);
    free(scratch);
    return error;
}

ssize_t seam_list_locked_remove(struct seam_list *list, size_t index, void *buffer,
                                size_t buffer_size)
{
    struct turn turn;
    const uint8_t *bytes;
    uint64_t size;
    int error = enter_at(list, &index, &turn);
    if (error != 0) {
        return error;
    }
    error = seam_index_find(list, turn.index, index, &bytes, &size);
    if (error == 0 && buffer != NULL && size > buffer_size) {
        error = -EMSGSIZE;
    }
    if (error != 0) {
        leave(&turn);
        return error;
    }
    if (buffer != NULL) {
        copy_racy(buffer, bytes, size);
    }
    uint32_t slot = seam_index_slot(turn.index, index);
    seam_index_move(turn.index, index, index + 1, turn.count - 1 - index);
    seam_index_set_slot(turn.index, turn.count - 1, slot); /* free from here on */
    commit(&turn, turn.count - 1, index, turn.count);
    return (ssize_t)size;
}

int seam_list_locked_clear(struct seam_list *list)
{
    struct turn turn;
    int error = enter_any(list, &turn); /* a damaged count is put right by this */
    if (error == 0) {
        commit(&turn, 0, 0, 0);
    }
    return error;
}
