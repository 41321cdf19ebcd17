/* SPDX-License-Identifier: MIT */
/*
 * Lists of int64: what seam's side (objects_list.c) and the other (lists_by_hand.c) share.
 * A list has the numbers from 0 on, and in front of them, the last one first, what was inserted:
 * these numbers begin with 0, too.
 */
#ifndef SEAM_BENCH_OBJECTS_LIST_H
#define SEAM_BENCH_OBJECTS_LIST_H

#include "by_hand.h"
#include "objects.h"

#define LIST_LENGTH ((size_t)BY_HAND_LENGTH) /* of one that is only read, or inserted into */
#define LIST_ROOM ((size_t)BY_HAND_ROOM)
/* So few at once that the list is still about as long as it was. */
#define LIST_INSERTED_MOST 100

struct list_context {
    struct seam_list *list;
    struct seam_snapshot *snapshot;
    struct by_hand *hand;
    enum seam_mode mode;
    int64_t sum;                             /* of what the last run has got */
    _Alignas(64) int64_t copy[BY_HAND_ROOM]; /* of a list, to be checked */
};

/** @param inserted  so many of the @p length numbers @return 0 or -EBADMSG */
int list_check_numbers(const int64_t *numbers, size_t length, size_t inserted);

/** A check: whether the sum is that of the first numbers, round and round. */
int list_check_sum(void *context, uint64_t count);

extern const struct side list_append_mutex, list_get_mutex, list_snapshot_mutex, list_insert_mutex;

#endif
