/* SPDX-License-Identifier: MIT */
/*
 * Robust process-shared mutexes: around every operation in locked mode, around the writing side
 * only where there are many writers.
 *
 * The log under them is whole at every instruction, so a dead owner needs no repair beyond what
 * every writer does that finds the lock changed hands: look for the true tail.
 */
#ifndef SEAM_CHANNEL_GUARD_H
#define SEAM_CHANNEL_GUARD_H

#include <pthread.h>
#include <stdint.h>

/** The deadline of a call that must not wait. */
#define SEAM_NEVER_WAIT INT64_MIN

/** A caller's deadline, which may be any number, as one that is not SEAM_NEVER_WAIT. */
static inline int64_t seam_not_before_zero(int64_t deadline_ns)
{
    return deadline_ns < 0 ? 0 : deadline_ns;
}

/** Makes a new mutex. @return 0 or -errno */
int seam_guard_init(pthread_mutex_t *guard);

/**
 * Takes it; NULL is nothing to take.
 * @return 0; -EDEADLK this thread has it; -EAGAIN taken and deadline SEAM_NEVER_WAIT; -ETIMEDOUT
 */
int seam_guard_enter(pthread_mutex_t *guard, int64_t deadline_ns);

/** Gives it back; NULL is nothing to give back. */
void seam_guard_leave(pthread_mutex_t *guard);

#endif
