/* SPDX-License-Identifier: MIT */
/* Histories of values and arrays: each number as a register, transactions as versions of the whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "histories.h"
#include "support.h"

/* Few, so that many meet at each. */
#define ELEMENTS 4U

/* ---- single numbers ---- */

/** A number, however it is reached. */
struct number {
    void (*load)(const void *object, unsigned index, int64_t *ret_now);
    void (*store)(void *object, unsigned index, int64_t number);
    void (*add)(void *object, unsigned index, int64_t *ret_old); /* 1 */
    /* NULL: there is none */
    int (*compare_exchange)(void *object, unsigned index, int64_t *expected, int64_t desired);
    void (*exchange)(void *object, unsigned index, int64_t number, int64_t *ret_old);
};

static void value_load(const void *object, unsigned index, int64_t *ret_now)
{
    CHECK(index == 0 && seam_value_load(object, ret_now) == 0, "load");
}

static void value_store(void *object, unsigned index, int64_t number)
{
    CHECK(index == 0 && seam_value_store(object, number) == 0, "store");
}

static void value_add(void *object, unsigned index, int64_t *ret_old)
{
    CHECK(index == 0 && seam_value_add(object, 1, ret_old) == 0, "add");
}

static int value_compare_exchange(void *object, unsigned index, int64_t *expected, int64_t desired)
{
    CHECK(index == 0, "value");
    return seam_value_compare_exchange(object, expected, desired);
}

static void value_exchange(void *object, unsigned index, int64_t number, int64_t *ret_old)
{
    CHECK(index == 0 && seam_value_exchange(object, number, ret_old) == 0, "exchange");
}

static void element_load(const void *object, unsigned index, int64_t *ret_now)
{
    CHECK(seam_array_get(object, index, ret_now) == 0, "get");
}

static void element_store(void *object, unsigned index, int64_t number)
{
    CHECK(seam_array_set(object, index, &number) == 0, "set");
}

static void element_add(void *object, unsigned index, int64_t *ret_old)
{
    const int64_t one = 1;
    CHECK(seam_array_add(object, index, &one, ret_old) == 0, "add");
}

static int element_compare_exchange(void *object, unsigned index, int64_t *expected,
                                    int64_t desired)
{
    return seam_array_compare_exchange(object, index, expected, &desired);
}

static void cell_load(const void *object, unsigned index, int64_t *ret_now)
{
    CHECK(seam_list_get_int64(object, index, ret_now) == 0, "get");
}

static void cell_store(void *object, unsigned index, int64_t number)
{
    CHECK(seam_list_set_int64(object, index, number) == 0, "set");
}

static void cell_add(void *object, unsigned index, int64_t *ret_old)
{
    CHECK(seam_list_add_int64(object, index, 1, ret_old) == 0, "add");
}

static const struct number of_value = {value_load, value_store, value_add, value_compare_exchange,
                                       value_exchange};
static const struct number of_array = {element_load, element_store, element_add,
                                       element_compare_exchange, NULL};
static const struct number of_list = {cell_load, cell_store, cell_add, NULL, NULL};

/** Compares and exchanges, mostly with the number that was seen last. */
static void swap(struct actor *me, const struct number *number, void *object, unsigned index,
                 int64_t unique, int64_t *seen)
{
    int64_t found = *seen;
    uint32_t start = start_of_operation(me);
    int done = number->compare_exchange(object, index, &found, unique);
    uint32_t end = end_of_operation(me);
    CHECK(done == 1 || (done == 0 && found != *seen), "compare and exchange: %d", done);
    struct event *event = note(me, done == 1 ? EVENT_SWAP : EVENT_READ,
                               (uint64_t)(done == 1 ? unique : found), start, end);
    event->object = (uint16_t)index;
    event->other = (uint64_t)*seen;
    *seen = done == 1 ? unique : found;
}

static void note_swap(struct actor *me, unsigned index, int64_t old, int64_t new, uint32_t start)
{
    struct event *event = note(me, EVENT_SWAP, (uint64_t) new, start, end_of_operation(me));
    event->object = (uint16_t)index;
    event->other = (uint64_t)old;
}

static void operate(struct actor *me, const struct number *number, void *object, unsigned index,
                    int64_t unique, int64_t *seen)
{
    int64_t old;
    uint64_t how = roll(me, 8);
    uint32_t start = start_of_operation(me);
    if (how == 0) {
        number->store(object, index, unique);
        uint32_t end = end_of_operation(me);
        note(me, EVENT_WRITE, (uint64_t)unique, start, end)->object = (uint16_t)index;
        *seen = unique;
    } else if (how == 1) {
        number->add(object, index, &old);
        note_swap(me, index, old, old + 1, start);
        *seen = old + 1;
    } else if (how == 2 && number->exchange != NULL) {
        number->exchange(object, index, unique, &old);
        note_swap(me, index, old, unique, start);
        *seen = unique;
    } else if (how < 5 && number->compare_exchange != NULL) {
        swap(me, number, object, index, unique, seen);
    } else {
        number->load(object, index, seen);
        uint32_t end = end_of_operation(me);
        note(me, EVENT_READ, (uint64_t)*seen, start, end)->object = (uint16_t)index;
    }
}

static void play(const struct round *round, struct actor *me, const struct number *number,
                 void *object, unsigned elements)
{
    int64_t seen[ELEMENTS] = {0};
    wait_for_all(me);
    for (uint32_t i = 0; i < round->quota; i++) {
        unsigned index = (unsigned)roll(me, elements);
        operate(me, number, object, index, unique_of(me, i + 1), &seen[index]);
        breathe(me, 30);
    }
}

/** What is there in the end was found by somebody, too, after all others. */
static void read_finally(const struct round *round, const struct number *number, const void *object,
                         unsigned elements)
{
    struct actor last = {.stage = round->stage, .history = &round->stage->histories[0]};
    for (unsigned i = 0; i < elements; i++) {
        int64_t now = 0;
        uint32_t start = start_of_operation(&last);
        number->load(object, i, &now);
        uint32_t end = end_of_operation(&last);
        note(&last, EVENT_READ, (uint64_t)now, start, end)->object = (uint16_t)i;
    }
}

/* ---- value ---- */

static void create_value(struct round *round)
{
    CHECK(seam_value_create(NULL, NULL, &round->value) == 0, "create: %s", seam_error_detail());
}

static void act_on_value(const struct round *round, struct actor *me)
{
    struct seam_value *value;
    CHECK(seam_value_reopen(round->value, NULL, &value) == 0, "reopen: %s", seam_error_detail());
    play(round, me, &of_value, value, 1);
    seam_value_close(value);
}

static bool check_value(const struct round *round, struct verdict *verdict)
{
    read_finally(round, &of_value, round->value, 1);
    seam_value_close(round->value);
    return check_registers(round->stage, 1, verdict);
}

/* ---- elements ---- */

static void create_array(struct round *round)
{
    const struct seam_array_options options = {.length = ELEMENTS, .mode = round->mode};
    CHECK(seam_array_create(NULL, &options, &round->array) == 0, "create: %s", seam_error_detail());
}

static struct seam_array *reopen_array(const struct round *round)
{
    struct seam_array *array;
    CHECK(seam_array_reopen(round->array, NULL, &array) == 0, "reopen: %s", seam_error_detail());
    return array;
}

static void act_on_array(const struct round *round, struct actor *me)
{
    struct seam_array *array = reopen_array(round);
    play(round, me, &of_array, array, ELEMENTS);
    seam_array_close(array);
}

static bool check_array(const struct round *round, struct verdict *verdict)
{
    read_finally(round, &of_array, round->array, ELEMENTS);
    seam_array_close(round->array);
    return check_registers(round->stage, ELEMENTS, verdict);
}

/* ---- elements of a list ---- */

static void create_list(struct round *round)
{
    const struct seam_list_options options = {.capacity = ELEMENTS, .mode = round->mode};
    CHECK(seam_list_create(NULL, &options, &round->list) == 0, "create: %s", seam_error_detail());
    for (unsigned i = 0; i < ELEMENTS; i++) {
        CHECK(seam_list_append_int64(round->list, 0) == (ssize_t)i, "append");
    }
}

static void act_on_list(const struct round *round, struct actor *me)
{
    struct seam_list *list;
    CHECK(seam_list_reopen(round->list, NULL, &list) == 0, "reopen: %s", seam_error_detail());
    play(round, me, &of_list, list, ELEMENTS);
    seam_list_close(list);
}

static bool check_list(const struct round *round, struct verdict *verdict)
{
    read_finally(round, &of_list, round->list, ELEMENTS);
    seam_list_close(round->list);
    return check_registers(round->stage, ELEMENTS, verdict);
}

#define FREE (1U << SEAM_LOCK_FREE)
#define BOTH (FREE | 1U << SEAM_LOCKED)

const struct game number_games[] = {
    {"value", 4, FREE, create_value, act_on_value, check_value},
    {"elements", 4, BOTH, create_array, act_on_array, check_array},
    {"cells", 4, BOTH, create_list, act_on_list, check_list},
    {0},
};
