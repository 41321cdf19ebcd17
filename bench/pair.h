/* SPDX-License-Identifier: MIT */
/*
 * Two processes, each on a CPU of its own, that take turns in being told what to do next: this one
 * gives an order (line ping-pong, round trips, ...), both do their part, the peer answers.
 *
 * Between orders the peer sleeps. It dies with this process (PR_SET_PDEATHSIG); if it dies first,
 * every word that this process may be waiting on changes, see LIMIT_BROKEN. One pair at a time.
 */
#ifndef SEAM_BENCH_PAIR_H
#define SEAM_BENCH_PAIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cpus.h"
#include "limits.h"

/** What the two share besides what they measure. Lines of 128 bytes: CPUs fetch them in twos. */
struct pair_shared {
    struct limit_line lines[LIMIT_LINES];    /* the limits play on them */
    _Alignas(128) _Atomic uint32_t asked;    /* orders given; a futex */
    uint32_t order;                          /* what it is, by the caller's numbering */
    uint64_t count;                          /* how often */
    _Alignas(128) _Atomic uint32_t answered; /* orders done; a futex */
    int32_t error;                           /* of the last one: 0 or -errno */
    uint64_t result;                         /* of the last one: what serve() says it is */
    _Alignas(128) _Atomic uint32_t stop;     /* to end an order without a count */
};

/** What the peer does. Called in the peer's process only. */
struct pair_work {
    /** Opens what it needs, before it is pinned. @return 0 or -errno */
    int (*open)(void *context);
    /** Carries out an order. @return 0; or -errno, and then the peer ends */
    int (*serve)(void *context, struct pair_shared *shared, uint32_t order, uint64_t count);
    void *context;
};

struct pair {
    struct pair_shared *shared;
    const struct cpus *cpus;
    pid_t peer;
};

/**
 * Forks the peer and pins both, once the peer has opened its side. Handles are opened before the
 * pinning on both sides: seam's adaptive waiter takes a process that may use one CPU only for one
 * that has to share it with its peer, and begins with short spins. Pinning is the benchmark's
 * affair, the user's processes are free.
 */
int pair_start(struct pair *pair, const struct cpus *cpus, const struct pair_work *work);

/** Gives an order; returns at once. */
void pair_ask(const struct pair *pair, uint32_t order, uint64_t count);

/** Waits until it is carried out. @return what serve() said; -ECHILD the peer is dead */
int pair_answer(const struct pair *pair);

/** Whether the peer is still at the last order. */
bool pair_is_busy(const struct pair *pair);

/** For who failed without the peer's answer. @return what ended the peer if that was first */
int pair_blame(const struct pair *pair, int error);

/** Ends the peer, whatever it is doing, and lets this process run everywhere again. */
void pair_end(struct pair *pair);

#endif
