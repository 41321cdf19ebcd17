/* SPDX-License-Identifier: MIT */
/* What the tests of lists share: a plain list to compare with. */
#ifndef SEAM_TESTS_LISTS_H
#define SEAM_TESTS_LISTS_H

#include "unit.h"

#include "objects/list_index.h"

#define MODEL_MOST 64
#define MODEL_ELEMENT 48

/** What a list should hold. */
struct model {
    size_t count;
    struct {
        size_t size;
        uint8_t bytes[MODEL_ELEMENT];
    } elements[MODEL_MOST];
};

static inline struct seam_list *list_new(enum seam_mode mode, size_t capacity, size_t element_bytes)
{
    const struct seam_list_options options = {
        .mode = mode, .capacity = capacity, .element_bytes = element_bytes};
    struct seam_list *list = NULL;
    int error = seam_list_create(NULL, &options, &list);
    cr_assert_eq(error, 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return list;
}

static inline struct seam_list *list_again(const struct seam_list *other,
                                           const struct seam_list_options *options)
{
    struct seam_list *list = NULL;
    int error = seam_list_reopen(other, options, &list);
    cr_assert_eq(error, 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return list;
}

static inline void model_put(struct model *model, size_t index, const void *data, size_t size)
{
    model->elements[index].size = size;
    if (size > 0) {
        memcpy(model->elements[index].bytes, data, size);
    }
}

static inline void model_insert(struct model *model, size_t index, const void *data, size_t size)
{
    memmove(&model->elements[index + 1], &model->elements[index],
            (model->count - index) * sizeof(model->elements[0]));
    model->count++;
    model_put(model, index, data, size);
}

static inline void model_remove(struct model *model, size_t index)
{
    model->count--;
    memmove(&model->elements[index], &model->elements[index + 1],
            (model->count - index) * sizeof(model->elements[0]));
}

/** The index of a resting list: both copies are the same, and every slot is in it once. */
static inline void list_check_index(const struct seam_list *list, const char *what)
{
    const uint8_t *copies[] = {seam_latch_copy(&list->latch, 0), seam_latch_copy(&list->latch, 1)};
    uint8_t seen[MODEL_MOST + 1] = {0};
    cr_assert_eq(memcmp(copies[0], copies[1], list->latch.bytes), 0, "%s: the copies", what);
    for (uint64_t i = 0; i <= list->capacity; i++) {
        uint32_t slot = seam_index_slot(copies[0], i);
        cr_assert(slot <= list->capacity && seen[slot]++ == 0, "%s: slot %u", what, slot);
    }
}

/** Checks the list by length, by snapshot, and element by element. */
static inline void list_expect(const struct seam_list *list, const struct model *model,
                               const char *what)
{
    struct seam_snapshot *snapshot = NULL;
    cr_assert_eq(seam_list_length(list), (ssize_t)model->count, "%s", what);
    cr_assert_eq(seam_list_snapshot(list, &snapshot), 0, "%s", what);
    cr_assert_eq(seam_snapshot_length(snapshot), model->count, "%s", what);
    for (size_t i = 0; i < model->count; i++) {
        uint8_t bytes[MODEL_ELEMENT + 1];
        const size_t right = model->elements[i].size;
        size_t size = SIZE_MAX;
        const void *data = seam_snapshot_at(snapshot, i, &size);
        cr_assert(data != NULL && size == right, "%s: size at %zu", what, i);
        cr_assert_eq((uintptr_t)data % 8, 0, "%s", what);
        cr_assert_eq(memcmp(data, model->elements[i].bytes, size), 0, "%s: at %zu", what, i);
        memset(bytes, 0xa5, sizeof(bytes));
        cr_assert_eq(seam_list_get(list, i, bytes, right), (ssize_t)right, "%s", what);
        cr_assert_eq(memcmp(bytes, model->elements[i].bytes, right), 0, "%s: at %zu", what, i);
        cr_assert_eq(bytes[right], 0xa5, "%s: nothing behind it", what);
    }
    cr_assert_null(seam_snapshot_at(snapshot, model->count, &(size_t){0}), "%s", what);
    seam_snapshot_free(snapshot);
    if (list->locked) {
        list_check_index(list, what);
    }
}

#endif
