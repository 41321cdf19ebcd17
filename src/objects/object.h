/* SPDX-License-Identifier: MIT */
/*
 * What the handles of locks, values, arrays and lists have in common: the region, what this handle
 * may do, and the lock where writers take turns.
 *
 * A struct seam_object is filled in place and must not move, like the region in it.
 */
#ifndef SEAM_OBJECTS_OBJECT_H
#define SEAM_OBJECTS_OBJECT_H

#include "region/source.h"
#include "seam/object.h"
#include "wait/mutex.h"

struct seam_object {
    /* seam_fork_generation while the handle may read (change) in this process, else 0. */
    uint64_t read_key, write_key;
    struct seam_object_head *head;
    uint8_t *data; /* the elements */
    struct seam_desk *desk;
    struct seam_mutex mutex; /* open where the object has a lock and the handle may write */
    struct seam_region region;
};

/** What the options of all of them say. */
struct seam_object_options {
    const struct seam_region_options *region;
    const uint64_t *reserved; /* 8 words that must be zero */
    enum seam_access access;
    enum seam_wait wait;
};

/** Most bytes that all elements of an object may take. */
#define SEAM_OBJECT_BYTES_MOST (UINT64_C(16) << 30)

/** What tells one kind of object from another, here. */
struct seam_object_ops {
    enum seam_kind kind;
    /**
     * Whether this library can use what @p stamp says, and whether it is what the caller's options
     * ask for (NULL: the caller makes the object). Names the field in the error's detail.
     * @param ret_data_bytes  that the elements must take
     * @return 0; -EPROTO and others that the public open answers; -EINVAL when creating
     */
    int (*check)(const struct seam_stamp *stamp, const void *wanted, uint64_t *ret_data_bytes);
    /** Fills in the elements before anybody else can see them. NULL: they are zero at first. */
    void (*fill)(struct seam_object *object);
};

/**
 * Makes an object. Mode, type, length and element bytes are set in @p stamp. In locked mode
 * writers take turns under head->lock.
 */
int seam_object_create(struct seam_object *object, const char *name,
                       const struct seam_object_options *options, const struct seam_object_ops *ops,
                       const struct seam_stamp *stamp);

int seam_object_open(struct seam_object *object, const struct seam_source *from,
                     const struct seam_object_options *options, const struct seam_object_ops *ops,
                     const void *wanted);

int seam_object_pass(const struct seam_object *object, int socket, enum seam_access access);
void seam_object_close(struct seam_object *object);

/** Why a call whose key does not fit is refused. @return -EPERM or -EACCES */
int seam_object_refuse(const struct seam_object *object);

/** Whether the handle may read in this process. @return 0; -EPERM */
static inline int seam_object_check_read(const struct seam_object *object)
{
    return likely(object->read_key == seam_fork_generation) ? 0 : seam_object_refuse(object);
}

/** Whether it may change. @return 0; -EPERM, -EACCES */
static inline int seam_object_check_write(const struct seam_object *object)
{
    return likely(object->write_key == seam_fork_generation) ? 0 : seam_object_refuse(object);
}

#endif
