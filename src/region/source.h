/* SPDX-License-Identifier: MIT */
/* Where an existing region is found: the one way by which all handles but the first come. */
#ifndef SEAM_REGION_SOURCE_H
#define SEAM_REGION_SOURCE_H

#include "region/region.h"

/** Below its name; by another handle's region; or on a socket, from which it is taken. */
struct seam_source {
    const char *name;
    const struct seam_region *other; /* if not NULL */
    bool take;
    int socket; /* if it is to be taken from there */
};

/** Opens it. @param writable  whether its log is to be written @return 0 or -errno, nothing open */
int seam_region_open_from(const struct seam_source *from, const struct seam_region_options *options,
                          enum seam_kind kind, bool writable, struct seam_region *region);

#endif
