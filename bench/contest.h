/* SPDX-License-Identifier: MIT */
/*
 * Two ways to do the same thing, block by block in turn, on the same CPUs: seam's and another one.
 *
 * A part of a block is some milliseconds of the one or of the other; who begins alternates. The
 * figure to look at is the ratio of what an operation costs, and of these the median over all
 * blocks. Whatever comes out wrong fails the benchmark: there are no figures of wrong results.
 */
#ifndef SEAM_BENCH_CONTEST_H
#define SEAM_BENCH_CONTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"
#include "shim.h"
#include "statistics.h"

/** A way to do it. The functions get the family's context. */
struct side {
    /** @p count operations and nothing else: this is what the clock sees. @return 0 or -errno */
    int (*run)(void *context, uint64_t count);
    /** Before each run; NULL: nothing is to be done. @return 0 or -errno */
    int (*prepare)(void *context, uint64_t count);
    /** After each run, or NULL: whether what it read or left is right. @return 0 or -errno */
    int (*check)(void *context, uint64_t count);
    /** Where run() only reads: what the peer does meanwhile, if there is one. Else NULL. */
    int (*write)(void *context, uint64_t count);
    /**
     * The changes that this process and its peer have made, counted by what is in the data; NULL:
     * it does not show, and there must be no peer.
     */
    uint64_t (*total)(void *context);
    uint64_t most;      /* operations in one run; 0: as many as it takes */
    const char *python; /* instead of all that: what objects.py calls the operation */
};

/** What seam's way is compared with. */
struct rival {
    const char *name;  /* last part of the benchmark's */
    const char *title; /* for people */
    const struct side *side;
    bool robust; /* by_hand.h: the mutex is the robust one */
    double goal; /* the most that the ratio should be; 0: none */
};

/** How the contexts of one kind of object come and go. They are zero at first. */
struct family {
    size_t context_bytes;
    /** In this process, before there is a peer. @return 0 or -errno, and then close() follows */
    int (*open)(void *context, enum seam_mode mode, bool robust);
    /** In the peer: handles of its own in place of those it inherited. @return 0 or -errno */
    int (*join)(void *context);
    void (*close)(void *context);
};

/** One operation, and all that it is compared with. */
struct group {
    const char *name; /* first part of the benchmark's */
    const char *what; /* for people */
    const struct family *family;
    enum seam_mode mode; /* of the object */
    bool peer;           /* a second process does the same meanwhile, or writes */
    const struct side *seam;
    const struct rival *rivals; /* the last has no name */
};

struct contest_result {
    bool measured;
    const char *missing;            /* why the rival was not measured, or NULL */
    struct spread seam_ns, ratio;   /* over the blocks; the ratio is seam's cost by the rival's */
    double rival_ns;                /* median */
    double seam_per_s, rival_per_s; /* writes of the peer, where it writes; else 0 */
};

/** One benchmark: what it compares, and what came out. */
struct contest {
    const struct plan *plan;
    const struct group *group;
    const struct rival *rival;
    struct contest_result result;
};

/** What has to be known about the figures of a contest, or NULL. */
const char *contest_remark(const struct contest *contest);

/** Counters of a contest, ending in NULL. */
extern const char *const contest_counters[];

/** A shim_function; @p context is a struct contest. */
void contest_run(struct shim_state *state, void *context);

#endif
