/* SPDX-License-Identifier: MIT */
#include "objects/object.h"

#include <errno.h>

#include "region/error.h"

static int check_options(const struct seam_object_options *options)
{
    for (int i = 0; i < 8; i++) {
        if (options->reserved[i] != 0) {
            return seam_fail(EINVAL, "reserved");
        }
    }
    if ((unsigned)options->access > SEAM_READ_ONLY) {
        return seam_fail(EINVAL, "access");
    }
    return (unsigned)options->wait <= SEAM_WAIT_SLEEP ? 0 : seam_fail(EINVAL, "wait");
}

static uint64_t log_bytes_for(uint64_t page_bytes, uint64_t data_bytes)
{
    return page_bytes + (data_bytes + page_bytes - 1) / page_bytes * page_bytes;
}

/** Gives the handle on an open region its share in the lock, and its keys. */
static int begin(struct seam_object *object, enum seam_wait wait)
{
    bool writable = object->region.log->writable;
    if (object->region.stamp.mode == SEAM_LOCKED && writable) {
        const struct seam_mutex_place place = {
            .line = &object->head->lock,
            .fences = &object->desk->fences,
            .lease = &object->region.lease,
            .generation = object->region.stamp.generation,
            .wait = wait,
        };
        int error = seam_mutex_open(&object->mutex, &place);
        if (error != 0) {
            return error;
        }
    }
    object->read_key = seam_fork_generation;
    object->write_key = writable ? seam_fork_generation : 0;
    return 0;
}

static void look_at(struct seam_object *object)
{
    object->head = seam_region_object(&object->region);
    object->data = seam_region_data(&object->region);
    object->desk = object->region.desk;
}

/** All went well: only now has this handle a say in what becomes of the name. */
static void succeed(struct seam_object *object, const struct seam_object_options *options)
{
    if (options->region->unlink_last) {
        seam_region_remove_last(&object->region);
    }
}

/* ---- create ---- */

struct creation {
    struct seam_object *object;
    const struct seam_object_ops *ops;
    enum seam_wait wait;
};

/** Fills in a new region while nobody else sees it. */
static int init_region(struct seam_region *region, void *context)
{
    const struct creation *creation = context;
    (void)region; /* the object's own */
    look_at(creation->object);
    if (creation->ops->fill != NULL) {
        creation->ops->fill(creation->object);
    }
    return begin(creation->object, creation->wait);
}

int seam_object_create(struct seam_object *object, const char *name,
                       const struct seam_object_options *options, const struct seam_object_ops *ops,
                       const struct seam_stamp *stamp)
{
    uint64_t data_bytes;
    struct creation creation = {object, ops, options->wait};
    struct seam_stamp whole = *stamp;
    int error = check_options(options);
    if (error == 0 && options->access != SEAM_READ_WRITE) {
        error = seam_fail(EINVAL, "access"); /* it would stay as it is for ever */
    }
    if (error == 0) {
        error = ops->check(stamp, NULL, &data_bytes);
    }
    if (error != 0) {
        return error;
    }
    whole.kind = ops->kind;
    whole.one_way = options->region->one_way;
    whole.page_bytes = seam_region_page_bytes(name, options->region);
    whole.desk_bytes = whole.page_bytes;
    whole.log_bytes = log_bytes_for(whole.page_bytes, data_bytes);
    error =
        seam_region_create(name, options->region, &whole, init_region, &creation, &object->region);
    if (error == 0) {
        succeed(object, options);
    }
    return error;
}

/* ---- open ---- */

static int check_found(const struct seam_stamp *stamp, const struct seam_object_ops *ops,
                       const void *wanted)
{
    uint64_t data_bytes;
    int error = ops->check(stamp, wanted, &data_bytes);
    if (error != 0) {
        return error;
    }
    bool fits = stamp->log_bytes == log_bytes_for(stamp->page_bytes, data_bytes) &&
                stamp->desk_bytes == stamp->page_bytes && stamp->one_way <= 1;
    return fits ? 0 : seam_fail(EPROTO, "sizes");
}

int seam_object_open(struct seam_object *object, const struct seam_source *from,
                     const struct seam_object_options *options, const struct seam_object_ops *ops,
                     const void *wanted)
{
    int error = check_options(options);
    if (error == 0) {
        error = seam_region_open_from(from, options->region, ops->kind,
                                      options->access == SEAM_READ_WRITE, &object->region);
    }
    if (error != 0) {
        return error;
    }
    error = check_found(&object->region.stamp, ops, wanted);
    if (error == 0) {
        look_at(object);
        error = begin(object, options->wait);
    }
    if (error == 0) {
        succeed(object, options);
    } else {
        seam_region_close(&object->region);
    }
    return error;
}

/* ---- an open object ---- */

int seam_object_pass(const struct seam_object *object, int socket, enum seam_access access)
{
    if (object->region.fork_generation != seam_fork_generation) {
        return seam_fail(EPERM, "fork");
    }
    return seam_region_pass(&object->region, socket, access == SEAM_READ_WRITE);
}

void seam_object_close(struct seam_object *object)
{
    seam_mutex_close(&object->mutex);
    seam_region_close(&object->region);
}

int seam_object_refuse(const struct seam_object *object)
{
    return object->region.fork_generation != seam_fork_generation ? -EPERM : -EACCES;
}
