/* SPDX-License-Identifier: MIT */
/*
 * throughput: how many messages, and bytes, pass one way between two processes in a second, beside
 * a memcpy of as many bytes in the same run.
 *
 * `throughput` takes some minutes, `throughput --quick` half a minute. All flags of
 * google-benchmark work: --benchmark_filter=calls/lock-free/batch, --benchmark_format=json,
 * --benchmark_out=FILE.
 */
#include <stdio.h>

#include "peers/duel.h"
#include "program.h"
#include "show.h"
#include "streams.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const size_t sizes[] = {8, 48, 100, 1024, 16384, 65536, 1 << 20};
static const size_t rings[] = {1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26};
static const char *const calls_names[] = {"single", "batch", "in-place"};
static const char *const policy_names[] = {"", "lossless", "overwrite", "work-queue"};

/** One cell of a table. */
struct entry {
    struct stream_kind kind;
    struct cell cell;
    struct duel duel;
    char name[96];
};

/* Modes by calls by sizes; rings by sizes; two other policies by sizes; untouched. */
static struct entry by_calls[2][COUNT(calls_names)][COUNT(sizes)];
static struct entry by_ring[COUNT(rings)][COUNT(sizes)];
static struct entry by_policy[2][COUNT(sizes)];
static struct entry untouched[2];

static struct plan plan = {
    .blocks = 40,
    .block_ns = 8000000,
    .warm_up_ns = 80000000,
};

static void make_quick(void)
{
    plan.blocks = 6;
    plan.block_ns = 2000000;
    plan.warm_up_ns = 10000000;
}

static void help(void)
{
    (void)printf("throughput: messages one way through seam's channels, beside memcpy\n"
                 "            [--quick]  (half a minute instead of some)\n");
}

static void run(struct shim_state *state, void *context)
{
    struct entry *entry = context;
    stream_kind = entry->kind;
    duel_run(state, &entry->duel);
}

static void add(struct entry *entry, struct stream_kind kind, size_t size, size_t ring)
{
    entry->kind = kind;
    entry->cell = (struct cell){
        .name = entry->name,
        .work = WORK_STREAM,
        .wait = PEER_SPIN,
        .size = size,
        .against_memcpy = true,
        .seam_ring = ring,
    };
    entry->duel = (struct duel){
        .plan = &plan, .cell = &entry->cell, .seam = &peer_stream, .seam_ring_is_given = true};
    shim_register(entry->name, run, entry);
}

static void register_all(void)
{
    for (size_t s = 0; s < COUNT(sizes); s++) {
        for (enum seam_mode mode = SEAM_LOCK_FREE; mode <= SEAM_LOCKED; mode++) {
            for (enum stream_calls c = STREAM_SINGLE; c <= STREAM_IN_PLACE; c++) {
                struct entry *entry = &by_calls[mode - 1][c][s];
                (void)snprintf(entry->name, sizeof(entry->name), "calls/%s/%s/%zu", mode_name(mode),
                               calls_names[c], sizes[s]);
                add(entry, (struct stream_kind){SEAM_LOSSLESS, mode, c, false}, sizes[s], 0);
            }
        }
        for (size_t r = 0; r < COUNT(rings); r++) {
            struct entry *entry = &by_ring[r][s];
            (void)snprintf(entry->name, sizeof(entry->name), "ring/%zuKiB/%zu", rings[r] >> 10,
                           sizes[s]);
            if (rings[r] >= 4 * (sizes[s] + 80)) {
                add(entry,
                    (struct stream_kind){SEAM_LOSSLESS, SEAM_LOCK_FREE, STREAM_SINGLE, false},
                    sizes[s], rings[r]);
            }
        }
        for (enum seam_policy p = SEAM_OVERWRITE; p <= SEAM_WORK_QUEUE; p++) {
            struct entry *entry = &by_policy[p - SEAM_OVERWRITE][s];
            (void)snprintf(entry->name, sizeof(entry->name), "policy/%s/%zu", policy_names[p],
                           sizes[s]);
            add(entry, (struct stream_kind){p, SEAM_LOCK_FREE, STREAM_SINGLE, false}, sizes[s], 0);
        }
    }
    for (size_t i = 0; i < COUNT(untouched); i++) {
        size_t size = i == 0 ? 8 : 1 << 20;
        (void)snprintf(untouched[i].name, sizeof(untouched[i].name), "untouched/%zu", size);
        add(&untouched[i],
            (struct stream_kind){SEAM_LOSSLESS, SEAM_LOCK_FREE, STREAM_IN_PLACE, true}, size,
            1 << 24);
        untouched[i].cell.work = WORK_TRIP;
        untouched[i].cell.against_memcpy = false;
    }
}

/* ---- tables ---- */

static void print_size(FILE *to, size_t size)
{
    (void)fprintf(to, size < 1024 ? "  %7zu B  " : "  %5zu KiB  ", size < 1024 ? size : size >> 10);
}

/** Messages a second, bytes a second, and how that compares with memcpy. */
static void print_entry(FILE *to, const struct entry *entry)
{
    const struct duel_result *result = &entry->duel.result;
    char rate[SHOW_CELL];
    if (!result->measured) {
        (void)fprintf(to, "%32s", "-");
        return;
    }
    double ns = result->seam_ns.median;
    (void)fprintf(to, "%12s %6.2f GB/s %5.2f x", show_rate(rate, true, 1e9 / ns),
                  (double)entry->cell.size / ns, result->faster.median);
}

static void print_calls(FILE *to)
{
    for (size_t mode = 0; mode < 2; mode++) {
        (void)fprintf(to,
                      "\nlossless, default ring, %s; x: of a memcpy of as much\n%13s%32s%32s%32s\n",
                      mode_name((enum seam_mode)(mode + 1)), "", calls_names[0], calls_names[1],
                      calls_names[2]);
        for (size_t s = 0; s < COUNT(sizes); s++) {
            print_size(to, sizes[s]);
            for (size_t c = 0; c < COUNT(calls_names); c++) {
                print_entry(to, &by_calls[mode][c][s]);
            }
            (void)fputc('\n', to);
        }
    }
}

static void print_rings(FILE *to)
{
    (void)fprintf(
        to, "\nlossless, one by one, by size of the ring: million messages a second\n%13s", "");
    for (size_t r = 0; r < COUNT(rings); r++) {
        (void)fprintf(to, "%6zu KiB", rings[r] >> 10);
    }
    for (size_t s = 0; s < COUNT(sizes); s++) {
        (void)fputc('\n', to);
        print_size(to, sizes[s]);
        for (size_t r = 0; r < COUNT(rings); r++) {
            const struct duel_result *result = &by_ring[r][s].duel.result;
            if (result->measured) {
                (void)fprintf(to, "%10.4g", 1e3 / result->seam_ns.median);
            } else {
                (void)fprintf(to, "%10s", "-");
            }
        }
    }
    (void)fputc('\n', to);
}

static void print_others(FILE *to)
{
    (void)fprintf(to, "\nother policies, one by one, default ring\n%13s%32s%32s\n", "",
                  "overwrite: sent", policy_names[SEAM_WORK_QUEUE]);
    for (size_t s = 0; s < COUNT(sizes); s++) {
        print_size(to, sizes[s]);
        print_entry(to, &by_policy[0][s]);
        print_entry(to, &by_policy[1][s]);
        (void)fputc('\n', to);
    }
    (void)fprintf(to, "\nthere and back in place, nothing but a number written and read\n");
    for (size_t i = 0; i < COUNT(untouched); i++) {
        char ns[SHOW_CELL];
        const struct duel_result *result = &untouched[i].duel.result;
        if (!result->measured) {
            continue;
        }
        print_size(to, untouched[i].cell.size);
        (void)fprintf(to, "%12s  %5.2f x the bare line\n",
                      show_ns(ns, result->measured, result->seam_ns.median),
                      1 / result->faster.median);
    }
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "throughput",
        .help = help,
        .make_quick = make_quick,
        .one_cpu = "nothing is measured",
    };
    if (!program_begin(&program, &argc, argv, &plan.cpus)) {
        return 1;
    }
    shim_counter_names(duel_counters);
    if (!cpus_are_two(&plan.cpus)) {
        (void)fprintf(stderr, "throughput: two that spin need two CPUs\n");
        return 0;
    }
    register_all();
    int status = shim_run();
    FILE *to = shim_is_console() ? stdout : stderr;
    print_calls(to);
    print_rings(to);
    print_others(to);
    return status;
}
