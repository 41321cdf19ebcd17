/* SPDX-License-Identifier: MIT */
/*
 * Up to 64 processes that do what this one tells them, some or all at once. They are spread over
 * the CPUs that this one does not use; on two CPUs they share one. They sleep between orders, and
 * die with this process.
 */
#ifndef SEAM_BENCH_CREW_H
#define SEAM_BENCH_CREW_H

#include <stdint.h>
#include <sys/types.h>

#include "../cpus.h"

#define CREW_MOST 64

struct crew_line {
    _Alignas(128) _Atomic uint32_t asked; /* orders given to this member; a futex */
};

/** What all share. */
struct crew_shared {
    struct crew_line lines[CREW_MOST];
    uint32_t order; /* by the caller's numbering */
    uint64_t count;
    _Alignas(128) _Atomic uint32_t begun; /* members that are at the order */
    _Atomic uint32_t done;                /* and that are through with it */
    _Atomic int32_t error;                /* of any of them */
    _Alignas(128) _Atomic uint32_t stop;  /* to end an order without a count */
};

/** What a member does. Called in its process only. */
struct crew_work {
    /** Opens what it needs. @return 0 or -errno */
    int (*open)(void *context, unsigned index);
    /** Carries out an order. @return 0 or -errno */
    int (*serve)(void *context, struct crew_shared *shared, uint32_t order, uint64_t count);
    void *context;
};

struct crew {
    struct crew_shared *shared;
    const struct cpus *cpus;
    unsigned count;  /* of members */
    unsigned active; /* that have the present order */
    pid_t members[CREW_MOST];
};

/** Forks @p count members, waits until all have opened their sides, pins this process. */
int crew_start(struct crew *crew, const struct cpus *cpus, unsigned count,
               const struct crew_work *work);

/** Gives an order to the first @p active of them. */
void crew_ask(struct crew *crew, uint32_t order, unsigned active, uint64_t count);

/** Waits until all of these are at it. */
void crew_await_begin(const struct crew *crew);

/** Ends an order that has no count. */
void crew_stop(const struct crew *crew);

/** Waits until it is carried out. @return 0 or the -errno of one of them */
int crew_answer(const struct crew *crew);

/** Ends them, whatever they are doing. */
void crew_end(struct crew *crew);

#endif
