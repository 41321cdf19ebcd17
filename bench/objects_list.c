/* SPDX-License-Identifier: MIT */
#include "objects_list.h"

#include <errno.h>
#include <string.h>

/** In place of the list there was, if any: a new one with the numbers from 0 on. */
static int make_list(struct list_context *c, size_t length)
{
    const struct seam_list_options options = {.mode = c->mode, .capacity = LIST_ROOM};
    struct seam_list *list;
    ssize_t result = seam_list_create(NULL, &options, &list);
    if (result == 0) {
        seam_list_close(c->list);
        c->list = list;
    }
    for (size_t i = 0; i < length && result >= 0; i++) {
        result = seam_list_append_int64(c->list, (int64_t)i);
    }
    return result < 0 ? (int)result : 0;
}

static int open_lists(void *context, enum seam_mode mode, bool robust)
{
    struct list_context *c = context;
    c->mode = mode;
    int error = by_hand_create(robust, &c->hand);
    if (error == 0) {
        memset(c->hand->elements, 0, sizeof(c->hand->elements)); /* the pages are there now */
        error = make_list(c, LIST_LENGTH);
    }
    return error;
}

static int join_lists(void *context)
{
    (void)context;
    return -ENOTSUP; /* no contest has a peer */
}

static void close_lists(void *context)
{
    struct list_context *c = context;
    seam_snapshot_free(c->snapshot);
    seam_list_close(c->list);
    by_hand_free(c->hand);
}

static const struct family lists = {
    .context_bytes = sizeof(struct list_context),
    .open = open_lists,
    .join = join_lists,
    .close = close_lists,
};

/* ---- what is looked at when the clock stands still ---- */

int list_check_numbers(const int64_t *numbers, size_t length, size_t inserted)
{
    bool right = true;
    for (size_t i = 0; i < length && right; i++) {
        right = numbers[i] == (int64_t)(i < inserted ? inserted - 1 - i : i - inserted);
    }
    return right ? 0 : -EBADMSG;
}

int list_check_sum(void *context, uint64_t count)
{
    const struct list_context *c = context;
    const uint64_t rounds = count / LIST_LENGTH, rest = count % LIST_LENGTH;
    uint64_t sum = rounds * (LIST_LENGTH * (LIST_LENGTH - 1) / 2);
    sum += rest > 0 ? rest * (rest - 1) / 2 : 0;
    return (uint64_t)c->sum == sum ? 0 : -EBADMSG;
}

/** Whether the list has @p length numbers, the first of them inserted. */
static int check_list(struct list_context *c, size_t length, size_t inserted)
{
    ssize_t found = seam_list_length(c->list);
    int error = found < 0 ? (int)found : (size_t)found != length ? -EBADMSG : 0;
    for (size_t i = 0; i < length && error == 0; i++) {
        error = seam_list_get_int64(c->list, i, &c->copy[i]);
    }
    return error == 0 ? list_check_numbers(c->copy, length, inserted) : error;
}

static int check_appended(void *context, uint64_t count)
{
    return check_list(context, count, 0);
}

static int check_inserted(void *context, uint64_t count)
{
    return check_list(context, LIST_LENGTH + count, count);
}

static int check_snapshot(void *context, uint64_t count)
{
    struct list_context *c = context;
    bool right = seam_snapshot_length(c->snapshot) == LIST_LENGTH;
    (void)count;
    for (size_t i = 0; i < LIST_LENGTH && right; i++) {
        size_t size = 0;
        const void *element = seam_snapshot_at(c->snapshot, i, &size);
        right = element != NULL && size == sizeof(c->copy[i]);
        if (right) {
            memcpy(&c->copy[i], element, size);
        }
    }
    return right ? list_check_numbers(c->copy, LIST_LENGTH, 0) : -EBADMSG;
}

/* ---- seam ---- */

/** Lock-free lists can't be emptied: there it is a new one, which is new to the page tables, too.
 */
static int prepare_empty(void *context, uint64_t count)
{
    struct list_context *c = context;
    (void)count;
    return c->mode == SEAM_LOCKED ? seam_list_clear(c->list) : make_list(c, 0);
}

static int prepare_full(void *context, uint64_t count)
{
    struct list_context *c = context;
    (void)count;
    ssize_t result = seam_list_clear(c->list);
    for (size_t i = 0; i < LIST_LENGTH && result >= 0; i++) {
        result = seam_list_append_int64(c->list, (int64_t)i);
    }
    return result < 0 ? (int)result : 0;
}

static int append(void *context, uint64_t count)
{
    struct list_context *c = context;
    ssize_t result = 0;
    for (uint64_t i = 0; i < count && result >= 0; i++) {
        result = seam_list_append_int64(c->list, (int64_t)i);
    }
    return result < 0 ? (int)result : 0;
}

static int get(void *context, uint64_t count)
{
    struct list_context *c = context;
    int64_t sum = 0, number = 0;
    size_t index = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_list_get_int64(c->list, index, &number);
        sum += number;
        index = next_index(index, LIST_LENGTH);
    }
    c->sum = sum;
    return error;
}

static int take_snapshots(void *context, uint64_t count)
{
    struct list_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_list_snapshot(c->list, &c->snapshot);
    }
    return error;
}

static int insert(void *context, uint64_t count)
{
    struct list_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_list_insert_int64(c->list, 0, (int64_t)i);
    }
    return error;
}

static const struct side append_by_seam = {
    .prepare = prepare_empty, .run = append, .check = check_appended, .most = LIST_ROOM};
static const struct side get_by_seam = {.run = get, .check = list_check_sum};
static const struct side snapshot_by_seam = {.run = take_snapshots, .check = check_snapshot};
static const struct side insert_by_seam = {
    .prepare = prepare_full, .run = insert, .check = check_inserted, .most = LIST_INSERTED_MOST};

static const struct side append_by_python = {.python = "list_append"};
static const struct side get_by_python = {.python = "list_get"};
static const struct side snapshot_by_python = {.python = "list_snapshot"};
static const struct side insert_by_python = {.python = "list_insert", .most = LIST_INSERTED_MOST};

static const struct rival append_rivals[] = {
    {.name = "mutex", .title = "under a mutex", .side = &list_append_mutex},
    {.name = "python",
     .title = "Python manager list",
     .side = &append_by_python,
     .goal = GOAL_PYTHON_LIST},
    {.name = NULL},
};

static const struct rival get_rivals[] = {
    {.name = "mutex", .title = "under a mutex", .side = &list_get_mutex},
    {.name = "python",
     .title = "Python manager list",
     .side = &get_by_python,
     .goal = GOAL_PYTHON_LIST},
    {.name = NULL},
};

static const struct rival snapshot_rivals[] = {
    {.name = "mutex", .title = "memcpy under a mutex", .side = &list_snapshot_mutex},
    {.name = "python", .title = "Python manager list", .side = &snapshot_by_python},
    {.name = NULL},
};

static const struct rival insert_rivals[] = {
    {.name = "mutex", .title = "memmove under a mutex", .side = &list_insert_mutex},
    {.name = "python", .title = "Python manager list", .side = &insert_by_python},
    {.name = NULL},
};

static const struct group groups[] = {
    {
        .name = "list/append/lock-free",
        .what = "list, lock-free: append",
        .family = &lists,
        .mode = SEAM_LOCK_FREE,
        .seam = &append_by_seam,
        .rivals = append_rivals,
    },
    {
        .name = "list/get/lock-free",
        .what = "list, lock-free: get",
        .family = &lists,
        .mode = SEAM_LOCK_FREE,
        .seam = &get_by_seam,
        .rivals = get_rivals,
    },
    {
        .name = "list/snapshot/lock-free",
        .what = "list, lock-free: snapshot of 1000",
        .family = &lists,
        .mode = SEAM_LOCK_FREE,
        .seam = &snapshot_by_seam,
        .rivals = snapshot_rivals,
    },
    {
        .name = "list/append/locked",
        .what = "list, locked: append",
        .family = &lists,
        .mode = SEAM_LOCKED,
        .seam = &append_by_seam,
        .rivals = append_rivals,
    },
    {
        .name = "list/get/locked",
        .what = "list, locked: get",
        .family = &lists,
        .mode = SEAM_LOCKED,
        .seam = &get_by_seam,
        .rivals = get_rivals,
    },
    {
        .name = "list/snapshot/locked",
        .what = "list, locked: snapshot of 1000",
        .family = &lists,
        .mode = SEAM_LOCKED,
        .seam = &snapshot_by_seam,
        .rivals = snapshot_rivals,
    },
    {
        .name = "list/insert/locked",
        .what = "list, locked: insert before 1000",
        .family = &lists,
        .mode = SEAM_LOCKED,
        .seam = &insert_by_seam,
        .rivals = insert_rivals,
    },
};

struct groups list_groups(void)
{
    return (struct groups){groups, sizeof(groups) / sizeof(groups[0])};
}
