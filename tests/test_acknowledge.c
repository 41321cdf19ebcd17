/* SPDX-License-Identifier: MIT */
/* Readers that say what may be left behind. */
#include "unit.h"

#include "channel/handle.h"

TestSuite(acknowledge, .init = test_begin, .fini = test_end);

static const struct seam_channel_options small = {
    .capacity = 4096, .max_message = 128, .cursor = "keeper"};
static const struct seam_channel_options careful = {.cursor = "keeper", .acknowledge = true};
static const struct seam_channel_options as_writer = {.role = SEAM_WRITER};

static void must_acknowledge(struct seam_channel *reader)
{
    int error = seam_channel_acknowledge(reader);
    cr_assert_eq(error, 0, "%s", strerror(-error));
}

Test(acknowledge, what_is_not_acknowledged_comes_again)
{
    for (enum seam_mode mode = SEAM_LOCK_FREE; mode <= SEAM_LOCKED; mode++) {
        struct seam_channel_options options = small;
        options.mode = mode;
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, &careful);
        struct iovec messages[4];
        uint8_t buffer[512];
        const void *data;
        for (const char *text = "123456"; *text != '\0'; text++) {
            cr_assert_eq(seam_channel_send(writer, text, 1), 0);
        }
        must_recv(reader, "1");
        seam_channel_close(reader);
        reader = must_reopen(writer, &careful);
        must_recv(reader, "1");
        must_acknowledge(reader);
        must_recv(reader, "2");
        seam_channel_close(reader);
        reader = must_reopen(writer, &careful);
        cr_assert_eq(seam_channel_try_recv_batch(reader, messages, 2, buffer, sizeof(buffer)), 2);
        must_acknowledge(reader);
        cr_assert_eq(seam_channel_try_peek(reader, &data), 1);
        must_acknowledge(reader); /* it is shown, but not released */
        seam_channel_close(reader);
        reader = must_reopen(writer, &careful);
        cr_assert_eq(seam_channel_try_peek(reader, &data), 1);
        cr_expect_eq(*(const char *)data, '4');
        cr_expect_eq(seam_channel_release(reader), 0);
        must_acknowledge(reader);
        seam_channel_close(reader);
        reader = must_reopen(writer, &careful);
        must_recv(reader, "5");
        must_recv(reader, "6");
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

Test(acknowledge, the_writer_waits_for_it)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = must_reopen(writer, &careful);
    char buffer[128] = "";
    int error;
    while ((error = seam_channel_try_send(writer, buffer, sizeof(buffer))) == 0) {
        cr_assert_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), sizeof(buffer));
    }
    cr_expect_eq(error, -EAGAIN, "all is received, and nothing left behind");
    must_acknowledge(reader);
    cr_expect_eq(seam_channel_try_send(writer, buffer, sizeof(buffer)), 0);
    cr_expect_eq(seam_channel_drain_until(writer, 0), -ETIMEDOUT);
    cr_assert_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), sizeof(buffer));
    must_acknowledge(reader);
    cr_expect_eq(seam_channel_drain_until(writer, 0), 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(acknowledge, all_lanes_are_left_behind_at_once)
{
    struct seam_channel_options options = small;
    options.writers = 2;
    struct seam_channel *first = must_create(NULL, &options);
    struct seam_channel *second = must_reopen(first, &as_writer);
    struct seam_channel *reader = must_reopen(first, &careful);
    char buffer[128];
    for (int round = 0; round < 3; round++) {
        must_send(first, "a");
        must_send(second, "b");
        for (int i = 0; i < 2; i++) {
            cr_assert_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), 1);
        }
        cr_assert_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), -EAGAIN);
        if (round == 0) {
            seam_channel_close(reader);
            reader = must_reopen(first, &careful);
            for (int i = 0; i < 2; i++) {
                cr_assert_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), 1, "again");
            }
        }
        must_acknowledge(reader);
        seam_channel_close(reader);
        reader = must_reopen(first, &careful);
        cr_assert_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), -EAGAIN);
    }
    seam_channel_close(reader);
    seam_channel_close(second);
    seam_channel_close(first);
}

/** Overtaken by a writer that does not wait, it goes on, counts, and is waited for again. */
Test(acknowledge, who_is_overtaken_goes_on)
{
    const struct seam_channel_options hasty = {.role = SEAM_WRITER, .overwrite = true};
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = must_reopen(writer, &careful);
    struct seam_channel_stats stats;
    char buffer[128] = "";
    struct seam_channel *kept =
        must_reopen(writer, &(struct seam_channel_options){.role = SEAM_OBSERVER});
    seam_channel_close(writer);
    writer = must_reopen(kept, &hasty);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(seam_channel_send(writer, buffer, sizeof(buffer)), 0);
    }
    cr_expect_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), -EOVERFLOW);
    cr_assert_eq(seam_channel_stats(reader, &stats), 0);
    cr_expect_gt(stats.lost, 50);
    cr_expect_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), sizeof(buffer));
    must_acknowledge(reader);
    seam_channel_close(writer);
    writer = must_reopen(kept, &as_writer);
    int sent = 0;
    while (seam_channel_try_send(writer, buffer, sizeof(buffer)) == 0) {
        sent++;
    }
    cr_expect_lt(sent, 32, "it is waited for");
    seam_channel_close(writer);
    seam_channel_close(kept);
    seam_channel_close(reader);
}

/** Killed between the stores of a cursor, one may be far ahead; what it lost is not known then. */
Test(acknowledge, who_is_ahead_has_lost_nothing)
{
    const struct seam_channel_options hasty = {.role = SEAM_WRITER, .overwrite = true};
    struct seam_channel *observer = must_create(
        NULL, &(struct seam_channel_options){
                  .capacity = 4096, .max_message = 128, .cursor = "keeper", .role = SEAM_OBSERVER});
    struct seam_channel *reader = must_reopen(observer, &careful);
    struct seam_slot *slot = &observer->slots[reader->slot_index];
    struct seam_channel_stats stats;
    char buffer[128] = "";
    seam_channel_close(reader);
    store_relaxed(&slot->sequence, load_relaxed(&slot->sequence) + 1000);
    struct seam_channel *writer = must_reopen(observer, &hasty);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(seam_channel_send(writer, buffer, sizeof(buffer)), 0);
    }
    reader = must_reopen(observer, &careful);
    cr_expect_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), -EOVERFLOW);
    cr_assert_eq(seam_channel_stats(reader, &stats), 0);
    cr_expect_eq(stats.lost, 0);
    cr_expect_eq(load_relaxed(&reader->desk->lost), 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
    seam_channel_close(observer);
}

Test(acknowledge, is_for_readers_of_lossless_channels)
{
    struct seam_channel *channel;
    const struct seam_channel_options wrong[] = {
        {.acknowledge = true},
        {.acknowledge = true, .role = SEAM_OBSERVER},
        {.acknowledge = true, .role = SEAM_READER, .policy = SEAM_OVERWRITE},
        {.acknowledge = true, .role = SEAM_READER, .policy = SEAM_WORK_QUEUE},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cr_expect_eq(seam_channel_create(NULL, &wrong[i], &channel), -EINVAL, "%zu", i);
        cr_expect_str_eq(seam_error_detail(), "acknowledge");
    }
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *careless = must_reopen(writer, NULL);
    cr_expect_eq(seam_channel_acknowledge(writer), -EBADF);
    cr_expect_eq(seam_channel_acknowledge(careless), -EINVAL);
    struct seam_channel *reader = must_reopen(writer, &careful);
    cr_expect_eq(seam_channel_forget(reader, "keeper"), -EBUSY, "its own");
    seam_channel_close(reader);
    const struct seam_channel_options nameless = {.acknowledge = true};
    reader = must_reopen(writer, &nameless);
    struct seam_slot *slot = &writer->slots[reader->slot_index];
    seam_channel_close(reader);
    cr_expect_eq(load_relaxed(&slot->cursor), SEAM_NOWHERE, "the slot is free again");
    seam_channel_close(careless);
    seam_channel_close(writer);
}
