/* SPDX-License-Identifier: MIT */
#include "roundtrip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "distribution.h"
#include "ends.h"
#include "failure.h"
#include "pair.h"
#include "statistics.h"

FILE *roundtrip_distributions;

enum order { ORDER_SEAM, ORDER_LINE, ORDER_FUTEX };

/** One side of the comparison. */
struct side {
    enum order order;
    size_t trips;     /* per block */
    int64_t *samples; /* of all blocks, one behind the other */
};

/** A benchmark while it runs. */
struct run {
    const struct plan *plan;
    struct pair pair;
    struct ends *ends;
    struct side seam, limit;
    int64_t *scratch; /* one block with its beginning; its pages are there before anything counts */
    double *ratios;   /* one per block */
};

static int serve(void *context, struct pair_shared *shared, uint32_t order, uint64_t count)
{
    switch (order) {
    case ORDER_LINE:
        line_pong(shared->lines, count);
        return 0;
    case ORDER_FUTEX:
        futex_pong(shared->lines, count);
        return 0;
    default:
        return ends_pong(context, count);
    }
}

static int open_there(void *context)
{
    return ends_join(context);
}

/** @p count round trips of one side, into the scratch. */
static int measure(struct run *run, enum order order, size_t count)
{
    struct limit_line *lines = run->pair.shared->lines;
    int error = 0;
    limit_reset(lines); /* the order publishes it */
    pair_ask(&run->pair, order, count);
    if (order == ORDER_SEAM) {
        error = ends_ping(run->ends, count, run->scratch);
        if (error != 0) {
            return pair_blame(&run->pair, error); /* the peer may be waiting: it won't answer */
        }
    } else if (!(order == ORDER_LINE ? line_ping : futex_ping)(lines, count, run->scratch)) {
        return pair_blame(&run->pair, -ECHILD);
    }
    return pair_answer(&run->pair);
}

/* ---- before anything counts ---- */

/** What a block begins with is dropped: the peer has just been asleep. */
static size_t beginning(size_t trips)
{
    return 10 + trips / 10;
}

/**
 * Runs one side until everything has been touched once: caches, branches, the pages of the whole
 * ring. Then chooses how many round trips make a block.
 */
static int warm_up(struct run *run, struct side *side, size_t at_least)
{
    const struct plan *plan = run->plan;
    int64_t end = now_ns() + plan->warm_up_ns;
    int64_t cost = 1;
    size_t count = plan->trips_least;
    for (size_t done = 0; done < at_least && now_ns() < end; done += count) {
        count = 2 * count < plan->trips_most ? 2 * count : plan->trips_most;
        int error = measure(run, side->order, count);
        if (error != 0) {
            return error;
        }
        cost = percentile(run->scratch, count, 0.5);
    }
    size_t trips = (size_t)(plan->block_ns / (cost > 0 ? cost : 1));
    trips = trips < plan->trips_most ? trips : plan->trips_most;
    side->trips = trips > plan->trips_least ? trips : plan->trips_least;
    side->samples = calloc(plan->blocks * side->trips, sizeof(*side->samples));
    return side->samples != NULL ? 0 : -ENOMEM;
}

static int warm_up_both(struct run *run)
{
    struct seam_channel_info info;
    int error = seam_channel_info(run->ends->out, &info);
    if (error == 0) {
        error = warm_up(run, &run->limit, run->plan->trips_most);
    }
    if (error == 0) {
        size_t lap = info.capacity / (run->ends->size + sizeof(uint64_t));
        error = warm_up(run, &run->seam, lap + run->plan->trips_most);
    }
    return error;
}

/* ---- blocks ---- */

/** One side's part of a block. @param ret_p50  median of it */
static int measure_part(struct run *run, const struct side *side, size_t block, double *ret_p50)
{
    size_t dropped = beginning(side->trips);
    int error = measure(run, side->order, dropped + side->trips);
    if (error == 0) {
        int64_t *samples = side->samples + block * side->trips;
        memcpy(samples, run->scratch + dropped, side->trips * sizeof(*samples));
        *ret_p50 = (double)percentile(samples, side->trips, 0.5);
    }
    return error;
}

static int measure_block(struct run *run, struct shim_state *state, size_t block)
{
    double seam = 1, limit = 1;
    int error = 0;
    for (size_t part = 0; part < 2 && error == 0; part++) {
        if ((block + part) % 2 == 0) {
            error = measure_part(run, &run->seam, block, &seam);
        } else {
            shim_pause(state);
            error = measure_part(run, &run->limit, block, &limit);
            shim_resume(state);
        }
    }
    run->ratios[block] = seam / (limit > 0 ? limit : 1);
    return error;
}

static void report(struct run *run, struct shim_state *state, struct roundtrip_result *ret_result)
{
    size_t count = run->plan->blocks * run->seam.trips;
    int64_t *samples = run->seam.samples;
    double sum_ns = 0;
    for (size_t i = 0; i < count; i++) {
        sum_ns += (double)samples[i];
    }
    struct spread ratio = spread_of(run->ratios, run->plan->blocks);
    struct roundtrip_result result = {
        .measured = true,
        .p50_ns = (double)percentile(samples, count, 0.5),
        .p99_ns = (double)percentile(samples, count, 0.99),
        .p99_9_ns = (double)percentile(samples, count, 0.999),
        .limit_p50_ns =
            (double)percentile(run->limit.samples, run->plan->blocks * run->limit.trips, 0.5),
        .ratio = ratio.median,
        .ratio_q1 = ratio.q1,
        .ratio_q3 = ratio.q3,
    };
    shim_set_time(state, sum_ns / 1e9);
    shim_counter(state, "p50_ns", result.p50_ns);
    shim_counter(state, "p99_ns", result.p99_ns);
    shim_counter(state, "p99_9_ns", result.p99_9_ns);
    shim_counter(state, "limit_p50_ns", result.limit_p50_ns);
    shim_counter(state, "ratio", result.ratio);
    shim_counter(state, "ratio_q1", result.ratio_q1);
    shim_counter(state, "ratio_q3", result.ratio_q3);
    *ret_result = result;
}

/** Both sides' samples, under the benchmark's name and that of its limit. */
static void write_distributions(FILE *file, const struct run *run, const struct roundtrip *cell)
{
    char name[96];
    (void)snprintf(name, sizeof(name), "%s/%s/%zu", mode_name(cell->mode), wait_name(cell->wait),
                   cell->size);
    distribution_write(file, name, run->seam.samples, cell->plan->blocks * run->seam.trips);
    (void)snprintf(name, sizeof(name), "%s beside %s/%s/%zu",
                   run->limit.order == ORDER_LINE ? "line" : "futex", mode_name(cell->mode),
                   wait_name(cell->wait), cell->size);
    distribution_write(file, name, run->limit.samples, cell->plan->blocks * run->limit.trips);
}

/* ---- coming and going ---- */

/** With one CPU no line can bounce while both look at it: there the limit is always the futex. */
static enum order limit_of(const struct roundtrip *cell)
{
    bool sleeps = cell->wait == SEAM_WAIT_SLEEP || !cpus_are_two(&cell->plan->cpus);
    return sleeps ? ORDER_FUTEX : ORDER_LINE;
}

static int start(struct run *run, const struct roundtrip *cell)
{
    size_t most = cell->plan->trips_most;
    run->ratios = calloc(cell->plan->blocks, sizeof(*run->ratios));
    run->scratch = calloc(most + beginning(most), sizeof(*run->scratch));
    run->ends = aligned_alloc(64, sizeof(*run->ends));
    if (run->ratios == NULL || run->scratch == NULL || run->ends == NULL) {
        return -ENOMEM;
    }
    memset(run->ends, 0, sizeof(*run->ends));
    run->ends->mode = cell->mode;
    run->ends->wait = cell->wait;
    run->ends->size = cell->size;
    run->limit.order = limit_of(cell);
    const struct pair_work work = {.open = open_there, .serve = serve, .context = run->ends};
    int error = ends_create(run->ends);
    if (error == 0) {
        error = pair_start(&run->pair, &cell->plan->cpus, &work);
    }
    return error == 0 ? warm_up_both(run) : error;
}

static void finish(struct run *run)
{
    pair_end(&run->pair);
    if (run->ends != NULL) {
        ends_close(run->ends);
    }
    free(run->ends);
    free(run->scratch);
    free(run->ratios);
    free(run->seam.samples);
    free(run->limit.samples);
}

void roundtrip_run(struct shim_state *state, void *context)
{
    struct roundtrip *cell = context;
    struct run run = {.plan = cell->plan};
    int error = start(&run, cell);
    if (error != 0) {
        fail(state, error);
    }
    while (error == 0 && shim_repeat(state, cell->plan->blocks * run.seam.trips)) {
        for (size_t block = 0; block < cell->plan->blocks && error == 0; block++) {
            error = measure_block(&run, state, block);
        }
        if (error == 0) {
            report(&run, state, &cell->result);
            if (roundtrip_distributions != NULL) {
                write_distributions(roundtrip_distributions, &run, cell);
            }
        } else {
            fail(state, error);
        }
    }
    finish(&run);
}
