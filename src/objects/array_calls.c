/* SPDX-License-Identifier: MIT */
/* The calls that read and change an array: checks, then the mode's own way. */
#include <errno.h>

#include "objects/array_atomic.h"

/** With what the object's key says: whether there are @p count elements from @p index on. */
static inline int check_range(int error, const struct seam_array *array, size_t index, size_t count)
{
    bool inside = index <= array->length && count <= array->length - index;
    return likely(inside) || error != 0 ? error : -ERANGE;
}

static inline int check_read(const struct seam_array *array, size_t index, size_t count)
{
    return check_range(seam_object_check_read(&array->object), array, index, count);
}

static inline int check_write(const struct seam_array *array, size_t index, size_t count)
{
    return check_range(seam_object_check_write(&array->object), array, index, count);
}

/** Begins a transaction of one change, unless the caller has begun one. */
static inline int begin_one(struct seam_array *array, bool *ret_alone)
{
    *ret_alone = !array->begun;
    return array->begun ? 0 : seam_array_locked_begin(array, SEAM_FOREVER);
}

static inline void end_one(struct seam_array *array, bool alone)
{
    if (alone) {
        seam_array_locked_commit(array);
    }
}

/* ---- reading ---- */

int seam_array_copy_out(const struct seam_array *array, size_t index, size_t count,
                        void *ret_elements)
{
    int error = check_read(array, index, count);
    if (error != 0 || array->locked) {
        return error != 0 ? error : seam_array_locked_read(array, index, count, ret_elements);
    }
    seam_array_atomic_copy_out(array, index, count, ret_elements);
    return 0;
}

int seam_array_snapshot(const struct seam_array *array, size_t index, size_t count,
                        void *ret_elements)
{
    int error = check_read(array, index, count);
    if (error != 0) {
        return error;
    }
    return array->locked ? seam_array_locked_read(array, index, count, ret_elements) : -ENOTSUP;
}

int seam_array_get(const struct seam_array *array, size_t index, void *ret_element)
{
    int error = check_read(array, index, 1);
    if (unlikely(error != 0) || array->locked) {
        return error != 0 ? error : seam_array_locked_read(array, index, 1, ret_element);
    }
    seam_array_atomic_get(array, index, ret_element);
    return 0;
}

/* ---- changing ---- */

int seam_array_set(struct seam_array *array, size_t index, const void *element)
{
    bool alone;
    int error = check_write(array, index, 1);
    if (likely(error == 0) && !array->locked) {
        seam_array_atomic_set(array, index, element);
    } else if (error == 0 && (error = begin_one(array, &alone)) == 0) {
        seam_array_locked_write(array, index, 1, element);
        end_one(array, alone);
    }
    return error;
}

/** Sums of all other kinds, and what is wrong with them. */
static int add_otherwise(struct seam_array *array, size_t index, const void *by, void *ret_old)
{
    bool alone;
    int error = check_write(array, index, 1);
    if (error == 0 && array->type == SEAM_BYTES) {
        error = -ENOTSUP;
    }
    if (likely(error == 0) && !array->locked) {
        seam_array_atomic_add(array, index, by, ret_old);
    } else if (error == 0 && (error = begin_one(array, &alone)) == 0) {
        seam_array_locked_add(array, index, by, ret_old);
        end_one(array, alone);
    }
    return error;
}

int seam_array_add(struct seam_array *array, size_t index, const void *by, void *ret_old)
{
    if (unlikely(array->add_key != seam_fork_generation || index >= array->length)) {
        return add_otherwise(array, index, by, ret_old);
    }
    /* add_key is set where elements have 8 bytes. A compiler that inlines this can't see that, and
       warns of callers whose elements are shorter: so it shall not know the caller's variables. */
    __asm__("" : "+r"(by), "+r"(ret_old));
    uint64_t number;
    memcpy(&number, by, sizeof(number));
    /* Y1 and Y2, as in array_atomic.h */
    number = add_acq_rel((_Atomic uint64_t *)(void *)array->object.data + index, number);
    if (ret_old != NULL) {
        memcpy(ret_old, &number, sizeof(number));
    }
    return 0;
}

int seam_array_compare_exchange(struct seam_array *array, size_t index, void *expected,
                                const void *desired)
{
    bool alone;
    int result = check_write(array, index, 1);
    if (likely(result == 0) && !array->locked) {
        result = seam_array_atomic_compare_exchange(array, index, expected, desired);
    } else if (result == 0 && (result = begin_one(array, &alone)) == 0) {
        result = seam_array_locked_compare_exchange(array, index, expected, desired);
        end_one(array, alone);
    }
    return result;
}

int seam_array_fill(struct seam_array *array, size_t index, size_t count, const void *element)
{
    bool alone;
    int error = check_write(array, index, count);
    if (error == 0 && !array->locked) {
        seam_array_atomic_fill(array, index, count, element);
    } else if (error == 0 && (error = begin_one(array, &alone)) == 0) {
        seam_array_locked_fill(array, index, count, element);
        end_one(array, alone);
    }
    return error;
}

int seam_array_copy_in(struct seam_array *array, size_t index, size_t count, const void *elements)
{
    bool alone;
    int error = check_write(array, index, count);
    if (error == 0 && !array->locked) {
        seam_array_atomic_copy_in(array, index, count, elements);
    } else if (error == 0 && (error = begin_one(array, &alone)) == 0) {
        seam_array_locked_write(array, index, count, elements);
        end_one(array, alone);
    }
    return error;
}

/* ---- transactions ---- */

static int begin(struct seam_array *array, int64_t deadline_ns)
{
    int error = seam_object_check_write(&array->object);
    if (error != 0) {
        return error;
    }
    if (!array->locked) {
        return -ENOTSUP;
    }
    return array->begun ? -EALREADY : seam_array_locked_begin(array, deadline_ns);
}

int seam_array_begin(struct seam_array *array)
{
    return begin(array, SEAM_FOREVER);
}

int seam_array_try_begin(struct seam_array *array)
{
    return begin(array, SEAM_NEVER_WAIT);
}

int seam_array_begin_until(struct seam_array *array, int64_t deadline_ns)
{
    return begin(array, seam_not_before_zero(deadline_ns));
}

/** Whether there is a transaction to be ended. */
static int check_begun(const struct seam_array *array)
{
    int error = seam_object_check_write(&array->object);
    if (error != 0) {
        return error;
    }
    return array->begun ? 0 : -EINVAL;
}

int seam_array_commit(struct seam_array *array)
{
    int error = check_begun(array);
    if (error == 0) {
        seam_array_locked_commit(array);
    }
    return error;
}

int seam_array_abort(struct seam_array *array)
{
    int error = check_begun(array);
    if (error == 0) {
        seam_array_locked_abort(array);
    }
    return error;
}
