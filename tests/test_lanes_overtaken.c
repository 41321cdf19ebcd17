/* SPDX-License-Identifier: MIT */
/* Readers that a writer overtakes in one of the lanes. */
#include "lanes.h"

#include "channel/handle.h"

TestSuite(lanes_overtaken, .init = test_begin, .fini = test_end);

Test(lanes_overtaken, what_was_lost_in_one_is_counted_and_the_others_are_whole)
{
    struct seam_channel_options options = three(SEAM_OVERWRITE);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    char buffer[128];
    uint64_t received = 0;
    ssize_t size;
    must_send(trio.writer[1], "kept");
    for (int i = 0; i < 1000; i++) {
        must_send(trio.writer[0], "overwritten");
    }
    while ((size = seam_channel_try_recv(reader, buffer, sizeof(buffer))) != -EAGAIN) {
        cr_assert(size == -EOVERFLOW || size == 4 || size == 11, "%zd", size);
        received += size > 0;
    }
    cr_expect_eq(stats_of(reader).received, received);
    cr_expect_gt(stats_of(reader).lost, 0);
    cr_expect_eq(stats_of(reader).lost + received, 1001);
    seam_channel_close(reader);
    close_trio(&trio);
}

/** Sends until what was first in the ring is in the middle of a message of zeros. */
static void overwrite_with_zeros(struct seam_channel *writer)
{
    static const char zeros[16];
    uint64_t first = writer->log.first_position;
    while (writer->tail.position - first < writer->log.capacity + sizeof(zeros)) {
        cr_assert_eq(seam_channel_try_send(writer, zeros, sizeof(zeros)), 0);
    }
    cr_assert_eq(load_relaxed(seam_log_word(&writer->log, first)), 0, "looks as if it was empty");
}

Test(lanes_overtaken, to_be_overtaken_is_noticed_where_nothing_seems_to_be)
{
    struct seam_channel_options options = three(SEAM_OVERWRITE);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    char buffer[128];
    overwrite_with_zeros(trio.writer[2]);
    cr_expect_eq(seam_channel_recv(reader, buffer, sizeof(buffer)), -EOVERFLOW);
    cr_expect_gt(stats_of(reader).lost, 0);
    seam_channel_close(reader);
    close_trio(&trio);
}

Test(lanes_overtaken, what_is_overwritten_while_it_is_looked_at_does_not_pass_for_another)
{
    struct seam_channel_options options = three(SEAM_OVERWRITE);
    struct trio trio = trio_of(&options);
    struct seam_channel *reader = must_reopen(trio.writer[0], NULL);
    const void *data;
    char buffer[128];
    ssize_t size;
    int from_first = 0;
    must_send(trio.writer[1], "sixteen letters.");
    cr_assert_eq(seam_channel_peek(reader, &data), 16);
    must_send(trio.writer[0], "a");
    overwrite_with_zeros(trio.writer[1]);
    cr_expect_eq(seam_channel_peek(reader, &data), -EOVERFLOW);
    cr_expect_eq(seam_channel_release(reader), -EINVAL);
    while ((size = seam_channel_try_recv(reader, buffer, sizeof(buffer))) > 0) {
        from_first += size == 1;
    }
    cr_expect_eq(size, -EAGAIN);
    cr_expect_eq(from_first, 1);
    seam_channel_close(reader);
    close_trio(&trio);
}
