/* SPDX-License-Identifier: MIT */
/*
 * latency: what a message costs between two processes, lock-free and locked, beside what the
 * machine's own cache line or futex costs in the same run.
 *
 * `latency` takes a minute or so, `latency --quick` some seconds. All flags of google-benchmark
 * work: --benchmark_filter=spin/48, --benchmark_format=json, --benchmark_out=FILE.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "onesided.h"
#include "plan.h"
#include "program.h"
#include "roundtrip.h"
#include "shim.h"
#include "table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const size_t sizes[] = {8, 48, 100, 1024, 65536};
static const enum seam_wait waits[] = {SEAM_WAIT_SPIN, SEAM_WAIT_ADAPTIVE, SEAM_WAIT_SLEEP};
static const size_t publish_sizes[] = {8, 48, 100, 1024};
/* What one reads the newest of is mostly a small record of state. */
#define LATEST_SIZE 100

static struct roundtrip_row roundtrips[COUNT(waits) * COUNT(sizes)];
static struct onesided_row publishing[2 * COUNT(publish_sizes) + 3];

static const char *const counters[] = {
    "p50_ns",       "p99_ns",
    "p99_9_ns",     "limit_p50_ns",
    "ratio",        "ratio_q1",
    "ratio_q3",     "op_ns",
    "op_q1_ns",     "op_q3_ns",
    "writes_per_s", "reads_per_s",
    "calls_per_s",  "retries_per_million",
    NULL,
};

/* Blocks are small, so that the machine stays as it is while both sides of a ratio are taken. */
static struct plan plan = {
    .blocks = 120,
    .block_ns = 10000000,
    .trips_least = 25,
    .trips_most = 10000,
    .warm_up_ns = 200000000,
};

static void make_quick(void)
{
    plan.blocks = 40;
    plan.block_ns = 4000000;
    plan.warm_up_ns = 50000000;
}

/* ---- registration ---- */

static void add_roundtrip(struct roundtrip *cell, enum seam_mode mode, enum seam_wait wait,
                          size_t size)
{
    char name[96];
    *cell = (struct roundtrip){.plan = &plan, .mode = mode, .wait = wait, .size = size};
    (void)snprintf(name, sizeof(name), "round_trip/%s/%s/%zu", mode_name(mode), wait_name(wait),
                   size);
    shim_register(name, roundtrip_run, cell);
}

static void add_onesided(struct onesided *cell, enum onesided_kind kind, enum seam_mode mode,
                         size_t size)
{
    char name[96];
    *cell = (struct onesided){.plan = &plan, .kind = kind, .mode = mode, .size = size};
    (void)snprintf(name, sizeof(name), "%s/%s/%zu", onesided_name(kind), mode_name(mode), size);
    shim_register(name, onesided_run, cell);
}

static void register_roundtrips(void)
{
    struct roundtrip_row *row = roundtrips;
    for (size_t w = 0; w < COUNT(waits); w++) {
        if (waits[w] == SEAM_WAIT_SPIN && !cpus_are_two(&plan.cpus)) {
            row += COUNT(sizes); /* it would spin away the time slice that the peer needs */
            continue;
        }
        for (size_t s = 0; s < COUNT(sizes); s++, row++) {
            add_roundtrip(&row->lock_free, SEAM_LOCK_FREE, waits[w], sizes[s]);
            add_roundtrip(&row->locked, SEAM_LOCKED, waits[w], sizes[s]);
        }
    }
}

static void register_onesided_row(struct onesided_row *row, enum onesided_kind kind, size_t size)
{
    add_onesided(&row->lock_free, kind, SEAM_LOCK_FREE, size);
    add_onesided(&row->locked, kind, SEAM_LOCKED, size);
}

static void register_publishing(void)
{
    struct onesided_row *row = publishing;
    for (enum onesided_kind kind = PUBLISH_IDLE; kind <= PUBLISH_BUSY; kind++) {
        for (size_t s = 0; s < COUNT(publish_sizes); s++) {
            register_onesided_row(row++, kind, publish_sizes[s]);
        }
    }
    for (enum onesided_kind kind = LATEST_NONE; kind <= LATEST_BUSY; kind++) {
        register_onesided_row(row++, kind, LATEST_SIZE);
    }
}

/* ---- the program ---- */

static void help(void)
{
    (void)printf("latency: round trips and one-sided costs of seam's channels\n"
                 "         [--quick]               (some seconds instead of about a minute)\n"
                 "         [--distributions=FILE]  (whole distributions of the round trips)\n");
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "latency",
        .help = help,
        .make_quick = make_quick,
        .one_cpu = "no spinning, and the limit is always the futex",
    };
    const char *file = program_take_flag("--distributions", &argc, argv);
    if (!program_begin(&program, &argc, argv, &plan.cpus)) {
        return 1;
    }
    if (file != NULL && (roundtrip_distributions = fopen(file, "we")) == NULL) {
        (void)fprintf(stderr, "latency: %s: %s\n", file, strerror(errno));
        return 1;
    }
    if (file != NULL) {
        (void)fprintf(roundtrip_distributions, "name,fraction,ns\n");
    }
    shim_counter_names(counters);
    register_roundtrips();
    register_publishing();
    FILE *to = shim_is_console() ? stdout : stderr;
    int status = shim_run();
    table_roundtrips(to, roundtrips, COUNT(roundtrips));
    table_onesided(to, publishing, COUNT(publishing));
    if (roundtrip_distributions != NULL && fclose(roundtrip_distributions) != 0) {
        (void)fprintf(stderr, "latency: %s: %s\n", file, strerror(errno));
        return 1;
    }
    return status;
}
