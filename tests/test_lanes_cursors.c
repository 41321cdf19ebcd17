/* SPDX-License-Identifier: MIT */
/* Cursors in all lanes: durable ones, half a one, and those that workers share. */
#include "lanes.h"

#include "channel/cursors.h"
#include "channel/handle.h"

TestSuite(lanes_cursors, .init = test_begin, .fini = test_end);

/** Sends until there is no room. @return how many */
static int fill(struct seam_channel *writer)
{
    int sent = 0;
    while (seam_channel_try_send(writer, "0123456789", 10) == 0) {
        sent++;
    }
    return sent;
}

Test(lanes_cursors, each_writer_waits_for_a_durable_cursor_until_it_is_forgotten)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    options.cursor = "keeper";
    struct trio trio = trio_of(&options);
    const struct seam_channel_options keeper = {.cursor = "keeper"}, other = {.cursor = "other"};
    int sent = 0, received = 0;
    char buffer[128];
    for (int i = 0; i < WRITERS; i++) {
        sent += fill(trio.writer[i]);
    }
    struct seam_channel *reader = must_reopen(trio.writer[0], &keeper);
    for (; received < 5; received++) {
        cr_assert_eq(seam_channel_recv(reader, buffer, sizeof(buffer)), 10);
    }
    seam_channel_close(reader);
    reader = must_reopen(trio.writer[0], &keeper);
    while (seam_channel_try_recv(reader, buffer, sizeof(buffer)) == 10) {
        received++;
    }
    cr_expect_eq(received, sent, "%d of %d", received, sent);
    seam_channel_close(must_reopen(trio.writer[0], &other));
    seam_channel_close(reader);
    for (int i = 0; i < WRITERS; i++) {
        cr_expect_gt(fill(trio.writer[i]), 20, "a reader from the oldest on leaves a quarter");
    }
    cr_expect_eq(seam_channel_forget(trio.writer[1], "keeper"), 0);
    cr_expect_eq(seam_channel_try_send(trio.writer[2], "x", 1), -EAGAIN, "there is the other");
    cr_expect_eq(seam_channel_forget(trio.writer[1], "other"), 0);
    for (int i = 0; i < WRITERS; i++) {
        must_send(trio.writer[i], "there is room");
    }
    close_trio(&trio);
}

/**
 * A reader that was killed between the lanes while it joined: its cursor holds nobody up, because
 * the first lane does not know of it.
 */
Test(lanes_cursors, half_a_durable_cursor_is_nobodys)
{
    struct seam_channel_options options = three(SEAM_LOSSLESS);
    options.cursor = "keeper";
    struct trio trio = trio_of(&options);
    for (int i = 0; i < WRITERS; i++) {
        cr_expect_gt(fill(trio.writer[i]), 0);
    }
    store_release(&trio.writer[0]->slots[0].cursor, SEAM_NOWHERE); /* C1, pairs with C2 */
    for (int i = 0; i < WRITERS; i++) {
        int64_t soon = seam_deadline_in_ns(INT64_C(10000000000));
        cr_expect_eq(seam_channel_send_until(trio.writer[i], "x", 1, soon), 0);
    }
    close_trio(&trio);
}

Test(lanes_cursors, readers_of_a_work_queue_share_all_of_them)
{
    struct seam_channel_options options = three(SEAM_WORK_QUEUE);
    struct trio trio = trio_of(&options);
    struct seam_channel *readers[2];
    int seen[WRITERS][20] = {0};
    uint32_t message[2];
    for (int i = 0; i < 2; i++) {
        readers[i] = must_reopen(trio.writer[0], NULL);
    }
    for (uint32_t i = 0; i < WRITERS * 20; i++) {
        uint32_t text[2] = {i % WRITERS, i / WRITERS};
        cr_assert_eq(seam_channel_try_send(trio.writer[i % WRITERS], text, 8), 0);
    }
    for (int i = 0; i < WRITERS * 20; i++) {
        cr_assert_eq(seam_channel_recv(readers[i % 2], message, sizeof(message)), 8);
        seen[message[0]][message[1]]++;
    }
    for (int i = 0; i < WRITERS * 20; i++) {
        cr_expect_eq(seen[i % WRITERS][i / WRITERS], 1);
    }
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(seam_channel_try_recv(readers[i], message, sizeof(message)), -EAGAIN);
        seam_channel_close(readers[i]);
    }
    close_trio(&trio);
}

/** What others have taken from one lane does not hide what there is in the next. */
Test(lanes_cursors, a_worker_looks_where_all_of_them_are)
{
    struct seam_channel_options options = three(SEAM_WORK_QUEUE);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < WRITERS; i++) {
            must_send(trio.writer[i], "x");
            must_recv(reader, "x");
        }
        must_send(trio.writer[1], "y");
        must_recv(reader, "y");
    }
    seam_channel_close(reader);
    close_trio(&trio);
}
