/* SPDX-License-Identifier: MIT */
/* An allocator that may refuse: whoever links it in has it in place of the C library's. */
#ifndef SEAM_TESTS_ALLOCATOR_H
#define SEAM_TESTS_ALLOCATOR_H

#include <stdbool.h>
#include <stdint.h>

/** From now on: refuses the allocation that follows @p before others, and, @p on, all later ones.
 */
void allocator_refuse(int64_t before, bool on);

/** Refuses none any more. @return how many it has */
int64_t allocator_relent(void);

/** Allocations that have not been freed. */
int64_t allocator_live(void);

#endif
