/* SPDX-License-Identifier: MIT */
/* Options and stamps: what is allowed, and the sizes that follow. All answer 0 or a negative errno.
 */
#ifndef SEAM_CHANNEL_GEOMETRY_H
#define SEAM_CHANNEL_GEOMETRY_H

#include <stdbool.h>

#include "memory/layout.h"
#include "seam/channel.h"

/* ---- what a policy means; elsewhere it is never compared with anything ---- */

/** Whether each reader has a cursor of its own, which writers wait for. */
static inline bool seam_policy_has_cursors(uint32_t policy)
{
    return policy == SEAM_LOSSLESS;
}

/** Whether all readers share one cursor, and each message goes to one of them. */
static inline bool seam_policy_shares_cursor(uint32_t policy)
{
    return policy == SEAM_WORK_QUEUE;
}

/** Whether writers wait for nobody, and readers may be overtaken. */
static inline bool seam_policy_overtakes(uint32_t policy)
{
    return policy == SEAM_OVERWRITE;
}

/* ---- checks, and sizes ---- */

/** Checks each option by itself. */
int seam_check_options(const struct seam_channel_options *options);

/** Checks a durable cursor's name. @return 0; -EINVAL not 1 to 31 bytes */
int seam_check_cursor_name(const char *name);

/** Checks options that only make sense together with the role and the channel's policy. */
int seam_check_combination(const struct seam_channel_options *options, enum seam_role role,
                           uint32_t policy);

/** Chooses the sizes of a new channel. */
int seam_choose_geometry(const struct seam_channel_options *options, struct seam_stamp *stamp);

/** Checks what a stamp says before anything is computed from it. */
int seam_check_geometry(const struct seam_stamp *stamp);

/** Whether the channel is what the caller asked for. */
int seam_check_wanted(const struct seam_channel_options *options, const struct seam_stamp *stamp);

#endif
