/* SPDX-License-Identifier: MIT */
/**
 * @file
 * One number that processes share: a signed 64-bit integer or a double.
 *
 *     struct seam_value *value;
 *     seam_value_create("visitors", NULL, &value);   others open it
 *     seam_value_add(value, 1, NULL);
 *     seam_value_close(value);
 *
 * Each call is atomic for all processes; what was written before a change is seen by whoever sees
 * the change. No call but the waits ever waits. Whoever is killed has changed the number or has
 * not. All calls but the waits may be made through one handle by any number of threads at once.
 *
 * A raw value (mode SEAM_RAW) has the same calls without any of that: add is a load and a store,
 * so changes that meet get lost, nothing is ordered, and nobody can wait for it. It is there to
 * be used under a lock, or to show what goes wrong without one.
 *
 * Errors of every call: -EPERM after a fork; -EINVAL the value is of the other type; -EACCES the
 * handle may only read. Calls without options and their errors: object.h.
 */
#ifndef SEAM_VALUE_H
#define SEAM_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "seam/attrs.h"
#include "seam/object.h"
#include "seam/region.h"
#include "seam/wait.h"

SEAM_BEGIN_DECLS

/** An open value; private to the process. */
struct seam_value;

/** Zero in every member is the default. */
struct seam_value_options {
    struct seam_region_options region; /**< where it lives, and who may reach it */
    enum seam_type type;               /**< SEAM_INT64 or SEAM_DOUBLE */
    enum seam_mode mode;               /**< SEAM_LOCK_FREE or SEAM_RAW */
    enum seam_access access;           /**< what this handle may do; create: SEAM_READ_WRITE */
    enum seam_wait wait;               /**< how this handle waits for a change */
    uint64_t reserved[8];              /**< must be zero */
};

/**
 * Handles on values come and go as those on all objects do, with the errors in object.h. The number
 * is 0 at first.
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_value_create(const char *name,
                                                 const struct seam_value_options *options,
                                                 struct seam_value **ret_value);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_open(const char *name,
                                               const struct seam_value_options *options,
                                               struct seam_value **ret_value);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_reopen(const struct seam_value *other,
                                                 const struct seam_value_options *options,
                                                 struct seam_value **ret_value);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_pass(const struct seam_value *value, int socket,
                                               enum seam_access access);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_take(int socket, const struct seam_value_options *options,
                                               struct seam_value **ret_value);
SEAM_PUBLIC void seam_value_close(struct seam_value *value);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_unlink(const char *name,
                                                 const struct seam_region_options *region);

/* ---- integers ---- */

/** Tells the number. @return 0; errors as above */
SEAM_PUBLIC int seam_value_load(const struct seam_value *value, int64_t *ret_now);

/**
 * Sets the number, adds to it, subtracts from it or exchanges it; sums and differences wrap around.
 * @return 0 with the number before in @p *ret_old, which may be NULL; errors as above
 */
SEAM_PUBLIC int seam_value_store(struct seam_value *value, int64_t number);
SEAM_PUBLIC int seam_value_add(struct seam_value *value, int64_t by, int64_t *ret_old);
SEAM_PUBLIC int seam_value_sub(struct seam_value *value, int64_t by, int64_t *ret_old);
SEAM_PUBLIC int seam_value_exchange(struct seam_value *value, int64_t number, int64_t *ret_old);

/**
 * Stores @p desired if the number is @p *expected.
 * @return 1: done; 0: it is another number, which is in @p *expected now; errors as above
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_value_compare_exchange(struct seam_value *value,
                                                           int64_t *expected, int64_t desired);

/**
 * Waits until the number is another one than @p old. A number that changed and changed back in
 * the meantime may go unnoticed.
 * @param ret_now  NULL or where the number goes
 * @return 0; -ENOTSUP the value is raw; _until: -ETIMEDOUT; errors as above
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_value_wait(struct seam_value *value, int64_t old,
                                               int64_t *ret_now);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_wait_until(struct seam_value *value, int64_t old,
                                                     int64_t *ret_now, int64_t deadline_ns);

/** For seam_wait_any: that the number is another one than @p old. @return 0; -ENOTSUP raw */
SEAM_PUBLIC SEAM_NODISCARD int seam_value_changed(struct seam_value *value, int64_t old,
                                                  struct seam_waitable *ret_thing);

/* ---- doubles ---- */

/** The same for doubles. They are compared by their bytes, so -0.0 is not 0.0. */
SEAM_PUBLIC int seam_value_load_double(const struct seam_value *value, double *ret_now);
SEAM_PUBLIC int seam_value_store_double(struct seam_value *value, double number);
SEAM_PUBLIC int seam_value_add_double(struct seam_value *value, double by, double *ret_old);
SEAM_PUBLIC int seam_value_sub_double(struct seam_value *value, double by, double *ret_old);
SEAM_PUBLIC int seam_value_exchange_double(struct seam_value *value, double number,
                                           double *ret_old);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_compare_exchange_double(struct seam_value *value,
                                                                  double *expected, double desired);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_wait_double(struct seam_value *value, double old,
                                                      double *ret_now);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_wait_double_until(struct seam_value *value, double old,
                                                            double *ret_now, int64_t deadline_ns);
SEAM_PUBLIC SEAM_NODISCARD int seam_value_changed_double(struct seam_value *value, double old,
                                                         struct seam_waitable *ret_thing);

/* ---- either ---- */

/** What the value is; never fails, in a child after fork neither. */
SEAM_PUBLIC enum seam_type seam_value_type(const struct seam_value *value);
SEAM_PUBLIC enum seam_mode seam_value_mode(const struct seam_value *value);

SEAM_END_DECLS

#endif
