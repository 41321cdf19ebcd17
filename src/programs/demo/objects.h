/* SPDX-License-Identifier: MIT */
/* Shared values and locks without a name, as the demonstrations of them need them. */
#ifndef DEMO_OBJECTS_H
#define DEMO_OBJECTS_H

#include <stdbool.h>

#include "demo/common.h"

/**
 * Says that an object can't be had or used.
 * @param action  "create", "open" and others
 * @param error   what the library just returned
 */
void demo_object_error(const char *action, const char *what, int error);

/* All of these return false after telling the user. */

bool demo_value_create(const struct demo_options *options, enum seam_mode mode,
                       struct seam_value **ret_value);
bool demo_value_reopen(const struct demo_options *options, const struct seam_value *parents,
                       struct seam_value **ret_value);
/** Waits up to DEMO_SLICE_NS for a number other than @p *now, which is in @p *now then. */
bool demo_value_wait(struct seam_value *value, int64_t *now);

bool demo_lock_create(const struct demo_options *options, struct seam_lock **ret_lock);
bool demo_lock_reopen(const struct demo_options *options, const struct seam_lock *parents,
                      struct seam_lock **ret_lock);

#endif
