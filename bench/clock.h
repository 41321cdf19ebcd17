/* SPDX-License-Identifier: MIT */
/* One clock for everything, so that its cost is the same in what is measured and in its limit. */
#ifndef SEAM_BENCH_CLOCK_H
#define SEAM_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
