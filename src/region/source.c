/* SPDX-License-Identifier: MIT */
#include "region/source.h"

int seam_region_open_from(const struct seam_source *from, const struct seam_region_options *options,
                          enum seam_kind kind, bool writable, struct seam_region *region)
{
    if (from->other != NULL) {
        return seam_region_reopen(from->other, options, kind, writable, region);
    }
    return from->take ? seam_region_take(from->socket, options, kind, writable, region)
                      : seam_region_open(from->name, options, kind, writable, region);
}
