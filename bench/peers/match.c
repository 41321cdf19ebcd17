/* SPDX-License-Identifier: MIT */
#include "match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"

/* Nobody in here waits with a bound: what hangs ends the program. */
#define HANG_S 100
#define TRIPS_MOST 4000

enum order { ORDER_STREAM, ORDER_TRIP, ORDER_LINE, ORDER_FUTEX, ORDERS };

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

static int attach_all(const struct match *match, enum peer_end there, enum peer_end back)
{
    int error = 0;
    for (int i = 0; i < SIDES && error == 0; i++) {
        error = attach(&match->parties[i], there, back);
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
    struct match *match = context;
    struct party *party = &match->parties[order / ORDERS];
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

static int make_trips(const struct match *match, struct party *party)
{
    int64_t before = now_ns();
    for (uint64_t i = 0; i < party->count; i++) {
        int error = party->peer->send(party->there, party->next, 1);
        error = error == 0 ? party->peer->recv(party->back, party->next, 1) : error;
        if (error != 0) {
            return error;
        }
        int64_t now = now_ns();
        match->samples[i] = now - before;
        before = now;
        party->next++;
    }
    return 0;
}

static double copy_block(const struct match *match, uint64_t count)
{
    void *(*copy)(void *, const void *, size_t) = memcpy;
    __asm__ volatile("" : "+r"(copy)); /* a call each time */
    int64_t before = now_ns();
    for (uint64_t i = 0; i < count; i++) {
        (void)copy(match->to, match->from, match->cell->size);
    }
    return (double)(now_ns() - before) / (double)count;
}

int match_measure(struct match *match, int which, double *ret_ns)
{
    struct party *party = &match->parties[which];
    struct limit_line *lines = match->pair.shared->lines;
    int error = 0;
    if (party->peer == NULL && match->cell->against_memcpy) {
        *ret_ns = copy_block(match, party->count);
        return 0;
    }
    if (party->peer != NULL && party->peer->elsewhere != NULL) {
        return party->peer->elsewhere(party->there, match->cell->work == WORK_TRIP, party->count,
                                      ret_ns);
    }
    enum order order = party->peer == NULL
                           ? (match->cell->wait == PEER_SPIN ? ORDER_LINE : ORDER_FUTEX)
                       : match->cell->work == WORK_TRIP ? ORDER_TRIP
                                                        : ORDER_STREAM;
    limit_reset(lines);
    int64_t before = now_ns();
    pair_ask(&match->pair, (uint32_t)which * ORDERS + order, party->count);
    if (order == ORDER_STREAM) {
        error = party->peer->send(party->there, party->next, party->count);
        party->next += party->count;
    } else if (order == ORDER_TRIP) {
        error = make_trips(match, party);
    } else if (!(order == ORDER_LINE ? line_ping : futex_ping)(lines, party->count,
                                                               match->samples)) {
        error = -ECHILD;
    }
    error = error == 0 ? pair_answer(&match->pair) : pair_blame(&match->pair, error);
    *ret_ns = order == ORDER_STREAM ? (double)(now_ns() - before) / (double)party->count
                                    : (double)percentile(match->samples, party->count, 0.5);
    return error;
}

int match_warm_up(struct match *match, int which)
{
    struct party *party = &match->parties[which];
    const bool counts_samples = match->cell->work == WORK_TRIP;
    int64_t until = now_ns() + match->plan->warm_up_ns;
    party->count = 16;
    for (int rounds = 0; rounds < 4 || now_ns() < until; rounds++) {
        double ns = 0;
        int64_t before = now_ns();
        int error = match_measure(match, which, &ns);
        if (error != 0) {
            return error;
        }
        double took = (double)(now_ns() - before + 1);
        double wanted = (double)party->count * (double)match->plan->block_ns / took;
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

int match_start(struct match *match, const struct peer *rival, size_t rival_ring,
                const struct peer *seam, size_t seam_ring)
{
    const struct pair_work work = {.open = open_there, .serve = serve, .context = match};
    match->samples = calloc(TRIPS_MOST + 16, sizeof(*match->samples));
    match->from = calloc(1, match->cell->size);
    match->to = calloc(1, match->cell->size);
    if (match->samples == NULL || match->from == NULL || match->to == NULL) {
        return -ENOMEM;
    }
    int error = open_party(&match->parties[RIVAL], match->cell, rival, rival_ring);
    if (error == 0) {
        error = open_party(&match->parties[SEAM], match->cell, seam, seam_ring);
    }
    (void)alarm(HANG_S);
    if (error == 0) {
        error = pair_start(&match->pair, &match->plan->cpus, &work);
    }
    if (error == 0) { /* before this process is pinned again: see pair_start */
        (void)cpus_unpin(&match->plan->cpus);
        error = attach_all(match, PEER_SENDER, PEER_RECEIVER);
        (void)cpus_pin(match->plan->cpus.here);
    }
    return error;
}

void match_finish(struct match *match)
{
    pair_end(&match->pair);
    close_party(&match->parties[RIVAL]);
    close_party(&match->parties[SEAM]);
    free(match->samples);
    free(match->from);
    free(match->to);
    (void)alarm(0);
}
