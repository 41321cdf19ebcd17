/* SPDX-License-Identifier: MIT */
/* A child that is watched by its parent: that it goes on, and how it ends. */
#ifndef SEAM_TESTS_HOSTILE_WATCH_H
#define SEAM_TESTS_HOSTILE_WATCH_H

#include <stdint.h>
#include <sys/types.h>

/** Where a child is without progress for so long, it hangs, however loaded the machine is. */
#define WATCH_HANG_S 60

/**
 * Waits for the child to end, and ends it by SIGABRT where it hangs.
 * @param progress  in memory that both share; the child counts it up
 * @return its status
 */
int watch_child(pid_t child, const _Atomic uint64_t *progress);

#endif
