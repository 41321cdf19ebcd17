/* SPDX-License-Identifier: MIT */
/* Values: waiting until they change, and many who change one at the same time. */
#include "unit.h"

#include <pthread.h>

#include "wait/test_hooks.h"

TestSuite(value_wait, .init = test_begin, .fini = test_end);

static const enum seam_wait strategies[] = {SEAM_WAIT_ADAPTIVE, SEAM_WAIT_SPIN, SEAM_WAIT_SLEEP};

static struct seam_value *new_value(const struct seam_value *other,
                                    const struct seam_value_options *options)
{
    struct seam_value *value = NULL;
    int error = other == NULL ? seam_value_create(NULL, options, &value)
                              : seam_value_reopen(other, options, &value);
    cr_assert_eq(error, 0, "%s: %s", seam_error_detail(), strerror(-error));
    return value;
}

Test(value_wait, what_is_another_number_already_needs_no_waiting)
{
    const struct seam_value_options reading = {.access = SEAM_READ_ONLY};
    struct seam_value *value = new_value(NULL, NULL), *reader = new_value(value, &reading);
    int64_t seen = 5;
    cr_expect_eq(seam_value_store(value, 9), 0);
    cr_expect_eq(seam_value_wait(value, 8, &seen), 0);
    cr_expect_eq(seen, 9);
    cr_expect_eq(seam_value_wait_until(value, 8, &seen, INT64_MIN), 0, "no deadline is too early");
    cr_expect_eq(seam_value_wait(reader, INT64_MIN, &seen), 0, "waiting is reading");
    cr_expect_eq(seam_value_wait(reader, 0, NULL), 0);
    seam_value_close(reader);
    seam_value_close(value);
}

Test(value_wait, deadlines)
{
    for (size_t i = 0; i < 3; i++) {
        const struct seam_value_options options = {.wait = strategies[i]};
        const struct seam_value_options reading = {.wait = strategies[i], .access = SEAM_READ_ONLY};
        struct seam_value *value = new_value(NULL, &options), *reader = new_value(value, &reading);
        const int64_t waits[] = {-1000000000, 0, 1000, 20000000};
        int64_t seen = 5;
        for (size_t k = 0; k < 4; k++) {
            int64_t deadline = seam_deadline_in_ns(waits[k]);
            struct seam_value *who = k % 2 == 0 ? value : reader;
            cr_expect_eq(seam_value_wait_until(who, 0, &seen, deadline), -ETIMEDOUT);
            cr_expect_geq(seam_deadline_in_ns(0), deadline);
        }
        cr_expect_eq(seam_value_wait_until(value, 0, &seen, INT64_MIN), -ETIMEDOUT);
        cr_expect_eq(seen, 5, "outputs stay untouched");
        seam_value_close(reader);
        seam_value_close(value);
    }
}

Test(value_wait, nobody_can_wait_for_a_raw_one)
{
    const struct seam_value_options raw = {.mode = SEAM_RAW};
    const struct seam_value_options real = {.mode = SEAM_RAW, .type = SEAM_DOUBLE};
    struct seam_value *integer = new_value(NULL, &raw), *number = new_value(NULL, &real);
    cr_expect_eq(seam_value_wait(integer, 1, NULL), -ENOTSUP);
    cr_expect_eq(seam_value_wait_until(integer, 0, NULL, 0), -ENOTSUP);
    cr_expect_eq(seam_value_wait_double(number, 1, NULL), -ENOTSUP);
    cr_expect_eq(seam_value_wait_double_until(number, 0, NULL, 0), -ENOTSUP);
    seam_value_close(number);
    seam_value_close(integer);
}

/* ---- two threads ---- */

/** Each kind of change in turn, always by one. */
static void step(struct seam_value *value, int64_t from)
{
    int64_t expected = from;
    switch (from / 2 % 5) {
    case 0:
        CHECK(seam_value_store(value, from + 1) == 0, "store");
        break;
    case 1:
        CHECK(seam_value_add(value, 1, NULL) == 0, "add");
        break;
    case 2:
        CHECK(seam_value_sub(value, -1, NULL) == 0, "sub");
        break;
    case 3:
        CHECK(seam_value_exchange(value, from + 1, NULL) == 0, "exchange");
        break;
    default:
        CHECK(seam_value_compare_exchange(value, &expected, from + 1) == 1, "compare");
        break;
    }
}

#define STEPS 4000

struct player {
    struct seam_value *value;
    int64_t first; /* the number that it answers first */
    pthread_t thread;
};

/** Waits for its numbers and makes the next of each. */
static void *play(void *context)
{
    struct player *player = context;
    for (int64_t number = player->first; number < STEPS; number += 2) {
        int64_t seen = number;
        int error = number == 0 ? 0 : seam_value_wait(player->value, number - 1, &seen);
        CHECK(error == 0 && seen == number, "wait: %d, %lld", error, (long long)seen);
        step(player->value, number);
    }
    return NULL;
}

static void play_to_the_end(enum seam_wait strategy)
{
    const struct seam_value_options options = {.wait = strategy};
    struct player players[2] = {{.value = new_value(NULL, &options), .first = 0}, {.first = 1}};
    players[1].value = new_value(players[0].value, &options);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(pthread_create(&players[i].thread, NULL, play, &players[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(pthread_join(players[i].thread, NULL), 0);
    }
    int64_t last = 0;
    cr_expect_eq(seam_value_load(players[0].value, &last), 0);
    cr_expect_eq(last, STEPS);
    seam_value_close(players[1].value);
    seam_value_close(players[0].value);
}

/** Two wait for each other; no kind of change goes unnoticed. A wake-up lost is a slice lost. */
Test(value_wait, every_change_wakes, .timeout = 120)
{
    for (size_t i = 0; i < 3; i++) {
        play_to_the_end(strategies[i]);
        seam_test_no_membarrier = true;
        play_to_the_end(strategies[i]);
        seam_test_no_membarrier = false;
    }
}

static void *double_it_up(void *context)
{
    struct seam_value *value = context;
    for (int i = 0; i < 10; i++) {
        double seen = 0;
        CHECK(seam_value_wait_double(value, i, &seen) == 0, "wait");
        CHECK(seen > i && seen < i + 1, "%f", seen);
        CHECK(i % 2 == 0 ? seam_value_store_double(value, i + 1) == 0
                         : seam_value_add_double(value, 0.5, NULL) == 0,
              "change");
    }
    return NULL;
}

Test(value_wait, doubles_wake_too, .timeout = 120)
{
    const struct seam_value_options options = {.type = SEAM_DOUBLE, .wait = SEAM_WAIT_SLEEP};
    struct seam_value *value = new_value(NULL, &options), *other = new_value(value, &options);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, double_it_up, other), 0);
    for (int i = 0; i < 10; i++) {
        double expected = i;
        cr_assert_eq(i % 2 == 0 ? seam_value_add_double(value, 0.5, NULL)
                                : seam_value_compare_exchange_double(value, &expected, i + 0.5) - 1,
                     0);
        cr_assert_eq(seam_value_wait_double(value, i + 0.5, NULL), 0);
    }
    cr_assert_eq(pthread_join(thread, NULL), 0);
    seam_value_close(other);
    seam_value_close(value);
}

static void *add_many(void *context)
{
    struct seam_value *value = context;
    for (int i = 0; i < 50000; i++) {
        int error = seam_value_type(value) == SEAM_INT64 ? seam_value_add(value, 1, NULL)
                                                         : seam_value_add_double(value, 1, NULL);
        CHECK(error == 0, "add");
    }
    return NULL;
}

/** Changes may come from any number of threads through one handle. */
Test(value_wait, no_change_gets_lost, .timeout = 120)
{
    for (int real = 0; real < 2; real++) {
        const struct seam_value_options options = {.type = real != 0 ? SEAM_DOUBLE : SEAM_INT64};
        struct seam_value *value = new_value(NULL, &options), *other = new_value(value, NULL);
        pthread_t threads[3];
        for (int i = 0; i < 3; i++) {
            cr_assert_eq(pthread_create(&threads[i], NULL, add_many, i == 0 ? other : value), 0);
        }
        for (int i = 0; i < 3; i++) {
            cr_assert_eq(pthread_join(threads[i], NULL), 0);
        }
        int64_t integer = 150000;
        double number = 150000;
        cr_expect_eq(real != 0 ? seam_value_load_double(value, &number)
                               : seam_value_load(value, &integer),
                     0);
        cr_expect(integer == 150000 && number > 149999.5 && number < 150000.5, "%f", number);
        seam_value_close(other);
        seam_value_close(value);
    }
}
