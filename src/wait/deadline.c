/* SPDX-License-Identifier: MIT */
#include "wait/deadline.h"

#include <time.h>

int64_t seam_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SEAM_NS_PER_S + now.tv_nsec;
}

int64_t seam_deadline_in_ns(int64_t ns)
{
    int64_t deadline;
    return __builtin_add_overflow(seam_now_ns(), ns, &deadline) ? SEAM_FOREVER : deadline;
}

int64_t seam_slice_until(int64_t deadline_ns)
{
    int64_t slice = seam_deadline_in_ns(SEAM_SLICE_NS);
    return slice < deadline_ns ? slice : deadline_ns;
}
