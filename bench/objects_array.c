/* SPDX-License-Identifier: MIT */
#include "objects_array.h"

#include <errno.h>
#include <string.h>

static int open_arrays(void *context, enum seam_mode mode, bool robust)
{
    struct array_context *c = context;
    const struct seam_array_options options = {.mode = mode, .length = ARRAY_LENGTH};
    int error = by_hand_create(robust, &c->hand);
    if (error == 0) {
        error = seam_array_create(NULL, &options, &c->array);
    }
    if (error != 0) {
        return error;
    }
    c->bytes = ARRAY_LENGTH * sizeof(int64_t);
    c->newest = c->hand_newest = (int64_t)ARRAY_LENGTH;
    for (size_t i = 0; i < ARRAY_LENGTH; i++) {
        c->copy[i] = i == 0 ? (int64_t)ARRAY_LENGTH : (int64_t)i;
        store_relaxed(&c->hand->bare_elements[i], c->copy[i]); /* there is no peer yet */
    }
    memcpy(c->hand->elements, c->copy, c->bytes);
    return seam_array_copy_in(c->array, 0, ARRAY_LENGTH, c->copy);
}

static int join_arrays(void *context)
{
    struct array_context *c = context;
    return seam_array_reopen(c->array, NULL, &c->array);
}

static void close_arrays(void *context)
{
    struct array_context *c = context;
    seam_array_close(c->array);
    by_hand_free(c->hand);
}

static const struct family arrays = {
    .context_bytes = sizeof(struct array_context),
    .open = open_arrays,
    .join = join_arrays,
    .close = close_arrays,
};

/* ---- seam ---- */

static uint64_t total_set(void *context)
{
    struct array_context *c = context;
    int64_t elements[BY_HAND_LENGTH];
    int error = seam_array_copy_out(c->array, 0, ARRAY_LENGTH, elements);
    return error == 0 ? array_count_set(elements) : UINT64_MAX;
}

static uint64_t total_added(void *context)
{
    struct array_context *c = context;
    int64_t elements[BY_HAND_LENGTH];
    int error = seam_array_copy_out(c->array, 0, ARRAY_LENGTH, elements);
    return error == 0 ? array_count_added(elements) : UINT64_MAX;
}

static int get(void *context, uint64_t count)
{
    struct array_context *c = context;
    int64_t sum = 0, element = 0;
    size_t index = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_array_get(c->array, index, &element);
        sum += element;
        index = next_index(index, ARRAY_LENGTH);
    }
    c->sum = sum;
    return error;
}

static int set(void *context, uint64_t count)
{
    struct array_context *c = context;
    int64_t number = c->newest;
    size_t index = (size_t)number % ARRAY_LENGTH;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        number++;
        index = next_index(index, ARRAY_LENGTH);
        error = seam_array_set(c->array, index, &number);
    }
    c->newest = number;
    return error;
}

static int add(void *context, uint64_t count)
{
    struct array_context *c = context;
    const int64_t one = 1;
    size_t index = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_array_add(c->array, index, &one, NULL);
        index = next_index(index, ARRAY_LENGTH);
    }
    return error;
}

/** The first element becomes a number and the last one its opposite. */
static int change_two(void *context, uint64_t count)
{
    struct array_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        int64_t number = ++c->newest, opposite = -number;
        error = seam_array_begin(c->array);
        if (error == 0) {
            error = seam_array_set(c->array, 0, &number);
        }
        if (error == 0) {
            error = seam_array_set(c->array, ARRAY_LENGTH - 1, &opposite);
        }
        if (error == 0) {
            error = seam_array_commit(c->array);
        }
    }
    return error;
}

static int check_two(void *context, uint64_t count)
{
    struct array_context *c = context;
    int64_t first = 0, last = 0;
    (void)count;
    int error = seam_array_get(c->array, 0, &first);
    if (error == 0) {
        error = seam_array_get(c->array, ARRAY_LENGTH - 1, &last);
    }
    return error == 0 && (first != c->newest || last != -first) ? -EBADMSG : error;
}

static int take_snapshots(void *context, uint64_t count)
{
    struct array_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_array_snapshot(c->array, 0, ARRAY_LENGTH, c->copy);
    }
    return error;
}

static const struct side get_by_seam = {.run = get, .check = array_check_sum};
static const struct side set_by_seam = {.run = set, .total = total_set};
static const struct side add_by_seam = {.run = add, .total = total_added};
static const struct side change_two_by_seam = {
    .run = change_two, .check = check_two, .total = total_set};
static const struct side snapshot_by_seam = {
    .run = take_snapshots, .check = array_check_copy, .write = set, .total = total_set};

static const struct side get_by_python = {.python = "array_get"};
static const struct side set_by_python = {.python = "array_set"};
static const struct side add_by_python = {.python = "array_add"};
static const struct side change_two_by_python = {.python = "array_transaction"};
static const struct side snapshot_by_python = {.python = "array_snapshot"};
static const struct side snapshot_by_pythons = {.python = "array_busy"};

static const struct rival get_rivals[] = {
    {.name = "inlined", .title = "atomic load, inlined", .side = &array_get_bare},
    {.name = "called", .title = "atomic load, called", .side = &array_get_called},
    {.name = "mutex", .title = "under a mutex", .side = &array_get_mutex},
    {.name = "python", .title = "Python Array", .side = &get_by_python},
    {.name = NULL},
};

static const struct rival set_rivals[] = {
    {.name = "inlined", .title = "atomic store, inlined", .side = &array_set_bare},
    {.name = "mutex", .title = "under a mutex", .side = &array_set_mutex},
    {.name = "python", .title = "Python Array", .side = &set_by_python},
    {.name = NULL},
};

static const struct rival add_rivals[] = {
    {.name = "inlined", .title = "atomic add, inlined", .side = &array_add_bare, .goal = GOAL_ADD},
    {.name = "called", .title = "atomic add, called", .side = &array_add_called, .goal = GOAL_ADD},
    {.name = "mutex", .title = "under a mutex", .side = &array_add_mutex},
    {.name = "python", .title = "Python Array", .side = &add_by_python},
    {.name = NULL},
};

static const struct rival change_two_rivals[] = {
    {.name = "mutex", .title = "under a mutex", .side = &array_change_two_mutex},
    {.name = "python", .title = "Python Array", .side = &change_two_by_python},
    {.name = NULL},
};

static const struct rival snapshot_rivals[] = {
    {.name = "memcpy", .title = "memcpy", .side = &array_snapshot_memcpy, .goal = GOAL_SNAPSHOT},
    {.name = "mutex", .title = "memcpy under a mutex", .side = &array_snapshot_mutex},
    {.name = "python", .title = "Python Array", .side = &snapshot_by_python},
    {.name = NULL},
};

static const struct rival busy_rivals[] = {
    {.name = "mutex", .title = "memcpy under a mutex", .side = &array_snapshot_mutex},
    {.name = "python", .title = "Python Array", .side = &snapshot_by_pythons},
    {.name = NULL},
};

static const struct group groups[] = {
    {
        .name = "array/get/lock-free",
        .what = "array, lock-free: get",
        .family = &arrays,
        .mode = SEAM_LOCK_FREE,
        .seam = &get_by_seam,
        .rivals = get_rivals,
    },
    {
        .name = "array/set/lock-free",
        .what = "array, lock-free: set",
        .family = &arrays,
        .mode = SEAM_LOCK_FREE,
        .seam = &set_by_seam,
        .rivals = set_rivals,
    },
    {
        .name = "array/add/lock-free",
        .what = "array, lock-free: add",
        .family = &arrays,
        .mode = SEAM_LOCK_FREE,
        .seam = &add_by_seam,
        .rivals = add_rivals,
    },
    {
        .name = "array/get/locked",
        .what = "array, locked: get",
        .family = &arrays,
        .mode = SEAM_LOCKED,
        .seam = &get_by_seam,
        .rivals = get_rivals + 2 /* without the bare ones */,
    },
    {
        .name = "array/set/locked",
        .what = "array, locked: set",
        .family = &arrays,
        .mode = SEAM_LOCKED,
        .seam = &set_by_seam,
        .rivals = set_rivals + 1 /* likewise */,
    },
    {
        .name = "array/transaction",
        .what = "array: transaction of two elements",
        .family = &arrays,
        .mode = SEAM_LOCKED,
        .seam = &change_two_by_seam,
        .rivals = change_two_rivals,
    },
    {
        .name = "array/snapshot/alone",
        .what = "array: snapshot of 1000",
        .family = &arrays,
        .mode = SEAM_LOCKED,
        .seam = &snapshot_by_seam,
        .rivals = snapshot_rivals,
    },
    {
        .name = "array/snapshot/busy",
        .what = "array: snapshot, set all the time",
        .family = &arrays,
        .mode = SEAM_LOCKED,
        .peer = true,
        .seam = &snapshot_by_seam,
        .rivals = busy_rivals,
    },
};

struct groups array_groups(void)
{
    return (struct groups){groups, sizeof(groups) / sizeof(groups[0])};
}
