/* SPDX-License-Identifier: MIT */
#include "channel/guard.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <time.h>

#include "memory/atomic.h"
#include "memory/error.h"
#include "seam/wait.h"

/* A lock that is only held for the length of an operation is worth this many looks. */
#define TRY_LOOKS 200

int seam_guard_init(pthread_mutex_t *guard)
{
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);
    if (error != 0) {
        return seam_fail(error, "pthread_mutexattr_init");
    }
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    error = pthread_mutex_init(guard, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return error == 0 ? 0 : seam_fail(error, "pthread_mutex_init");
}

static int try_lock(pthread_mutex_t *guard)
{
    int error = EBUSY;
    for (int i = 0; error == EBUSY && i < TRY_LOOKS; i++) {
        error = pthread_mutex_trylock(guard);
        cpu_relax();
    }
    return error == EBUSY ? EAGAIN : error;
}

#if defined(SEAM_TSAN)
/* ThreadSanitizer of this age does not know pthread_mutex_clocklock. */
static int lock_before(pthread_mutex_t *guard, int64_t deadline_ns)
{
    int error;
    do {
        error = try_lock(guard);
        sched_yield();
    } while (error == EAGAIN && seam_deadline_in_ns(0) < deadline_ns);
    return error == EAGAIN ? ETIMEDOUT : error;
}
#else
static int lock_before(pthread_mutex_t *guard, int64_t deadline_ns)
{
    const struct timespec until = {
        .tv_sec = (time_t)(deadline_ns / 1000000000),
        .tv_nsec = (long)(deadline_ns % 1000000000),
    };
    return pthread_mutex_clocklock(guard, CLOCK_MONOTONIC, &until);
}
#endif

static int lock_until(pthread_mutex_t *guard, int64_t deadline_ns)
{
    return deadline_ns == SEAM_FOREVER ? pthread_mutex_lock(guard)
                                       : lock_before(guard, deadline_ns);
}

int seam_guard_enter(pthread_mutex_t *guard, int64_t deadline_ns)
{
    if (guard == NULL) {
        return 0;
    }
    int error = deadline_ns == SEAM_NEVER_WAIT ? try_lock(guard) : lock_until(guard, deadline_ns);
    if (error == EOWNERDEAD) {
        error = pthread_mutex_consistent(guard);
    }
    return -error;
}

void seam_guard_leave(pthread_mutex_t *guard)
{
    if (guard != NULL) {
        pthread_mutex_unlock(guard);
    }
}
