/* SPDX-License-Identifier: MIT */
/* What seam's lists are compared with: elements and a length under a mutex. */
#include <errno.h>
#include <string.h>

#include "objects_list.h"

/** The numbers from 0 on. Nobody else is there. */
static void refill(struct by_hand *hand, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        hand->elements[i] = (int64_t)i;
    }
    hand->length = length;
}

static int prepare_empty(void *context, uint64_t count)
{
    struct list_context *c = context;
    (void)count;
    refill(c->hand, 0);
    return 0;
}

static int prepare_full(void *context, uint64_t count)
{
    struct list_context *c = context;
    (void)count;
    refill(c->hand, LIST_LENGTH);
    return 0;
}

static int append_one(struct by_hand *hand, int64_t number)
{
    int error = by_hand_lock(hand);
    if (error != 0) {
        return error;
    }
    bool fits = hand->length < LIST_ROOM;
    if (fits) {
        hand->elements[hand->length++] = number;
    }
    error = by_hand_unlock(hand);
    return fits ? error : -ENOSPC;
}

static int append(void *context, uint64_t count)
{
    struct list_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = append_one(c->hand, (int64_t)i);
    }
    return error;
}

static int check_appended(void *context, uint64_t count)
{
    const struct by_hand *hand = ((struct list_context *)context)->hand;
    return hand->length == count ? list_check_numbers(hand->elements, count, 0) : -EBADMSG;
}

static int get_one(struct by_hand *hand, size_t index, int64_t *ret_number)
{
    int error = by_hand_lock(hand);
    if (error != 0) {
        return error;
    }
    bool there = index < hand->length;
    if (there) {
        *ret_number = hand->elements[index];
    }
    error = by_hand_unlock(hand);
    return there ? error : -ERANGE;
}

static int get(void *context, uint64_t count)
{
    struct list_context *c = context;
    int64_t sum = 0, number = 0;
    size_t index = 0;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = get_one(c->hand, index, &number);
        sum += number;
        index = next_index(index, LIST_LENGTH);
    }
    c->sum = sum;
    return error;
}

static int take_snapshots(void *context, uint64_t count)
{
    struct list_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = by_hand_lock(c->hand);
        if (error == 0) {
            memcpy(c->copy, c->hand->elements, c->hand->length * sizeof(c->copy[0]));
            error = by_hand_unlock(c->hand);
        }
        use(c->copy);
    }
    return error;
}

static int check_snapshot(void *context, uint64_t count)
{
    const struct list_context *c = context;
    (void)count;
    return list_check_numbers(c->copy, LIST_LENGTH, 0);
}

static int insert_first(struct by_hand *hand, int64_t number)
{
    int error = by_hand_lock(hand);
    if (error != 0) {
        return error;
    }
    bool fits = hand->length < LIST_ROOM;
    if (fits) {
        memmove(hand->elements + 1, hand->elements, hand->length * sizeof(hand->elements[0]));
        hand->elements[0] = number;
        hand->length++;
    }
    error = by_hand_unlock(hand);
    return fits ? error : -ENOSPC;
}

static int insert(void *context, uint64_t count)
{
    struct list_context *c = context;
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        error = insert_first(c->hand, (int64_t)i);
    }
    return error;
}

static int check_inserted(void *context, uint64_t count)
{
    const struct by_hand *hand = ((struct list_context *)context)->hand;
    const size_t length = LIST_LENGTH + count;
    return hand->length == length ? list_check_numbers(hand->elements, length, count) : -EBADMSG;
}

const struct side list_append_mutex = {
    .prepare = prepare_empty, .run = append, .check = check_appended, .most = LIST_ROOM};
const struct side list_get_mutex = {.prepare = prepare_full, .run = get, .check = list_check_sum};
const struct side list_snapshot_mutex = {
    .prepare = prepare_full, .run = take_snapshots, .check = check_snapshot};
const struct side list_insert_mutex = {
    .prepare = prepare_full, .run = insert, .check = check_inserted, .most = LIST_INSERTED_MOST};
