/* SPDX-License-Identifier: MIT */
/* Places: the directories in which named regions live, and what may be a name there. */
#ifndef SEAM_REGION_PLACE_H
#define SEAM_REGION_PLACE_H

#include <stdint.h>
#include <sys/types.h>

#include "seam/region.h"

/** @return 0 or -EINVAL */
int seam_place_check_name(const char *name);

/** The directory that the options mean, from the root; to be freed. NULL: there is none. */
char *seam_place_resolve(const struct seam_region_options *options);

/** Bytes of a page there; where there is no such directory, of an ordinary one. */
uint64_t seam_place_page_bytes(const struct seam_region_options *options);

/** Opens that directory, for searching only. @return a descriptor or -errno */
int seam_place_open_base(const struct seam_region_options *options);

/** The same, for a call that has a @p name to look for there. @return also -EINVAL, of the name */
int seam_place_open_base_for(const char *name, const struct seam_region_options *options);

/** The user to whom what is there has to belong. */
uid_t seam_place_owner(const struct seam_region_options *options);

/**
 * Opens both files of the region @p name.
 * @param log_flags  O_RDONLY or O_RDWR, for the log; the desk is always opened for both
 */
int seam_place_open(const char *name, const struct seam_region_options *options, int log_flags,
                    int *ret_log_fd, int *ret_desk_fd);

#endif
