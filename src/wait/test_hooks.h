/* SPDX-License-Identifier: MIT */
/* Switches that only tests set, to reach what this machine would not show by itself. */
#ifndef SEAM_WAIT_TEST_HOOKS_H
#define SEAM_WAIT_TEST_HOOKS_H

#include <stdbool.h>

/** Behave as on a kernel without membarrier(2). */
extern bool seam_test_no_membarrier;

/** Behave as on a kernel without futex_waitv(2). */
extern bool seam_test_no_futex_waitv;

#endif
