/* SPDX-License-Identifier: MIT */
/* Two things that differ in number, or in kind, measured in turn in one run. */
#ifndef SEAM_BENCH_SCALE_H
#define SEAM_BENCH_SCALE_H

#include <stdbool.h>
#include <stdio.h>

#include "../plan.h"
#include "../shim.h"
#include "../statistics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** A kind of comparison. */
struct scale_kind {
    const char *name;     /* in the benchmarks' names */
    const char *title;    /* above the table */
    const char *sides[2]; /* heads of the columns */
    size_t context_bytes;
    /** Makes what both sides need. @param context  zeroed @return 0 or -errno */
    int (*open)(void *context, const struct plan *plan, unsigned amount);
    /** One block of one side. @param ret_ns  what one operation cost @return 0 or -errno */
    int (*measure)(void *context, int side, double *ret_ns);
    void (*close)(void *context);
};

extern const struct scale_kind scale_overwriting_readers;
extern const struct scale_kind scale_lossless_readers;
extern const struct scale_kind scale_writers;
extern const struct scale_kind scale_idle_lanes;
extern const struct scale_kind scale_any_ready;
extern const struct scale_kind scale_any_woken;

/** One comparison, and what came out. */
struct scale_row {
    char name[64];
    const struct plan *plan;
    const struct scale_kind *kind;
    unsigned amount;
    bool measured;
    struct spread ns[2];
    struct spread ratio; /* the second one's time, divided by the first one's */
};

/** For shim_register. @p context: a struct scale_row */
void scale_run(struct shim_state *state, void *context);

/** How many channels there are, and what each of them costs. */
struct scale_channels {
    char name[64];
    unsigned amount;
    bool measured;
    double create_us, open_us, send_us, close_us; /* each; send: with its receive */
    double kib, descriptors;                      /* each, of one that has one handle */
};

/** For shim_register. @p context: a struct scale_channels */
void scale_run_channels(struct shim_state *state, void *context);

/** Names of all counters. */
extern const char *const scale_counters[];

/** Writes the row's figures into the counters. */
void scale_count(struct shim_state *state, const struct scale_row *row);

void scale_print(FILE *to, const struct scale_row *rows, size_t count);
void scale_print_channels(FILE *to, const struct scale_channels *rows, size_t count);

#endif
