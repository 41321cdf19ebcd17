/* SPDX-License-Identifier: MIT */
/* What seam's arrays are compared with: bare atomic elements, and elements under a mutex. */
#include <errno.h>
#include <string.h>

#include "objects_array.h"

/* ---- bare ---- */

static int get_bare(void *context, uint64_t count)
{
    struct array_context *c = context;
    int64_t sum = 0;
    size_t index = 0;
    for (uint64_t i = 0; i < count; i++) {
        sum +=
            load_acquire(&c->hand->bare_elements[index]); /* seam's order; no data goes with it */
        index = next_index(index, ARRAY_LENGTH);
    }
    c->sum = sum;
    return 0;
}

static int get_called(void *context, uint64_t count)
{
    struct array_context *c = context;
    _Atomic int64_t *elements = c->hand->bare_elements;
    int64_t sum = 0;
    size_t index = 0;
    int64_t element = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = called_load(&elements[index], &element);
        sum += element;
        index = next_index(index, ARRAY_LENGTH);
    }
    c->sum = sum;
    return error;
}

static int set_bare(void *context, uint64_t count)
{
    struct array_context *c = context;
    int64_t number = c->hand_newest;
    size_t index = (size_t)number % ARRAY_LENGTH;
    for (uint64_t i = 0; i < count; i++) {
        number++;
        index = next_index(index, ARRAY_LENGTH);
        store_release(&c->hand->bare_elements[index], number); /* likewise */
    }
    c->hand_newest = number;
    return 0;
}

static int add_bare(void *context, uint64_t count)
{
    struct array_context *c = context;
    size_t index = 0;
    for (uint64_t i = 0; i < count; i++) {
        (void)add_acq_rel(&c->hand->bare_elements[index], 1); /* likewise */
        index = next_index(index, ARRAY_LENGTH);
    }
    return 0;
}

static int add_called(void *context, uint64_t count)
{
    struct array_context *c = context;
    _Atomic int64_t *elements = c->hand->bare_elements;
    size_t index = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = called_add(&elements[index], 1, NULL);
        index = next_index(index, ARRAY_LENGTH);
    }
    return error;
}

static void copy_bare(const struct array_context *c, int64_t *ret_elements)
{
    for (size_t i = 0; i < ARRAY_LENGTH; i++) {
        ret_elements[i] = load_relaxed(&c->hand->bare_elements[i]); /* nobody else is there */
    }
}

static uint64_t total_set_bare(void *context)
{
    int64_t elements[BY_HAND_LENGTH];
    copy_bare(context, elements);
    return array_count_set(elements);
}

static uint64_t total_added_bare(void *context)
{
    int64_t elements[BY_HAND_LENGTH];
    copy_bare(context, elements);
    return array_count_added(elements);
}

const struct side array_get_bare = {.run = get_bare, .check = array_check_sum};
const struct side array_set_bare = {.run = set_bare, .total = total_set_bare};
const struct side array_add_bare = {.run = add_bare, .total = total_added_bare};
const struct side array_get_called = {.run = get_called, .check = array_check_sum};
const struct side array_add_called = {.run = add_called, .total = total_added_bare};

/* ---- under a mutex ---- */

static int get_mutex(void *context, uint64_t count)
{
    struct array_context *c = context;
    int64_t sum = 0;
    size_t index = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = by_hand_lock(c->hand);
        if (error == 0) {
            sum += c->hand->elements[index];
            error = by_hand_unlock(c->hand);
        }
        index = next_index(index, ARRAY_LENGTH);
    }
    c->sum = sum;
    return error;
}

static int set_mutex(void *context, uint64_t count)
{
    struct array_context *c = context;
    int64_t number = c->hand_newest;
    size_t index = (size_t)number % ARRAY_LENGTH;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        number++;
        index = next_index(index, ARRAY_LENGTH);
        error = by_hand_lock(c->hand);
        if (error == 0) {
            c->hand->elements[index] = number;
            error = by_hand_unlock(c->hand);
        }
    }
    c->hand_newest = number;
    return error;
}

static int add_mutex(void *context, uint64_t count)
{
    struct array_context *c = context;
    size_t index = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = by_hand_lock(c->hand);
        if (error == 0) {
            c->hand->elements[index]++;
            error = by_hand_unlock(c->hand);
        }
        index = next_index(index, ARRAY_LENGTH);
    }
    return error;
}

static int change_two_mutex(void *context, uint64_t count)
{
    struct array_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        int64_t number = ++c->hand_newest;
        error = by_hand_lock(c->hand);
        if (error == 0) {
            c->hand->elements[0] = number;
            c->hand->elements[ARRAY_LENGTH - 1] = -number;
            error = by_hand_unlock(c->hand);
        }
    }
    return error;
}

static int check_two(void *context, uint64_t count)
{
    const struct array_context *c = context;
    const int64_t *elements = c->hand->elements; /* nobody else is there */
    (void)count;
    bool right = elements[0] == c->hand_newest && elements[ARRAY_LENGTH - 1] == -c->hand_newest;
    return right ? 0 : -EBADMSG;
}

static int copy_mutex(struct array_context *c, int64_t *ret_elements)
{
    int error = by_hand_lock(c->hand);
    if (error != 0) {
        return error;
    }
    memcpy(ret_elements, c->hand->elements, c->bytes);
    return by_hand_unlock(c->hand);
}

static int snapshot_mutex(void *context, uint64_t count)
{
    struct array_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = copy_mutex(c, c->copy);
        use(c->copy);
    }
    return error;
}

static uint64_t total_set_mutex(void *context)
{
    int64_t elements[BY_HAND_LENGTH];
    return copy_mutex(context, elements) == 0 ? array_count_set(elements) : UINT64_MAX;
}

static uint64_t total_added_mutex(void *context)
{
    int64_t elements[BY_HAND_LENGTH];
    return copy_mutex(context, elements) == 0 ? array_count_added(elements) : UINT64_MAX;
}

const struct side array_get_mutex = {.run = get_mutex, .check = array_check_sum};
const struct side array_set_mutex = {.run = set_mutex, .total = total_set_mutex};
const struct side array_add_mutex = {.run = add_mutex, .total = total_added_mutex};
const struct side array_change_two_mutex = {
    .run = change_two_mutex, .check = check_two, .total = total_set_mutex};
const struct side array_snapshot_mutex = {
    .run = snapshot_mutex, .check = array_check_copy, .write = set_mutex, .total = total_set_mutex};

/* ---- nobody else is there: what a copy costs at least ---- */

static int snapshot_memcpy(void *context, uint64_t count)
{
    struct array_context *c = context;
    for (uint64_t i = 0; i < count; i++) {
        memcpy(c->copy, c->hand->elements, c->bytes);
        use(c->copy);
    }
    return 0;
}

const struct side array_snapshot_memcpy = {.run = snapshot_memcpy, .check = array_check_copy};
