/* SPDX-License-Identifier: MIT */
/*
 * An eventfd for things that are waited for: a thread of its own sleeps on their futexes.
 *
 * The handles belong to the owner's thread; the notifier's thread only knows words and values. Both
 * take turns by the state, which is also one of the futexes that the thread sleeps on:
 *
 *     owner                                   thread
 *     N1 entries are written, state = ARMED   N2 sees ARMED: sleeps on the entries and the state
 *                                             N3 one has changed: eventfd is written, CAS from
 *                                                ARMED to FIRED
 *     rearm: state = IDLE, entries are        sleeps on the state while it is not ARMED
 *     written, N1 again; eventfd is read
 *
 * While the owner writes the entries the state is not ARMED, and the thread does not read them: it
 * copies them and only then finds out, by N4, whether the state is as it was before.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "region/lease.h"
#include "wait/futex.h"
#include "wait/waitable.h"

/* The state counts its changes, so that each arming is another value: 4 n, and one of these. */
enum state { IDLE = 0, ARMED = 1, FIRED = 2, ENDED = 3, STATES = 4 };

/* Slices without news after which the owner is told all the same, to look after its peers. */
#define SLICES 10
#define STACK_BYTES 65536U
#define MOST (SEAM_WAIT_MOST - 1)

struct seam_notifier {
    _Atomic uint32_t state;
    _Atomic uint64_t words[MOST]; /* addresses */
    _Atomic uint32_t values[MOST];
    struct seam_waitable things[MOST]; /* the owner's */
    size_t count;
    int fd;
    pthread_t thread;
    uint64_t fork_generation;
};

/* ---- the thread ---- */

/** Sleeps until one of the words or the state changes. @return whether any word has changed */
static bool sleep_armed(struct seam_notifier *notifier, uint32_t armed)
{
    struct futex_waitv entries[SEAM_WAIT_MOST];
    const size_t count = notifier->count;
    for (size_t i = 0; i < count; i++) {
        /* Relaxed: N2 orders them, N4 tells whether they belong together. */
        const void *word = (const void *)(uintptr_t)load_relaxed(&notifier->words[i]);
        seam_futex_fill(&entries[i], word, load_relaxed(&notifier->values[i]));
    }
    seam_futex_fill(&entries[count], &notifier->state, armed);
    for (int slice = 0; slice < SLICES; slice++) {
        fence_acquire(); /* N4, pairs with N5 in arm: what was copied is of this arming */
        if (load_relaxed(&notifier->state) != armed) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            _Atomic uint32_t *word = (_Atomic uint32_t *)(uintptr_t)entries[i].uaddr;
            if (load_relaxed(word) != (uint32_t)entries[i].val) { /* only whether, not what */
                return true;
            }
        }
        (void)seam_futex_wait_many(entries, (unsigned)count + 1, seam_slice_until(SEAM_FOREVER));
    }
    return true;
}

static void *run(void *context)
{
    struct seam_notifier *notifier = context;
    for (;;) {
        uint32_t state = load_acquire(&notifier->state); /* N2, pairs with N1 in arm */
        if (state % STATES == ENDED) {
            return NULL;
        }
        if (state % STATES != ARMED) {
            seam_futex_wait(&notifier->state, state, SEAM_FOREVER);
            continue;
        }
        /* N3, pairs with N1 in arm, a later one: no second time for this one. */
        if (sleep_armed(notifier, state) &&
            cas_acq_rel(&notifier->state, &state, state - ARMED + FIRED)) {
            const uint64_t one = 1;
            (void)!write(notifier->fd, &one, sizeof(one));
        }
    }
}

static int start(struct seam_notifier *notifier)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    sigfillset(&all);
    int error = pthread_attr_init(&attributes);
    if (error != 0) {
        return -error;
    }
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the program's affair */
    error = pthread_create(&notifier->thread, &attributes, run, notifier);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

/* ---- the owner ---- */

/** Puts the state into its next round. */
static void set_state(struct seam_notifier *notifier, enum state state)
{
    uint32_t round = load_relaxed(&notifier->state) / STATES + 1; /* only the owner counts it up */
    /* N1, pairs with N2 in run: the entries before. */
    store_release(&notifier->state, round * STATES + state);
    if (state != IDLE) { /* of that the thread need not know until what comes next */
        seam_futex_wake_all(&notifier->state);
    }
}

/** From IDLE. @return 1: something is ready, and the descriptor readable; 0 */
static int arm(struct seam_notifier *notifier)
{
    uint32_t values[MOST];
    fence_release(); /* N5, pairs with N4 in sleep_armed: no entry of this round before IDLE */
    bool ready = seam_prepare_all(notifier->things, notifier->count, values);
    if (ready) {
        const uint64_t one = 1;
        (void)!write(notifier->fd, &one, sizeof(one));
        return 1;
    }
    for (size_t i = 0; i < notifier->count; i++) {
        store_relaxed(&notifier->words[i], (uintptr_t)notifier->things[i].internal.flag);
        store_relaxed(&notifier->values[i], values[i]); /* N1 publishes them */
    }
    set_state(notifier, ARMED);
    return 0;
}

int seam_notifier_create(const struct seam_waitable *things, size_t count,
                         struct seam_notifier **ret_notifier)
{
    struct futex_waitv none;
    static _Atomic uint32_t word;
    if (count == 0 || count > MOST) {
        return -EINVAL;
    }
    seam_futex_fill(&none, &word, 1); /* another value: returns at once */
    if (seam_futex_wait_many(&none, 1, 0) == -ENOSYS) {
        return -ENOSYS;
    }
    struct seam_notifier *notifier = calloc(1, sizeof(*notifier));
    if (notifier == NULL) {
        return -ENOMEM;
    }
    memcpy(notifier->things, things, count * sizeof(*things));
    notifier->count = count;
    notifier->fork_generation = seam_fork_generation;
    notifier->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = notifier->fd < 0 ? -errno : start(notifier);
    if (error != 0) {
        if (notifier->fd >= 0) {
            close(notifier->fd);
        }
        free(notifier);
        return error;
    }
    (void)arm(notifier); /* its state is IDLE */
    *ret_notifier = notifier;
    return 0;
}

int seam_notifier_fd(const struct seam_notifier *notifier)
{
    return notifier->fd;
}

int seam_notifier_rearm(struct seam_notifier *notifier)
{
    uint64_t times;
    if (notifier->fork_generation != seam_fork_generation) {
        return -EPERM;
    }
    set_state(notifier, IDLE); /* it may still write once, if it has just fired: for nothing */
    (void)!read(notifier->fd, &times, sizeof(times));
    return arm(notifier);
}

void seam_notifier_close(struct seam_notifier *notifier)
{
    if (notifier == NULL) {
        return;
    }
    if (notifier->fork_generation == seam_fork_generation) {
        set_state(notifier, ENDED);
        (void)pthread_join(notifier->thread, NULL);
    }
    close(notifier->fd);
    free(notifier);
}
