/* SPDX-License-Identifier: MIT */
#include "scale.h"

#include <errno.h>
#include <stdlib.h>

#include "../clock.h"
#include "../failure.h"
#include "../show.h"

const char *const scale_counters[] = {
    "first_ns", "second_ns", "ratio",    "ratio_q1", "ratio_q3",    "create_us",
    "open_us",  "send_us",   "close_us", "kib",      "descriptors", NULL,
};

void scale_count(struct shim_state *state, const struct scale_row *row)
{
    shim_counter(state, "first_ns", row->ns[0].median);
    shim_counter(state, "second_ns", row->ns[1].median);
    shim_counter(state, "ratio", row->ratio.median);
    shim_counter(state, "ratio_q1", row->ratio.q1);
    shim_counter(state, "ratio_q3", row->ratio.q3);
}

/** Blocks in turn, the first of them to warm up. */
static int measure_blocks(const struct scale_row *row, void *context, double *ns[2], double *ratios)
{
    int error = 0;
    int64_t warm_until = now_ns() + row->plan->warm_up_ns;
    bool warm = false;
    for (size_t block = 0; block < row->plan->blocks && error == 0;) {
        double now[2];
        for (int i = 0; i < 2 && error == 0; i++) {
            int side = (int)(block % 2) ^ i; /* neither is always first */
            error = row->kind->measure(context, side, &now[side]);
        }
        if (error == 0 && warm) {
            ns[0][block] = now[0];
            ns[1][block] = now[1];
            ratios[block++] = now[1] / now[0];
        }
        warm = warm || now_ns() >= warm_until;
    }
    return error;
}

static int measure_row(struct scale_row *row, void *context)
{
    size_t blocks = row->plan->blocks;
    double *all = malloc(3 * blocks * sizeof(*all));
    if (all == NULL) {
        return -ENOMEM;
    }
    double *ns[2] = {all, all + blocks}, *ratios = all + 2 * blocks;
    int error = row->kind->open(context, row->plan, row->amount);
    error = error == 0 ? measure_blocks(row, context, ns, ratios) : error;
    if (error == 0) {
        row->ns[0] = spread_of(ns[0], blocks);
        row->ns[1] = spread_of(ns[1], blocks);
        row->ratio = spread_of(ratios, blocks);
        row->measured = true;
    }
    row->kind->close(context);
    free(all);
    return error;
}

void scale_run(struct shim_state *state, void *context)
{
    struct scale_row *row = context;
    void *memory = calloc(1, row->kind->context_bytes);
    while (shim_repeat(state, row->plan->blocks)) {
        int error = memory != NULL ? measure_row(row, memory) : -ENOMEM;
        if (error != 0) {
            fail(state, error);
            continue;
        }
        shim_set_time(state, row->ns[1].median * (double)row->plan->blocks * 1e-9);
        scale_count(state, row);
    }
    free(memory);
}

/* ---- tables ---- */

void scale_print(FILE *to, const struct scale_row *rows, size_t count)
{
    const struct scale_row *before = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct scale_row *row = &rows[i];
        char cells[2][SHOW_CELL];
        if (!row->measured) {
            continue;
        }
        if (before == NULL || before->kind != row->kind) {
            (void)fprintf(to, "\n%s\n%8s%16s%16s%10s\n", row->kind->title, "", row->kind->sides[0],
                          row->kind->sides[1], "ratio");
        }
        (void)fprintf(to, "%8u%16s%16s%10.2f  (%.2f to %.2f)\n", row->amount,
                      show_ns(cells[0], true, row->ns[0].median),
                      show_ns(cells[1], true, row->ns[1].median), row->ratio.median, row->ratio.q1,
                      row->ratio.q3);
        before = row;
    }
}

void scale_print_channels(FILE *to, const struct scale_channels *rows, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        const struct scale_channels *row = &rows[i];
        if (!row->measured) {
            continue;
        }
        if (!begun) {
            (void)fprintf(to,
                          "\nchannels open at once, smallest ring, each of them\n%8s%12s%12s%16s"
                          "%12s%12s%14s\n",
                          "", "create", "open", "send, receive", "close", "memory", "descriptors");
            begun = true;
        }
        (void)fprintf(to, "%8u%9.1f us%9.1f us%13.2f us%9.1f us%8.0f KiB%14.0f\n", row->amount,
                      row->create_us, row->open_us, row->send_us, row->close_us, row->kib,
                      row->descriptors);
    }
}
