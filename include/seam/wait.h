/* SPDX-License-Identifier: MIT */
/**
 * @file
 * How a blocked call waits, and until when; waiting for several things at once.
 *
 * Deadlines are absolute nanoseconds of CLOCK_MONOTONIC, so a call that is repeated after a
 * signal or an error needs no arithmetic. Calls ending in _until take one.
 */
#ifndef SEAM_WAIT_H
#define SEAM_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seam/attrs.h"

SEAM_BEGIN_DECLS

/** The deadline that never comes. */
#define SEAM_FOREVER INT64_MAX

/** What a handle does while it has to wait. Chosen per handle, not per channel. */
enum seam_wait {
    SEAM_WAIT_ADAPTIVE =
        0,              /**< spin as long as a wake-up costs here (learned), then sleep; default */
    SEAM_WAIT_SPIN = 1, /**< never sleep: lowest latency, a whole CPU (sleep if there is but one) */
    SEAM_WAIT_SLEEP = 2, /**< sleep at once: no CPU is spent, each message costs a wake-up */
};

/**
 * The deadline @p ns nanoseconds from now; a sum past the end of time is SEAM_FOREVER.
 * May be called by any thread; never blocks.
 */
SEAM_PUBLIC int64_t seam_deadline_in_ns(int64_t ns);

/* ---- several things ---- */

/**
 * Something that can be waited for, filled in by seam_channel_readable, seam_channel_writable,
 * seam_value_changed or seam_lock_available. It may be copied, stays good as long as the handle is
 * open, and belongs to the handle's thread.
 */
struct seam_waitable {
    /** Set by seam_wait_any: an attempt is worth it now, be it to learn of an error. */
    bool ready;
    struct seam_waitable_internal {
        bool (*is_ready)(void *internal);
        int (*recheck)(void *internal, bool thorough);
        void *flag, *fences, *handle;
        uint64_t argument;
    } internal; /**< the library's */
};

/** The most that can be waited for at once: as many as futex_waitv(2) takes. */
#define SEAM_WAIT_MOST 128U

/**
 * Waits until at least one of @p count things is ready, and says in each of them whether it is.
 * Level-triggered: what is ready stays ready until it has been taken. Waits adaptively: spins for
 * about the price of a wake-up where that lately paid, then sleeps, which costs no CPU. (Before
 * Linux 5.16, or where futex_waitv is forbidden, it wakes up every few milliseconds to look
 * around.)
 * @return how many are ready; -EINVAL @p count is 0 or more than SEAM_WAIT_MOST; -ETIMEDOUT
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_wait_any(struct seam_waitable *things, size_t count,
                                             int64_t deadline_ns);

/** A word to sleep on, for who sleeps by other means, such as io_uring's IORING_OP_FUTEX_WAIT. */
struct seam_futex {
    uint32_t *word; /**< 32 bits, shared between processes; only for the kernel to read */
    uint32_t value; /**< sleep while the word has this value */
};

/**
 * Prepares a sleep until @p thing is ready. To be called before each one; and again after a tenth
 * of a second, since a peer may die, or steal a wake-up.
 * @return 1: it is ready, do not sleep; 0: sleep on *ret_futex
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_wait_prepare(struct seam_waitable *thing,
                                                 struct seam_futex *ret_futex);

/**
 * Things in an event loop: an eventfd(2) for poll or epoll, fed by a thread that sleeps while the
 * program does. Belongs to the thread that has the things' handles.
 */
struct seam_notifier;

/**
 * Makes one for at most SEAM_WAIT_MOST - 1 things, whose handles stay open longer than it. It is
 * armed: see seam_notifier_rearm.
 * @return 0; -EINVAL @p count; -ENOSYS there is no futex_waitv(2); -EMFILE, -EAGAIN and others
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_notifier_create(const struct seam_waitable *things,
                                                    size_t count,
                                                    struct seam_notifier **ret_notifier);

/** The descriptor: readable when something may be ready. Only for waiting, not to be read. */
SEAM_PUBLIC int seam_notifier_fd(const struct seam_notifier *notifier);

/**
 * To be called when the descriptor was readable and all that was there has been taken: makes it
 * unreadable until something comes. About once a second it becomes readable for nothing, so that
 * the program finds out about peers that died.
 * @return 1: something is ready already, and the descriptor stays readable; 0; -EPERM in a child of
 *         the process that made it
 */
SEAM_PUBLIC int seam_notifier_rearm(struct seam_notifier *notifier);

/** Closes the descriptor and ends the thread; NULL is ignored. */
SEAM_PUBLIC void seam_notifier_close(struct seam_notifier *notifier);

SEAM_END_DECLS

#endif
