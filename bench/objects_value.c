/* SPDX-License-Identifier: MIT */
/* Values: a number that processes share, against bare atomic words and a number under a mutex. */
#include <errno.h>

#include "by_hand.h"
#include "objects.h"

struct context {
    struct seam_value *value;
    struct by_hand *hand;
    int64_t sum; /* of what the last run has loaded */
};

static int open_values(void *context, enum seam_mode mode, bool robust)
{
    struct context *c = context;
    (void)mode; /* it is lock-free */
    int error = by_hand_create(robust, &c->hand);
    return error == 0 ? seam_value_create(NULL, NULL, &c->value) : error;
}

static int join_values(void *context)
{
    struct context *c = context;
    return seam_value_reopen(c->value, NULL, &c->value);
}

static void close_values(void *context)
{
    struct context *c = context;
    seam_value_close(c->value);
    by_hand_free(c->hand);
}

static const struct family values = {
    .context_bytes = sizeof(struct context),
    .open = open_values,
    .join = join_values,
    .close = close_values,
};

/* ---- seam ---- */

static uint64_t total_seam(void *context)
{
    struct context *c = context;
    int64_t now = -1;
    (void)seam_value_load(c->value, &now);
    return (uint64_t)now;
}

static int add_seam(void *context, uint64_t count)
{
    struct context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_value_add(c->value, 1, NULL);
    }
    return error;
}

/* Loads load the last of these. */
#define LOADED 7

static int prepare_load_seam(void *context, uint64_t count)
{
    struct context *c = context;
    (void)count;
    return seam_value_store(c->value, LOADED);
}

static int load_seam(void *context, uint64_t count)
{
    struct context *c = context;
    int64_t sum = 0, now = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_value_load(c->value, &now);
        sum += now;
    }
    c->sum = sum;
    return error;
}

static int check_loads(void *context, uint64_t count)
{
    const struct context *c = context;
    return c->sum == (int64_t)count * LOADED ? 0 : -EBADMSG;
}

static int exchange_seam(void *context, uint64_t count)
{
    struct context *c = context;
    int64_t expected = (int64_t)total_seam(c);
    int done = 1;
    for (uint64_t i = 0; i < count && done == 1; i++, expected++) {
        done = seam_value_compare_exchange(c->value, &expected, expected + 1);
    }
    return done == 1 ? 0 : done == 0 ? -EBADMSG : done;
}

/* ---- bare atomic words ---- */

static uint64_t total_bare(void *context)
{
    struct context *c = context;
    return (uint64_t)load_relaxed(&c->hand->bare); /* of a peer at rest, or just to have a look */
}

static int add_inline(void *context, uint64_t count)
{
    struct context *c = context;
    _Atomic int64_t *word = &c->hand->bare;
    for (uint64_t i = 0; i < count; i++) {
        (void)add_acq_rel(word, 1); /* the order of seam's; no data goes with it */
    }
    return 0;
}

static int add_called(void *context, uint64_t count)
{
    struct context *c = context;
    _Atomic int64_t *word = &c->hand->bare;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = called_add(word, 1, NULL);
    }
    return error;
}

static int prepare_load_bare(void *context, uint64_t count)
{
    struct context *c = context;
    (void)count;
    store_relaxed(&c->hand->bare, LOADED); /* nobody else is there */
    return 0;
}

static int load_inline(void *context, uint64_t count)
{
    struct context *c = context;
    int64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        sum += load_acquire(&c->hand->bare); /* the order of seam's; no data goes with it */
    }
    c->sum = sum;
    return 0;
}

static int load_called(void *context, uint64_t count)
{
    struct context *c = context;
    _Atomic int64_t *word = &c->hand->bare;
    int64_t sum = 0;
    int64_t now = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = called_load(word, &now);
        sum += now;
    }
    c->sum = sum;
    return error;
}

static int exchange_inline(void *context, uint64_t count)
{
    struct context *c = context;
    _Atomic int64_t *word = &c->hand->bare;
    int64_t expected = (int64_t)total_bare(c);
    bool done = true;
    for (uint64_t i = 0; i < count && done; i++, expected++) {
        /* the order of seam's; no data goes with it */
        done = cas_acq_rel(word, &expected, expected + 1);
    }
    return done ? 0 : -EBADMSG;
}

static int exchange_called(void *context, uint64_t count)
{
    struct context *c = context;
    _Atomic int64_t *word = &c->hand->bare;
    int64_t expected = (int64_t)total_bare(c);
    int done = 1;
    for (uint64_t i = 0; i < count && done == 1; i++, expected++) {
        done = called_compare_exchange(word, &expected, expected + 1);
    }
    return done == 1 ? 0 : -EBADMSG;
}

/* ---- a number under a mutex, and Python's ---- */

static uint64_t total_mutex(void *context)
{
    struct context *c = context;
    return (uint64_t)load_relaxed(&c->hand->number); /* of a peer at rest, or to have a look */
}

static int add_mutex(void *context, uint64_t count)
{
    struct context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = by_hand_lock(c->hand);
        if (error == 0) {
            by_hand_count(&c->hand->number);
            error = by_hand_unlock(c->hand);
        }
    }
    return error;
}

/* ---- the contests ---- */

static const struct side add_by_seam = {.run = add_seam, .total = total_seam};
static const struct side add_inlined = {.run = add_inline, .total = total_bare};
static const struct side add_by_call = {.run = add_called, .total = total_bare};
static const struct side add_by_mutex = {.run = add_mutex, .total = total_mutex};
static const struct side add_by_python = {.python = "value_add"};
static const struct side add_by_pythons = {.python = "value_two"};

static const struct side load_by_seam = {
    .prepare = prepare_load_seam, .run = load_seam, .check = check_loads};
static const struct side load_inlined = {
    .prepare = prepare_load_bare, .run = load_inline, .check = check_loads};
static const struct side load_by_call = {
    .prepare = prepare_load_bare, .run = load_called, .check = check_loads};
static const struct side load_by_python = {.python = "value_load"};

static const struct side exchange_by_seam = {.run = exchange_seam, .total = total_seam};
static const struct side exchange_inlined = {.run = exchange_inline, .total = total_bare};
static const struct side exchange_by_call = {.run = exchange_called, .total = total_bare};

static const struct rival add_rivals[] = {
    {.name = "inlined", .title = "atomic add, inlined", .side = &add_inlined, .goal = GOAL_ADD},
    {.name = "called", .title = "atomic add, called", .side = &add_by_call, .goal = GOAL_ADD},
    {.name = "mutex", .title = "under a mutex", .side = &add_by_mutex},
    {.name = "robust", .title = "under a robust mutex", .side = &add_by_mutex, .robust = true},
    {.name = "python", .title = "Python Value", .side = &add_by_python},
    {.name = NULL},
};

static const struct rival add_two_rivals[] = {
    {.name = "inlined", .title = "atomic add, inlined", .side = &add_inlined},
    {.name = "mutex", .title = "under a mutex", .side = &add_by_mutex},
    {.name = "robust", .title = "under a robust mutex", .side = &add_by_mutex, .robust = true},
    {.name = "python", .title = "Python Value", .side = &add_by_pythons},
    {.name = NULL},
};

static const struct rival load_rivals[] = {
    {.name = "inlined", .title = "atomic load, inlined", .side = &load_inlined},
    {.name = "called", .title = "atomic load, called", .side = &load_by_call},
    {.name = "python", .title = "Python Value", .side = &load_by_python},
    {.name = NULL},
};

static const struct rival exchange_rivals[] = {
    {.name = "inlined", .title = "atomic, inlined", .side = &exchange_inlined},
    {.name = "called", .title = "atomic, called", .side = &exchange_by_call},
    {.name = NULL},
};

static const struct group groups[] = {
    {
        .name = "value/add/alone",
        .what = "value: add",
        .family = &values,
        .seam = &add_by_seam,
        .rivals = add_rivals,
    },
    {
        .name = "value/add/two",
        .what = "value: add, two at once",
        .family = &values,
        .peer = true,
        .seam = &add_by_seam,
        .rivals = add_two_rivals,
    },
    {
        .name = "value/load",
        .what = "value: load",
        .family = &values,
        .seam = &load_by_seam,
        .rivals = load_rivals,
    },
    {
        .name = "value/compare_exchange",
        .what = "value: compare and exchange",
        .family = &values,
        .seam = &exchange_by_seam,
        .rivals = exchange_rivals,
    },
};

struct groups value_groups(void)
{
    return (struct groups){groups, sizeof(groups) / sizeof(groups[0])};
}
