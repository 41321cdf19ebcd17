/* SPDX-License-Identifier: MIT */
/*
 * Locks, values, arrays and lists between threads on one and the same mapping, for
 * ThreadSanitizer: see threads.c. Beside each object the threads share plain memory, which nothing
 * but the object's own ordering keeps from being a race.
 */
#ifndef SEAM_TESTS_STAGE_H
#define SEAM_TESTS_STAGE_H

#include "any.h"
#include "memory/atomic.h"
#include "support.h"

#include <pthread.h>

#define STAGE_COUNT 50000

/* Elements of an array. */
#define STAGE_LENGTH 64U

/* Bytes of a locked list's longest element: to be read for a while, among few others. */
#define STAGE_LONGEST 1000U

struct stage;

/** One thread and its handle. */
struct actor {
    struct stage *stage;
    void *object;
    int number;
    int64_t taken; /* turns with the lock */
    pthread_t thread;
};

/** What the threads share. */
struct stage {
    struct actor actors[3];
    void *(*act)(void *context);
    pthread_barrier_t start;    /* so that none is done before the others begin */
    int64_t plain[STAGE_COUNT]; /* written before a change that tells of it */
    int64_t counter;            /* plain, under a lock */
    _Atomic bool done;
};

/**
 * Runs three threads with handles on one object, numbers 0 to 2.
 * @param last  the one that goes on until stage->done; -1: none does
 */
void stage_run(enum any_kind kind, void *(*act)(void *context), int last);

/** How many changes a tale has. */
#define TALE_LENGTH 100

/**
 * One thread changes @p object and another one hears of each change, through the same handle. What
 * the first has written before a change must be there for the second one.
 * @param tell    changes the number in the object to @p number, from one less
 * @param listen  returns the number that is there; @p turn grows, for who has several ways
 */
void stage_tale(void *object, void (*tell)(void *object, int64_t number),
                int64_t (*listen)(void *object, int64_t turn));

#endif
