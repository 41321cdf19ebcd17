/* SPDX-License-Identifier: MIT */
/* What seam_wait_any and the notifier have in common; and how floors above fill in a waitable. */
#ifndef SEAM_WAIT_WAITABLE_H
#define SEAM_WAIT_WAITABLE_H

#include "seam/wait.h"
#include "wait/waiter.h"

/**
 * Fills in something to wait for. @p what without a context: its functions get a pointer to a
 * struct seam_waitable_internal with these two in it.
 */
void seam_waitable_fill(struct seam_waitable *thing, const struct seam_wait_for *what, void *handle,
                        uint64_t argument);

/**
 * S1 to S3 for all things at once: raises their flags, and looks at each of them.
 * @param values  the words to sleep on, as they are after raising
 * @return whether any is ready, and no sleep is to follow
 */
bool seam_prepare_all(struct seam_waitable *things, size_t count, uint32_t *values);

#endif
