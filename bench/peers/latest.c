/* SPDX-License-Identifier: MIT */
#include "latest.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "../cpus.h"
#include "../failure.h"
#include "../statistics.h"
#include "roster.h"
#include "spin.h"

#define WRITES_AT_ONCE 100

/** One side while it runs. */
struct arena {
    const struct latest_peer *peer;
    void *context;
    uint64_t next; /* version */
    uint64_t last; /* that was read */
};

/** The writer's thread. */
struct author {
    struct arena *arena;
    int cpu, error;
    uint64_t written;
    _Atomic bool ready, stop;
};

static void enter(const struct arena *arena)
{
    if (arena->peer->enter != NULL) {
        arena->peer->enter(arena->context);
    }
}

static void leave(const struct arena *arena)
{
    if (arena->peer->leave != NULL) {
        arena->peer->leave(arena->context);
    }
}

static void *write_on(void *context)
{
    struct author *author = context;
    struct arena *arena = author->arena;
    (void)cpus_pin(author->cpu);
    enter(arena);
    atomic_store(&author->ready, true);
    while (author->error == 0 && !atomic_load_explicit(&author->stop, memory_order_relaxed)) {
        author->error = arena->peer->write(arena->context, arena->next, WRITES_AT_ONCE);
        arena->next += WRITES_AT_ONCE;
        author->written += WRITES_AT_ONCE;
    }
    leave(arena);
    return NULL;
}

struct counts {
    uint64_t reads, distinct, failed;
};

/** Reads until then. @return 0; -EBADMSG torn, or older than one before */
static int read_until(struct arena *arena, int64_t until, struct counts *counts)
{
    uint64_t version = 0;
    enter(arena);
    int got = 0;
    while (got >= 0 && now_ns() < until) {
        for (int i = 0; i < 64 && got >= 0; i++) {
            got = arena->peer->read(arena->context, &version);
            if (got > 0 && version < arena->last) {
                got = -EBADMSG;
            }
            counts->failed += got == 0;
            counts->reads += got > 0;
            counts->distinct += got > 0 && version != arena->last;
            arena->last = got > 0 ? version : arena->last;
        }
    }
    leave(arena);
    return got < 0 ? got : 0;
}

/** Both at once for @p ns. */
static int run_hot(struct arena *arena, const struct plan *plan, struct latest_rates *rates)
{
    struct author author = {.arena = arena, .cpu = plan->cpus.there};
    struct counts counts = {0};
    pthread_t thread;
    int error = -pthread_create(&thread, NULL, write_on, &author);
    if (error != 0) {
        return error;
    }
    while (!atomic_load(&author.ready)) {
        spin_once();
    }
    int64_t before = now_ns();
    error = read_until(arena, before + plan->block_ns, &counts);
    double seconds = (double)(now_ns() - before) / 1e9;
    atomic_store(&author.stop, true);
    (void)pthread_join(thread, NULL);
    rates->writes = (double)author.written / seconds;
    rates->reads = (double)counts.reads / seconds;
    rates->distinct = (double)counts.distinct / seconds;
    rates->failed_percent =
        100.0 * (double)counts.failed / (double)(counts.failed + counts.reads + 1);
    return error != 0 ? error : author.error;
}

static int run_idle(struct arena *arena, const struct plan *plan, struct latest_rates *rates)
{
    struct counts counts = {0};
    int64_t before = now_ns();
    int error = read_until(arena, before + plan->block_ns / 2, &counts);
    rates->idle_reads = (double)counts.reads / ((double)(now_ns() - before) / 1e9);
    return error;
}

static double median_of(const struct latest_rates *rates, size_t blocks, size_t offset)
{
    double *values = calloc(blocks, sizeof(*values));
    for (size_t i = 0; values != NULL && i < blocks; i++) {
        memcpy(&values[i], (const char *)&rates[i] + offset, sizeof(double));
    }
    double median = values != NULL ? spread_of(values, blocks).median : 0;
    free(values);
    return median;
}

static struct latest_rates medians(const struct latest_rates *rates, size_t blocks)
{
    return (struct latest_rates){
        .writes = median_of(rates, blocks, offsetof(struct latest_rates, writes)),
        .reads = median_of(rates, blocks, offsetof(struct latest_rates, reads)),
        .distinct = median_of(rates, blocks, offsetof(struct latest_rates, distinct)),
        .idle_reads = median_of(rates, blocks, offsetof(struct latest_rates, idle_reads)),
        .failed_percent = median_of(rates, blocks, offsetof(struct latest_rates, failed_percent)),
    };
}

static int open_arena(struct arena *arena, const struct latest_peer *peer)
{
    size_t bytes = (peer->context_bytes + 63) / 64 * 64;
    *arena = (struct arena){.peer = peer, .context = aligned_alloc(64, bytes), .next = 1};
    if (arena->context == NULL) {
        return -ENOMEM;
    }
    memset(arena->context, 0, bytes);
    int error = peer->open(arena->context);
    if (error == 0) {
        enter(arena);
        error = peer->write(arena->context, arena->next++, 1); /* there always is a value */
        leave(arena);
    }
    return error;
}

static int run_blocks(struct latest_duel *duel, struct arena arenas[2])
{
    const size_t blocks = duel->plan->blocks;
    struct latest_rates *rates[2] = {calloc(blocks, sizeof(**rates)),
                                     calloc(blocks, sizeof(**rates))};
    int error = rates[0] == NULL || rates[1] == NULL ? -ENOMEM : 0;
    for (size_t block = 0; block < 2 * blocks && error == 0; block++) {
        size_t which = (block + block / 2) % 2; /* who begins alternates */
        error = run_hot(&arenas[which], duel->plan, &rates[which][block / 2]);
        error = error == 0 ? run_idle(&arenas[which], duel->plan, &rates[which][block / 2]) : error;
    }
    if (error == 0) {
        duel->rates = medians(rates[0], blocks);
        duel->seam = medians(rates[1], blocks);
        duel->measured = true;
    }
    free(rates[0]);
    free(rates[1]);
    return error;
}

void latest_run(struct shim_state *state, void *context)
{
    struct latest_duel *duel = context;
    struct arena arenas[2] = {0};
    duel->missing = duel->peer->missing;
    while (shim_repeat(state, 1)) {
        shim_set_time(state, 0);
        if (duel->missing != NULL) {
            shim_label(state, duel->missing);
            continue;
        }
        int error = open_arena(&arenas[0], duel->peer);
        error = error == 0 ? open_arena(&arenas[1], &latest_seam) : error;
        (void)cpus_pin(duel->plan->cpus.here);
        error = error == 0 ? run_blocks(duel, arenas) : error;
        (void)cpus_unpin(&duel->plan->cpus);
        if (error != 0) {
            fail(state, error);
            continue;
        }
        shim_label(state, duel->peer->config);
        shim_counter(state, "writes_per_s", duel->rates.writes);
        shim_counter(state, "reads_per_s", duel->rates.reads);
        shim_counter(state, "distinct_per_s", duel->rates.distinct);
        shim_counter(state, "failed_percent", duel->rates.failed_percent);
        shim_counter(state, "idle_reads_per_s", duel->rates.idle_reads);
    }
    for (int i = 0; i < 2; i++) {
        if (arenas[i].context != NULL) {
            arenas[i].peer->close(arenas[i].context);
            free(arenas[i].context);
        }
    }
}
