/* SPDX-License-Identifier: MIT */
/*
 * Histories: what processes did with a shared object and when, put down in memory that they share,
 * and checkers that walk them in linear time.
 *
 * Time is a counter that each operation reads when it starts and moves on when it ends, by one
 * atomic addition. So "ended before it started" is not a matter of clocks and their precision: the
 * one's start has read a number that the other's end had written, which is C11's happens-before.
 * What overlaps by this count is taken to be in any order. Ends are all different and without gaps,
 * so tables indexed by time take the place of sorting.
 */
#ifndef SEAM_TESTS_SURVIVE_HISTORIES_H
#define SEAM_TESTS_SURVIVE_HISTORIES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "seam/seam.h"

#define ACTORS_MOST 4U
#define EVENTS_MOST 65536U

enum event_kind {
    EVENT_NOTHING, /* took time, says nothing */
    /* A register; see register.c. Written values are unique; 0 is the one at first. */
    EVENT_READ,  /* found `value` */
    EVENT_WRITE, /* wrote `value` */
    EVENT_SWAP,  /* found `other` and wrote `value`, at once */
    /* A queue; see queue.c. Values by message_of. */
    EVENT_SEND,
    EVENT_RECV,
    EVENT_EMPTY, /* there was nothing to receive */
    EVENT_FULL,  /* there was no room */
    /* A counter that only grows; see counter.c. */
    EVENT_STEP,  /* moved it from `value` to the next number */
    EVENT_LEAST, /* it was at least `value` */
    EVENT_MOST,  /* it was at most `value` */
};

/** What an operation did. One that did several things is as many events with the same times. */
struct event {
    uint64_t value, other;
    uint32_t start, end;
    uint16_t kind;   /* enum event_kind */
    uint16_t object; /* which of several */
    bool unsure; /* says nothing if another operation was under way: it may have been in the way */
};

/** Written by one actor, read when all have ended. */
struct history {
    uint32_t count;
    struct event events[EVENTS_MOST];
};

/** Shared by all processes of a test. */
struct stage {
    _Alignas(128) _Atomic uint32_t time;
    _Alignas(128) _Atomic uint32_t ready; /* actors that have their handles */
    _Atomic uint32_t done;                /* actors that wait for nobody any more */
    unsigned actors;
    _Alignas(128) struct history histories[ACTORS_MOST];
};

/** One process of a round. */
struct actor {
    struct stage *stage;
    struct history *history;
    unsigned index;
    bool crowded; /* shares its CPU with all others */
    uint64_t dice;
};

static inline uint32_t start_of_operation(const struct actor *me)
{
    return atomic_load(&me->stage->time);
}

static inline uint32_t end_of_operation(const struct actor *me)
{
    return atomic_fetch_add(&me->stage->time, 1);
}

/** Puts an event down. @return where, for what is rare */
struct event *note(struct actor *me, enum event_kind kind, uint64_t value, uint32_t start,
                   uint32_t end);

/** Whether there is still room for @p count events. */
bool has_room(const struct actor *me, uint32_t count);

/** The next random number below @p below. */
uint64_t roll(struct actor *me, uint64_t below);

/** Tells the others that this one has its handle, and waits for theirs. */
void wait_for_all(struct actor *me);

/** Where processes share a CPU, gives it away now and then. */
void breathe(struct actor *me, uint64_t one_in);

/** A value that nobody else writes; up to a million may be added to it. */
static inline int64_t unique_of(const struct actor *me, uint64_t number)
{
    return (int64_t)((uint64_t)(me->index + 1) << 56 | number << 20);
}

/** The number of @p sender's message @p number, and back. */
static inline uint64_t message_of(unsigned sender, uint64_t number)
{
    return (uint64_t)sender << 32 | number;
}

static inline unsigned sender_of(uint64_t message)
{
    return (unsigned)(message >> 32);
}

static inline uint32_t number_of(uint64_t message)
{
    return (uint32_t)message;
}

/* ---- checkers ---- */

/** What a checker found. */
struct verdict {
    bool wrong;
    char why[200];
    uint64_t pairs; /* pairs of events that were compared */
};

/** Notes why a history is wrong. @return false */
bool refuse(struct verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Zeroed memory for @p count things; the test ends where there is none. */
void *table_of(uint64_t count, size_t bytes);

/** What is unsure counts only where the operation was alone. */
void settle(struct stage *stage);

/** Atomic registers. @return whether there is an order of the operations that explains all */
bool check_registers(const struct stage *stage, unsigned objects, struct verdict *verdict);

/** What kind of queue it is. */
struct queue_rules {
    unsigned senders;   /* the first actors */
    unsigned receivers; /* those behind them */
    bool shared;        /* each message goes to one of them; else to each */
    bool lanes;         /* what different senders sent has no common order, nor common room */
    uint64_t fits;      /* so many messages fit at any rate */
};

/** Queues. All of what was sent must have been received. */
bool check_queue(const struct stage *stage, const struct queue_rules *rules,
                 struct verdict *verdict);

/** A counter that only grows; @p object selects the events. */
bool check_counter(const struct stage *stage, unsigned object, struct verdict *verdict);

/** Feeds the checkers with wrong histories, and with right ones that look like them. */
void test_checkers(struct stage *stage);

/* ---- games ---- */

/** A test of one kind of object. */
struct round {
    const struct game *game;
    struct stage *stage;
    enum seam_mode mode;
    uint64_t number;
    uint32_t quota; /* operations of each actor, about */
    union {
        struct seam_channel *channel;
        struct seam_value *value;
        struct seam_array *array;
        struct seam_list *list;
    };
};

struct game {
    const char *what;
    unsigned actors;
    unsigned modes; /* bits: 1 << enum seam_mode */
    void (*create)(struct round *round);
    void (*act)(const struct round *round, struct actor *me);
    bool (*check)(const struct round *round, struct verdict *verdict); /* also closes */
};

extern const struct game channel_games[], number_games[], array_games[], list_games[],
    fifo_games[]; /* end with a NULL name */

#endif
