/* SPDX-License-Identifier: MIT */
/* What /proc says about this process and the machine. */
#ifndef SEAM_TESTS_PROC_H
#define SEAM_TESTS_PROC_H

#include <stdbool.h>
#include <stddef.h>

/** The sum of the numbers behind @p key in a file of /proc; in smaps, of files of path @p path. */
size_t proc_sum(const char *file, const char *key, const char *path);

/** How many mappings there are of files whose path has @p path in it; NULL: of anything. */
size_t proc_mappings(const char *path);

/** Whether a file whose path has @p path in it is mapped. */
bool proc_is_mapped(const char *path);

/** How many descriptors below @p end are open; needs none itself. */
size_t proc_descriptors(int end);

#endif
