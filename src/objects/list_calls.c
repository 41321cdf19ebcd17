/* SPDX-License-Identifier: MIT */
/* The calls that read and change a list: checks, then the mode's own way. */
#include <errno.h>
#include <stdlib.h>

#include "objects/list.h"
#include "objects/number.h"
#include "objects/snapshot.h"

#define WORD sizeof(uint64_t)

/** Whether a new element of @p size bytes may be written. */
static inline int check_element(const struct seam_list *list, size_t size)
{
    int error = seam_object_check_write(&list->object);
    if (error != 0) {
        return error;
    }
    return likely(list->locked ? size <= list->element_bytes : size == WORD) ? 0 : -EMSGSIZE;
}

/** Whether a call that only locked lists have may change this one. */
static inline int check_locked(const struct seam_list *list)
{
    int error = seam_object_check_write(&list->object);
    return error == 0 && !list->locked ? -ENOTSUP : error;
}

/* ---- reading ---- */

ssize_t seam_list_length(const struct seam_list *list)
{
    int error = seam_object_check_read(&list->object);
    if (error != 0) {
        return error;
    }
    return list->locked ? seam_list_locked_length(list) : seam_list_atomic_length(list);
}

ssize_t seam_list_get(const struct seam_list *list, size_t index, void *buffer, size_t buffer_size)
{
    int error = seam_object_check_read(&list->object);
    if (unlikely(error != 0)) {
        return error;
    }
    if (list->locked) {
        return seam_list_locked_get(list, index, buffer, buffer_size);
    }
    return buffer_size >= WORD ? seam_list_atomic_get(list, index, buffer) : -EMSGSIZE;
}

int seam_list_snapshot(const struct seam_list *list, struct seam_snapshot **snapshot)
{
    int error = seam_object_check_read(&list->object);
    struct seam_snapshot *to = *snapshot;
    if (error == 0 && to == NULL) {
        to = calloc(1, sizeof(*to));
        error = to != NULL ? 0 : -ENOMEM;
    }
    if (error != 0) {
        return error;
    }
    error =
        list->locked ? seam_list_locked_snapshot(list, to) : seam_list_atomic_snapshot(list, to);
    if (error != 0 && *snapshot == NULL) {
        seam_snapshot_free(to);
        return error;
    }
    *snapshot = to;
    return error;
}

int seam_list_iterate(const struct seam_list *list, seam_list_visit *visit, void *context)
{
    struct seam_snapshot *snapshot = NULL;
    int result = seam_list_snapshot(list, &snapshot);
    for (size_t i = 0; result == 0 && i < seam_snapshot_length(snapshot); i++) {
        size_t size;
        const void *data = seam_snapshot_at(snapshot, i, &size);
        result = visit(i, data, size, context);
    }
    seam_snapshot_free(snapshot);
    return result;
}

ssize_t seam_list_index_of(const struct seam_list *list, const void *data, size_t size)
{
    struct seam_snapshot *snapshot = NULL;
    if (!list->locked) {
        int error = seam_object_check_read(&list->object);
        return error != 0 ? error : -ENOTSUP;
    }
    ssize_t result = seam_list_snapshot(list, &snapshot);
    if (result == 0) {
        result = -ENOENT;
    }
    for (size_t i = 0; result == -ENOENT && i < seam_snapshot_length(snapshot); i++) {
        size_t other;
        const void *bytes = seam_snapshot_at(snapshot, i, &other);
        if (other == size && (size == 0 || memcmp(bytes, data, size) == 0)) {
            result = (ssize_t)i;
        }
    }
    seam_snapshot_free(snapshot);
    return result;
}

/* ---- changing ---- */

ssize_t seam_list_append(struct seam_list *list, const void *data, size_t size)
{
    int error = check_element(list, size);
    if (unlikely(error != 0)) {
        return error;
    }
    return list->locked ? seam_list_locked_insert(list, SEAM_LAST, data, size)
                        : seam_list_atomic_append(list, data);
}

int seam_list_insert(struct seam_list *list, size_t index, const void *data, size_t size)
{
    int error = check_locked(list);
    if (error == 0) {
        error = check_element(list, size);
    }
    if (error == 0 && index == SEAM_LAST) {
        error = -ERANGE; /* in front of the last one, or behind it? */
    }
    ssize_t result = error == 0 ? seam_list_locked_insert(list, index, data, size) : error;
    return result < 0 ? (int)result : 0;
}

int seam_list_set(struct seam_list *list, size_t index, const void *data, size_t size)
{
    int error = check_element(list, size);
    if (unlikely(error != 0)) {
        return error;
    }
    return list->locked ? seam_list_locked_set(list, index, data, size)
                        : seam_list_atomic_set(list, index, data);
}

ssize_t seam_list_pop(struct seam_list *list, size_t index, void *buffer, size_t buffer_size)
{
    static char nowhere;
    int error = check_locked(list);
    /* An empty element needs no buffer; all others are too long for none. */
    return error == 0 ? seam_list_locked_remove(list, index, buffer != NULL ? buffer : &nowhere,
                                                buffer != NULL ? buffer_size : 0)
                      : error;
}

int seam_list_remove(struct seam_list *list, size_t index)
{
    int error = check_locked(list);
    ssize_t result = error == 0 ? seam_list_locked_remove(list, index, NULL, 0) : error;
    return result < 0 ? (int)result : 0;
}

int seam_list_clear(struct seam_list *list)
{
    int error = check_locked(list);
    return error == 0 ? seam_list_locked_clear(list) : error;
}

int seam_list_update(struct seam_list *list, size_t index, seam_list_change *change, void *context)
{
    int error = seam_object_check_write(&list->object);
    if (error != 0) {
        return error;
    }
    return list->locked ? seam_list_locked_update(list, index, change, context)
                        : seam_list_atomic_update(list, index, change, context);
}

/* ---- arithmetic ---- */

struct operation {
    enum seam_type type;
    void (*apply)(enum seam_type type, void *element, const void *by);
    const void *by;
    uint64_t old;
};

static ssize_t apply(void *element, size_t size, size_t most, void *context)
{
    struct operation *operation = context;
    (void)most;
    if (size != WORD) {
        return -EINVAL;
    }
    memcpy(&operation->old, element, WORD);
    operation->apply(operation->type, element, operation->by);
    return WORD;
}

static int calculate(struct seam_list *list, size_t index, struct operation *operation,
                     void *ret_old)
{
    int error = seam_list_update(list, index, apply, operation);
    if (error == 0 && ret_old != NULL) {
        memcpy(ret_old, &operation->old, WORD);
    }
    return error;
}

int seam_list_add_int64(struct seam_list *list, size_t index, int64_t by, int64_t *ret_old)
{
    struct operation operation = {SEAM_INT64, seam_number_add, &by, 0};
    return calculate(list, index, &operation, ret_old);
}

int seam_list_multiply_int64(struct seam_list *list, size_t index, int64_t by, int64_t *ret_old)
{
    struct operation operation = {SEAM_INT64, seam_number_multiply, &by, 0};
    return calculate(list, index, &operation, ret_old);
}

int seam_list_add_double(struct seam_list *list, size_t index, double by, double *ret_old)
{
    struct operation operation = {SEAM_DOUBLE, seam_number_add, &by, 0};
    return calculate(list, index, &operation, ret_old);
}

int seam_list_multiply_double(struct seam_list *list, size_t index, double by, double *ret_old)
{
    struct operation operation = {SEAM_DOUBLE, seam_number_multiply, &by, 0};
    return calculate(list, index, &operation, ret_old);
}
