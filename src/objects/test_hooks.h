/* SPDX-License-Identifier: MIT */
/* Switches that only tests set, to reach what this machine would not show by itself. */
#ifndef SEAM_OBJECTS_TEST_HOOKS_H
#define SEAM_OBJECTS_TEST_HOOKS_H

#include <stdint.h>

/** How long a reader tries again that asked for a pause; then something else must be writing. */
extern int64_t seam_test_patience_ns;

#endif
