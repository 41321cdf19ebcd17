/* SPDX-License-Identifier: MIT */
#include "objects/object.h"

#include <errno.h>

#include "region/error.h"

static int check_options(const struct seam_base_options *options)
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
static int begin(struct seam_base *base, enum seam_wait wait)
{
    bool writable = base->region.log->writable;
    if (base->region.stamp.mode == SEAM_LOCKED && writable) {
        const struct seam_mutex_place place = {
            .line = &base->head->lock,
            .fences = &base->desk->fences,
            .lease = &base->region.lease,
            .generation = base->region.stamp.generation,
            .wait = wait,
        };
        int error = seam_mutex_open(&base->mutex, &place);
        if (error != 0) {
            return error;
        }
    }
    base->read_key = seam_fork_generation;
    base->write_key = writable ? seam_fork_generation : 0;
    return 0;
}

static void look_at(struct seam_base *base)
{
    base->head = seam_region_object(&base->region);
    base->data = seam_region_data(&base->region);
    base->desk = base->region.desk;
}

/** All went well: only now has this handle a say in what becomes of the name. */
static void succeed(struct seam_base *base, const struct seam_base_options *options)
{
    if (options->region->unlink_last) {
        seam_region_remove_last(&base->region);
    }
}

/* ---- create ---- */

struct creation {
    struct seam_base *base;
    const struct seam_base_class *class;
    enum seam_wait wait;
};

/** Fills in a new region while nobody else sees it. */
static int init_region(struct seam_region *region, void *context)
{
    const struct creation *creation = context;
    (void)region; /* the base's own */
    look_at(creation->base);
    if (creation->class->fill != NULL) {
        creation->class->fill(creation->base);
    }
    return begin(creation->base, creation->wait);
}

int seam_base_create(struct seam_base *base, const char *name,
                     const struct seam_base_options *options, const struct seam_base_class *class,
                     const struct seam_stamp *stamp)
{
    uint64_t data_bytes;
    struct creation creation = {base, class, options->wait};
    struct seam_stamp whole = *stamp;
    int error = check_options(options);
    if (error == 0 && options->access != SEAM_READ_WRITE) {
        error = seam_fail(EINVAL, "access"); /* it would stay as it is for ever */
    }
    if (error == 0) {
        error = class->check(stamp, NULL, &data_bytes);
    }
    if (error != 0) {
        return error;
    }
    whole.kind = class->kind;
    whole.one_way = options->region->one_way;
    whole.page_bytes = seam_region_page_bytes(name, options->region);
    whole.desk_bytes = whole.page_bytes;
    whole.log_bytes = log_bytes_for(whole.page_bytes, data_bytes);
    error =
        seam_region_create(name, options->region, &whole, init_region, &creation, &base->region);
    if (error == 0) {
        succeed(base, options);
    }
    return error;
}

/* ---- open ---- */

static int open_region(struct seam_base *base, const struct seam_base_source *from,
                       const struct seam_base_options *options, enum seam_kind kind)
{
    bool writable = options->access == SEAM_READ_WRITE;
    if (from->other != NULL) {
        return seam_region_reopen(&from->other->region, options->region, kind, writable,
                                  &base->region);
    }
    return from->take
               ? seam_region_take(from->socket, options->region, kind, writable, &base->region)
               : seam_region_open(from->name, options->region, kind, writable, &base->region);
}

static int check_found(const struct seam_stamp *stamp, const struct seam_base_class *class,
                       const void *wishes)
{
    uint64_t data_bytes;
    int error = class->check(stamp, wishes, &data_bytes);
    if (error != 0) {
        return error;
    }
    bool fits = stamp->log_bytes == log_bytes_for(stamp->page_bytes, data_bytes) &&
                stamp->desk_bytes == stamp->page_bytes && stamp->one_way <= 1;
    return fits ? 0 : seam_fail(EPROTO, "sizes");
}

int seam_base_open(struct seam_base *base, const struct seam_base_source *from,
                   const struct seam_base_options *options, const struct seam_base_class *class,
                   const void *wishes)
{
    int error = check_options(options);
    if (error == 0) {
        error = open_region(base, from, options, class->kind);
    }
    if (error != 0) {
        return error;
    }
    error = check_found(&base->region.stamp, class, wishes);
    if (error == 0) {
        look_at(base);
        error = begin(base, options->wait);
    }
    if (error == 0) {
        succeed(base, options);
    } else {
        seam_region_close(&base->region);
    }
    return error;
}

/* ---- an open object ---- */

int seam_base_pass(const struct seam_base *base, int socket, enum seam_access access)
{
    if (base->region.fork_generation != seam_fork_generation) {
        return seam_fail(EPERM, "fork");
    }
    return seam_region_pass(&base->region, socket, access == SEAM_READ_WRITE);
}

void seam_base_close(struct seam_base *base)
{
    seam_mutex_close(&base->mutex);
    seam_region_close(&base->region);
}

int seam_base_refuse(const struct seam_base *base)
{
    return base->region.fork_generation != seam_fork_generation ? -EPERM : -EACCES;
}
