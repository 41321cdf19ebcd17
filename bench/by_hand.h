/* SPDX-License-Identifier: MIT */
/*
 * What one writes by hand where there is no library: a struct in shared memory with a mutex and the
 * data side by side, and bare atomic words.
 */
#ifndef SEAM_BENCH_BY_HAND_H
#define SEAM_BENCH_BY_HAND_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory/atomic.h"

/* Elements of the arrays and lists that are measured, and room for what is appended to them. */
#define BY_HAND_LENGTH 1000
#define BY_HAND_ROOM 16384

/** Lines of 128 bytes: CPUs fetch them in twos. */
struct by_hand {
    _Alignas(128) pthread_mutex_t mutex; /* process-shared */
    /* Changed under the mutex; read by whoever counts, so atomic, but without any order. */
    _Atomic int64_t number;
    _Alignas(128) _Atomic int64_t bare; /* changed without the mutex */
    /* Under a lock of seam's and under the mutex: no lock has its data beside it here. */
    _Alignas(128) _Atomic int64_t under_seam;
    _Alignas(128) _Atomic int64_t under_mutex;
    _Alignas(128) _Atomic int64_t bare_elements[BY_HAND_LENGTH];
    _Alignas(128) size_t length; /* of the list; it and the elements are under the mutex */
    _Alignas(128) int64_t elements[BY_HAND_ROOM];
};

/**
 * Makes it in memory that children share.
 * @param robust  the mutex is robust and error-checking, as seam's locks are, else the default one
 * @return 0 or -errno
 */
int by_hand_create(bool robust, struct by_hand **ret_hand);

/** NULL is ignored. */
void by_hand_free(struct by_hand *hand);

/** @return 0 or -errno */
static inline int by_hand_lock(struct by_hand *hand)
{
    int error = pthread_mutex_lock(&hand->mutex);
    if (unlikely(error == EOWNERDEAD)) {
        error = pthread_mutex_consistent(&hand->mutex);
    }
    return -error;
}

static inline int by_hand_unlock(struct by_hand *hand)
{
    return -pthread_mutex_unlock(&hand->mutex);
}

/** A plain increment under a lock; relaxed: the lock orders it. */
static inline void by_hand_count(_Atomic int64_t *number)
{
    store_relaxed(number, load_relaxed(number) + 1);
}

/*
 * Bare atomic operations, called as a library's are and with the same parameters, never inlined.
 * (Two instructions alone, an addition and a return, would be a slower limit than these: on some
 * CPUs a locked instruction waits for the call's own store if that has only just been made.)
 */
int called_load(const _Atomic int64_t *word, int64_t *ret_now);
int called_add(_Atomic int64_t *word, int64_t by, int64_t *ret_old);
int called_compare_exchange(_Atomic int64_t *word, int64_t *expected, int64_t desired);

#endif
