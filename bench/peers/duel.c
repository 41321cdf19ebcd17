/* SPDX-License-Identifier: MIT */
#include "duel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../clock.h"
#include "../failure.h"
#include "../pair.h"

/* Nobody in here waits with a bound: what hangs ends the program. */
#define HANG_S 100
#define TRIPS_MOST 4000

enum { RIVAL, SEAM, SIDES };
enum order { ORDER_STREAM, ORDER_TRIP, ORDER_LINE, ORDER_FUTEX, ORDERS };

/** One side's links: there, and for round trips back. */
struct party {
    const struct peer *peer; /* NULL: the limit */
    void *there, *back;
    uint64_t next;  /* number of the next message */
    uint64_t count; /* messages in a block */
};

struct run {
    const struct plan *plan;
    const struct cell *cell;
    struct pair pair;
    struct party parties[SIDES];
    int64_t *samples;
    unsigned char *from, *to; /* memcpy's */
};

/* ---- the peer's process ---- */

static int attach(const struct party *party, enum peer_end there, enum peer_end back)
{
    int error = 0;
    if (party->peer != NULL && party->peer->attach != NULL) {
        error = party->peer->attach(party->there, there);
        if (error == 0 && party->back != NULL) {
            error = party->peer->attach(party->back, back);
        }
    }
    return error;
}

static int attach_all(const struct run *run, enum peer_end there, enum peer_end back)
{
    int error = 0;
    for (int i = 0; i < SIDES && error == 0; i++) {
        error = attach(&run->parties[i], there, back);
    }
    return error;
}

static int open_there(void *context)
{
    return attach_all(context, PEER_RECEIVER, PEER_SENDER);
}

static int answer_trips(struct party *party, uint64_t count)
{
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = party->peer->recv(party->there, party->next, 1);
        error = error == 0 ? party->peer->send(party->back, party->next, 1) : error;
        party->next++;
    }
    return error;
}

static int receive(struct party *party, uint64_t count)
{
    int error = party->peer->recv(party->there, party->next, count);
    party->next += count;
    return error;
}

static int serve(void *context, struct pair_shared *shared, uint32_t order, uint64_t count)
{
    struct run *run = context;
    struct party *party = &run->parties[order / ORDERS];
    (void)alarm(HANG_S);
    switch (order % ORDERS) {
    case ORDER_LINE:
        line_pong(shared->lines, count);
        return 0;
    case ORDER_FUTEX:
        futex_pong(shared->lines, count);
        return 0;
    case ORDER_TRIP:
        return answer_trips(party, count);
    default:
        return receive(party, count);
    }
}

/* ---- this process ---- */

static int make_trips(const struct run *run, struct party *party)
{
    int64_t before = now_ns();
    for (uint64_t i = 0; i < party->count; i++) {
        int error = party->peer->send(party->there, party->next, 1);
        error = error == 0 ? party->peer->recv(party->back, party->next, 1) : error;
        if (error != 0) {
            return error;
        }
        int64_t now = now_ns();
        run->samples[i] = now - before;
        before = now;
        party->next++;
    }
    return 0;
}

static double copy_block(const struct run *run, uint64_t count)
{
    void *(*copy)(void *, const void *, size_t) = memcpy;
    __asm__ volatile("" : "+r"(copy)); /* a call each time */
    int64_t before = now_ns();
    for (uint64_t i = 0; i < count; i++) {
        (void)copy(run->to, run->from, run->cell->size);
    }
    return (double)(now_ns() - before) / (double)count;
}

/** One block of one side. @param ret_ns  what a message, or a trip, cost */
static int measure(struct run *run, int which, double *ret_ns)
{
    struct party *party = &run->parties[which];
    struct limit_line *lines = run->pair.shared->lines;
    int error = 0;
    if (party->peer == NULL && run->cell->against_memcpy) {
        *ret_ns = copy_block(run, party->count);
        return 0;
    }
    if (party->peer != NULL && party->peer->elsewhere != NULL) {
        return party->peer->elsewhere(party->there, run->cell->work == WORK_TRIP, party->count,
                                      ret_ns);
    }
    enum order order = party->peer == NULL
                           ? (run->cell->wait == PEER_SPIN ? ORDER_LINE : ORDER_FUTEX)
                       : run->cell->work == WORK_TRIP ? ORDER_TRIP
                                                      : ORDER_STREAM;
    limit_reset(lines);
    int64_t before = now_ns();
    pair_ask(&run->pair, (uint32_t)which * ORDERS + order, party->count);
    if (order == ORDER_STREAM) {
        error = party->peer->send(party->there, party->next, party->count);
        party->next += party->count;
    } else if (order == ORDER_TRIP) {
        error = make_trips(run, party);
    } else if (!(order == ORDER_LINE ? line_ping : futex_ping)(lines, party->count, run->samples)) {
        error = -ECHILD;
    }
    error = error == 0 ? pair_answer(&run->pair) : pair_blame(&run->pair, error);
    *ret_ns = order == ORDER_STREAM ? (double)(now_ns() - before) / (double)party->count
                                    : (double)percentile(run->samples, party->count, 0.5);
    return error;
}

/** Finds out how many messages make a block, and goes on until everything is warm. */
static int warm_up(struct run *run, int which)
{
    struct party *party = &run->parties[which];
    const bool counts_samples = run->cell->work == WORK_TRIP;
    int64_t until = now_ns() + run->plan->warm_up_ns;
    party->count = 16;
    for (int rounds = 0; rounds < 4 || now_ns() < until; rounds++) {
        double ns = 0;
        int64_t before = now_ns();
        int error = measure(run, which, &ns);
        if (error != 0) {
            return error;
        }
        double took = (double)(now_ns() - before + 1);
        double wanted = (double)party->count * (double)run->plan->block_ns / took;
        double most = (double)party->count * 16;
        party->count = (uint64_t)(wanted < most ? wanted : most) + 1;
        if (counts_samples && party->count > TRIPS_MOST) {
            party->count = TRIPS_MOST;
        }
        if (rounds > 200) {
            break;
        }
    }
    return 0;
}

/* ---- coming and going ---- */

static int open_party(struct party *party, const struct cell *cell, const struct peer *peer,
                      size_t ring_bytes)
{
    const struct peer_link link = {
        .size = cell->size, .ring_bytes = ring_bytes, .wait = cell->wait, .bursts = cell->bursts};
    *party = (struct party){.peer = peer, .next = 1};
    if (peer == NULL) {
        return 0;
    }
    size_t bytes = (peer->context_bytes + 63) / 64 * 64;
    party->there = aligned_alloc(64, bytes);
    bool back = cell->work == WORK_TRIP && peer->elsewhere == NULL;
    party->back = back ? aligned_alloc(64, bytes) : NULL;
    if (party->there == NULL || (back && party->back == NULL)) {
        return -ENOMEM;
    }
    memset(party->there, 0, bytes);
    int error = peer->open(party->there, &link);
    if (error == 0 && party->back != NULL) {
        memset(party->back, 0, bytes);
        error = peer->open(party->back, &link);
    }
    return error;
}

static void close_party(struct party *party)
{
    if (party->there != NULL) {
        party->peer->close(party->there);
    }
    if (party->back != NULL) {
        party->peer->close(party->back);
    }
    free(party->there);
    free(party->back);
}

/** With SEAM's peer NULL as well, and its context: only the rival is there. */
static int start(struct run *run, const struct peer *rival, size_t rival_ring,
                 const struct peer *seam, size_t seam_ring)
{
    const struct pair_work work = {.open = open_there, .serve = serve, .context = run};
    run->samples = calloc(TRIPS_MOST + 16, sizeof(*run->samples));
    run->from = calloc(1, run->cell->size);
    run->to = calloc(1, run->cell->size);
    if (run->samples == NULL || run->from == NULL || run->to == NULL) {
        return -ENOMEM;
    }
    int error = open_party(&run->parties[RIVAL], run->cell, rival, rival_ring);
    if (error == 0) {
        error = open_party(&run->parties[SEAM], run->cell, seam, seam_ring);
    }
    (void)alarm(HANG_S);
    if (error == 0) {
        error = pair_start(&run->pair, &run->plan->cpus, &work);
    }
    if (error == 0) { /* before this process is pinned again: see pair_start */
        (void)cpus_unpin(&run->plan->cpus);
        error = attach_all(run, PEER_SENDER, PEER_RECEIVER);
        (void)cpus_pin(run->plan->cpus.here);
    }
    return error;
}

static void finish(struct run *run)
{
    pair_end(&run->pair);
    close_party(&run->parties[RIVAL]);
    close_party(&run->parties[SEAM]);
    free(run->samples);
    free(run->from);
    free(run->to);
    (void)alarm(0);
}

/* ---- the size of a ring ---- */

/** What a message costs with that ring. @return a negative number: it does not go */
static double try_ring(const struct plan *plan, const struct cell *cell, const struct peer *peer,
                       size_t ring_bytes)
{
    enum { TRIES = 5 };
    double ns[TRIES] = {0};
    struct run run = {.plan = plan, .cell = cell};
    int error = start(&run, peer, ring_bytes, NULL, 0);
    error = error == 0 ? warm_up(&run, RIVAL) : error;
    for (int i = 0; i < TRIES && error == 0; i++) {
        error = measure(&run, RIVAL, &ns[i]);
    }
    finish(&run);
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

static int measure_blocks(struct run *run, struct duel_result *result)
{
    const size_t blocks = run->plan->blocks;
    double *ns[SIDES] = {calloc(blocks, sizeof(double)), calloc(blocks, sizeof(double))};
    double *faster = calloc(blocks, sizeof(double));
    int error = ns[0] == NULL || ns[1] == NULL || faster == NULL ? -ENOMEM : 0;
    for (size_t block = 0; block < blocks && error == 0; block++) {
        int first = (int)(block % SIDES);
        error = measure(run, first, &ns[first][block]);
        error = error == 0 ? measure(run, SIDES - 1 - first, &ns[SIDES - 1 - first][block]) : error;
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
    struct run run = {.plan = duel->plan, .cell = cell};
    int error = start(&run, duel->peer, result->peer_ring, duel->seam, cell->seam_ring);
    error = error == 0 ? warm_up(&run, RIVAL) : error;
    error = error == 0 ? warm_up(&run, SEAM) : error;
    error = error == 0 ? measure_blocks(&run, result) : error;
    finish(&run);
    result->messages = run.parties[SEAM].count * duel->plan->blocks;
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
