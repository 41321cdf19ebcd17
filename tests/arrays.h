/* SPDX-License-Identifier: MIT */
/* What the tests of arrays share. */
#ifndef SEAM_TESTS_ARRAYS_H
#define SEAM_TESTS_ARRAYS_H

#include "unit.h"

#include "objects/array.h"

#define EACH_ARRAY_MODE(mode) \
    for (enum seam_mode mode = SEAM_LOCK_FREE; (mode) <= SEAM_LOCKED; (mode)++)

/** Elements, where it does not matter how many: no multiple of those of a word. */
#define ARRAY_LENGTH 37

static inline struct seam_array *array_new(enum seam_type type, enum seam_mode mode, size_t length,
                                           size_t element_bytes)
{
    const struct seam_array_options options = {
        .type = type, .mode = mode, .length = length, .element_bytes = element_bytes};
    struct seam_array *array = NULL;
    int error = seam_array_create(NULL, &options, &array);
    cr_assert_eq(error, 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return array;
}

static inline struct seam_array *array_again(const struct seam_array *other)
{
    struct seam_array *array = NULL;
    int error = seam_array_reopen(other, NULL, &array);
    cr_assert_eq(error, 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return array;
}

/**
 * Checks all elements; and in locked mode, while nobody writes, that both copies are the same: else
 * a later change would bring to light what is wrong.
 */
static inline void array_expect(const struct seam_array *array, const uint8_t *model,
                                const char *what)
{
    size_t bytes = array->length * array->element_bytes;
    uint8_t *elements = malloc(bytes + 1);
    cr_assert_not_null(elements);
    elements[bytes] = 0x5a;
    cr_assert_eq(seam_array_copy_out(array, 0, array->length, elements), 0);
    cr_assert_eq(memcmp(elements, model, bytes), 0, "%s", what);
    cr_assert_eq(elements[bytes], 0x5a, "%s: nothing behind them", what);
    if (array->locked && load_relaxed(&array->object.head->lock.holder) == 0) {
        const uint8_t *copies[] = {seam_latch_copy(&array->latch, 0),
                                   seam_latch_copy(&array->latch, 1)};
        cr_assert_eq(memcmp(copies[0], copies[1], array->latch.bytes), 0, "%s: the copies", what);
    }
    free(elements);
}

#endif
