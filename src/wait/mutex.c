/* SPDX-License-Identifier: MIT */
#include "wait/mutex.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "region/error.h"

#define ID_TRIES 1000
/* Pauses, some hundred nanoseconds. */
#define COURTESY 30
/* Pauses between two looks at a lock that is taken. */
#define PAUSES_LEAST 4
#define PAUSES_MOST 32

_Thread_local uint64_t seam_thread_number __attribute__((tls_model("initial-exec")));

SEAM_COLD uint64_t seam_number_thread(void)
{
    static _Atomic uint64_t last;
    seam_thread_number = add_relaxed(&last, 1) + 1; /* only has to be another one each time */
    return seam_thread_number;
}

/* ---- coming and going ---- */

/** An id that no living handle has, and that is not the one of a dead holder. */
static int take_id(struct seam_mutex *mutex)
{
    for (int i = 0; i < ID_TRIES; i++) {
        /* Relaxed: the lease decides, this only spreads the attempts. */
        uint32_t id = (add_relaxed(&mutex->line->last_id, 1) + 1) & SEAM_MUTEX_IDS;
        if (id == 0) {
            continue;
        }
        int error = seam_lease_take(mutex->lease, seam_mutex_lease_of(id), true);
        if (error != 0 && error != -EBUSY) {
            return error;
        }
        if (error == 0 && load_relaxed(&mutex->line->holder) != id) {
            mutex->id = id;
            return 0;
        }
        if (error == 0) {
            seam_lease_drop(mutex->lease, seam_mutex_lease_of(id));
        }
    }
    return seam_fail(EUSERS, "lock id");
}

int seam_mutex_open(struct seam_mutex *mutex, const struct seam_mutex_place *place)
{
    *mutex = (struct seam_mutex){
        .line = place->line,
        .fences = place->fences,
        .lease = place->lease,
        .generation = place->generation,
        .tries = place->tries,
        .pid = (uint32_t)getpid(),
        .fence = !seam_barrier_register(),
    };
    seam_waiter_init(&mutex->waiter, place->wait);
    int error = take_id(mutex);
    if (error != 0) {
        mutex->line = NULL;
        return error;
    }
    seam_lease_set_user(mutex->lease, mutex);
    return 0;
}

void seam_mutex_close(struct seam_mutex *mutex)
{
    if (mutex->line == NULL || mutex->lease->fd < 0) { /* not open, or in a child of its process */
        return;
    }
    if (load_relaxed(&mutex->thread) != 0) {
        seam_mutex_leave(mutex);
    }
    seam_lease_set_user(mutex->lease, NULL);
    seam_lease_drop(mutex->lease, seam_mutex_lease_of(mutex->id));
    mutex->line = NULL;
}

/* ---- waiting ---- */

SEAM_COLD void seam_mutex_let_others(const struct seam_mutex *mutex)
{
    (void)seam_wake(&mutex->line->wanted, NULL);
    /*
     * A holder that takes the lock again and again at once would leave it free only for moments,
     * in which nobody happens to look. So this waits for about as long as others need to see it.
     */
    for (int i = 0; i < COURTESY; i++) {
        if (load_relaxed(&mutex->line->holder) != 0) {
            return;
        }
        cpu_relax();
    }
    (void)sched_yield(); /* the other one may need this very CPU */
}

bool seam_mutex_is_free(void *context)
{
    const struct seam_mutex *mutex = context;
    return load_relaxed(&mutex->line->holder) == 0; /* the compare-and-swap looks properly */
}

/** Whether the handle with the id @p holder is gone; only then. */
static bool is_dead(const struct seam_mutex *mutex, uint32_t holder)
{
    return !seam_lease_held_by_others(mutex->lease, seam_mutex_lease_of(holder));
}

/** What is looked for among the handles of this process. */
struct suspect {
    const struct seam_mutex *mutex;
    uint32_t holder;
};

static bool is_same_thread(const void *user, void *context)
{
    const struct suspect *suspect = context;
    const struct seam_mutex *other = user;
    return other->id == suspect->holder && load_relaxed(&other->thread) == seam_mutex_self() &&
           memcmp(other->generation, suspect->mutex->generation, 16) == 0;
}

int seam_mutex_recheck(void *context, bool thorough)
{
    (void)thorough; /* what comes next is a sleep: that costs more than a look */
    struct seam_mutex *mutex = context;
    struct suspect suspect = {.mutex = mutex, .holder = load_relaxed(&mutex->line->holder)};
    if (suspect.holder == 0) {
        return 0;
    }
    if (seam_lease_any_user(is_same_thread, &suspect)) {
        return -EDEADLK;
    }
    if (is_dead(mutex, suspect.holder)) {
        mutex->dead = suspect.holder;
        return -EOWNERDEAD;
    }
    (void)seam_want(&mutex->line->wanted); /* once more: who spins does not raise it any more */
    return 0;
}

/**
 * Looks whether the lock is free, for @p most pauses. Ever more of them lie between two looks,
 * since each look takes the line from the holder, who needs it to give the lock back. Whoever has
 * looked for longer than a turn usually lasts raises the flag, though it does not sleep: see
 * seam_mutex_let_others.
 */
static bool look(const struct seam_mutex *mutex, unsigned *looked, unsigned most)
{
    for (unsigned pauses = PAUSES_LEAST; *looked < most;
         pauses += pauses < PAUSES_MOST ? pauses : 0) {
        if (load_relaxed(&mutex->line->holder) == 0) {
            return true; /* the compare-and-swap looks properly */
        }
        for (unsigned i = 0; i < pauses; i++) {
            cpu_relax();
        }
        if (*looked / SEAM_LOOKS != (*looked + pauses) / SEAM_LOOKS) {
            (void)seam_want(&mutex->line->wanted);
        }
        *looked += pauses;
    }
    return false;
}

static int try_enter(struct seam_mutex *mutex)
{
    for (unsigned looked = 0; look(mutex, &looked, mutex->tries); looked++) {
        if (seam_mutex_take_from(mutex, 0)) {
            return 0;
        }
    }
    int verdict = seam_mutex_recheck(mutex, true);
    if (verdict == -EOWNERDEAD) {
        return seam_mutex_take_from(mutex, mutex->dead) ? -EOWNERDEAD : -EAGAIN;
    }
    return verdict != 0 ? verdict : -EAGAIN;
}

SEAM_COLD int seam_mutex_enter_slowly(struct seam_mutex *mutex, int64_t deadline_ns)
{
    unsigned attempts = 0;
    const struct seam_wait_for what = {
        .ready = seam_mutex_is_free,
        .recheck = seam_mutex_recheck,
        .flag = &mutex->line->wanted,
        .fences = mutex->fences,
        .context = mutex,
    };
    if (load_relaxed(&mutex->line->holder) == mutex->id) {
        return -EDEADLK;
    }
    if (deadline_ns == SEAM_NEVER_WAIT) {
        return try_enter(mutex);
    }
    for (;;) {
        unsigned looked = 0;
        bool seen = look(mutex, &looked, SEAM_LOOKS);
        int result = seen ? 0 : seam_wait_on(&mutex->waiter, &what, deadline_ns);
        if (result == 0 && seam_mutex_take_from(mutex, 0)) {
            return 0;
        }
        if (result == -EOWNERDEAD && seam_mutex_take_from(mutex, mutex->dead)) {
            return -EOWNERDEAD;
        }
        if (result == -ETIMEDOUT || result == -EDEADLK) {
            return result;
        }
        if (seam_is_late(&attempts, deadline_ns)) {
            return -ETIMEDOUT;
        }
    }
}
