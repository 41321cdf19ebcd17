/* SPDX-License-Identifier: MIT */
/* Several writers, each with a lane: order, turns, comings and goings. */
#include "lanes.h"

#include "channel/handle.h"
#include "channel/lanes.h"

TestSuite(lanes, .init = test_begin, .fini = test_end);

static const struct seam_channel_options to_write = {.role = SEAM_WRITER};

Test(lanes, there_are_as_many_as_were_asked_for)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    struct seam_channel_info info;
    struct seam_channel *fourth;
    struct trio trio = trio_of(&options);
    cr_expect_eq(seam_channel_info(trio.writer[0], &info), 0);
    cr_expect_eq(info.writers, WRITERS);
    cr_expect_not(info.many_writers);
    cr_expect_geq(info.memory_bytes, WRITERS * info.capacity);
    cr_expect_eq(seam_channel_reopen(trio.writer[0], &to_write, &fourth), -EUSERS);
    cr_expect_str_eq(seam_error_detail(), "lanes");
    seam_channel_close(trio.writer[1]);
    trio.writer[1] = must_reopen(trio.writer[0], &to_write);
    cr_expect_eq(trio.writer[1]->lane, 1, "the one that is free");
    close_trio(&trio);
}

Test(lanes, options_that_do_not_go_together_are_refused)
{
    struct seam_channel *channel;
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    options.many_writers = true;
    cr_expect_eq(seam_channel_create(NULL, &options, &channel), -EINVAL);
    cr_expect_str_eq(seam_error_detail(), "writers");
    options = (struct seam_channel_options){.writers = 65};
    cr_expect_eq(seam_channel_create(NULL, &options, &channel), -EINVAL);
    options = (struct seam_channel_options){.writers = 2, .capacity = (size_t)16 << 30};
    cr_expect_eq(seam_channel_create(NULL, &options, &channel), -EINVAL);
    cr_expect_str_eq(seam_error_detail(), "capacity");
}

Test(lanes, in_locked_mode_writers_take_turns)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    struct seam_channel_info info;
    options.mode = SEAM_LOCKED;
    struct trio trio = trio_of(&options);
    cr_expect_eq(seam_channel_info(trio.writer[0], &info), 0);
    cr_expect_eq(info.writers, 0, "any number");
    cr_expect(info.many_writers);
    close_trio(&trio);
}

static ssize_t recv_by(struct seam_channel *reader, int call, uint32_t message[2])
{
    return call == 0   ? seam_channel_recv(reader, message, 8)
           : call == 1 ? seam_channel_try_recv(reader, message, 8)
                       : test_recv_in_place(reader, (uint8_t *)message);
}

static void expect_order_and_turns(int call)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    options.capacity = 1 << 16;
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    uint32_t next[WRITERS] = {0}, message[2], from = 0;
    unsigned before_last = 0, changes = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        cr_assert_eq(seam_channel_send(trio.writer[0], (uint32_t[]){0, i}, 8), 0);
        cr_assert_eq(seam_channel_send(trio.writer[1], (uint32_t[]){1, i}, 8), 0);
    }
    cr_assert_eq(seam_channel_send(trio.writer[2], (uint32_t[]){2, 0}, 8), 0);
    for (int i = 0; i < 2001; i++) {
        cr_assert_eq(recv_by(reader, call, message), 8);
        cr_expect_eq(message[1], next[message[0]]++);
        before_last += next[2] == 0;
        changes += message[0] != from;
        from = message[0];
    }
    cr_expect_leq(changes, 2000 / SEAM_TURN + 2, "%u: it does not run to and fro", changes);
    cr_expect_leq(before_last, 2 * SEAM_TURN, "the single one waits for two turns at most");
    cr_expect_eq(seam_channel_try_recv(reader, message, sizeof(message)), -EAGAIN);
    cr_expect_eq(stats_of(reader).published, 2001);
    cr_expect_eq(stats_of(reader).published_bytes, 2001UL * 8);
    cr_expect_eq(stats_of(reader).received, 2001);
    seam_channel_close(reader);
    close_trio(&trio);
}

Test(lanes, what_each_writer_sent_comes_in_order_and_none_is_kept_waiting)
{
    for (int call = 0; call < 3; call++) {
        expect_order_and_turns(call);
    }
}

/** @param last  the writer that closes last */
static void expect_end(int last)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    char buffer[128];
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    for (int i = 1; i < WRITERS; i++) {
        must_send(trio.writer[(last + i) % WRITERS], "x");
        seam_channel_close(trio.writer[(last + i) % WRITERS]);
    }
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ALIVE);
    cr_expect_eq(seam_channel_recv(reader, buffer, sizeof(buffer)), 1);
    cr_expect_eq(seam_channel_recv(reader, buffer, sizeof(buffer)), 1);
    cr_expect_eq(seam_channel_recv_until(reader, buffer, sizeof(buffer), 0), -ETIMEDOUT);
    seam_channel_close(trio.writer[last]);
    cr_expect_eq(seam_channel_writer(reader), SEAM_WRITER_ENDED);
    cr_expect_eq(seam_channel_recv_until(reader, buffer, sizeof(buffer), 0), -EPIPE);
    cr_expect_eq(seam_channel_recv(reader, buffer, sizeof(buffer)), -EPIPE);
    struct seam_channel *another = must_reopen(reader, &to_write);
    must_send(another, "again");
    must_recv(reader, "again");
    seam_channel_close(another);
    seam_channel_close(reader);
}

Test(lanes, the_end_is_when_all_writers_are_gone_and_all_is_read)
{
    for (int last = 0; last < WRITERS; last++) {
        expect_end(last);
    }
}

Test(lanes, a_message_that_is_looked_at_stays_until_it_is_released)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    const void *first, *again;
    must_send(trio.writer[1], "b");
    cr_assert_eq(seam_channel_peek(reader, &first), 1);
    must_send(trio.writer[0], "a");
    must_send(trio.writer[2], "c");
    cr_expect_eq(seam_channel_peek(reader, &again), 1);
    cr_expect_eq(first, again);
    cr_expect_eq(seam_channel_release(reader), 0);
    must_recv(reader, "c");
    must_recv(reader, "a");
    seam_channel_close(reader);
    close_trio(&trio);
}

Test(lanes, a_batch_is_from_one_of_them)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    struct iovec got[8];
    uint8_t buffer[256];
    for (int i = 0; i < 3; i++) {
        must_send(trio.writer[0], "a");
        must_send(trio.writer[1], "b");
    }
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(seam_channel_recv_batch(reader, got, 8, buffer, sizeof(buffer)), 3);
        cr_expect_eq(*(char *)got[0].iov_base, *(char *)got[2].iov_base);
    }
    cr_expect_eq(seam_channel_try_recv_batch(reader, got, 8, buffer, sizeof(buffer)), -EAGAIN);
    seam_channel_close(reader);
    close_trio(&trio);
}

/** Each change of lanes costs the lines of another writer. */
Test(lanes, one_is_left_when_it_is_empty)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    must_send(trio.writer[0], "a1");
    must_send(trio.writer[0], "a2");
    must_send(trio.writer[1], "b1");
    must_send(trio.writer[1], "b2");
    char last = 0;
    unsigned changes = 0;
    for (int i = 0; i < 4; i++) {
        char text[2];
        cr_assert_eq(seam_channel_try_recv(reader, text, 2), 2);
        changes += last != 0 && text[0] != last;
        last = text[0];
    }
    cr_expect_eq(changes, 1);
    seam_channel_close(reader);
    close_trio(&trio);
}

Test(lanes, the_newest_of_each_comes_in_turn)
{
    struct seam_channel_options options = three(SEAM_OVERWRITE);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    static const char *const texts[2][WRITERS] = {{"a1", "b1", "c1"}, {"a2", "b2", "c2"}};
    char buffer[128];
    bool seen[256] = {0};
    for (int i = 0; i < 2 * WRITERS; i++) {
        must_send(trio.writer[i % WRITERS], texts[i / WRITERS][i % WRITERS]);
    }
    for (int i = 0; i < WRITERS; i++) {
        must_send(trio.writer[1], "b3"); /* however much one of them says */
        cr_assert_eq(seam_channel_try_recv_latest(reader, buffer, sizeof(buffer)), 2);
        cr_expect_eq(buffer[1], buffer[0] == 'b' ? '3' : '2');
        seen[(uint8_t)buffer[0]] = true;
    }
    cr_expect(seen['a'] && seen['b'] && seen['c']);
    seam_channel_close(reader);
    close_trio(&trio);
}

Test(lanes, waiting_for_several_things_sees_each_of_them)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    struct seam_waitable thing;
    char buffer[128];
    cr_assert_eq(seam_channel_readable(reader, &thing), 0);
    cr_expect_eq(seam_wait_any(&thing, 1, 0), -ETIMEDOUT);
    for (int i = 0; i < WRITERS; i++) {
        must_send(trio.writer[i], "x");
        cr_expect_eq(seam_wait_any(&thing, 1, 0), 1);
        cr_expect_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), 1);
        cr_expect_eq(seam_wait_any(&thing, 1, 0), -ETIMEDOUT);
    }
    seam_channel_close(reader);
    close_trio(&trio);
}
