/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Lists that processes share: up to a fixed number of elements, empty at first.
 *
 *     const struct seam_list_options options = {
 *         .mode = SEAM_LOCKED, .capacity = 100, .element_bytes = 64};
 *     seam_list_create("names", &options, &list);   others open it
 *     seam_list_append_text(list, "Grace");
 *     seam_list_close(list);
 *
 * Locked mode: elements of bytes, each of its own length, kept as they are. Writers take turns;
 * readers take no lock, never wait for a writer, and what they get is of one moment.
 * Lock-free mode: elements of 8 bytes, each atomic on its own; append, get, set, update, length,
 * snapshot and iterate. All else answers -ENOTSUP.
 *
 * Each operation is atomic for every other process, and all or nothing whenever its process is
 * killed. An index counts from 0; SEAM_LAST is that of the last element.
 *
 * Errors of every call: -EPERM after a fork; -ERANGE an index is out of range; -EACCES the handle
 * may only read; -ENOTSUP not in this mode; -EMSGSIZE an element is too long for the list or for
 * the buffer, and nothing is changed (lock-free: not of 8 bytes). Changes in locked mode wait for
 * other writers as long as it takes, and for a moment where readers ask for it because they are
 * overtaken again and again. Calls answer -EAGAIN where somebody else than this library changes the
 * list faster than it can be read, -EBADMSG where somebody has damaged it.
 * Calls without options and their errors: object.h.
 */
#ifndef SEAM_LIST_H
#define SEAM_LIST_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "seam/attrs.h"
#include "seam/object.h"
#include "seam/region.h"
#include "seam/wait.h"

SEAM_BEGIN_DECLS

/** An open list; private to the process. */
struct seam_list;

/** Index of the last element, whichever that is when the call takes effect. */
#define SEAM_LAST SIZE_MAX

/** Zero in every member is the default. */
struct seam_list_options {
    struct seam_region_options region; /**< where it lives, and who may reach it */
    size_t capacity;      /**< elements; create: 1 to 2^31; open: -ENOSPC where it has less */
    size_t element_bytes; /**< longest; create: 0 means 8, most 1 MiB; open: -EMSGSIZE if shorter */
    enum seam_mode mode;  /**< SEAM_LOCK_FREE or SEAM_LOCKED */
    enum seam_access access; /**< what this handle may do; create: SEAM_READ_WRITE */
    enum seam_wait wait;     /**< locked mode: how this handle waits for other writers */
    uint64_t reserved[8];    /**< must be zero */
};

/** Fixed properties of an open list. */
struct seam_list_info {
    enum seam_mode mode;  /**< SEAM_LOCK_FREE or SEAM_LOCKED */
    size_t capacity;      /**< elements */
    size_t element_bytes; /**< of the longest */
    size_t memory_bytes;  /**< of shared memory in all */
};

/** Handles on lists come and go as those on all objects do, with the errors in object.h. */
SEAM_PUBLIC SEAM_NODISCARD int seam_list_create(const char *name,
                                                const struct seam_list_options *options,
                                                struct seam_list **ret_list);
SEAM_PUBLIC SEAM_NODISCARD int seam_list_open(const char *name,
                                              const struct seam_list_options *options,
                                              struct seam_list **ret_list);
SEAM_PUBLIC SEAM_NODISCARD int seam_list_reopen(const struct seam_list *other,
                                                const struct seam_list_options *options,
                                                struct seam_list **ret_list);
SEAM_PUBLIC SEAM_NODISCARD int seam_list_pass(const struct seam_list *list, int socket,
                                              enum seam_access access);
SEAM_PUBLIC SEAM_NODISCARD int seam_list_take(int socket, const struct seam_list_options *options,
                                              struct seam_list **ret_list);
SEAM_PUBLIC void seam_list_close(struct seam_list *list);
SEAM_PUBLIC SEAM_NODISCARD int seam_list_unlink(const char *name,
                                                const struct seam_region_options *region);

/** Tells the fixed properties; never fails, in a child after fork neither. */
SEAM_PUBLIC void seam_list_info(const struct seam_list *list, struct seam_list_info *ret_info);

/* ---- reading ---- */

/** @return how many elements there are; errors as above */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_list_length(const struct seam_list *list);

/** Copies one element to @p buffer. @return its bytes */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_list_get(const struct seam_list *list, size_t index,
                                                 void *buffer, size_t buffer_size);

/** Locked mode. @return the first index whose element has just these bytes; -ENOENT none has */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_list_index_of(const struct seam_list *list,
                                                      const void *data, size_t size);

/** A copy of a whole list in private memory. */
struct seam_snapshot;

/**
 * Copies the list as it is at one moment (lock-free: what was appended until one moment, each
 * element on its own).
 * @param snapshot  holds NULL, or a snapshot from an earlier call, which is used again; afterwards
 *                  the new one, to be given to seam_snapshot_free
 * @return 0; -ENOMEM; errors as above, then an earlier one is as it was or empty
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_list_snapshot(const struct seam_list *list,
                                                  struct seam_snapshot **snapshot);

/** How many elements it has; NULL has none. */
SEAM_PUBLIC size_t seam_snapshot_length(const struct seam_snapshot *snapshot);

/**
 * Shows an element in the snapshot, whose size goes to @p ret_size.
 * @return its bytes, aligned to 8, valid as long as the snapshot; NULL: out of range
 */
SEAM_PUBLIC const void *seam_snapshot_at(const struct seam_snapshot *snapshot, size_t index,
                                         size_t *ret_size);

/** Frees the snapshot; NULL is ignored. */
SEAM_PUBLIC void seam_snapshot_free(struct seam_snapshot *snapshot);

/** Called for each element. @return 0: go on; else iterating ends with that */
typedef int seam_list_visit(size_t index, const void *data, size_t size, void *context);

/** Visits each element of a snapshot, so @p visit may change the list. @return 0, or its result */
SEAM_PUBLIC int seam_list_iterate(const struct seam_list *list, seam_list_visit *visit,
                                  void *context);

/* ---- changing ---- */

/** Puts an element behind the last. @return its index; -ENOSPC the list is full */
SEAM_PUBLIC ssize_t seam_list_append(struct seam_list *list, const void *data, size_t size);

/** The element at @p index and all behind it move up. @p index may be the length. As append. */
SEAM_PUBLIC SEAM_NODISCARD int seam_list_insert(struct seam_list *list, size_t index,
                                                const void *data, size_t size);

/** Replaces an element. */
SEAM_PUBLIC SEAM_NODISCARD int seam_list_set(struct seam_list *list, size_t index, const void *data,
                                             size_t size);

/** Takes an element out of the list and copies it to @p buffer. @return its bytes */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_list_pop(struct seam_list *list, size_t index, void *buffer,
                                                 size_t buffer_size);

/** Takes an element out of the list. */
SEAM_PUBLIC SEAM_NODISCARD int seam_list_remove(struct seam_list *list, size_t index);

/** Takes all elements out of the list. */
SEAM_PUBLIC SEAM_NODISCARD int seam_list_clear(struct seam_list *list);

/**
 * Changes an element in private memory: there are @p size bytes at @p element and room for @p most.
 * @return the new size; or a negative number: nothing is changed and update returns that
 */
typedef ssize_t seam_list_change(void *element, size_t size, size_t most, void *context);

/**
 * Replaces an element by what @p change makes of it; nobody else changes it in between. In locked
 * mode @p change runs once, under the lock: it must not change the list (-EDEADLK). In lock-free
 * mode it runs again whenever another process was faster.
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_list_update(struct seam_list *list, size_t index,
                                                seam_list_change *change, void *context);

/**
 * Add to, or multiply, an element that is an int64_t or a double; integers wrap around.
 * @param ret_old  NULL or where the number before goes
 * @return 0; -EINVAL the element has not 8 bytes; errors as above
 */
SEAM_PUBLIC int seam_list_add_int64(struct seam_list *list, size_t index, int64_t by,
                                    int64_t *ret_old);
SEAM_PUBLIC int seam_list_multiply_int64(struct seam_list *list, size_t index, int64_t by,
                                         int64_t *ret_old);
SEAM_PUBLIC int seam_list_add_double(struct seam_list *list, size_t index, double by,
                                     double *ret_old);
SEAM_PUBLIC int seam_list_multiply_double(struct seam_list *list, size_t index, double by,
                                          double *ret_old);

/* ---- typed: the calls above, for elements that are numbers or text ---- */

/** As seam_list_append, for a number. */
static inline ssize_t seam_list_append_int64(struct seam_list *list, int64_t number)
{
    return seam_list_append(list, &number, sizeof(number));
}

/** As seam_list_insert, for a number. */
static inline int seam_list_insert_int64(struct seam_list *list, size_t index, int64_t number)
{
    return seam_list_insert(list, index, &number, sizeof(number));
}

/** As seam_list_set, for a number. */
static inline int seam_list_set_int64(struct seam_list *list, size_t index, int64_t number)
{
    return seam_list_set(list, index, &number, sizeof(number));
}

/** As seam_list_get, for a number. @return 0; -EINVAL the element has not 8 bytes */
static inline int seam_list_get_int64(const struct seam_list *list, size_t index,
                                      int64_t *ret_number)
{
    int64_t number;
    ssize_t size = seam_list_get(list, index, &number, sizeof(number));
    if (size == SEAM_CAST(ssize_t, sizeof(number))) {
        *ret_number = number;
        return 0;
    }
    return size < 0 && size != -EMSGSIZE ? SEAM_CAST(int, size) : -EINVAL;
}

/** As seam_list_append, for a number. */
static inline ssize_t seam_list_append_double(struct seam_list *list, double number)
{
    return seam_list_append(list, &number, sizeof(number));
}

/** As seam_list_insert, for a number. */
static inline int seam_list_insert_double(struct seam_list *list, size_t index, double number)
{
    return seam_list_insert(list, index, &number, sizeof(number));
}

/** As seam_list_set, for a number. */
static inline int seam_list_set_double(struct seam_list *list, size_t index, double number)
{
    return seam_list_set(list, index, &number, sizeof(number));
}

/** As seam_list_get, for a number. @return 0; -EINVAL the element has not 8 bytes */
static inline int seam_list_get_double(const struct seam_list *list, size_t index,
                                       double *ret_number)
{
    double number;
    ssize_t size = seam_list_get(list, index, &number, sizeof(number));
    if (size == SEAM_CAST(ssize_t, sizeof(number))) {
        *ret_number = number;
        return 0;
    }
    return size < 0 && size != -EMSGSIZE ? SEAM_CAST(int, size) : -EINVAL;
}

/** As seam_list_append, for text, without its zero byte. */
static inline ssize_t seam_list_append_text(struct seam_list *list, const char *text)
{
    return seam_list_append(list, text, strlen(text));
}

/** As seam_list_insert, for text, without its zero byte. */
static inline int seam_list_insert_text(struct seam_list *list, size_t index, const char *text)
{
    return seam_list_insert(list, index, text, strlen(text));
}

/** As seam_list_set, for text, without its zero byte. */
static inline int seam_list_set_text(struct seam_list *list, size_t index, const char *text)
{
    return seam_list_set(list, index, text, strlen(text));
}

/** As seam_list_get, for text, and puts a zero byte behind it. @return its bytes without that */
static inline ssize_t seam_list_get_text(const struct seam_list *list, size_t index, char *buffer,
                                         size_t buffer_size)
{
    ssize_t size =
        buffer_size == 0 ? -EMSGSIZE : seam_list_get(list, index, buffer, buffer_size - 1);
    if (size >= 0) {
        buffer[size] = '\0';
    }
    return size;
}

SEAM_END_DECLS

#endif
