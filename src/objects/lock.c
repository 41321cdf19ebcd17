/* SPDX-License-Identifier: MIT */
#include "seam/lock.h"

#include <stdlib.h>

#include "objects/object.h"
#include "region/error.h"
#include "region/staging.h"
#include "wait/waitable.h"

struct seam_lock {
    struct seam_object object;
};

static const struct seam_lock_options defaults;

/* ---- coming and going ---- */

static int check(const struct seam_stamp *stamp, const void *wanted, uint64_t *ret_data_bytes)
{
    (void)wanted;
    *ret_data_bytes = 0;
    return stamp->mode == SEAM_LOCKED ? 0 : seam_fail(EPROTO, "mode");
}

static const struct seam_object_ops ops = {.kind = SEAM_KIND_LOCK, .check = check};

static struct seam_object_options options_of(const struct seam_lock_options *o)
{
    return (struct seam_object_options){&o->region, o->reserved, SEAM_READ_WRITE, o->wait};
}

int seam_lock_create(const char *name, const struct seam_lock_options *options,
                     struct seam_lock **ret_lock)
{
    const struct seam_object_options o = options_of(options != NULL ? options : &defaults);
    const struct seam_stamp stamp = {.mode = SEAM_LOCKED};
    struct seam_lock *lock = calloc(1, sizeof(*lock));
    if (lock == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    int error = seam_object_create(&lock->object, name, &o, &ops, &stamp);
    if (error != 0) {
        free(lock);
        return error;
    }
    *ret_lock = lock;
    return 0;
}

static int open_from(const struct seam_source *from, const struct seam_lock_options *options,
                     struct seam_lock **ret_lock)
{
    const struct seam_object_options o = options_of(options != NULL ? options : &defaults);
    struct seam_lock *lock = calloc(1, sizeof(*lock));
    if (lock == NULL) {
        return seam_fail(ENOMEM, "calloc");
    }
    int error = seam_object_open(&lock->object, from, &o, &ops, NULL);
    if (error != 0) {
        free(lock);
        return error;
    }
    *ret_lock = lock;
    return 0;
}

int seam_lock_open(const char *name, const struct seam_lock_options *options,
                   struct seam_lock **ret_lock)
{
    const struct seam_source from = {.name = name};
    return open_from(&from, options, ret_lock);
}

int seam_lock_reopen(const struct seam_lock *other, const struct seam_lock_options *options,
                     struct seam_lock **ret_lock)
{
    const struct seam_source from = {.other = &other->object.region};
    return open_from(&from, options, ret_lock);
}

int seam_lock_take(int socket, const struct seam_lock_options *options, struct seam_lock **ret_lock)
{
    const struct seam_source from = {.take = true, .socket = socket};
    return open_from(&from, options, ret_lock);
}

int seam_lock_pass(const struct seam_lock *lock, int socket)
{
    return seam_object_pass(&lock->object, socket, SEAM_READ_WRITE);
}

void seam_lock_close(struct seam_lock *lock)
{
    if (lock != NULL) {
        seam_object_close(&lock->object);
        free(lock);
    }
}

int seam_lock_unlink(const char *name, const struct seam_region_options *region)
{
    return seam_staging_remove(name, region != NULL ? region : &defaults.region, NULL);
}

/* ---- turns ---- */

static inline int enter(struct seam_lock *lock, int64_t deadline_ns)
{
    int error = seam_object_check_write(&lock->object);
    return likely(error == 0) ? seam_mutex_enter(&lock->object.mutex, deadline_ns) : error;
}

int seam_lock_lock(struct seam_lock *lock)
{
    return enter(lock, SEAM_FOREVER);
}

int seam_lock_try_lock(struct seam_lock *lock)
{
    return enter(lock, SEAM_NEVER_WAIT);
}

int seam_lock_lock_until(struct seam_lock *lock, int64_t deadline_ns)
{
    return enter(lock, seam_not_before_zero(deadline_ns));
}

int seam_lock_unlock(struct seam_lock *lock)
{
    if (unlikely(seam_object_check_write(&lock->object) != 0 ||
                 !seam_mutex_is_mine(&lock->object.mutex))) {
        return -EPERM;
    }
    seam_mutex_leave(&lock->object.mutex);
    return 0;
}

static bool is_refused(const struct seam_lock *lock)
{
    return seam_object_check_write(&lock->object) != 0;
}

static bool is_available(void *context)
{
    const struct seam_waitable_internal *internal = context;
    struct seam_lock *lock = internal->handle;
    return is_refused(lock) || seam_mutex_is_free(&lock->object.mutex);
}

static int is_not_worth_waiting(void *context, bool thorough)
{
    const struct seam_waitable_internal *internal = context;
    struct seam_lock *lock = internal->handle;
    return seam_mutex_recheck(&lock->object.mutex, thorough);
}

int seam_lock_available(struct seam_lock *lock, struct seam_waitable *ret_thing)
{
    int error = seam_object_check_write(&lock->object);
    if (error != 0) {
        return error;
    }
    const struct seam_wait_for what = {
        .ready = is_available,
        .recheck = is_not_worth_waiting,
        .flag = &lock->object.mutex.line->wanted,
        .fences = lock->object.mutex.fences,
    };
    seam_waitable_fill(ret_thing, &what, lock, 0);
    return 0;
}

pid_t seam_lock_owner(const struct seam_lock *lock)
{
    int error = seam_object_check_read(&lock->object);
    if (error != 0) {
        return error;
    }
    const struct seam_mutex_line *line = &lock->object.head->lock;
    /* Relaxed: two words that may change between these looks; for people to read. */
    uint32_t holder = load_relaxed(&line->holder);
    return holder != 0 ? (pid_t)(load_relaxed(&line->pid) & INT32_MAX) : 0;
}
