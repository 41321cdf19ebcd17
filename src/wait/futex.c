/* SPDX-License-Identifier: MIT */
#include "wait/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "wait/deadline.h"
#include "wait/test_hooks.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449 /* the same number everywhere */
#endif

bool seam_test_no_futex_waitv;

static struct timespec to_timespec(int64_t deadline_ns)
{
    return (struct timespec){
        .tv_sec = (time_t)(deadline_ns / SEAM_NS_PER_S),
        .tv_nsec = (long)(deadline_ns % SEAM_NS_PER_S),
    };
}

void seam_futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t deadline_ns)
{
    /* WAIT_BITSET is the form whose time-out is absolute; without FUTEX_PRIVATE: shared. */
    const struct timespec until = to_timespec(deadline_ns);
    (void)syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, &until, NULL,
                  FUTEX_BITSET_MATCH_ANY);
}

void seam_futex_fill(struct futex_waitv *entry, const void *word, uint32_t expected)
{
    *entry = (struct futex_waitv){.val = expected, .uaddr = (uintptr_t)word, .flags = FUTEX_32};
}

int seam_futex_wait_many(struct futex_waitv *entries, unsigned count, int64_t deadline_ns)
{
    struct timespec until = to_timespec(deadline_ns);
    if (seam_test_no_futex_waitv) {
        return -ENOSYS;
    }
    long woken = syscall(SYS_futex_waitv, entries, count, 0, &until, CLOCK_MONOTONIC);
    return woken < 0 && (errno == ENOSYS || errno == EPERM) ? -ENOSYS : 0;
}

void seam_futex_wake_all(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
