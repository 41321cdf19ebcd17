/* SPDX-License-Identifier: MIT */
/* What a struct seam_list holds, and the verbs of its two modes; list_calls.c chooses. */
#ifndef SEAM_OBJECTS_LIST_H
#define SEAM_OBJECTS_LIST_H

#include "objects/latch.h"
#include "objects/object.h"
#include "seam/list.h"

struct seam_list {
    struct seam_object object;
    bool locked;
    size_t capacity;
    size_t element_bytes; /* of the longest */
    /* Lock-free mode. */
    struct seam_cell *cells;
    /* Locked mode. */
    struct seam_latch latch; /* of the index */
    uint8_t *slots;
    size_t slot_stride;
};

/* ---- sizes, for who makes and who opens ---- */

uint64_t seam_list_locked_index_bytes(uint64_t capacity);
uint64_t seam_list_locked_slot_stride(uint64_t element_bytes);

/** Makes the index of a new list. */
void seam_list_locked_fill(struct seam_object *object);

/*
 * Each is one of the public verbs; access, mode and the size of what is given have been checked.
 */

ssize_t seam_list_atomic_length(const struct seam_list *list);
ssize_t seam_list_atomic_get(const struct seam_list *list, size_t index, void *buffer);
ssize_t seam_list_atomic_append(struct seam_list *list, const void *data);
int seam_list_atomic_set(struct seam_list *list, size_t index, const void *data);
int seam_list_atomic_update(struct seam_list *list, size_t index, seam_list_change *change,
                            void *context);
int seam_list_atomic_snapshot(const struct seam_list *list, struct seam_snapshot *snapshot);

ssize_t seam_list_locked_length(const struct seam_list *list);
ssize_t seam_list_locked_get(const struct seam_list *list, size_t index, void *buffer,
                             size_t buffer_size);
int seam_list_locked_snapshot(const struct seam_list *list, struct seam_snapshot *snapshot);

/** Puts an element at @p index, SEAM_LAST: behind all. @return its index */
ssize_t seam_list_locked_insert(struct seam_list *list, size_t index, const void *data,
                                size_t size);
int seam_list_locked_set(struct seam_list *list, size_t index, const void *data, size_t size);
int seam_list_locked_update(struct seam_list *list, size_t index, seam_list_change *change,
                            void *context);
/** @param buffer  NULL: what was there is not asked for */
ssize_t seam_list_locked_remove(struct seam_list *list, size_t index, void *buffer,
                                size_t buffer_size);
int seam_list_locked_clear(struct seam_list *list);

#endif
