/* SPDX-License-Identifier: MIT */
/* Waiting for several things at once: what is ready when, and how the sleeper is told. */
#include "unit.h"

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>

#include "wait/test_hooks.h"

TestSuite(any, .init = test_begin, .fini = test_end);

static struct seam_channel *create(enum seam_role role)
{
    const struct seam_channel_options options = {
        .role = role, .capacity = 4096, .max_message = 900, .max_readers = 4};
    return must_create(NULL, &options);
}

static struct seam_channel *reopen(const struct seam_channel *other, enum seam_role role)
{
    const struct seam_channel_options options = {.role = role};
    return must_reopen(other, &options);
}

static int look(struct seam_waitable *things, size_t count)
{
    return seam_wait_any(things, count, 0);
}

Test(any, says_which_channels_have_something)
{
    struct seam_channel *readers[3], *writers[3];
    struct seam_waitable things[3];
    for (size_t i = 0; i < 3; i++) {
        writers[i] = create(SEAM_WRITER);
        readers[i] = reopen(writers[i], SEAM_READER);
        cr_expect_eq(seam_channel_readable(readers[i], &things[i]), 0);
    }
    cr_expect_eq(look(things, 3), -ETIMEDOUT);
    must_send(writers[1], "one");
    cr_expect_eq(look(things, 3), 1);
    cr_expect(!things[0].ready && things[1].ready && !things[2].ready);
    must_send(writers[2], "two");
    cr_expect_eq(look(things, 3), 2);
    cr_expect(!things[0].ready && things[1].ready && things[2].ready);
    cr_expect_eq(look(things, 3), 2, "it stays ready");
    must_recv(readers[1], "one");
    cr_expect_eq(seam_wait_any(things, 3, SEAM_FOREVER), 1);
    must_recv(readers[2], "two");
    cr_expect_eq(look(things, 3), -ETIMEDOUT);
    seam_channel_close(writers[0]);
    cr_expect_eq(seam_wait_any(things, 3, SEAM_FOREVER), 1, "-EPIPE is worth an attempt");
    cr_expect(things[0].ready && !things[1].ready && !things[2].ready);
    for (size_t i = 0; i < 3; i++) {
        seam_channel_close(readers[i]);
        seam_channel_close(i > 0 ? writers[i] : NULL);
    }
}

Test(any, knows_work_queues_and_the_overtaken)
{
    for (enum seam_policy policy = SEAM_OVERWRITE; policy <= SEAM_WORK_QUEUE; policy++) {
        const struct seam_channel_options options = {
            .policy = policy, .capacity = 4096, .max_message = 512};
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        struct seam_waitable thing;
        char zeros[512] = {0};
        cr_expect_eq(seam_channel_readable(reader, &thing), 0);
        cr_expect_eq(look(&thing, 1), -ETIMEDOUT);
        for (int i = 0; i < (policy == SEAM_OVERWRITE ? 1000 : 1); i++) {
            cr_assert_eq(seam_channel_send(writer, zeros, sizeof(zeros)), 0);
        }
        cr_expect_eq(look(&thing, 1), 1);
        cr_expect_eq(seam_channel_try_recv(reader, zeros, sizeof(zeros)),
                     policy == SEAM_OVERWRITE ? -EOVERFLOW : 512);
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

Test(any, knows_room_for_a_message_of_that_size)
{
    struct seam_channel *writer = create(SEAM_WRITER), *reader = reopen(writer, SEAM_READER);
    struct seam_waitable small, large, none;
    char message[900] = {0};
    cr_expect_eq(seam_channel_writable(writer, 8, &small), 0);
    cr_expect_eq(seam_channel_writable(writer, 900, &large), 0);
    cr_expect_eq(seam_channel_writable(writer, 901, &none), -EMSGSIZE);
    cr_expect_eq(seam_channel_writable(reader, 8, &none), -EBADF);
    cr_expect_eq(seam_channel_readable(writer, &none), -EBADF);
    while (seam_channel_try_send(writer, message, 900) == 0) {
        cr_expect_eq(look(&small, 1), 1);
    }
    cr_expect_eq(look(&large, 1), -ETIMEDOUT);
    cr_expect_eq(look(&small, 1), 1, "there is a little left");
    cr_expect_eq(seam_channel_recv(reader, message, sizeof(message)), 900);
    cr_expect_eq(look(&large, 1), 1);
    seam_channel_close(reader);
    seam_channel_close(writer);

    const struct seam_channel_options careless = {
        .capacity = 4096, .overwrite = true, .max_message = 900};
    writer = must_create(NULL, &careless);
    reader = reopen(writer, SEAM_READER);
    cr_expect_eq(seam_channel_writable(writer, 900, &large), 0);
    for (int i = 0; i < 20; i++) {
        cr_expect_eq(look(&large, 1), 1);
        cr_expect_eq(seam_channel_send(writer, message, 900), 0);
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(any, knows_values_and_locks)
{
    struct seam_value *number, *fraction, *raw;
    struct seam_lock *lock, *other;
    struct seam_waitable things[3], none;
    const struct seam_value_options doubles = {.type = SEAM_DOUBLE}, unsafe = {.mode = SEAM_RAW};
    cr_assert_eq(seam_value_create(NULL, NULL, &number), 0);
    cr_assert_eq(seam_value_create(NULL, &doubles, &fraction), 0);
    cr_assert_eq(seam_value_create(NULL, &unsafe, &raw), 0);
    cr_assert_eq(seam_lock_create(NULL, NULL, &lock), 0);
    cr_assert_eq(seam_lock_reopen(lock, NULL, &other), 0);
    cr_expect_eq(seam_value_changed(number, 0, &things[0]), 0);
    cr_expect_eq(seam_value_changed_double(fraction, 0, &things[1]), 0);
    cr_expect_eq(seam_lock_available(other, &things[2]), 0);
    cr_expect_eq(seam_value_changed(raw, 0, &none), -ENOTSUP);
    cr_expect_eq(seam_value_changed(fraction, 0, &none), -EINVAL);
    cr_expect_eq(seam_value_changed_double(number, 0, &none), -EINVAL);
    cr_expect_eq(look(things, 3), 1);
    cr_expect(things[2].ready, "a free lock");
    cr_expect_eq(look(things, 2), -ETIMEDOUT);
    cr_expect_eq(seam_lock_lock(lock), 0);
    cr_expect_eq(look(things, 3), 1);
    cr_expect(things[2].ready, "this thread has it: locking says -EDEADLK");
    cr_expect_eq(seam_lock_unlock(lock), 0);
    cr_expect_eq(seam_value_add(number, 1, NULL), 0);
    cr_expect_eq(seam_value_store_double(fraction, 0.5), 0);
    cr_expect_eq(look(things, 2), 2);
    seam_lock_close(other);
    seam_lock_close(lock);
    seam_value_close(number);
    seam_value_close(fraction);
    seam_value_close(raw);
}

Test(any, takes_as_many_as_the_kernel_does)
{
    struct seam_channel *writer = create(SEAM_WRITER);
    struct seam_channel *reader = reopen(writer, SEAM_OBSERVER);
    struct seam_waitable things[SEAM_WAIT_MOST + 1];
    struct seam_notifier *notifier;
    for (size_t i = 0; i <= SEAM_WAIT_MOST; i++) {
        cr_assert_eq(seam_channel_readable(reader, &things[i]), 0);
    }
    cr_expect_eq(seam_wait_any(things, 0, 0), -EINVAL);
    cr_expect_eq(seam_wait_any(things, SEAM_WAIT_MOST + 1, 0), -EINVAL);
    cr_expect_eq(seam_wait_any(things, SEAM_WAIT_MOST, seam_deadline_in_ns(5000000)), -ETIMEDOUT);
    cr_expect_eq(seam_notifier_create(things, SEAM_WAIT_MOST, &notifier), -EINVAL);
    cr_expect_eq(seam_notifier_create(things, 0, &notifier), -EINVAL);
    must_send(writer, "to all");
    cr_expect_eq(seam_wait_any(things, SEAM_WAIT_MOST, SEAM_FOREVER), SEAM_WAIT_MOST);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(any, prepares_a_sleep_on_a_futex)
{
    struct seam_channel *writer = create(SEAM_WRITER), *reader = reopen(writer, SEAM_READER);
    struct seam_waitable thing;
    struct seam_futex futex;
    cr_assert_eq(seam_channel_readable(reader, &thing), 0);
    cr_expect_eq(seam_wait_prepare(&thing, &futex), 0);
    cr_expect_eq(*(volatile uint32_t *)futex.word, futex.value);
    must_send(writer, "wake up");
    cr_expect_neq(*(volatile uint32_t *)futex.word, futex.value, "a sleep now returns at once");
    cr_expect_eq(seam_wait_prepare(&thing, &futex), 1);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/* ---- asleep ---- */

enum { CHANNELS = 16, ROUNDS = 2000 };

struct echo {
    struct seam_channel *in[CHANNELS], *out;
};

/** Answers on one channel what comes on any of several. */
static void *echo(void *context)
{
    struct echo *echo = context;
    struct seam_waitable things[CHANNELS];
    uint64_t number;
    for (size_t i = 0; i < CHANNELS; i++) {
        cr_assert_eq(seam_channel_readable(echo->in[i], &things[i]), 0);
    }
    for (;;) {
        cr_assert_gt(seam_wait_any(things, CHANNELS, SEAM_FOREVER), 0);
        for (size_t i = 0; i < CHANNELS; i++) {
            if (!things[i].ready) {
                continue;
            }
            ssize_t size = seam_channel_recv(echo->in[i], &number, sizeof(number));
            if (size == -EPIPE) {
                return NULL;
            }
            cr_assert_eq(size, 8);
            cr_assert_eq(seam_channel_send(echo->out, &number, sizeof(number)), 0);
        }
    }
}

static void call_and_answer(void)
{
    struct seam_channel *out[CHANNELS], *in;
    struct echo other;
    pthread_t thread;
    for (size_t i = 0; i < CHANNELS; i++) {
        out[i] = create(SEAM_WRITER);
        other.in[i] = reopen(out[i], SEAM_READER);
    }
    other.out = create(SEAM_WRITER);
    in = reopen(other.out, SEAM_READER);
    cr_assert_eq(pthread_create(&thread, NULL, echo, &other), 0);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint64_t answer;
        cr_assert_eq(seam_channel_send(out[test_mix(i) % CHANNELS], &i, sizeof(i)), 0);
        cr_assert_eq(seam_channel_recv(in, &answer, sizeof(answer)), 8);
        cr_assert_eq(answer, i);
    }
    for (size_t i = 0; i < CHANNELS; i++) {
        seam_channel_close(out[i]);
    }
    cr_assert_eq(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < CHANNELS; i++) {
        seam_channel_close(other.in[i]);
    }
    seam_channel_close(in);
    seam_channel_close(other.out);
}

Test(any, sleepers_are_woken)
{
    call_and_answer();
}

Test(any, sleepers_are_woken_without_membarrier)
{
    seam_test_no_membarrier = true;
    call_and_answer();
}

Test(any, sleepers_wake_up_without_futex_waitv)
{
    struct seam_waitable thing;
    struct seam_notifier *notifier;
    seam_test_no_futex_waitv = true;
    call_and_answer();
    struct seam_channel *reader = create(SEAM_READER);
    cr_assert_eq(seam_channel_readable(reader, &thing), 0);
    cr_expect_eq(seam_notifier_create(&thing, 1, &notifier), -ENOSYS);
    seam_channel_close(reader);
}

/** An attempt says what is the matter. */
Test(any, who_has_reserved_is_not_kept_waiting)
{
    static char bytes[900];
    struct seam_channel *writer = create(SEAM_WRITER), *reader = reopen(writer, SEAM_READER);
    struct seam_waitable thing;
    void *room;
    cr_assert_eq(seam_channel_writable(writer, 900, &thing), 0);
    while (seam_channel_try_send(writer, bytes, 900) == 0) {
    }
    cr_expect_eq(look(&thing, 1), -ETIMEDOUT, "it is full");
    cr_assert_eq(seam_channel_try_reserve(writer, 9, &room), 0, "but for so little");
    cr_expect_eq(look(&thing, 1), 1);
    cr_expect_eq(seam_channel_try_send(writer, bytes, 900), -EALREADY);
    seam_channel_close(writer);
    seam_channel_close(reader);
}

/* ---- as a descriptor ---- */

static bool is_readable(const struct seam_notifier *notifier, int timeout_ms)
{
    struct pollfd one = {.fd = seam_notifier_fd(notifier), .events = POLLIN};
    return poll(&one, 1, timeout_ms) == 1;
}

Test(any, a_descriptor_becomes_readable)
{
    struct seam_channel *writer = create(SEAM_WRITER), *reader = reopen(writer, SEAM_READER);
    struct seam_waitable thing;
    struct seam_notifier *notifier;
    cr_assert_eq(seam_channel_readable(reader, &thing), 0);
    must_send(writer, "before");
    cr_assert_eq(seam_notifier_create(&thing, 1, &notifier), 0);
    cr_expect(is_readable(notifier, 0), "something was there already");
    cr_expect_eq(seam_notifier_rearm(notifier), 1);
    cr_expect(is_readable(notifier, 0), "and still is");
    must_recv(reader, "before");
    cr_expect_eq(seam_notifier_rearm(notifier), 0);
    for (int i = 0; i < 1000; i++) {
        must_send(writer, "again");
        cr_assert(is_readable(notifier, -1));
        must_recv(reader, "again");
        cr_assert_eq(seam_notifier_rearm(notifier), 0);
    }
    seam_channel_close(writer);
    do { /* it may be for nothing */
        cr_assert(is_readable(notifier, -1));
    } while (seam_notifier_rearm(notifier) == 0);
    char byte;
    cr_expect_eq(seam_channel_recv(reader, &byte, 1), -EPIPE);
    seam_notifier_close(notifier);
    seam_notifier_close(NULL);
    seam_channel_close(reader);
}

Test(any, descriptors_run_out)
{
    struct seam_channel *reader = create(SEAM_READER);
    struct seam_waitable thing;
    struct seam_notifier *notifier = NULL;
    struct rlimit limit;
    cr_assert_eq(seam_channel_readable(reader, &thing), 0);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const int lowest = dup(STDERR_FILENO); /* the next one that there would be */
    cr_assert_geq(lowest, 0);
    close(lowest);
    const struct rlimit few = {.rlim_cur = (rlim_t)lowest, .rlim_max = limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    cr_expect_eq(seam_notifier_create(&thing, 1, &notifier), -EMFILE);
    cr_expect_null(notifier);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    seam_channel_close(reader);
}
