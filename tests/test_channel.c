/* SPDX-License-Identifier: MIT */
/* The public verbs under each policy, in both modes, at the beginning and near the wraps. */
#include "unit.h"

#include "channel/test_hooks.h"

TestSuite(channel, .init = test_begin, .fini = test_end);

#define EACH_MODE(mode) for (enum seam_mode mode = SEAM_LOCK_FREE; (mode) <= SEAM_LOCKED; (mode)++)

/** A small channel with both ends in this process. */
struct pair {
    struct seam_channel *writer, *reader;
};

static struct pair pair_of(struct seam_channel_options options)
{
    options.capacity = options.capacity != 0 ? options.capacity : 4096;
    options.max_message = options.max_message != 0 ? options.max_message : 128;
    enum seam_role role = options.role != SEAM_ROLE_DEFAULT ? options.role : SEAM_READER;
    struct pair pair;
    options.role = SEAM_WRITER;
    const char *cursor = options.cursor;
    options.cursor = NULL;
    pair.writer = must_create(NULL, &options);
    options.role = role;
    options.cursor = cursor;
    pair.reader = must_reopen(pair.writer, &options);
    return pair;
}

static void close_pair(struct pair pair)
{
    seam_channel_close(pair.writer);
    seam_channel_close(pair.reader);
}

static void send_numbers(struct seam_channel *writer, int from, int to)
{
    for (int i = from; i < to; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%d", i);
        must_send(writer, text);
    }
}

static int recv_number(struct seam_channel *reader)
{
    char text[16] = {0};
    ssize_t size = seam_channel_try_recv(reader, text, sizeof(text) - 1);
    return size < 0 ? (int)size : (int)strtol(text, NULL, 10);
}

Test(channel, messages_come_as_they_went)
{
    EACH_MODE(mode)
    {
        struct pair p = pair_of((struct seam_channel_options){.mode = mode});
        char buffer[128], zeros[128] = {0};
        must_send(p.writer, "Hello from shared memory!");
        must_send(p.writer, "");
        must_send(p.writer, "gr\xc3\xbc\xc3\x9f");
        cr_expect_eq(seam_channel_send(p.writer, zeros, sizeof(zeros)), 0);
        cr_expect_eq(seam_channel_send(p.writer, NULL, 0), 0);
        must_recv(p.reader, "Hello from shared memory!");
        must_recv(p.reader, "");
        must_recv(p.reader, "gr\xc3\xbc\xc3\x9f");
        cr_expect_eq(seam_channel_recv(p.reader, buffer, sizeof(buffer)), 128);
        cr_expect_eq(memcmp(buffer, zeros, sizeof(zeros)), 0);
        must_recv(p.reader, "");
        cr_expect_eq(seam_channel_try_recv(p.reader, buffer, 1), -EAGAIN);
        close_pair(p);
    }
}

Test(channel, every_size_from_nothing_to_the_longest)
{
    EACH_MODE(mode)
    {
        struct pair p = pair_of((struct seam_channel_options){.mode = mode, .max_message = 900});
        uint8_t sent[901], received[901];
        for (size_t size = 0; size <= 900; size++) {
            test_message_fill(sent, size, size);
            memset(received, 0xaa, sizeof(received));
            cr_assert_eq(seam_channel_send(p.writer, sent, size), 0);
            cr_assert_eq(seam_channel_recv(p.reader, received, size), (ssize_t)size);
            cr_assert_eq(memcmp(sent, received, size), 0, "%zu", size);
            cr_assert_eq(received[size], 0xaa, "nothing past the end is touched");
        }
        cr_expect_eq(seam_channel_send(p.writer, sent, 901), -EMSGSIZE);
        cr_expect_eq(stats_of(p.writer).published, 901, "nothing written");
        close_pair(p);
    }
}

Test(channel, a_short_buffer_leaves_the_message)
{
    const enum seam_policy policies[] = {SEAM_LOSSLESS, SEAM_OVERWRITE, SEAM_WORK_QUEUE};
    for (size_t i = 0; i < 3; i++) {
        struct pair p = pair_of((struct seam_channel_options){.policy = policies[i]});
        char buffer[16] = "untouched behind";
        must_send(p.writer, "12345");
        cr_expect_eq(seam_channel_recv(p.reader, buffer, 4), -EMSGSIZE);
        cr_expect_eq(memcmp(buffer + 4, "uched behind", 12), 0);
        must_recv(p.reader, "12345");
        close_pair(p);
    }
}

Test(channel, roles_are_kept_apart)
{
    struct pair p = pair_of((struct seam_channel_options){0});
    void *data;
    const void *seen;
    char buffer[8];
    cr_expect_eq(seam_channel_send(p.reader, "x", 1), -EBADF);
    cr_expect_eq(seam_channel_reserve(p.reader, 1, &data), -EBADF);
    cr_expect_eq(seam_channel_recv(p.writer, buffer, 8), -EBADF);
    cr_expect_eq(seam_channel_peek(p.writer, &seen), -EBADF);
    cr_expect_eq(seam_channel_recv_latest(p.writer, buffer, 8), -EBADF);
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    struct seam_channel *second;
    cr_expect_eq(seam_channel_reopen(p.writer, &as_writer, &second), -EBUSY, "one writer");
    close_pair(p);
}

Test(channel, lossless_waits_for_the_slowest)
{
    EACH_MODE(mode)
    {
        struct pair p = pair_of((struct seam_channel_options){.mode = mode});
        struct seam_channel *slow = must_reopen(p.writer, NULL);
        int sent = 0, error;
        while ((error = seam_channel_try_send(p.writer, &sent, sizeof(sent))) == 0) {
            sent++;
            (void)!seam_channel_try_recv(p.reader, &(int){0}, sizeof(int));
        }
        cr_expect_eq(error, -EAGAIN);
        cr_expect_gt(sent, 200);
        int64_t deadline = seam_deadline_in_ns(20000000);
        cr_expect_eq(seam_channel_send_until(p.writer, "x", 1, deadline), -ETIMEDOUT);
        cr_expect_geq(seam_deadline_in_ns(0), deadline, "not before its time");
        for (int i = 0; i < sent; i++) {
            int number = -1;
            cr_assert_eq(seam_channel_recv(slow, &number, sizeof(number)), sizeof(number));
            cr_assert_eq(number, i);
        }
        must_send(p.writer, "room again");
        cr_expect_eq(stats_of(slow).lost, 0);
        seam_channel_close(slow);
        close_pair(p);
    }
}

Test(channel, without_cursors_a_lossless_writer_goes_on)
{
    const struct seam_channel_options options = {.capacity = 4096, .max_message = 128};
    struct seam_channel *writer = must_create(NULL, &options);
    send_numbers(writer, 0, 5000);
    struct seam_channel *late = must_reopen(writer, NULL);
    int first = recv_number(late);
    /* Three quarters of the ring, less at most a sixteenth: what the writer can be kept off. */
    cr_expect_geq(first, 4808, "%d", first);
    cr_expect_leq(first, 4824, "%d", first);
    for (int i = first + 1; i < 5000; i++) {
        cr_assert_eq(recv_number(late), i);
    }
    seam_channel_close(late);
    seam_channel_close(writer);
}

Test(channel, the_overtaken_learn_exactly_how_much_they_missed)
{
    EACH_MODE(mode)
    {
        struct pair p =
            pair_of((struct seam_channel_options){.policy = SEAM_OVERWRITE, .mode = mode});
        int next = 0;
        for (int round = 1; round < 40; round++) {
            send_numbers(p.writer, next, round * 700);
            uint64_t lost = stats_of(p.reader).lost;
            cr_assert_eq(recv_number(p.reader), -EOVERFLOW);
            next += (int)(stats_of(p.reader).lost - lost);
            for (; next < round * 700; next++) {
                cr_assert_eq(recv_number(p.reader), next);
            }
            cr_assert_eq(recv_number(p.reader), -EAGAIN);
        }
        struct seam_channel_stats stats = stats_of(p.reader);
        cr_expect_eq(stats.received + stats.lost, stats.published);
        close_pair(p);
    }
}

Test(channel, history_begins_at_the_oldest_or_at_the_next)
{
    struct pair p = pair_of((struct seam_channel_options){.policy = SEAM_OVERWRITE});
    const struct seam_channel_options from_next = {.start = SEAM_FROM_NEXT};
    send_numbers(p.writer, 0, 10);
    struct seam_channel *oldest = must_reopen(p.writer, NULL);
    struct seam_channel *next = must_reopen(p.writer, &from_next);
    send_numbers(p.writer, 10, 12);
    cr_expect_eq(recv_number(oldest), 0);
    cr_expect_eq(recv_number(next), 10);
    seam_channel_close(oldest);
    seam_channel_close(next);
    close_pair(p);
}

Test(channel, latest_is_the_newest_and_only_once)
{
    const enum seam_policy policies[] = {SEAM_LOSSLESS, SEAM_OVERWRITE};
    for (size_t i = 0; i < 2; i++) {
        EACH_MODE(mode)
        {
            struct pair p =
                pair_of((struct seam_channel_options){.policy = policies[i], .mode = mode});
            char buffer[16];
            cr_expect_eq(seam_channel_try_recv_latest(p.reader, buffer, 16), -EAGAIN);
            send_numbers(p.writer, 0, 100);
            cr_expect_eq(seam_channel_recv_latest(p.reader, buffer, 16), 2);
            cr_expect_eq(memcmp(buffer, "99", 2), 0);
            cr_expect_eq(seam_channel_try_recv_latest(p.reader, buffer, 16), -EAGAIN);
            cr_expect_eq(stats_of(p.reader).skipped, 99);
            cr_expect_eq(recv_number(p.reader), -EAGAIN);
            send_numbers(p.writer, 100, 101);
            cr_expect_eq(recv_number(p.reader), 100, "recv goes on behind it");
            close_pair(p);
        }
    }
}

Test(channel, a_work_queue_gives_each_message_once)
{
    EACH_MODE(mode)
    {
        struct pair p =
            pair_of((struct seam_channel_options){.policy = SEAM_WORK_QUEUE, .mode = mode});
        struct seam_channel *other = must_reopen(p.writer, NULL);
        const void *data;
        char buffer[8];
        send_numbers(p.writer, 0, 20);
        for (int i = 0; i < 20; i += 2) {
            cr_expect_eq(recv_number(p.reader), i);
            cr_expect_eq(recv_number(other), i + 1);
        }
        cr_expect_eq(recv_number(other), -EAGAIN);
        cr_expect_eq(seam_channel_try_peek(other, &data), -ENOTSUP);
        cr_expect_eq(seam_channel_try_recv_latest(other, buffer, 8), -ENOTSUP);
        int error, sent = 0;
        while ((error = seam_channel_try_send(p.writer, "work", 4)) == 0) {
            sent++;
        }
        cr_expect_eq(error, -EAGAIN, "a work queue is lossless");
        cr_expect_gt(sent, 0);
        seam_channel_close(other);
        close_pair(p);
    }
}

Test(channel, many_writers_take_turns)
{
    EACH_MODE(mode)
    {
        struct pair p = pair_of((struct seam_channel_options){.many_writers = true, .mode = mode});
        const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
        struct seam_channel *second = must_reopen(p.writer, &as_writer);
        void *data;
        must_send(p.writer, "1");
        must_send(second, "2");
        must_send(p.writer, "3");
        cr_assert_eq(seam_channel_reserve(second, 8, &data), 0);
        cr_expect_eq(seam_channel_send(p.writer, "x", 1), -EDEADLK, "this thread has the lock");
        cr_expect_eq(seam_channel_reserve(p.writer, 1, &(void *){NULL}), -EDEADLK, "likewise");
        cr_expect_eq(seam_channel_send(second, "x", 1), -EALREADY);
        memcpy(data, "4", 1);
        cr_expect_eq(seam_channel_commit(second, 1), 0);
        seam_channel_close(second);
        cr_expect_eq(seam_channel_writer(p.reader), SEAM_WRITER_ALIVE);
        must_send(p.writer, "5");
        for (int i = 1; i <= 5; i++) {
            cr_expect_eq(recv_number(p.reader), i);
        }
        char buffer[8];
        cr_expect_eq(seam_channel_recv_until(p.reader, buffer, 8, seam_deadline_in_ns(5000000)),
                     -ETIMEDOUT, "one of two has left");
        close_pair(p);
    }
}

/** The wraps: once more, with the counters about to turn. */
static void run_near_wraps(uint64_t position, uint64_t sequence)
{
    seam_test_first_position = position;
    seam_test_first_sequence = sequence;
    struct pair lossless = pair_of((struct seam_channel_options){0});
    struct pair lossy = pair_of((struct seam_channel_options){.policy = SEAM_OVERWRITE});
    int next = 0;
    for (int i = 0; i < 3000; i++) {
        send_numbers(lossless.writer, i, i + 1);
        send_numbers(lossy.writer, i, i + 1);
        cr_assert_eq(recv_number(lossless.reader), i);
    }
    cr_assert_eq(recv_number(lossy.reader), -EOVERFLOW);
    next = (int)stats_of(lossy.reader).lost;
    for (; next < 3000; next++) {
        cr_assert_eq(recv_number(lossy.reader), next);
    }
    struct seam_channel *late = must_reopen(lossy.writer, NULL);
    char buffer[16];
    cr_expect_eq(seam_channel_recv_latest(late, buffer, 16), 4);
    cr_expect_eq(memcmp(buffer, "2999", 4), 0);
    cr_expect_eq(stats_of(late).published, 3000);
    seam_channel_close(late);
    close_pair(lossless);
    close_pair(lossy);
}

Test(channel, counters_wrap)
{
    run_near_wraps(0, UINT32_MAX - 1000);
    run_near_wraps(0, UINT64_MAX - 1000);
    run_near_wraps(UINT64_MAX - 8191, 1);
    run_near_wraps(UINT64_MAX - 20479, UINT64_MAX - 2000);
    run_near_wraps(INT64_MAX - 8191, UINT32_MAX);
}
