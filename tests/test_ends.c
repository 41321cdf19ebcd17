/* SPDX-License-Identifier: MIT */
/* Messages in place, what becomes of the writer, and when all is taken. */
#include "unit.h"

#include "channel/handle.h"

TestSuite(ends, .init = test_begin, .fini = test_end);

static const struct seam_channel_options small = {.capacity = 4096, .max_message = 128};

Test(ends, messages_in_place)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = must_reopen(writer, NULL);
    void *room;
    const void *data;
    cr_expect_eq(seam_channel_commit(writer, 0), -EINVAL);
    cr_expect_eq(seam_channel_cancel(writer), -EINVAL);
    cr_expect_eq(seam_channel_release(reader), -EINVAL);
    cr_expect_eq(seam_channel_reserve(writer, 129, &room), -EMSGSIZE);
    cr_assert_eq(seam_channel_reserve(writer, 128, &room), 0);
    cr_expect_eq(seam_channel_reserve(writer, 1, &room), -EALREADY);
    cr_expect_eq(seam_channel_send(writer, "x", 1), -EALREADY);
    cr_expect_eq((uintptr_t)room % 8, 0);
    memset(room, 0xff, 128);
    cr_expect_eq(seam_channel_cancel(writer), 0);
    cr_expect_eq(seam_channel_try_peek(reader, &data), -EAGAIN, "nothing appears");
    cr_assert_eq(seam_channel_reserve(writer, 128, &room), 0);
    memset(room, 0xff, 128);
    memcpy(room, "abc", 3);
    cr_expect_eq(seam_channel_commit(writer, 129), -EMSGSIZE);
    cr_expect_eq(seam_channel_commit(writer, 3), 0);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(seam_channel_peek(reader, &data), 3, "looking again shows the same");
        cr_expect_eq(memcmp(data, "abc", 3), 0);
    }
    cr_expect_eq(seam_channel_release(reader), 0);
    cr_expect_eq(seam_channel_release(reader), -EINVAL);
    cr_expect_eq(seam_channel_try_peek(reader, &data), -EAGAIN, "what was scribbled is no record");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(ends, a_message_overtaken_while_shown_is_told)
{
    struct seam_channel_options options = small;
    options.policy = SEAM_OVERWRITE;
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    const void *data;
    must_send(writer, "first");
    cr_assert_eq(seam_channel_peek(reader, &data), 5);
    for (int i = 0; i < 1000; i++) {
        must_send(writer, "0123456789");
    }
    cr_expect_eq(seam_channel_release(reader), -EOVERFLOW);
    uint64_t rest = 0;
    while (seam_channel_try_recv(reader, &(char[16]){0}, 16) == 10) {
        rest++;
    }
    cr_expect_eq(rest + stats_of(reader).lost, 1001);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(ends, the_end_is_told_once_all_is_read)
{
    const struct seam_channel_options first = {.role = SEAM_READER};
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    const struct seam_channel_options following = {.role = SEAM_OBSERVER, .follow = true};
    struct seam_channel *reader = must_create(NULL, &first);
    struct seam_channel *follower = must_reopen(reader, &following);
    char buffer[8];
    int64_t soon = seam_deadline_in_ns(10000000);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_NONE);
    cr_expect_eq(seam_channel_recv_until(reader, buffer, 8, soon), -ETIMEDOUT, "none came yet");
    struct seam_channel *writer = must_reopen(reader, &as_writer);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ALIVE);
    must_send(writer, "x");
    seam_channel_close(writer);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ENDED);
    must_recv(reader, "x");
    cr_expect_eq(seam_channel_recv(reader, buffer, 8), -EPIPE);
    must_recv(follower, "x");
    soon = seam_deadline_in_ns(10000000);
    cr_expect_eq(seam_channel_recv_until(follower, buffer, 8, soon), -ETIMEDOUT);
    writer = must_reopen(reader, &as_writer);
    must_send(writer, "y");
    must_recv(reader, "y");
    must_recv(follower, "y");
    seam_channel_close(writer);
    seam_channel_close(reader);
    seam_channel_close(follower);
}

Test(ends, drained_means_taken_by_all)
{
    struct seam_channel *writer = must_create(NULL, &small);
    cr_expect_eq(seam_channel_drain_until(writer, seam_deadline_in_ns(0)), 0, "nobody is there");
    struct seam_channel *reader = must_reopen(writer, NULL);
    must_send(writer, "1");
    int64_t soon = seam_deadline_in_ns(10000000);
    cr_expect_eq(seam_channel_drain_until(writer, soon), -ETIMEDOUT);
    must_recv(reader, "1");
    cr_expect_eq(seam_channel_drain_until(writer, SEAM_FOREVER), 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(ends, drained_is_told_whatever_the_deadline)
{
    for (int wait = SEAM_WAIT_ADAPTIVE; wait <= SEAM_WAIT_SLEEP; wait++) {
        const struct seam_channel_options options = {.wait = (enum seam_wait)wait};
        struct seam_channel *writer = must_create(NULL, &options);
        cr_expect_eq(seam_channel_drain_until(writer, 0), 0);
        cr_expect_eq(seam_channel_drain_until(writer, INT64_MIN), 0);
        seam_channel_close(writer);
    }
}

/** After 2^32 writers there still have been some. */
Test(ends, how_many_writers_there_were_wraps)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = must_reopen(writer, NULL);
    struct seam_log_head *head = writer->log.head;
    store_relaxed(&head->epoch, UINT32_MAX);
    seam_channel_close(writer);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ENDED);
    writer = must_reopen(reader, &(struct seam_channel_options){.role = SEAM_WRITER});
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ALIVE);
    seam_channel_close(writer);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ENDED);
    seam_channel_close(reader);
}

Test(ends, what_is_only_reserved_was_never_sent)
{
    for (enum seam_mode mode = SEAM_LOCK_FREE; mode <= SEAM_LOCKED; mode++) {
        const struct seam_channel_options options = {.mode = mode};
        const struct seam_channel_options successor = {.role = SEAM_WRITER};
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        char buffer[8];
        void *room;
        must_send(writer, "sent");
        cr_assert_eq(seam_channel_reserve(writer, 4, &room), 0);
        memcpy(room, "half", 4);
        seam_channel_close(writer);
        must_recv(reader, "sent");
        cr_expect_eq(seam_channel_recv(reader, buffer, sizeof(buffer)), -EPIPE);
        writer = must_reopen(reader, &successor);
        must_send(writer, "next");
        must_recv(reader, "next");
        seam_channel_close(writer);
        seam_channel_close(reader);
    }
}

/** One of several writers goes, while another one is in the midst of a message. */
Test(ends, leaving_waits_for_nobody_for_long)
{
    const struct seam_channel_options options = {.many_writers = true};
    const struct seam_channel_options another = {.role = SEAM_WRITER};
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *leaving = must_reopen(writer, &another);
    struct seam_channel *staying = must_reopen(writer, &another);
    struct seam_channel *reader = must_reopen(writer, NULL);
    void *room;
    cr_assert_eq(seam_channel_reserve(writer, 4, &room), 0);
    seam_channel_close(leaving);
    cr_expect_eq(seam_channel_try_send(staying, "x", 1), -EDEADLK, "the lock is still taken");
    memcpy(room, "here", 4);
    cr_expect_eq(seam_channel_commit(writer, 4), 0);
    must_recv(reader, "here");
    seam_channel_close(staying);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ALIVE);
    seam_channel_close(writer);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ENDED);
    seam_channel_close(reader);
}
