/* SPDX-License-Identifier: MIT */
/*
 * scale: what becomes of the cost of an operation when there are more readers, more writers, more
 * channels. On two CPUs the other processes share one of them; on more they use them.
 *
 * `scale` takes some minutes, `scale --quick` half a minute. All flags of google-benchmark work:
 * --benchmark_filter=writers, --benchmark_format=json, --benchmark_out=FILE.
 */
#include "scale.h"

#include "../program.h"

static const unsigned amounts[] = {1, 2, 4, 8, 16, 32, 64};
static const unsigned several[] = {2, 8, 64};
static const unsigned watched[] = {8, 64, 128};
static unsigned channels_amounts[] = {1, 10, 100, 1000, 10000};

/* The largest that are made: 64 of a kind. */
static struct scale_row rows[3 * COUNT(amounts) + COUNT(several) + 2 * COUNT(watched)];
static size_t row_count;
static struct scale_channels channels[COUNT(channels_amounts)];

static struct plan plan = {
    .blocks = 60,
    .block_ns = 8000000,
    .warm_up_ns = 100000000,
};

static void make_quick(void)
{
    plan.blocks = 6;
    plan.block_ns = 2000000;
    plan.warm_up_ns = 10000000;
    channels_amounts[COUNT(channels_amounts) - 1] = 2000;
}

static void help(void)
{
    (void)printf("scale: what an operation costs with more readers, writers and channels\n"
                 "       [--quick]  (half a minute instead of some)\n");
}

static void add(const struct scale_kind *kind, const unsigned *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct scale_row *row = &rows[row_count++];
        *row = (struct scale_row){.plan = &plan, .kind = kind, .amount = values[i]};
        (void)snprintf(row->name, sizeof(row->name), "%s/%u", kind->name, values[i]);
        shim_register(row->name, scale_run, row);
    }
}

static void register_all(void)
{
    add(&scale_overwriting_readers, amounts, COUNT(amounts));
    add(&scale_lossless_readers, amounts, COUNT(amounts));
    add(&scale_writers, amounts, COUNT(amounts));
    add(&scale_idle_lanes, several, COUNT(several));
    add(&scale_any_ready, watched, COUNT(watched));
    add(&scale_any_woken, watched, COUNT(watched));
    for (size_t i = 0; i < COUNT(channels); i++) {
        channels[i].amount = channels_amounts[i];
        (void)snprintf(channels[i].name, sizeof(channels[i].name), "channels/%u",
                       channels_amounts[i]);
        shim_register(channels[i].name, scale_run_channels, &channels[i]);
    }
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "scale",
        .help = help,
        .make_quick = make_quick,
        .one_cpu = "nothing is measured",
    };
    if (!program_begin(&program, &argc, argv, &plan.cpus)) {
        return 1;
    }
    shim_counter_names(scale_counters);
    if (!cpus_are_two(&plan.cpus)) {
        (void)fprintf(stderr, "scale: it takes two CPUs to be in each other's way\n");
        return 0;
    }
    register_all();
    int status = shim_run();
    FILE *to = shim_is_console() ? stdout : stderr;
    scale_print(to, rows, row_count);
    scale_print_channels(to, channels, COUNT(channels));
    return status;
}
