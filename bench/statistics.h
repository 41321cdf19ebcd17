/* SPDX-License-Identifier: MIT */
/* Order statistics. They change the order of what they look at. */
#ifndef SEAM_BENCH_STATISTICS_H
#define SEAM_BENCH_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/** The smallest value that at least @p fraction of the @p count > 0 values do not exceed. */
int64_t percentile(int64_t *values, size_t count, double fraction);

/** A median and the quartiles around it. */
struct spread {
    double q1, median, q3;
};

/** @p count > 0 */
struct spread spread_of(double *values, size_t count);

#endif
