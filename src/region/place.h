/* SPDX-License-Identifier: MIT */
/*
 * Places: the directories in which named regions live.
 *
 * A region NAME is built in `.seam-NAME` beside its final place and renamed; removing it renames it
 * back to there first. Either way the name appears and disappears in one step. Whoever works in
 * `.seam-NAME` holds a flock on it, so what a killed process left there is recognised and cleared
 * by the next one that needs the place.
 */
#ifndef SEAM_REGION_PLACE_H
#define SEAM_REGION_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "seam/region.h"

#define SEAM_ASIDE_PREFIX ".seam-"

/** Room for the name of a directory that is being built or removed. */
#define SEAM_ASIDE_BYTES (SEAM_NAME_MAX + 32)

/** A region being built. */
struct seam_site {
    int base_fd;
    int dir_fd; /* locked */
    const char *name;
    char aside[SEAM_ASIDE_BYTES]; /* its name until it has that */
};

/** @return 0 or -EINVAL */
int seam_place_check_name(const char *name);

/** The directory that the options mean, from the root; to be freed. NULL: there is none. */
char *seam_place_resolve(const struct seam_region_options *options);

/** Bytes of a page there; where there is no such directory, of an ordinary one. */
uint64_t seam_place_page_bytes(const struct seam_region_options *options);

/** Opens that directory, for searching only. @return a descriptor or -errno */
int seam_place_open_base(const struct seam_region_options *options);

/** Begins to build @p name. @return 0; -EEXIST it is there, or somebody is building it */
int seam_place_begin(const char *name, const struct seam_region_options *options,
                     struct seam_site *ret_site);

/** Creates an empty file in the site. @return a descriptor or -errno */
int seam_place_add_file(const struct seam_site *site, const char *file, mode_t mode);

/** Gives the site its name. The site is closed if it succeeds. @return 0 or -errno */
int seam_place_finish(struct seam_site *site, mode_t mode);

/** Removes and closes the site. */
void seam_place_abandon(struct seam_site *site);

/**
 * Opens both files of the region @p name.
 * @param log_flags  O_RDONLY or O_RDWR, for the log; the desk is always opened for both
 */
int seam_place_open(const char *name, const struct seam_region_options *options, int log_flags,
                    int *ret_log_fd, int *ret_desk_fd);

/** Clears what a killed process left aside. @return 0; -ENOENT nothing; -EAGAIN somebody is at it
 */
int seam_place_clear(const char *name, const struct seam_region_options *options);

/** Removes the region @p name; where @p only is given, only if its desk is that file. */
int seam_place_remove(const char *name, const struct seam_region_options *options,
                      const struct stat *only);

#endif
