/* SPDX-License-Identifier: MIT */
#include "onesided.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "clock.h"
#include "failure.h"
#include "memory/atomic.h"
#include "pair.h"
#include "statistics.h"

/* Blocks are shorter than those of round trips: here thousands of calls fit into one. */
#define BLOCK_SHARE 5

enum order { ORDER_WRITE = 1, ORDER_READ };

/** A benchmark while it runs; the peer has its own copy. */
struct run {
    const struct onesided *cell;
    struct pair pair;
    struct calls calls;
    double *block_ns; /* each call, one per block */
};

static bool writes_here(const struct onesided *cell)
{
    return cell->kind != LATEST_NONE && cell->kind != LATEST_BUSY;
}

static struct seam_channel_options options_of(const struct onesided *cell, enum seam_role role)
{
    return (struct seam_channel_options){
        .max_message = cell->size,
        .role = role,
        .mode = cell->mode,
        .policy = SEAM_OVERWRITE,
    };
}

/* ---- the peer ---- */

static int open_there(void *context)
{
    struct run *run = context;
    struct calls *calls = &run->calls;
    bool writes = !writes_here(run->cell);
    struct seam_channel_options options = options_of(run->cell, writes ? SEAM_WRITER : SEAM_READER);
    struct seam_channel *opened;
    int error = seam_channel_reopen(writes ? calls->reader : calls->writer, &options, &opened);
    if (error != 0) {
        return error;
    }
    *(writes ? &calls->writer : &calls->reader) = opened;
    return writes ? calls_send(calls, 1) : 0; /* there has to be something that is not new */
}

/** Goes on until it is told to stop; relaxed: nothing goes with that. */
static int serve(void *context, struct pair_shared *shared, uint32_t order, uint64_t count)
{
    struct run *run = context;
    int result = 0;
    (void)count;
    run->calls.reads = 0;
    while (result >= 0 && load_relaxed(&shared->stop) == 0) {
        result = order == ORDER_WRITE ? calls_send(&run->calls, 1) : calls_look(&run->calls);
    }
    shared->result = run->calls.reads;
    return result < 0 ? result : 0;
}

/* ---- this side ---- */

static int call(struct run *run, size_t count)
{
    struct calls *calls = &run->calls;
    _Atomic uint32_t *answered = &run->pair.shared->answered;
    switch (run->cell->kind) {
    case LATEST_NONE:
        return calls_find_nothing(calls, count);
    case LATEST_OWN:
        return calls_send_and_read(calls, count);
    case LATEST_BUSY: {
        /* No answer comes while the order goes on: a change means that the peer has ended. */
        uint32_t before = load_relaxed(&run->pair.shared->asked) - 1;
        int error = calls_read(calls, count, answered, before);
        return error == -ECHILD ? pair_blame(&run->pair, error) : error;
    }
    default:
        return calls_send(calls, count);
    }
}

static int measure(struct run *run, size_t count, int64_t *ret_ns)
{
    int64_t before = now_ns();
    int error = call(run, count);
    *ret_ns = now_ns() - before;
    return error;
}

/** Doubles the block until it is long enough; meanwhile everything gets warm. */
static int choose_count(struct run *run, size_t *ret_count)
{
    int64_t wanted = run->cell->plan->block_ns / BLOCK_SHARE;
    size_t count = 1;
    for (;;) {
        int64_t ns;
        int error = measure(run, count, &ns);
        if (error != 0 || ns >= wanted) {
            *ret_count = count;
            return error;
        }
        count *= 2;
    }
}

/** Starts or ends what the peer does meanwhile; nothing if it is idle. */
static int keep_busy(struct run *run, bool busy)
{
    enum onesided_kind kind = run->cell->kind;
    if (kind != PUBLISH_BUSY && kind != LATEST_BUSY) {
        return 0;
    }
    if (busy) {
        pair_ask(&run->pair, kind == LATEST_BUSY ? ORDER_WRITE : ORDER_READ, 0);
        return 0;
    }
    store_relaxed(&run->pair.shared->stop, 1); /* nothing goes with it */
    return pair_answer(&run->pair);
}

/** The blocks that count. @param ret_ns  time of all of them */
static int measure_blocks(struct run *run, size_t count, int64_t *ret_ns)
{
    int64_t before = now_ns();
    int error = 0;
    keep_busy(run, true);
    for (size_t block = 0; block < run->cell->plan->blocks && error == 0; block++) {
        int64_t ns;
        error = measure(run, count, &ns);
        run->block_ns[block] = (double)ns / (double)count;
    }
    *ret_ns = now_ns() - before;
    int theirs = keep_busy(run, false);
    return theirs != 0 ? theirs : error;
}

static struct seam_channel_stats stats_of(const struct run *run)
{
    struct seam_channel_stats stats = {0};
    (void)seam_channel_stats(run->calls.reader != NULL ? run->calls.reader : run->calls.writer,
                             &stats);
    return stats;
}

static void count_rates(struct run *run, const struct seam_channel_stats *first, int64_t ns,
                        struct onesided_result *result)
{
    struct seam_channel_stats last = stats_of(run);
    bool reads_there = run->cell->kind == PUBLISH_BUSY;
    double reads = (double)(reads_there ? run->pair.shared->result : run->calls.reads);
    double seconds = (double)ns / 1e9;
    result->writes_per_s = (double)(last.published - first->published) / seconds;
    result->reads_per_s = reads / seconds;
    result->calls_per_s = (double)run->calls.tries / seconds;
    if (run->calls.reads > 0) {
        result->retries_per_million = (double)(last.retries - first->retries) * 1e6 / reads;
    }
}

static void report(const struct run *run, struct shim_state *state,
                   const struct onesided_result *result)
{
    enum onesided_kind kind = run->cell->kind;
    shim_counter(state, "op_ns", result->ns);
    shim_counter(state, "op_q1_ns", result->ns_q1);
    shim_counter(state, "op_q3_ns", result->ns_q3);
    if (kind == PUBLISH_BUSY || kind == LATEST_BUSY) {
        shim_counter(state, "writes_per_s", result->writes_per_s);
        shim_counter(state, "reads_per_s", result->reads_per_s);
    }
    if (kind == LATEST_BUSY) {
        shim_counter(state, "calls_per_s", result->calls_per_s);
        shim_counter(state, "retries_per_million", result->retries_per_million);
    }
}

/** @param count  calls in a block */
static int run_blocks(struct run *run, struct shim_state *state, size_t count,
                      struct onesided_result *ret_result)
{
    struct seam_channel_stats first = stats_of(run);
    struct onesided_result result = {.measured = true};
    int64_t ns;
    run->calls.reads = run->calls.tries = 0;
    int error = measure_blocks(run, count, &ns);
    if (error != 0) {
        return error;
    }
    count_rates(run, &first, ns, &result);
    struct spread spread = spread_of(run->block_ns, run->cell->plan->blocks);
    result.ns = spread.median;
    result.ns_q1 = spread.q1;
    result.ns_q3 = spread.q3;
    shim_set_time(state, (double)ns / 1e9);
    report(run, state, &result);
    *ret_result = result;
    return 0;
}

/* ---- coming and going ---- */

static int open_here(struct run *run)
{
    const struct onesided *cell = run->cell;
    struct seam_channel_options reader = options_of(cell, SEAM_READER);
    struct seam_channel_options writer = options_of(cell, SEAM_WRITER);
    if (!writes_here(cell)) {
        return seam_channel_create(NULL, &reader, &run->calls.reader);
    }
    int error = seam_channel_create(NULL, &writer, &run->calls.writer);
    if (error == 0 && cell->kind == LATEST_OWN) {
        error = seam_channel_reopen(run->calls.writer, &reader, &run->calls.reader);
    }
    return error;
}

static int start(struct run *run, size_t *ret_count)
{
    const struct plan *plan = run->cell->plan;
    const struct pair_work work = {.open = open_there, .serve = serve, .context = run};
    run->block_ns = calloc(plan->blocks, sizeof(*run->block_ns));
    int error = run->block_ns != NULL ? open_here(run) : -ENOMEM;
    if (error == 0) {
        error = pair_start(&run->pair, &plan->cpus, &work);
    }
    if (error == 0 && run->cell->kind == LATEST_NONE) {
        error = calls_look(&run->calls); /* from now on nothing is new */
        error = error == 1 ? 0 : -EBADMSG;
    }
    if (error == 0) {
        keep_busy(run, true);
        error = choose_count(run, ret_count);
        int theirs = keep_busy(run, false);
        error = theirs != 0 ? theirs : error;
    }
    return error;
}

void onesided_run(struct shim_state *state, void *context)
{
    struct onesided *cell = context;
    struct run *run = calloc(1, sizeof(*run));
    size_t count = 0;
    if (run == NULL) {
        fail(state, -ENOMEM);
        return;
    }
    run->cell = cell;
    run->calls.size = cell->size;
    int error = start(run, &count);
    if (error != 0) {
        fail(state, error);
    }
    while (error == 0 && shim_repeat(state, cell->plan->blocks * count)) {
        error = run_blocks(run, state, count, &cell->result);
        if (error != 0) {
            fail(state, error);
        }
    }
    pair_end(&run->pair);
    seam_channel_close(run->calls.writer);
    seam_channel_close(run->calls.reader);
    free(run->block_ns);
    free(run);
}

const char *onesided_name(enum onesided_kind kind)
{
    static const char *const names[] = {
        [PUBLISH_IDLE] = "publish/idle", [PUBLISH_BUSY] = "publish/busy",
        [LATEST_NONE] = "latest/none",   [LATEST_OWN] = "latest/own",
        [LATEST_BUSY] = "latest/busy",
    };
    return names[kind];
}
