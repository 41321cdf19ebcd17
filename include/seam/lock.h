/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Locks between processes, as a mutex is between threads; they survive whoever holds them.
 *
 *     struct seam_lock *lock;
 *     seam_lock_create("printer", NULL, &lock);   others open it
 *     {
 *         SEAM_LOCK_SCOPE(scope, lock);       held to the end of the block
 *         if (scope.error == -EOWNERDEAD) {   its last holder died
 *             ...
 *         }
 *     }
 *     seam_lock_close(lock);
 *
 * A lock belongs to the handle that took it, and to the thread that used it; where that thread
 * ends with it, closing the handle gives it back. Waiting spins for about the price of a wake-up
 * and sleeps then (see options.wait). That a holder died is found out at once by whoever comes or
 * spins, within a tenth of a second by whoever sleeps; a holder that is stopped keeps the lock.
 * Calls without options and their errors: object.h.
 */
#ifndef SEAM_LOCK_H
#define SEAM_LOCK_H

#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#include "seam/attrs.h"
#include "seam/object.h"
#include "seam/region.h"
#include "seam/wait.h"

SEAM_BEGIN_DECLS

/** An open lock; private to the process. */
struct seam_lock;

/** Zero in every member is the default. */
struct seam_lock_options {
    struct seam_region_options region; /**< where it lives, and who may reach it */
    enum seam_wait wait;               /**< how this handle waits for the lock */
    uint64_t reserved[8];              /**< must be zero */
};

/** Handles on locks come and go as those on all objects do, with the errors in object.h. */
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_create(const char *name,
                                                const struct seam_lock_options *options,
                                                struct seam_lock **ret_lock);
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_open(const char *name,
                                              const struct seam_lock_options *options,
                                              struct seam_lock **ret_lock);
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_reopen(const struct seam_lock *other,
                                                const struct seam_lock_options *options,
                                                struct seam_lock **ret_lock);
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_pass(const struct seam_lock *lock, int socket);
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_take(int socket, const struct seam_lock_options *options,
                                              struct seam_lock **ret_lock);
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_unlink(const char *name,
                                                const struct seam_region_options *region);

/** Frees the handle; a lock held through it is given back. NULL is ignored. */
SEAM_PUBLIC void seam_lock_close(struct seam_lock *lock);

/**
 * Takes the lock; waits as long as it takes, never, or until an absolute deadline (wait.h).
 * @return 0; -EOWNERDEAD it is held now, but its last holder died with it: what it protects may be
 *         half changed; -EDEADLK this thread holds it, through this or another handle; try_:
 *         -EAGAIN somebody alive holds it; _until: -ETIMEDOUT; -EPERM after a fork
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_lock(struct seam_lock *lock);
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_try_lock(struct seam_lock *lock);
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_lock_until(struct seam_lock *lock, int64_t deadline_ns);

/** Gives the lock back. @return 0; -EPERM this thread does not hold it through this handle */
SEAM_PUBLIC int seam_lock_unlock(struct seam_lock *lock);

/**
 * Who holds the lock: for people to read, since it may have changed when the call returns.
 * @return the process id as its holder sees it, maybe of a process that died; 0 nobody; -EPERM
 */
SEAM_PUBLIC pid_t seam_lock_owner(const struct seam_lock *lock);

/**
 * For seam_wait_any: that the lock is free, or that waiting makes no sense (its owner died, or is
 * this thread). Another may take it first: then try again. @return 0; -EPERM as above
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_lock_available(struct seam_lock *lock,
                                                   struct seam_waitable *ret_thing);

/* ---- a lock for the length of a block ---- */

/** What SEAM_LOCK_SCOPE declares. */
struct seam_lock_scope {
    struct seam_lock *lock; /**< to be given back */
    int error; /**< of seam_lock_lock: the lock is held where this is 0 or -EOWNERDEAD */
};

/** Takes the lock as seam_lock_lock does: what SEAM_LOCK_SCOPE begins with. @return the scope */
static inline struct seam_lock_scope seam_lock_scope_begin(struct seam_lock *lock)
{
    struct seam_lock_scope scope = {lock, seam_lock_lock(lock)};
    return scope;
}

/** Gives the lock back, if it is held: what SEAM_LOCK_SCOPE ends with. */
static inline void seam_lock_scope_end(struct seam_lock_scope *scope)
{
    if (scope->error == 0 || scope->error == -EOWNERDEAD) {
        (void)seam_lock_unlock(scope->lock);
    }
}

/** Declares @p scope, which holds @p lock until the end of the block, however that is left. */
#define SEAM_LOCK_SCOPE(scope, lock)                                             \
    struct seam_lock_scope scope __attribute__((cleanup(seam_lock_scope_end))) = \
        seam_lock_scope_begin(lock)

SEAM_END_DECLS

#endif
