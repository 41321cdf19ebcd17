/* SPDX-License-Identifier: MIT */
/*
 * Arrays of int64: what seam's side (objects_array.c), the others (arrays_by_hand.c) and their
 * checks (array_checks.c) share.
 *
 * The numbers 1, 2, 3 ... are set in turn, round and round: number n goes to element n modulo the
 * length. So the newest number tells what every other element must be, and a copy that is not of
 * one moment shows. The first round is done when a contest begins.
 */
#ifndef SEAM_BENCH_OBJECTS_ARRAY_H
#define SEAM_BENCH_OBJECTS_ARRAY_H

#include "by_hand.h"
#include "objects.h"

#define ARRAY_LENGTH ((size_t)BY_HAND_LENGTH)

struct array_context {
    struct seam_array *array;
    struct by_hand *hand;
    size_t bytes;                              /* of all elements; not known to the compiler */
    int64_t newest;                            /* the number this process has set last in seam's */
    int64_t hand_newest;                       /* and in the other one */
    int64_t sum;                               /* of what the last run has got */
    _Alignas(64) int64_t copy[BY_HAND_LENGTH]; /* the last snapshot */
};

/** How many numbers were set after the first round. */
uint64_t array_count_set(const int64_t *elements);

/** What was added to all elements after the first round. */
uint64_t array_count_added(const int64_t *elements);

/** A check: whether the sum is that of the first elements as the first round left them. */
int array_check_sum(void *context, uint64_t count);

/** A check: whether the copy is of one moment. */
int array_check_copy(void *context, uint64_t count);

extern const struct side array_get_bare, array_set_bare, array_add_bare;
extern const struct side array_get_called, array_add_called;
extern const struct side array_get_mutex, array_set_mutex, array_add_mutex;
extern const struct side array_change_two_mutex, array_snapshot_mutex, array_snapshot_memcpy;

#endif
