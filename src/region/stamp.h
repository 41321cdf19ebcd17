/* SPDX-License-Identifier: MIT */
/* The stamp at the head of a region's log: what it is, and whether this library may use it. */
#ifndef SEAM_REGION_STAMP_H
#define SEAM_REGION_STAMP_H

#include "memory/layout.h"

/** For who reads the stamp of whatever is there. */
#define SEAM_KIND_ANY ((enum seam_kind)0)

/** Fills in all that does not depend on the kind of object. @return 0 or -errno */
int seam_stamp_fill(struct seam_stamp *stamp, enum seam_kind kind);

/**
 * Reads the stamp from @p log_fd and checks it and both files' sizes. Nothing is mapped yet, so
 * that a truncated file is an error and not a SIGBUS.
 * @param kind  SEAM_KIND_ANY: whatever it is
 * @return 0; -EPROTO, the detail names the field; -ESTALE it is from before the machine's last
 * start, and all the rest fits: the stamp is given all the same
 */
int seam_stamp_read(int log_fd, int desk_fd, enum seam_kind kind, struct seam_stamp *ret_stamp);

#endif
