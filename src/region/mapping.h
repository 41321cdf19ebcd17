/* SPDX-License-Identifier: MIT */
/* Mappings of logs, counted: a one-way log can't be mapped for writing a second time. */
#ifndef SEAM_REGION_MAPPING_H
#define SEAM_REGION_MAPPING_H

#include <stdbool.h>

#include "memory/layout.h"
#include "seam/region.h"

/** A mapping of a log; of a channel's: for each lane header, ring, and the ring once more. */
struct seam_mapping {
    uint8_t *base;
    size_t bytes;
    size_t stride; /* from one lane to the next */
    bool writable;
    _Atomic uint32_t references;
};

/** Maps the log that @p fd holds, aligned as the options need it. @return 0 or -errno */
int seam_mapping_open(int fd, const struct seam_stamp *stamp, bool writable,
                      const struct seam_region_options *options, struct seam_mapping **ret_mapping);

/** Does to it what the options ask, also where another handle shares it. @return 0 or -errno */
int seam_mapping_furnish(const struct seam_mapping *mapping,
                         const struct seam_region_options *options);

/** Gives up writing through it, for good. @return 0 or -errno */
int seam_mapping_protect(struct seam_mapping *mapping);

/** One more user. @return @p mapping */
struct seam_mapping *seam_mapping_share(struct seam_mapping *mapping);

/** One user less; the last one unmaps. NULL is ignored. */
void seam_mapping_release(struct seam_mapping *mapping);

#endif
