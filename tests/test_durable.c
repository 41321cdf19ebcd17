/* SPDX-License-Identifier: MIT */
/* Durable cursors: kept by name when their reader is gone. */
#include "unit.h"

#include "channel/cursors.h"
#include "channel/handle.h"

TestSuite(durable, .init = test_begin, .fini = test_end);

static const struct seam_channel_options small = {.capacity = 4096, .max_message = 128};

static struct seam_channel *reader_named(const struct seam_channel *other, const char *cursor)
{
    const struct seam_channel_options options = {.cursor = cursor};
    return must_reopen(other, &options);
}

Test(durable, goes_on_where_it_stopped)
{
    struct seam_channel_options options = small;
    struct seam_channel *second;
    options.cursor = "keeper";
    struct seam_channel *writer = must_create(NULL, &options);
    const struct seam_channel_options same = {.cursor = "keeper"};
    must_send(writer, "1");
    must_send(writer, "2");
    struct seam_channel *reader = reader_named(writer, "keeper");
    must_recv(reader, "1");
    cr_expect_eq(seam_channel_reopen(writer, &same, &second), -EBUSY);
    seam_channel_close(reader);
    must_send(writer, "3");
    reader = reader_named(writer, "keeper");
    must_recv(reader, "2");
    must_recv(reader, "3");
    seam_channel_close(reader);
    reader = reader_named(writer, "keeper"); /* with nothing to read */
    must_send(writer, "4");
    must_recv(reader, "4");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** Who makes a channel for others need not write to it. */
Test(durable, an_observer_can_make_one_with_the_channel)
{
    const struct seam_channel_options to_make = {.role = SEAM_OBSERVER, .cursor = "keeper"};
    const struct seam_channel_options to_write = {.role = SEAM_WRITER};
    struct seam_channel *observer = must_create("x", &to_make);
    struct seam_channel *writer = must_open("x", &to_write), *other;
    must_send(writer, "kept");
    seam_channel_close(observer);
    seam_channel_close(writer);
    cr_expect_eq(seam_channel_open("x", &to_make, &other), -EINVAL);
    cr_expect_str_eq(seam_error_detail(), "cursor");
    struct seam_channel *reader =
        must_open("x", &(struct seam_channel_options){.cursor = "keeper"});
    must_recv(reader, "kept");
    seam_channel_close(reader);
    cr_expect_eq(seam_channel_unlink("x", NULL), 0);
}

Test(durable, is_waited_for_until_it_is_forgotten)
{
    struct seam_channel_options options = small;
    options.cursor = "keeper";
    struct seam_channel *writer = must_create(NULL, &options);
    int sent = 0;
    while (seam_channel_try_send(writer, "0123456789", 10) == 0) {
        sent++;
    }
    cr_expect_gt(sent, 100);
    cr_expect_eq(seam_channel_send_until(writer, "x", 1, seam_deadline_in_ns(250000000)),
                 -ETIMEDOUT, "nobody holds it, and it is waited for all the same");
    struct seam_channel *passer_by = must_reopen(writer, NULL);
    seam_channel_close(passer_by);
    cr_expect_eq(seam_channel_try_send(writer, "x", 1), -EAGAIN, "nor has anybody taken its slot");
    struct seam_channel *reader = reader_named(writer, "keeper");
    cr_expect_eq(seam_channel_forget(writer, "keeper"), -EBUSY, "held");
    cr_expect_eq(seam_channel_forget(writer, "nobody"), -ENOENT);
    cr_expect_eq(seam_channel_forget(writer, ""), -EINVAL);
    seam_channel_close(reader);
    cr_expect_eq(seam_channel_forget(writer, "keeper"), 0);
    must_send(writer, "room");
    seam_channel_close(writer);
}

/** Killed between storing the sequence and the cursor, a reader leaves one ahead of the other. */
Test(durable, half_stored_is_put_right)
{
    for (int unread = 0; unread <= 2; unread += 2) {
        struct seam_channel *writer = must_create(NULL, &small);
        struct seam_channel *reader = reader_named(writer, "keeper");
        must_send(writer, "1");
        must_recv(reader, "1");
        struct seam_slot *slot = &writer->desk->slots[reader->slot_index];
        seam_channel_close(reader);
        store_relaxed(&slot->sequence, load_relaxed(&slot->sequence) + 1);
        for (int i = 0; i < unread; i++) {
            must_send(writer, "more");
        }
        reader = reader_named(writer, "keeper");
        must_send(writer, "last");
        for (int i = 0; i < unread; i++) {
            must_recv(reader, "more");
        }
        must_recv(reader, "last");
        cr_expect_eq(stats_of(reader).lost, 0);
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

/** Then no record is known to end at the cursor: `newest` is still the first of the batch. */
Test(durable, half_stored_behind_a_batch_half_announced_is_put_right)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = reader_named(writer, "keeper");
    must_send(writer, "1");
    uint64_t first = load_relaxed(&writer->log.head->newest);
    must_send(writer, "2");
    must_recv(reader, "1");
    must_recv(reader, "2");
    struct seam_slot *slot = &writer->desk->slots[reader->slot_index];
    seam_channel_close(reader);
    store_relaxed(&slot->sequence, load_relaxed(&slot->sequence) + 1);
    store_relaxed(&writer->log.head->newest, first);
    reader = reader_named(writer, "keeper");
    must_send(writer, "3");
    must_recv(reader, "3");
    cr_expect_eq(stats_of(reader).lost, 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(durable, that_was_overtaken_counts)
{
    struct seam_channel_options options = small;
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    const struct seam_channel_options rude = {.role = SEAM_WRITER, .overwrite = true};
    options.cursor = "keeper";
    options.role = SEAM_READER;
    struct seam_channel *reader = must_create(NULL, &options);
    struct seam_channel *observer =
        must_reopen(reader, &(struct seam_channel_options){.role = SEAM_OBSERVER});
    seam_channel_close(reader);
    struct seam_channel *writer = must_reopen(observer, &rude);
    for (int i = 0; i < 1000; i++) {
        must_send(writer, "0123456789");
    }
    seam_channel_close(writer);
    writer = must_reopen(observer, &as_writer);
    for (int i = 0; i < 10; i++) {
        must_send(writer, "0123456789");
    }
    reader = reader_named(observer, "keeper");
    int received = 0;
    ssize_t size;
    while ((size = seam_channel_try_recv(reader, &(char[16]){0}, 16)) != -EAGAIN) {
        cr_assert(size == 10 || size == -EOVERFLOW);
        received += size == 10;
    }
    cr_expect_eq(received + (int)stats_of(reader).lost, 1010);
    seam_channel_close(observer);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(durable, ones_own_can_not_be_forgotten)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = reader_named(writer, "keeper");
    cr_expect_eq(seam_channel_forget(reader, "keeper"), -EBUSY);
    const struct seam_channel_options same = {.cursor = "keeper"};
    struct seam_channel *second;
    cr_expect_eq(seam_channel_reopen(writer, &same, &second), -EBUSY, "still held");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(durable, names_are_made_one_at_a_time)
{
    struct seam_channel *writer = must_create(NULL, &small), *reader = NULL;
    const struct seam_channel_options named = {.cursor = "keeper"};
    const struct seam_lease_fd *lease = &writer->region.lease;
    cr_assert_eq(seam_lease_take(lease, SEAM_LEASE_TABLE, true), 0, "and is stopped");
    cr_expect_eq(seam_channel_reopen(writer, &named, &reader), -EBUSY);
    cr_expect_str_eq(seam_error_detail(), "cursor table");
    cr_expect_null(reader);
    struct seam_channel *other = must_reopen(writer, NULL);
    cr_expect_eq(seam_channel_forget(other, "keeper"), -EBUSY, "nor forgotten");
    seam_channel_close(other);
    seam_lease_drop(lease, SEAM_LEASE_TABLE);
    seam_channel_close(reader_named(writer, "keeper"));
    seam_channel_close(writer);
}

/** Positions are multiples of 8: such a word is nobody's cursor, and not to be believed. */
Test(durable, at_an_odd_place_begins_anew)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = reader_named(writer, "keeper");
    struct seam_slot *slot = &writer->desk->slots[reader->slot_index];
    must_send(writer, "1");
    must_send(writer, "2");
    must_recv(reader, "1");
    seam_channel_close(reader);
    store_relaxed(&slot->cursor, 13);
    reader = reader_named(writer, "keeper");
    must_recv(reader, "1");
    must_recv(reader, "2");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** Nor the log, where it has no tail. */
Test(durable, goes_on_where_nobody_can_tell_its_number)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = reader_named(writer, "keeper");
    struct seam_log_head *head = writer->log.head;
    must_send(writer, "1");
    must_recv(reader, "1");
    seam_channel_close(reader);
    store_relaxed(&head->newest, writer->log.first_position - 2 * writer->log.capacity);
    store_relaxed(&head->previous, writer->log.first_position - 2 * writer->log.capacity);
    reader = reader_named(writer, "keeper");
    must_send(writer, "2");
    must_recv(reader, "2");
    cr_expect_eq(stats_of(reader).lost, 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
}
