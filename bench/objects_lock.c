/* SPDX-License-Identifier: MIT */
/* Locks, against mutexes in shared memory: the default one, and the one that promises the same. */
#include "by_hand.h"
#include "objects.h"

struct context {
    struct seam_lock *lock;
    struct by_hand *hand;
};

static int open_locks(void *context, enum seam_mode mode, bool robust)
{
    struct context *c = context;
    (void)mode; /* there is one */
    int error = by_hand_create(robust, &c->hand);
    return error == 0 ? seam_lock_create(NULL, NULL, &c->lock) : error;
}

static int join_locks(void *context)
{
    struct context *c = context;
    return seam_lock_reopen(c->lock, NULL, &c->lock);
}

static void close_locks(void *context)
{
    struct context *c = context;
    seam_lock_close(c->lock);
    by_hand_free(c->hand);
}

static const struct family locks = {
    .context_bytes = sizeof(struct context),
    .open = open_locks,
    .join = join_locks,
    .close = close_locks,
};

static int lock_seam(void *context, uint64_t count)
{
    struct context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_lock_lock(c->lock);
        if (error == 0) {
            error = seam_lock_unlock(c->lock);
        }
    }
    return error;
}

static int lock_mutex(void *context, uint64_t count)
{
    struct context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = by_hand_lock(c->hand);
        if (error == 0) {
            error = by_hand_unlock(c->hand);
        }
    }
    return error;
}

/* ---- turns: under the lock a plain number goes up, so two at once would lose some ---- */

static int turn_seam(void *context, uint64_t count)
{
    struct context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = seam_lock_lock(c->lock);
        if (error == 0) {
            by_hand_count(&c->hand->under_seam);
            error = seam_lock_unlock(c->lock);
        }
    }
    return error;
}

static int turn_mutex(void *context, uint64_t count)
{
    struct context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = by_hand_lock(c->hand);
        if (error == 0) {
            by_hand_count(&c->hand->under_mutex);
            error = by_hand_unlock(c->hand);
        }
    }
    return error;
}

/** Relaxed: the peer is at rest, or this is just a look. */
static uint64_t total_seam(void *context)
{
    const struct context *c = context;
    return (uint64_t)load_relaxed(&c->hand->under_seam);
}

static uint64_t total_mutex(void *context)
{
    const struct context *c = context;
    return (uint64_t)load_relaxed(&c->hand->under_mutex); /* likewise */
}

static const struct side lock_by_seam = {.run = lock_seam};
static const struct side lock_by_mutex = {.run = lock_mutex};
static const struct side lock_by_python = {.python = "lock"};
static const struct side turn_by_seam = {.run = turn_seam, .total = total_seam};
static const struct side turn_by_mutex = {.run = turn_mutex, .total = total_mutex};
static const struct side turn_by_pythons = {.python = "lock_two"};

static const struct rival lock_rivals[] = {
    {.name = "mutex", .title = "mutex", .side = &lock_by_mutex, .goal = GOAL_LOCK},
    {.name = "robust",
     .title = "robust mutex",
     .side = &lock_by_mutex,
     .robust = true,
     .goal = GOAL_LOCK},
    {.name = "python", .title = "Python Lock", .side = &lock_by_python},
    {.name = NULL},
};

static const struct rival turn_rivals[] = {
    {.name = "mutex", .title = "mutex", .side = &turn_by_mutex},
    {.name = "robust", .title = "robust mutex", .side = &turn_by_mutex, .robust = true},
    {.name = "python", .title = "Python Lock", .side = &turn_by_pythons},
    {.name = NULL},
};

static const struct group groups[] = {
    {
        .name = "lock/alone",
        .what = "lock: lock and unlock",
        .family = &locks,
        .seam = &lock_by_seam,
        .rivals = lock_rivals,
    },
    {
        .name = "lock/two",
        .what = "lock: a turn, two at once",
        .family = &locks,
        .peer = true,
        .seam = &turn_by_seam,
        .rivals = turn_rivals,
    },
};

struct groups lock_groups(void)
{
    return (struct groups){groups, sizeof(groups) / sizeof(groups[0])};
}
