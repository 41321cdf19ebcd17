/* SPDX-License-Identifier: MIT */
#include "contest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "python.h"
#include "sides.h"

/* ---- blocks ---- */

static double cost_of(const struct run *run, const struct tally *tally)
{
    uint64_t operations = tally->here + (sides_only_read(run) ? 0 : tally->there);
    return (double)tally->ns / (double)operations;
}

static int measure_part(struct run *run, int which, size_t block)
{
    struct half *half = &run->halves[which];
    struct tally tally;
    int error = sides_measure(run, which, run->contest->plan->block_ns, &tally);
    if (error == 0) {
        half->ns[block] = cost_of(run, &tally);
        half->all.ns += tally.ns;
        half->all.here += tally.here;
        half->all.there += tally.there;
    }
    return error;
}

static int measure_block(struct run *run, struct shim_state *state, size_t block)
{
    bool alone = run->contest->result.missing != NULL;
    int error = 0;
    for (size_t part = 0; part < 2 && error == 0; part++) {
        if ((block + part) % 2 == 0) {
            error = measure_part(run, SEAM, block);
        } else if (!alone) {
            shim_pause(state);
            error = measure_part(run, RIVAL, block);
            shim_resume(state);
        }
    }
    if (error == 0 && !alone) {
        run->ratios[block] = run->halves[SEAM].ns[block] / run->halves[RIVAL].ns[block];
    }
    return error;
}

static double per_second(const struct run *run, int which)
{
    const struct tally *all = &run->halves[which].all;
    return sides_only_read(run) ? (double)all->there * 1e9 / (double)all->ns : 0;
}

static void count_rates(struct shim_state *state, const struct contest_result *result)
{
    if (result->seam_per_s > 0) {
        shim_counter(state, "writes_per_s", result->seam_per_s);
    }
    if (result->rival_per_s > 0) {
        shim_counter(state, "rival_writes_per_s", result->rival_per_s);
    }
}

/** @param iterations  what the loop of the benchmark was said to count */
static void report(struct run *run, struct shim_state *state, uint64_t iterations,
                   struct contest_result *result)
{
    size_t blocks = run->contest->plan->blocks;
    result->measured = true;
    result->seam_ns = spread_of(run->halves[SEAM].ns, blocks);
    result->seam_per_s = per_second(run, SEAM);
    shim_set_time(state, result->seam_ns.median * (double)iterations / 1e9);
    shim_counter(state, "op_ns", result->seam_ns.median);
    shim_counter(state, "op_q1_ns", result->seam_ns.q1);
    shim_counter(state, "op_q3_ns", result->seam_ns.q3);
    if (contest_remark(run->contest) != NULL) {
        shim_label(state, contest_remark(run->contest));
    }
    if (result->missing == NULL) {
        result->ratio = spread_of(run->ratios, blocks);
        result->rival_ns = spread_of(run->halves[RIVAL].ns, blocks).median;
        result->rival_per_s = per_second(run, RIVAL);
        shim_counter(state, "rival_ns", result->rival_ns);
        shim_counter(state, "ratio", result->ratio.median);
        shim_counter(state, "ratio_q1", result->ratio.q1);
        shim_counter(state, "ratio_q3", result->ratio.q3);
    }
    if (run->contest->rival->goal > 0) {
        shim_counter(state, "goal", run->contest->rival->goal);
    }
    count_rates(state, result);
}

const char *contest_remark(const struct contest *contest)
{
    if (contest->result.missing != NULL) {
        return contest->result.missing;
    }
    /* One of them runs for some milliseconds, then the other: they hardly ever meet. */
    bool meet = !contest->group->peer || cpus_are_two(&contest->plan->cpus);
    return meet ? NULL : "both on one CPU: they hardly meet";
}

const char *const contest_counters[] = {
    "op_ns",    "op_q1_ns", "op_q3_ns",     "rival_ns",           "ratio", "ratio_q1",
    "ratio_q3", "goal",     "writes_per_s", "rival_writes_per_s", NULL,
};

/* ---- coming and going ---- */

static int allocate(struct run *run)
{
    const struct contest *contest = run->contest;
    size_t blocks = contest->plan->blocks;
    size_t context_bytes = (contest->group->family->context_bytes + 63) / 64 * 64;
    run->halves[SEAM] = (struct half){.side = contest->group->seam};
    run->halves[RIVAL] = (struct half){.side = contest->rival->side};
    run->halves[SEAM].ns = calloc(blocks, sizeof(double));
    run->halves[RIVAL].ns = calloc(blocks, sizeof(double));
    run->ratios = calloc(blocks, sizeof(double));
    run->context = aligned_alloc(64, context_bytes);
    if (run->halves[SEAM].ns == NULL || run->halves[RIVAL].ns == NULL || run->ratios == NULL ||
        run->context == NULL) {
        return -ENOMEM;
    }
    memset(run->context, 0, context_bytes);
    return 0;
}

/** Opens everything, and pins this process then: see pair_start. */
static int start(struct run *run, struct contest_result *result)
{
    const struct group *group = run->contest->group;
    const struct cpus *cpus = &run->contest->plan->cpus;
    const struct rival *rival = run->contest->rival;
    const struct pair_work work = {.open = sides_open_there, .serve = sides_serve, .context = run};
    if (rival->side->python != NULL) {
        result->missing = python_start(cpus);
    }
    int error = allocate(run);
    if (error == 0) {
        error = group->family->open(run->context, group->mode, rival->robust);
    }
    if (error == 0) {
        error = group->peer ? pair_start(&run->pair, cpus, &work) : cpus_pin(cpus->here);
    }
    if (error == 0) {
        error = sides_warm_up(run, SEAM);
    }
    return error == 0 && result->missing == NULL ? sides_warm_up(run, RIVAL) : error;
}

static void finish(struct run *run)
{
    pair_end(&run->pair);
    (void)cpus_unpin(&run->contest->plan->cpus);
    if (run->context != NULL) {
        run->contest->group->family->close(run->context);
    }
    free(run->context);
    free(run->halves[SEAM].ns);
    free(run->halves[RIVAL].ns);
    free(run->ratios);
}

static void give_up(struct shim_state *state, int error)
{
    if (error == -EBADMSG) {
        shim_fail(state, "the result is wrong");
    } else {
        fail(state, error);
    }
}

void contest_run(struct shim_state *state, void *context)
{
    struct contest *contest = context;
    struct run run = {.contest = contest};
    contest->result = (struct contest_result){0};
    int error = start(&run, &contest->result);
    if (error != 0) {
        give_up(state, error);
    }
    uint64_t iterations = contest->plan->blocks * SIDES_RUNS * run.halves[SEAM].count;
    while (error == 0 && shim_repeat(state, iterations)) {
        for (size_t block = 0; block < contest->plan->blocks && error == 0; block++) {
            error = measure_block(&run, state, block);
        }
        if (error == 0) {
            report(&run, state, iterations, &contest->result);
        } else {
            give_up(state, error);
        }
    }
    finish(&run);
}
