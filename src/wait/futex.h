/* SPDX-License-Identifier: MIT */
/* The futex system call on words in shared memory, and the clock its deadlines are in. */
#ifndef SEAM_WAIT_FUTEX_H
#define SEAM_WAIT_FUTEX_H

#include <stdint.h>

/**
 * Sleeps while @p word is @p expected, to an absolute deadline at the latest. May return early
 * for any reason: the caller looks again.
 */
void seam_futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t deadline_ns);

/** One of several words, as futex_waitv(2) wants them. */
struct futex_waitv;

/** @p entry: sleep while @p word is @p expected. */
void seam_futex_fill(struct futex_waitv *entry, const void *word, uint32_t expected);

/**
 * Sleeps until one of the words is woken or is not as expected, or to the deadline; may return
 * early.
 * @return 0; -ENOSYS this kernel can't
 */
int seam_futex_wait_many(struct futex_waitv *entries, unsigned count, int64_t deadline_ns);

/** Wakes all who sleep on @p word. */
void seam_futex_wake_all(_Atomic uint32_t *word);

#endif
