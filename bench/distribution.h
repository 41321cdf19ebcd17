/* SPDX-License-Identifier: MIT */
/* The whole of a distribution, for pictures. */
#ifndef SEAM_BENCH_DISTRIBUTION_H
#define SEAM_BENCH_DISTRIBUTION_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * Writes `name,fraction,nanoseconds` for fractions that come nearer and nearer to 1, as far as ten
 * samples are beyond. Sorts @p samples.
 */
void distribution_write(FILE *file, const char *name, int64_t *samples, size_t count);

#endif
