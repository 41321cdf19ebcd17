/* SPDX-License-Identifier: MIT */
/*
 * Lock-free arrays: each element is an atomic word of its own size. Only array_calls.c includes
 * this; it is apart from there, and inlined, because a call would cost as much as what it does.
 */
#ifndef SEAM_OBJECTS_ARRAY_ATOMIC_H
#define SEAM_OBJECTS_ARRAY_ATOMIC_H

#include "objects/array.h"
#include "objects/elements.h"
#include "objects/number.h"

static inline uint8_t *seam_array_element_at(const struct seam_array *array, size_t index)
{
    return array->object.data + index * array->element_bytes;
}

static inline void seam_array_atomic_copy_out(const struct seam_array *array, size_t index,
                                              size_t count, void *ret_elements)
{
    seam_elements_out(ret_elements, seam_array_element_at(array, index), array->element_bytes,
                      count);
    fence_acquire(); /* Y2, pairs with Y1 in seam_array_atomic_copy_in */
}

static inline void seam_array_atomic_copy_in(struct seam_array *array, size_t index, size_t count,
                                             const void *elements)
{
    fence_release(); /* Y1, pairs with Y2 in seam_array_atomic_copy_out */
    seam_elements_in(seam_array_element_at(array, index), elements, array->element_bytes, count);
}

static inline void seam_array_atomic_get(const struct seam_array *array, size_t index,
                                         void *ret_element)
{
    seam_element_out(ret_element, seam_array_element_at(array, index), array->element_bytes);
    fence_acquire(); /* Y2, pairs with Y1 in seam_array_atomic_set */
}

static inline void seam_array_atomic_set(struct seam_array *array, size_t index,
                                         const void *element)
{
    fence_release(); /* Y1, pairs with Y2 in seam_array_atomic_get */
    seam_element_in(seam_array_element_at(array, index), element, array->element_bytes);
}

static inline void seam_array_atomic_fill(struct seam_array *array, size_t index, size_t count,
                                          const void *element)
{
    fence_release(); /* Y1, pairs with Y2 in seam_array_atomic_get */
    for (size_t i = index; i < index + count; i++) {
        seam_element_in(seam_array_element_at(array, i), element, array->element_bytes);
    }
}

/**
 * Replaces an element's bytes.
 * @param expected  on failure the bytes that are there
 */
static inline bool seam_element_replace(uint8_t *at, size_t bytes, void *expected,
                                        const void *desired)
{
    void *word = at;
    bool done;
    if (bytes == 8) {
        uint64_t old, new;
        memcpy(&old, expected, 8);
        memcpy(&new, desired, 8);
        done = cas_acq_rel((_Atomic uint64_t *)word, &old, new); /* Y1 and Y2, as above */
        memcpy(expected, &old, 8);
    } else if (bytes == 4) {
        uint32_t old, new;
        memcpy(&old, expected, 4);
        memcpy(&new, desired, 4);
        done = cas_acq_rel((_Atomic uint32_t *)word, &old, new); /* Y1 and Y2, as above */
        memcpy(expected, &old, 4);
    } else if (bytes == 2) {
        uint16_t old, new;
        memcpy(&old, expected, 2);
        memcpy(&new, desired, 2);
        done = cas_acq_rel((_Atomic uint16_t *)word, &old, new); /* Y1 and Y2, as above */
        memcpy(expected, &old, 2);
    } else {
        uint8_t old = *(uint8_t *)expected;
        /* Y1 and Y2, as above */
        done = cas_acq_rel((_Atomic uint8_t *)word, &old, *(const uint8_t *)desired);
        *(uint8_t *)expected = old;
    }
    return done;
}

static inline int seam_array_atomic_compare_exchange(struct seam_array *array, size_t index,
                                                     void *expected, const void *desired)
{
    return seam_element_replace(seam_array_element_at(array, index), array->element_bytes, expected,
                                desired);
}

/**
 * Numbers of 8 bytes are seam_array_add's own affair.
 * @return whether the type has an atomic sum of its own; then it is done
 */
static inline bool seam_array_add_integer(const struct seam_array *array, size_t index,
                                          const void *by, void *old)
{
    void *word = seam_array_element_at(array, index);
    size_t bytes = array->element_bytes;
    if (array->type == SEAM_FLOAT || array->type == SEAM_DOUBLE) {
        return false;
    }
    if (bytes == 4) {
        uint32_t number;
        memcpy(&number, by, 4);
        number = add_acq_rel((_Atomic uint32_t *)word, number); /* Y1 and Y2, as above */
        memcpy(old, &number, 4);
    } else if (bytes == 2) {
        uint16_t number;
        memcpy(&number, by, 2);
        number = add_acq_rel((_Atomic uint16_t *)word, number); /* Y1 and Y2, as above */
        memcpy(old, &number, 2);
    } else {
        uint8_t number = *(const uint8_t *)by;
        *(uint8_t *)old = add_acq_rel((_Atomic uint8_t *)word, number); /* Y1 and Y2, as above */
    }
    return true;
}

static inline void seam_array_atomic_add(struct seam_array *array, size_t index, const void *by,
                                         void *ret_old)
{
    uint64_t old = 0, sum;
    if (!seam_array_add_integer(array, index, by, &old)) {
        seam_element_out(&old, seam_array_element_at(array, index), array->element_bytes);
        do { /* each failure is another one's success */
            sum = old;
            seam_number_add(array->type, &sum, by);
        } while (!seam_element_replace(seam_array_element_at(array, index), array->element_bytes,
                                       &old, &sum));
    }
    if (ret_old != NULL) {
        memcpy(ret_old, &old, array->element_bytes);
    }
}

#endif
