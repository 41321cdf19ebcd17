/* SPDX-License-Identifier: MIT */
/*
 * A lock among processes that survives its holder, without a pointer in shared memory.
 *
 * The word `holder` names the handle that has the lock. Each handle has an id of its own and an
 * exclusive lease on the desk's byte of that number, which the kernel drops when its process dies.
 * So whoever waits can ask whether the holder lives, and takes the lock over from a dead one.
 *
 *   K1  `holder` becomes an id only by a compare-and-swap of the handle that has the id: from 0, or
 *       from an id whose lease nobody holds. It becomes 0 only by the living holder. So two
 *       waiters never both take over, and a late look at a lease does no harm:
 *
 *           holder X                      waiter Y
 *           leave: holder = 0             loads holder = X
 *           close: drops the lease        asks for the lease of X: nobody has it
 *                                         CAS from X to Y: fails, since it is 0; looks again
 *
 * (Ids are given again after a billion handles: a waiter would have to be stopped between its look
 * and its compare-and-swap for all that time to be misled.)
 *
 * Taking the lock is one compare-and-swap, giving it back a plain store and a look at the flag of
 * the sleepers: they pay for the barrier, see barrier.h. Who is killed between the store and the
 * wake-up costs the sleepers one slice.
 */
#ifndef SEAM_WAIT_MUTEX_H
#define SEAM_WAIT_MUTEX_H

#include "memory/layout.h"
#include "region/lease.h"
#include "wait/barrier.h"
#include "wait/waiter.h"

/* Ids of handles: bytes of the desk's lock range, see enum seam_lease. */
#define SEAM_MUTEX_IDS ((UINT32_C(1) << 30) - 1)

/** The byte that the living handle of an id has the lease of. */
static inline int seam_mutex_lease_of(uint32_t id)
{
    return SEAM_LEASE_HOLDER + (int)(id & SEAM_MUTEX_IDS);
}

/** One handle's share in a lock; must not move while it is open. */
struct seam_mutex {
    struct seam_mutex_line *line; /* NULL: not open */
    _Atomic uint32_t *fences;     /* of the desk, see barrier.h */
    struct seam_lease_fd *lease;
    const uint8_t *generation; /* of the region: the same in every handle on this lock */
    struct seam_waiter waiter;
    uint32_t id;
    uint32_t pid;
    uint32_t dead;           /* a holder found dead */
    bool fence;              /* this process could not register with membarrier */
    unsigned tries;          /* looks that a call which must not wait is worth */
    _Atomic uint64_t thread; /* number of the one that holds the lock through this handle, or 0 */
};

/** What seam_mutex_open needs to know. */
struct seam_mutex_place {
    struct seam_mutex_line *line;
    _Atomic uint32_t *fences;
    struct seam_lease_fd *lease;
    const uint8_t *generation;
    enum seam_wait wait;
    unsigned tries;
};

/** Gets an id. @return 0; -EUSERS none was free; others from fcntl */
int seam_mutex_open(struct seam_mutex *mutex, const struct seam_mutex_place *place);

/** Gives the lock back if this handle has it, and the id. Nothing shared is touched after a fork.
 */
void seam_mutex_close(struct seam_mutex *mutex);

extern _Thread_local uint64_t seam_thread_number __attribute__((tls_model("initial-exec")));

/** Gives the calling thread its number. */
uint64_t seam_number_thread(void);

/** A number that no other thread of this process has, or had. */
static inline uint64_t seam_mutex_self(void)
{
    return likely(seam_thread_number != 0) ? seam_thread_number : seam_number_thread();
}

/** The part of entering that follows a compare-and-swap in vain. */
int seam_mutex_enter_slowly(struct seam_mutex *mutex, int64_t deadline_ns);

/** Whether the lock is free, as a wait's ready(). @p context: a struct seam_mutex */
bool seam_mutex_is_free(void *context);

/**
 * Asked now and then, as a wait's recheck(): a holder that died, or that waits for itself, never
 * gives the lock back. @return 0; -EOWNERDEAD; -EDEADLK
 */
int seam_mutex_recheck(void *context, bool thorough);

/** Wakes those who wait for the lock, and lets them have it. */
void seam_mutex_let_others(const struct seam_mutex *mutex);

/** Whether the calling thread holds the lock through this handle. */
static inline bool seam_mutex_is_mine(struct seam_mutex *mutex)
{
    /* Relaxed: this thread's own store, or one that is not this thread in any case. */
    return load_relaxed(&mutex->thread) == seam_mutex_self();
}

/** One attempt. @return whether the lock went from @p holder, 0: nobody, to this handle */
static inline bool seam_mutex_take_from(struct seam_mutex *mutex, uint32_t holder)
{
    /*
     * K2, pairs with K1 in seam_mutex_leave: all that its last holder did is seen. What a dead one
     * did comes by way of the kernel.
     */
    if (unlikely(!cas_acq_rel(&mutex->line->holder, &holder, mutex->id))) {
        return false;
    }
    store_relaxed(&mutex->line->pid, mutex->pid); /* for people to read */
    store_relaxed(&mutex->thread, seam_mutex_self());
    return true;
}

/**
 * Takes the lock.
 * @return 0; -EOWNERDEAD taken from a holder that died: what it was changing needs repair;
 *         -EDEADLK this thread has it; -EAGAIN taken and deadline SEAM_NEVER_WAIT; -ETIMEDOUT
 */
static inline int seam_mutex_enter(struct seam_mutex *mutex, int64_t deadline_ns)
{
    return likely(seam_mutex_take_from(mutex, 0)) ? 0 : seam_mutex_enter_slowly(mutex, deadline_ns);
}

/** Gives the lock back. Only for who has it. */
static inline void seam_mutex_leave(struct seam_mutex *mutex)
{
    store_relaxed(&mutex->thread, 0);
    store_release(&mutex->line->holder, 0); /* K1, pairs with K2 in seam_mutex_take_from */
    /* P2, pairs with S2 in seam_barrier_heavy: the free lock before the look at the flag. */
    seam_barrier_light(mutex->fence || load_relaxed(mutex->fences) != 0);
    if (seam_is_wanted(&mutex->line->wanted)) { /* P3 */
        seam_mutex_let_others(mutex);
    }
}

#endif
