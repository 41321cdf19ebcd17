/* SPDX-License-Identifier: MIT */
/*
 * Staging: what is being built or removed, beside its place.
 *
 * A region NAME is built in `.seam-NAME` beside its final place and renamed; removing it renames it
 * back to there first. Either way the name appears and disappears in one step. A process that works
 * in `.seam-NAME` holds a flock on it, so what a killed process left there is recognised and
 * cleared by the next one that needs it.
 */
#ifndef SEAM_REGION_STAGING_H
#define SEAM_REGION_STAGING_H

#include <sys/stat.h>

#include "seam/region.h"

#define SEAM_STAGING_PREFIX ".seam-"

/** Room for the name of a directory that is being built or removed. */
#define SEAM_STAGING_BYTES (SEAM_NAME_MAX + 32)

/** A region being built. */
struct seam_staging {
    int base_fd;
    int dir_fd; /* locked */
    const char *name;
    char staged[SEAM_STAGING_BYTES]; /* its name until it has that */
};

/** Begins to build @p name. @return 0; -EEXIST it is there, or somebody is building it */
int seam_staging_begin(const char *name, const struct seam_region_options *options,
                       struct seam_staging *ret_staging);

/** Creates an empty file in it. @return a descriptor or -errno */
int seam_staging_add_file(const struct seam_staging *staging, const char *file, mode_t mode);

/** Gives it its name, and closes it if that succeeds. @return 0 or -errno */
int seam_staging_finish(struct seam_staging *staging, mode_t mode);

/** Removes and closes it. */
void seam_staging_abandon(struct seam_staging *staging);

/** Clears what a killed process left aside. @return 0; -ENOENT nothing; -EAGAIN somebody is at it
 */
int seam_staging_clear(const char *name, const struct seam_region_options *options);

/** Removes the region @p name; where @p only is given, only if its desk is that file. */
int seam_staging_remove(const char *name, const struct seam_region_options *options,
                        const struct stat *only);

#endif
