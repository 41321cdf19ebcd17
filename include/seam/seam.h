/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Processes on one Linux machine, joined through shared memory.
 *
 * Errors are negative errno values in the result; counts are zero or more. On failure the
 * outputs named ret_* are untouched. The library never prints, never exits, never reports through
 * errno and never changes a signal's disposition.
 */
#ifndef SEAM_SEAM_H
#define SEAM_SEAM_H

#include "seam/array.h"
#include "seam/attrs.h"
#include "seam/channel.h"
#include "seam/inspect.h"
#include "seam/list.h"
#include "seam/lock.h"
#include "seam/object.h"
#include "seam/region.h"
#include "seam/value.h"
#include "seam/wait.h"

SEAM_BEGIN_DECLS

/** The library's version, such as "0.1.0". */
SEAM_PUBLIC const char *seam_version(void);

SEAM_END_DECLS

#endif
