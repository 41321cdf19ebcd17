/* SPDX-License-Identifier: MIT */
/* What only tests change. */
#ifndef SEAM_REGION_TEST_HOOKS_H
#define SEAM_REGION_TEST_HOOKS_H

#include <stdbool.h>

struct seam_region;

/** Called with each new region before its kind's counters begin; NULL outside tests. */
extern void (*seam_test_created)(struct seam_region *region);

/** Behave as on a kernel without MADV_POPULATE_READ and MADV_POPULATE_WRITE. */
extern bool seam_test_no_populate;

#endif
