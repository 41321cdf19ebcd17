/* SPDX-License-Identifier: MIT */
/* Named channels: whoever comes first makes it, the other one opens it. */
#ifndef DEMO_OPEN_H
#define DEMO_OPEN_H

#include "demo/common.h"

/**
 * Opens the channel options->name for @p role, or makes it. What is waiting to be read keeps its
 * place in the cursor that all readers use.
 * @param role  SEAM_WRITER, SEAM_READER, or SEAM_OBSERVER to read without that cursor
 * @return false after telling the user
 */
bool demo_open(const struct demo_options *options, enum seam_role role,
               struct seam_channel **ret_channel);

#endif
