/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Arrays that processes share: a fixed number of elements of one type, zero at first.
 *
 *     const struct seam_array_options options = {
 *         .type = SEAM_INT32, .length = 4};
 *     seam_array_create("squares", &options, &array);   others open it
 *     int32_t number = 25;
 *     seam_array_set(array, 0, &number);
 *     seam_array_close(array);
 *
 * Lock-free mode: each element is atomic on its own; a copy of several is not of one moment.
 * Locked mode: writers take turns; readers take no lock, never wait for a writer, and what they
 * get is of one moment. Several elements change at once between begin and commit: all or nothing,
 * whenever the writer is killed. (Source: the two copies and the sequence of Linux's
 * seqcount_latch.)
 *
 * Elements are passed by address: an int32_t for SEAM_INT32, and so on; element_bytes bytes for
 * SEAM_BYTES. An index counts from 0.
 *
 * Errors of every call: -EPERM after a fork; -ERANGE an index is out of range; -EACCES the handle
 * may only read; -ENOTSUP not in this mode or for this type. Changes in locked mode wait for other
 * writers as long as it takes (seam_array_begin_until does not), and for a moment where readers
 * ask for it because they are overtaken again and again. Reading in locked mode answers -EAGAIN
 * where somebody else than this library changes the array faster than it can be read.
 * Calls without options and their errors: object.h.
 */
#ifndef SEAM_ARRAY_H
#define SEAM_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include "seam/attrs.h"
#include "seam/object.h"
#include "seam/region.h"
#include "seam/wait.h"

SEAM_BEGIN_DECLS

/** An open array; private to the process. */
struct seam_array;

/** Zero in every member is the default. */
struct seam_array_options {
    struct seam_region_options region; /**< where it lives, and who may reach it */
    enum seam_type type;               /**< of each element */
    size_t length;           /**< elements; create: at least 1; open: 0 or what it must be */
    size_t element_bytes;    /**< SEAM_BYTES (locked mode only): 1 to 1 MiB; else 0 or the type's */
    enum seam_mode mode;     /**< SEAM_LOCK_FREE or SEAM_LOCKED */
    enum seam_access access; /**< what this handle may do; create: SEAM_READ_WRITE */
    enum seam_wait wait;     /**< locked mode: how this handle waits for other writers */
    uint64_t reserved[8];    /**< must be zero */
};

/** Fixed properties of an open array. */
struct seam_array_info {
    enum seam_type type;  /**< of each element */
    enum seam_mode mode;  /**< SEAM_LOCK_FREE or SEAM_LOCKED */
    size_t length;        /**< elements */
    size_t element_bytes; /**< of each */
    size_t memory_bytes;  /**< of shared memory in all */
};

/** Handles on arrays come and go as those on all objects do, with the errors in object.h. */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_create(const char *name,
                                                 const struct seam_array_options *options,
                                                 struct seam_array **ret_array);
SEAM_PUBLIC SEAM_NODISCARD int seam_array_open(const char *name,
                                               const struct seam_array_options *options,
                                               struct seam_array **ret_array);
SEAM_PUBLIC SEAM_NODISCARD int seam_array_reopen(const struct seam_array *other,
                                                 const struct seam_array_options *options,
                                                 struct seam_array **ret_array);
SEAM_PUBLIC SEAM_NODISCARD int seam_array_pass(const struct seam_array *array, int socket,
                                               enum seam_access access);
SEAM_PUBLIC SEAM_NODISCARD int seam_array_take(int socket, const struct seam_array_options *options,
                                               struct seam_array **ret_array);
SEAM_PUBLIC SEAM_NODISCARD int seam_array_unlink(const char *name,
                                                 const struct seam_region_options *region);

/** Frees the handle; a transaction begun through it is aborted. NULL is ignored. */
SEAM_PUBLIC void seam_array_close(struct seam_array *array);

/** Tells the fixed properties; never fails, in a child after fork neither. */
SEAM_PUBLIC void seam_array_info(const struct seam_array *array, struct seam_array_info *ret_info);

/* ---- one element ---- */

/** Copies an element out of the array. @return 0; errors as above */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_get(const struct seam_array *array, size_t index,
                                              void *ret_element);

/** Replaces an element. @return 0; errors as above */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_set(struct seam_array *array, size_t index,
                                              const void *element);

/**
 * Adds the number at @p by to an element; integers wrap around.
 * @param ret_old  NULL or where the element before goes
 * @return 0; errors as above
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_add(struct seam_array *array, size_t index,
                                              const void *by, void *ret_old);

/**
 * Stores @p desired if the element has the bytes at @p expected.
 * @return 1: done; 0: it has others, which are at @p expected now; errors as above
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_compare_exchange(struct seam_array *array, size_t index,
                                                           void *expected, const void *desired);

/* ---- several elements: @p count from @p index on, side by side in private memory ---- */

/** Sets each of them to @p element. Locked mode: all at once. */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_fill(struct seam_array *array, size_t index, size_t count,
                                               const void *element);

/** Replaces them. Lock-free mode: one by one. Locked mode: all at once. */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_copy_in(struct seam_array *array, size_t index,
                                                  size_t count, const void *elements);

/** Copies them out. Lock-free mode: one by one. Locked mode: as snapshot. */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_copy_out(const struct seam_array *array, size_t index,
                                                   size_t count, void *ret_elements);

/**
 * Locked mode: copies them out as they were at one moment. On failure the memory is unspecified.
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_snapshot(const struct seam_array *array, size_t index,
                                                   size_t count, void *ret_elements);

/* ---- transactions: locked mode ---- */

/**
 * Begins one: until commit or abort other writers wait, and every call through this handle, reading
 * ones too, works on the array as it will be. Readers see it as it was.
 * @return 0; -EALREADY one has begun; -EDEADLK this thread has one through another handle; try_:
 *         -EAGAIN somebody alive writes; _until: -ETIMEDOUT; else as above
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_begin(struct seam_array *array);
SEAM_PUBLIC SEAM_NODISCARD int seam_array_try_begin(struct seam_array *array);
SEAM_PUBLIC SEAM_NODISCARD int seam_array_begin_until(struct seam_array *array,
                                                      int64_t deadline_ns);

/** Makes everything since begin visible at once. @return 0; -EINVAL nothing has begun */
SEAM_PUBLIC SEAM_NODISCARD int seam_array_commit(struct seam_array *array);

/** Forgets everything since begin. @return 0; -EINVAL nothing has begun */
SEAM_PUBLIC int seam_array_abort(struct seam_array *array);

SEAM_END_DECLS

#endif
