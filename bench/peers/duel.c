/* SPDX-License-Identifier: MIT */
#include "duel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../failure.h"
#include "match.h"

/* ---- the size of a ring ---- */

/** What a message costs with that ring. @return a negative number: it does not go */
static double try_ring(const struct plan *plan, const struct cell *cell, const struct peer *peer,
                       size_t ring_bytes)
{
    enum { TRIES = 5 };
    double ns[TRIES] = {0};
    struct match match = {.plan = plan, .cell = cell};
    int error = match_start(&match, peer, ring_bytes, NULL, 0);
    error = error == 0 ? match_warm_up(&match, RIVAL) : error;
    for (int i = 0; i < TRIES && error == 0; i++) {
        error = match_measure(&match, RIVAL, &ns[i]);
    }
    match_finish(&match);
    return error == 0 ? spread_of(ns, TRIES).median : -1;
}

static size_t find_ring(const struct plan *plan, const struct cell *cell, const struct peer *peer)
{
    static const size_t rings[] = {1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24};
    size_t best = rings[2];
    double least = -1;
    if (peer == NULL || !peer->has_ring_size) {
        return 0;
    }
    for (size_t i = 0; cell->wait == PEER_SPIN && i < sizeof(rings) / sizeof(rings[0]); i++) {
        double ns = rings[i] >= 4 * cell->size ? try_ring(plan, cell, peer, rings[i]) : -1;
        if (ns > 0 && (least < 0 || ns < least)) {
            least = ns;
            best = rings[i];
        }
    }
    return best;
}

/* ---- the benchmark ---- */

const char *const duel_counters[] = {
    "peer_ns",        "seam_ns",          "faster",       "faster_q1",   "faster_q3",
    "peer_ring",      "seam_ring",        "writes_per_s", "reads_per_s", "distinct_per_s",
    "failed_percent", "idle_reads_per_s", NULL,
};

static int measure_blocks(struct match *match, struct duel_result *result)
{
    const size_t blocks = match->plan->blocks;
    double *ns[SIDES] = {calloc(blocks, sizeof(double)), calloc(blocks, sizeof(double))};
    double *faster = calloc(blocks, sizeof(double));
    int error = ns[0] == NULL || ns[1] == NULL || faster == NULL ? -ENOMEM : 0;
    for (size_t block = 0; block < blocks && error == 0; block++) {
        int first = (int)(block % SIDES);
        error = match_measure(match, first, &ns[first][block]);
        error = error == 0 ? match_measure(match, SIDES - 1 - first, &ns[SIDES - 1 - first][block])
                           : error;
        faster[block] = ns[RIVAL][block] / ns[SEAM][block];
    }
    if (error == 0) {
        result->peer_ns = spread_of(ns[RIVAL], blocks);
        result->seam_ns = spread_of(ns[SEAM], blocks);
        result->faster = spread_of(faster, blocks);
        result->measured = true;
    }
    free(ns[0]);
    free(ns[1]);
    free(faster);
    return error;
}

static void report(struct shim_state *state, const struct duel *duel, uint64_t messages)
{
    const struct duel_result *result = &duel->result;
    shim_set_time(state, result->seam_ns.median * (double)messages / 1e9);
    shim_counter(state, "peer_ns", result->peer_ns.median);
    shim_counter(state, "seam_ns", result->seam_ns.median);
    shim_counter(state, "faster", result->faster.median);
    shim_counter(state, "faster_q1", result->faster.q1);
    shim_counter(state, "faster_q3", result->faster.q3);
    shim_counter(state, "peer_ring", (double)result->peer_ring);
    shim_counter(state, "seam_ring", (double)duel->cell->seam_ring);
    shim_label(state, duel->peer != NULL ? duel->peer->config : "the machine's limit");
}

/** All of it, but for what google-benchmark is told. */
static int fight(struct duel *duel)
{
    struct cell *cell = duel->cell;
    struct duel_result *result = &duel->result;
    struct match match = {.plan = duel->plan, .cell = cell};
    int error = match_start(&match, duel->peer, result->peer_ring, duel->seam, cell->seam_ring);
    error = error == 0 ? match_warm_up(&match, RIVAL) : error;
    error = error == 0 ? match_warm_up(&match, SEAM) : error;
    error = error == 0 ? measure_blocks(&match, result) : error;
    match_finish(&match);
    result->messages = match.parties[SEAM].count * duel->plan->blocks;
    return error;
}

/** The same in a child, for libraries that a process can begin only once. */
static int fight_apart(struct duel *duel)
{
    struct {
        struct duel_result result;
        int error;
    } outcome = {.error = -ECHILD};
    int ends[2];
    if (pipe(ends) != 0) {
        return -errno;
    }
    pid_t child = fork();
    if (child == 0) {
        outcome.error = fight(duel);
        outcome.result = duel->result;
        _exit(write(ends[1], &outcome, sizeof(outcome)) != sizeof(outcome));
    }
    (void)close(ends[1]);
    if (child < 0 || read(ends[0], &outcome, sizeof(outcome)) != sizeof(outcome)) {
        outcome.error = -ECHILD;
    } else {
        duel->result = outcome.result;
    }
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    return outcome.error;
}

void duel_run(struct shim_state *state, void *context)
{
    struct duel *duel = context;
    struct cell *cell = duel->cell;
    struct duel_result *result = &duel->result;
    int error = 0;
    result->missing = duel->peer != NULL ? duel->peer->missing : NULL;
    if (result->missing == NULL) {
        if (cell->seam_ring == 0 && !duel->seam_ring_is_given) {
            cell->seam_ring = find_ring(duel->plan, cell, duel->seam);
        }
        result->peer_ring = duel->seam_by_default ? 0 : find_ring(duel->plan, cell, duel->peer);
        bool apart = duel->peer != NULL && duel->peer->own_process;
        error = apart ? fight_apart(duel) : fight(duel);
        result->missing = error == -EMSGSIZE ? "can't carry that size" : NULL;
    }
    while (shim_repeat(state, result->messages > 0 ? result->messages : 1)) {
        if (result->missing != NULL) {
            shim_set_time(state, 0);
            shim_label(state, result->missing);
        } else if (error == -EBADMSG) {
            shim_fail(state, "a message was lost, doubled, out of order or damaged");
        } else if (error != 0) {
            fail(state, error);
        } else {
            report(state, duel, result->messages);
        }
    }
}
