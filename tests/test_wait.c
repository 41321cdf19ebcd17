/* SPDX-License-Identifier: MIT */
/* Waiting: deadlines, strategies, wake-ups, and life without membarrier. */
#include "unit.h"

#include <pthread.h>

#include "channel/handle.h"
#include "wait/futex.h"
#include "wait/test_hooks.h"

TestSuite(wait, .init = test_begin, .fini = test_end);

static const enum seam_wait strategies[] = {SEAM_WAIT_ADAPTIVE, SEAM_WAIT_SPIN, SEAM_WAIT_SLEEP};

Test(wait, the_end_of_time_does_not_overflow)
{
    cr_expect_eq(seam_deadline_in_ns(INT64_MAX), SEAM_FOREVER);
    cr_expect_lt(seam_deadline_in_ns(0), seam_deadline_in_ns(1000000000));
    cr_expect_lt(seam_slice_until(SEAM_FOREVER), SEAM_FOREVER, "a slice has an end");
    cr_expect_eq(seam_slice_until(1), 1, "and no deadline is in the midst of it");
}

Test(wait, a_deadline_is_not_early)
{
    for (size_t i = 0; i < 3; i++) {
        const struct seam_channel_options options = {.wait = strategies[i], .role = SEAM_READER};
        struct seam_channel *reader = must_create(NULL, &options);
        char buffer[8];
        const int64_t waits[] = {-1000000000, 0, 1000, 20000000};
        for (size_t k = 0; k < 4; k++) {
            int64_t deadline = seam_deadline_in_ns(waits[k]);
            cr_expect_eq(seam_channel_recv_until(reader, buffer, 8, deadline), -ETIMEDOUT);
            cr_expect_geq(seam_deadline_in_ns(0), deadline);
        }
        cr_expect_eq(seam_channel_recv_until(reader, buffer, 8, INT64_MIN), -ETIMEDOUT);
        seam_channel_close(reader);
    }
}

static void *answer(void *context)
{
    struct seam_channel **ends = context;
    uint64_t number;
    while (seam_channel_recv(ends[0], &number, sizeof(number)) == sizeof(number)) {
        if (seam_channel_send(ends[1], &number, sizeof(number)) != 0) {
            break;
        }
    }
    return NULL;
}

/** Two threads call and answer; each call finds the other asleep, or about to be. */
static void call_and_answer(enum seam_wait strategy, enum seam_mode mode, uint64_t times)
{
    struct seam_channel_options options = {.wait = strategy, .mode = mode};
    struct seam_channel *there = must_create(NULL, &options), *back = must_create(NULL, &options);
    struct seam_channel *own_end = must_reopen(back, &options);
    struct seam_channel *ends[2] = {must_reopen(there, &options), back};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, answer, ends), 0);
    for (uint64_t i = 0; i < times; i++) {
        uint64_t number = 0;
        cr_assert_eq(seam_channel_send(there, &i, sizeof(i)), 0);
        cr_assert_eq(seam_channel_recv(own_end, &number, sizeof(number)), sizeof(number));
        cr_assert_eq(number, i);
    }
    seam_channel_close(there);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    seam_channel_close(ends[0]);
    seam_channel_close(back);
    cr_expect(strategy != SEAM_WAIT_SLEEP || stats_of(own_end).sleeps > 0);
    cr_expect(strategy != SEAM_WAIT_SPIN || stats_of(own_end).sleeps == 0);
    seam_channel_close(own_end);
}

Test(wait, no_wake_up_is_lost)
{
    for (size_t i = 0; i < 3; i++) {
        /* Two that spin may share a CPU on a loaded machine: then each answer takes a time slice.
         */
        uint64_t times = strategies[i] == SEAM_WAIT_SPIN ? 200 : 3000;
        call_and_answer(strategies[i], SEAM_LOCK_FREE, times);
        call_and_answer(strategies[i], SEAM_LOCKED, times);
    }
}

Test(wait, without_membarrier_both_sides_fence)
{
    seam_test_no_membarrier = true;
    call_and_answer(SEAM_WAIT_SLEEP, SEAM_LOCK_FREE, 3000);
    struct seam_channel *channel = must_create(NULL, NULL);
    cr_expect_eq(load_relaxed(&channel->desk->fences), 1, "it can't be a light publisher");
    struct seam_channel *reader = must_reopen(channel, NULL);
    char buffer[8];
    /* A reader that can't have the barrier says so on the desk. */
    cr_expect_eq(seam_channel_recv_until(reader, buffer, 8, seam_deadline_in_ns(1000000)),
                 -ETIMEDOUT);
    cr_expect_eq(load_relaxed(&channel->desk->fences), 1);
    seam_channel_close(reader);
    seam_channel_close(channel);
}

Test(wait, a_wake_up_that_was_stolen_costs_a_slice)
{
    const struct seam_channel_options options = {.wait = SEAM_WAIT_SLEEP};
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, &options);
    char buffer[8];
    /* A flag cleared behind the sleeper's back: the writer sends, and wakes nobody. */
    store_relaxed(&writer->desk->data_wanted, 0);
    must_send(writer, "x");
    cr_expect_eq(stats_of(writer).wakeups, 0);
    cr_expect_eq(seam_channel_recv(reader, buffer, 8), 1);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/**
 * A sleeps on the flag as it raised it. When it was woken before it slept, and B has raised the
 * flag again since, that is another word: A does not sleep.
 */
Test(wait, a_flag_raised_again_is_another_one)
{
    _Atomic uint32_t flag = 0;
    uint32_t last = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t raised = seam_want(&flag);
        cr_expect(seam_is_wanted(&flag));
        cr_expect_eq(seam_want(&flag), raised, "raised twice is raised");
        cr_expect_neq(raised, last);
        cr_expect(seam_wake(&flag, NULL));
        cr_expect_not(seam_is_wanted(&flag));
        cr_expect_not(seam_wake(&flag, NULL), "woken once");
        int64_t begin = seam_deadline_in_ns(0);
        (void)seam_want(&flag); /* B */
        seam_futex_wait(&flag, raised, begin + INT64_C(1000000000) * TEST_HANG_S);
        last = raised;
        cr_expect(seam_wake(&flag, NULL));
    }
    store_relaxed(&flag, UINT32_MAX);
    cr_expect(seam_wake(&flag, NULL));
    cr_expect_not(seam_is_wanted(&flag), "the count wraps");
}

Test(wait, one_sleeper_is_one_wake_up)
{
    struct seam_channel *writer = must_create(NULL, NULL);
    store_relaxed(&writer->desk->data_wanted, 1);
    for (int i = 0; i < 100; i++) {
        must_send(writer, "x");
    }
    cr_expect_eq(stats_of(writer).wakeups, 1, "level-triggered");
    seam_channel_close(writer);
}

static void *receive_one(void *context)
{
    char byte;
    return seam_channel_recv(context, &byte, 1) == 1 ? context : NULL;
}

static void *send_one(void *context)
{
    return seam_channel_send(context, "0123456789", 10) == 0 ? context : NULL;
}

/** Whoever sleeps has raised its flag; whoever moves on clears it and wakes. */
Test(wait, sleepers_raise_their_flag)
{
    const struct seam_channel_options options = {
        .wait = SEAM_WAIT_SLEEP, .capacity = 4096, .max_message = 64};
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, &options);
    pthread_t thread;
    void *result;
    cr_assert_eq(pthread_create(&thread, NULL, receive_one, reader), 0);
    while (load_relaxed(&writer->desk->data_wanted) == 0) {
        (void)usleep(100);
    }
    must_send(writer, "x");
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_expect_not_null(result);
    while (seam_channel_try_send(writer, "0123456789", 10) == 0) {
    }
    cr_assert_eq(pthread_create(&thread, NULL, send_one, writer), 0);
    while (load_relaxed(&writer->desk->space_wanted) == 0) {
        (void)usleep(100);
    }
    must_recv(reader, "0123456789");
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_expect_not_null(result);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(wait, every_way_of_moving_on_wakes)
{
    const struct seam_channel_options queue = {.policy = SEAM_WORK_QUEUE};
    struct seam_channel *writer = must_create(NULL, &queue);
    struct seam_channel *reader = must_reopen(writer, NULL);
    void *data;
    store_relaxed(&writer->desk->data_wanted, 1);
    cr_assert_eq(seam_channel_reserve(writer, 1, &data), 0);
    memcpy(data, "x", 1);
    cr_assert_eq(seam_channel_commit(writer, 1), 0);
    cr_expect_eq(stats_of(writer).wakeups, 1, "commit");
    store_relaxed(&writer->desk->space_wanted, 1);
    must_recv(reader, "x");
    cr_expect_eq(stats_of(reader).wakeups, 1, "a worker");
    store_relaxed(&writer->desk->data_wanted, 1);
    seam_channel_close(writer);
    cr_expect_not(seam_is_wanted(&reader->desk->data_wanted), "the writer's end");
    seam_channel_close(reader);
}

/** As if somebody had slept from 1000 on and been woken @p cost_ns before waking up, so often. */
static int64_t learn(int times, int64_t cost_ns)
{
    for (int i = 0; i < times; i++) {
        seam_wake_price_learn(1000, 2000, 2000 + cost_ns);
    }
    return seam_wake_price_ns();
}

Test(wait, the_price_of_a_wake_up_is_learned_within_bounds)
{
    int64_t first = seam_wake_price_ns();
    cr_expect_gt(learn(1, first), first);
    cr_expect_lt(learn(1, first), 2 * first, "one alone says little");
    cr_expect_leq(learn(100, 20000) - 40000, 100);
    cr_expect_leq(40000 - learn(1, 20000), 100);
    cr_expect_gt(learn(200, 0), 1000);
    cr_expect_lt(learn(200, 900000), 900000);
    int64_t last = seam_wake_price_ns();
    cr_expect_eq(learn(1, 5000000), last, "it waited for a CPU");
    seam_wake_price_learn(1000, 999, 2000);
    seam_wake_price_learn(1000, 0, 2000);
    seam_wake_price_learn(1000, 2001, 2000);
    seam_wake_price_learn(1000, UINT64_MAX, 2000);
    cr_expect_eq(seam_wake_price_ns(), last, "not of this wake-up");
}

/** Some at a time, all of a short message, and of a long one the beginning. */
Test(wait, lines_are_asked_for_as_far_as_they_are_wanted)
{
    static const uint8_t ring[1 << 20];
    const uint64_t wanted[] = {0, 64, 700, 4096, 65536, sizeof(ring)};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        uint64_t asked = 0;
        seam_next_lines = (struct seam_lines){ring, wanted[i]};
        for (int turn = 0; turn < 200; turn++) {
            seam_own_few_lines();
            uint64_t more = (uint64_t)(seam_next_lines.at - ring) - asked;
            cr_expect_leq(more, 512, "few");
            asked += more;
        }
        cr_expect_eq(asked, wanted[i] < 65536 ? wanted[i] : 65536);
        cr_expect_eq(seam_next_lines.bytes, 0);
    }
}
