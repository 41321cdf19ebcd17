/* SPDX-License-Identifier: MIT */
#include "by_hand.h"

#include <sys/mman.h>

static int init_mutex(pthread_mutex_t *mutex, bool robust)
{
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);
    if (error != 0) {
        return -error;
    }
    error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (error == 0 && robust) {
        error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    }
    if (error == 0 && robust) {
        error = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    }
    if (error == 0) {
        error = pthread_mutex_init(mutex, &attributes);
    }
    (void)pthread_mutexattr_destroy(&attributes);
    return -error;
}

int by_hand_create(bool robust, struct by_hand **ret_hand)
{
    void *memory = mmap(NULL, sizeof(struct by_hand), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    struct by_hand *hand = memory;
    int error = init_mutex(&hand->mutex, robust);
    if (error != 0) {
        (void)munmap(memory, sizeof(*hand));
        return error;
    }
    *ret_hand = hand;
    return 0;
}

void by_hand_free(struct by_hand *hand)
{
    if (hand != NULL) {
        (void)pthread_mutex_destroy(&hand->mutex);
        (void)munmap(hand, sizeof(*hand));
    }
}

/* The orders are those of seam's; no data goes with these words. */

__attribute__((noinline)) int called_load(const _Atomic int64_t *word, int64_t *ret_now)
{
    *ret_now = load_acquire(word);
    return 0;
}

__attribute__((noinline)) int called_add(_Atomic int64_t *word, int64_t by, int64_t *ret_old)
{
    int64_t old = add_acq_rel(word, by);
    if (ret_old != NULL) {
        *ret_old = old;
    }
    return 0;
}

__attribute__((noinline)) int called_compare_exchange(_Atomic int64_t *word, int64_t *expected,
                                                      int64_t desired)
{
    return cas_acq_rel(word, expected, desired);
}
