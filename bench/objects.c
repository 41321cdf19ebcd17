/* SPDX-License-Identifier: MIT */
/*
 * objects: what locks, values, arrays and lists cost, beside bare atomics, a mutex in shared memory
 * and Python's multiprocessing, each measured in turn with seam's in the same run.
 *
 * `objects` takes a minute or two, `objects --quick` some seconds. All flags of google-benchmark
 * work: --benchmark_filter=lock/, --benchmark_format=json, --benchmark_out=FILE.
 */
#include "objects.h"

#include <stdio.h>

#include "contest_table.h"
#include "plan.h"
#include "program.h"
#include "python.h"
#include "shim.h"

#define CONTESTS_MOST 96

static struct contest contests[CONTESTS_MOST];
static size_t contest_count;

/* Blocks are small, so that the machine stays as it is while both sides of a ratio are taken. */
static struct plan plan = {
    .blocks = 60,
    .block_ns = 8000000,
    .warm_up_ns = 50000000,
};

static void make_quick(void)
{
    plan.blocks = 15;
    plan.block_ns = 2000000;
    plan.warm_up_ns = 10000000;
}

static void help(void)
{
    (void)printf("objects: what seam's locks, values, arrays and lists cost, beside other ways\n"
                 "         [--quick]  (some seconds instead of a minute or two)\n");
}

/** A benchmark for each of what the group is compared with. */
static void register_group(const struct group *group)
{
    for (const struct rival *rival = group->rivals; rival->name != NULL; rival++) {
        char name[96];
        if (contest_count == CONTESTS_MOST) {
            (void)fprintf(stderr, "objects: too many contests\n");
            return;
        }
        struct contest *contest = &contests[contest_count++];
        *contest = (struct contest){.plan = &plan, .group = group, .rival = rival};
        (void)snprintf(name, sizeof(name), "%s/%s", group->name, rival->name);
        shim_register(name, contest_run, contest);
    }
}

static void register_groups(struct groups groups)
{
    for (size_t i = 0; i < groups.count; i++) {
        register_group(&groups.all[i]);
    }
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "objects",
        .help = help,
        .make_quick = make_quick,
        .one_cpu = "two at once take turns by sleeping",
    };
    if (!program_begin(&program, &argc, argv, &plan.cpus)) {
        return 1;
    }
    shim_counter_names(contest_counters);
    register_groups(value_groups());
    register_groups(lock_groups());
    register_groups(array_groups());
    register_groups(list_groups());
    FILE *to = shim_is_console() ? stdout : stderr;
    int status = shim_run();
    python_end();
    contest_table(to, contests, contest_count);
    return status;
}
