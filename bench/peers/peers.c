/* SPDX-License-Identifier: MIT */
/*
 * peers: the same work through seam and through what people use today, side by side in one run.
 *
 * `peers` takes some minutes, `peers --quick` half a minute. `--svg=FILE` draws a picture, by
 * gnuplot. All flags of google-benchmark work: --benchmark_filter=stream/100, --benchmark_out=FILE.
 */
#include <stdio.h>
#include <string.h>

#include "../program.h"
#include "duel.h"
#include "latest.h"
#include "roster.h"
#include "summary.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The limit is NULL. */
static const struct peer *const everybody[] = {
    NULL,           &peer_seam,         &peer_seam_locked, &peer_slots,
    &peer_ck,       &peer_atomic_queue, &peer_boost_spsc,  &peer_dpdk,
    &peer_urcu,     &peer_qb,           &peer_mutex,       &peer_condition,
    &peer_boost_mq, &peer_iceoryx,      &peer_pipe,        &peer_seqpacket,
    &peer_mqueue,   &peer_zmq,          &peer_nng,         &peer_py_pipe,
    &peer_py_queue, &peer_py_array,
};
static const struct latest_peer *const everybody_latest[] = {&latest_seqcount, &latest_mutex,
                                                             &latest_ck, &latest_urcu};

static struct cell cells[] = {
    {"trip/8", "there and back, 8 B, spinning", WORK_TRIP, PEER_SPIN, false, 8, false, 0},
    {"trip/48", "there and back, 48 B, spinning", WORK_TRIP, PEER_SPIN, false, 48, false, 0},
    {"trip/100", "there and back, 100 B, spinning", WORK_TRIP, PEER_SPIN, false, 100, false, 0},
    {"trip/1024", "there and back, 1 KiB, spinning", WORK_TRIP, PEER_SPIN, false, 1024, false, 0},
    {"trip/65536", "there and back, 64 KiB, spinning", WORK_TRIP, PEER_SPIN, false, 65536, false,
     0},
    {"sleep/8", "there and back, 8 B, sleeping", WORK_TRIP, PEER_SLEEP, false, 8, false, 0},
    {"sleep/1024", "there and back, 1 KiB, sleeping", WORK_TRIP, PEER_SLEEP, false, 1024, false, 0},
    {"stream/8", "one way, 8 B, one by one", WORK_STREAM, PEER_SPIN, false, 8, true, 0},
    {"stream/100", "one way, 100 B, one by one", WORK_STREAM, PEER_SPIN, false, 100, true, 0},
    {"stream/1024", "one way, 1 KiB, one by one", WORK_STREAM, PEER_SPIN, false, 1024, true, 0},
    {"stream/65536", "one way, 64 KiB, one by one", WORK_STREAM, PEER_SPIN, false, 65536, true, 0},
    {"bursts/8", "one way, 8 B, 64 at once", WORK_STREAM, PEER_SPIN, true, 8, true, 0},
};

static struct duel duels[COUNT(cells) * COUNT(everybody)];
static size_t duel_count;
static struct latest_duel latest[COUNT(everybody_latest)];

static struct plan plan = {
    .blocks = 60,
    .block_ns = 8000000,
    .warm_up_ns = 100000000,
};

static void make_quick(void)
{
    plan.blocks = 8;
    plan.block_ns = 2000000;
    plan.warm_up_ns = 10000000;
}

static void help(void)
{
    (void)printf("peers: seam beside what people use today\n"
                 "       [--quick]     (half a minute instead of some)\n"
                 "       [--svg=FILE]  (draws a picture, by gnuplot)\n");
}

/** Whether the peer has anything to do with the cell. */
static bool takes_part(const struct cell *cell, const struct peer *peer)
{
    if (peer == NULL) {
        return true;
    }
    if (cell->wait == PEER_SPIN ? !peer->spins : !peer->sleeps) {
        return false;
    }
    return peer->bursts || !cell->bursts;
}

static void add(struct cell *cell, const struct peer *peer)
{
    char name[96];
    struct duel *duel = &duels[duel_count++];
    const char *limit = cell->against_memcpy      ? "memcpy"
                        : cell->wait == PEER_SPIN ? "line"
                                                  : "futex";
    *duel = (struct duel){.plan = &plan, .cell = cell, .seam = &peer_seam, .peer = peer};
    duel->seam_by_default = peer == &peer_seam;
    (void)snprintf(name, sizeof(name), "%s/%s", cell->name,
                   peer == NULL            ? limit
                   : duel->seam_by_default ? "seam-default-ring"
                                           : peer->name);
    shim_register(name, duel_run, duel);
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "peers",
        .help = help,
        .make_quick = make_quick,
        .one_cpu = "who spins spins away the other's time",
    };
    const char *svg = program_take_flag("--svg", &argc, argv);
    if (!program_begin(&program, &argc, argv, &plan.cpus)) {
        return 1;
    }
    shim_counter_names(duel_counters);
    for (size_t c = 0; c < COUNT(cells); c++) {
        for (size_t p = 0; p < COUNT(everybody); p++) {
            if (takes_part(&cells[c], everybody[p]) &&
                (cells[c].wait == PEER_SLEEP || cpus_are_two(&plan.cpus))) {
                add(&cells[c], everybody[p]);
            }
        }
    }
    for (size_t p = 0; p < COUNT(everybody_latest) && cpus_are_two(&plan.cpus); p++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "latest/%d/%s", PEER_LATEST_BYTES,
                       everybody_latest[p]->name);
        latest[p] = (struct latest_duel){.plan = &plan, .peer = everybody_latest[p]};
        shim_register(name, latest_run, &latest[p]);
    }
    int status = shim_run();
    FILE *to = shim_is_console() ? stdout : stderr;
    summary_duels(to, duels, duel_count);
    summary_latest(to, latest, COUNT(everybody_latest));
    if (svg != NULL) {
        summary_draw(to, svg, duels, duel_count);
    }
    return status;
}
