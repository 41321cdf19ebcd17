/* SPDX-License-Identifier: MIT */
/* Cursors that come, go, last and lie. */
#include "unit.h"

#include "channel/handle.h"

TestSuite(cursors, .init = test_begin, .fini = test_end);

static const struct seam_channel_options small = {.capacity = 4096, .max_message = 128};

static struct seam_channel *reader_named(const struct seam_channel *other, const char *cursor)
{
    const struct seam_channel_options options = {.cursor = cursor};
    return must_reopen(other, &options);
}

Test(cursors, a_durable_one_goes_on_where_it_stopped)
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

Test(cursors, the_writer_waits_for_a_durable_one_until_it_is_forgotten)
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

Test(cursors, what_does_not_go_together_is_refused)
{
    struct seam_channel *channel;
    const struct seam_channel_options wrong[] = {
        {.cursor = "x", .policy = SEAM_OVERWRITE},
        {.cursor = "x", .policy = SEAM_WORK_QUEUE},
        {.cursor = "x", .role = SEAM_OBSERVER},
        {.cursor = ""},
        {.cursor = "a name of more than thirty-one bytes"},
        {.overwrite = true, .policy = SEAM_WORK_QUEUE},
        {.overwrite = true, .role = SEAM_READER},
        {.max_readers = 113},
        {.max_message = SIZE_MAX},
        {.capacity = SIZE_MAX},
        {.role = (enum seam_role)9},
        {.policy = (enum seam_policy)9},
        {.mode = (enum seam_mode)9},
        {.start = (enum seam_start)9},
        {.wait = (enum seam_wait)9},
        {.region = {.one_way = true}, .role = SEAM_READER},
        {.reserved = {1}},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cr_expect_eq(seam_channel_create(NULL, &wrong[i], &channel), -EINVAL, "%zu", i);
    }
    const struct seam_channel_options named_one_way = {.region = {.one_way = true}};
    cr_expect_eq(seam_channel_create("x", &named_one_way, &channel), -EINVAL);
}

Test(cursors, what_was_asked_for_is_checked_at_open)
{
    struct seam_channel *writer = must_create("x", &small), *channel;
    const struct seam_channel_options longer = {.max_message = 129};
    const struct seam_channel_options policy = {.policy = SEAM_OVERWRITE};
    const struct seam_channel_options mode = {.mode = SEAM_LOCKED};
    const struct seam_channel_options anothers = {.role = SEAM_WRITER, .cursor = "keeper"};
    cr_expect_eq(seam_channel_open("x", &anothers, &channel), -EINVAL, "only who creates may");
    cr_expect_eq(seam_channel_open("x", &longer, &channel), -EMSGSIZE);
    cr_expect_eq(seam_channel_open("x", &policy, &channel), -EPROTO);
    cr_expect_eq(seam_channel_open("x", &mode, &channel), -EPROTO);
    seam_channel_close(writer);
    cr_expect_eq(seam_channel_unlink("x", NULL), 0);
}

/** Killed between storing the sequence and the cursor, a reader leaves one ahead of the other. */
Test(cursors, a_durable_one_half_stored_is_put_right)
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
Test(cursors, a_durable_one_half_stored_behind_a_batch_half_announced_is_put_right)
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

Test(cursors, closing_frees_the_slot)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = must_reopen(writer, NULL);
    struct seam_slot *slot = &writer->desk->slots[reader->slot_index];
    cr_expect_neq(load_relaxed(&slot->cursor), SEAM_NOWHERE);
    store_relaxed(&writer->desk->space_wanted, 1);
    seam_channel_close(reader);
    cr_expect_eq(load_relaxed(&slot->cursor), SEAM_NOWHERE);
    cr_expect_not(seam_is_wanted(&writer->desk->space_wanted), "a sleeping writer is told");
    seam_channel_close(writer);
}

Test(cursors, the_table_has_an_end)
{
    struct seam_channel_options options = small;
    struct seam_channel *readers[3], *fourth;
    options.max_readers = 3;
    struct seam_channel *writer = must_create(NULL, &options);
    for (int i = 0; i < 3; i++) {
        readers[i] = must_reopen(writer, NULL);
    }
    cr_expect_eq(seam_channel_reopen(writer, NULL, &fourth), -EUSERS);
    const struct seam_channel_options observer = {.role = SEAM_OBSERVER};
    fourth = must_reopen(writer, &observer);
    seam_channel_close(fourth);
    seam_channel_close(readers[1]);
    readers[1] = must_reopen(writer, NULL);
    for (int i = 0; i < 3; i++) {
        seam_channel_close(readers[i]);
    }
    seam_channel_close(writer);
}

Test(cursors, nobody_waits_for_an_observer)
{
    const struct seam_channel_options observer = {.role = SEAM_OBSERVER};
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = must_reopen(writer, &observer);
    for (int i = 0; i < 1000; i++) {
        must_send(writer, "0123456789");
    }
    cr_expect_eq(seam_channel_try_recv(reader, &(char[16]){0}, 16), -EOVERFLOW);
    cr_expect_gt(stats_of(reader).lost, 500);
    must_recv(reader, "0123456789");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(cursors, a_writer_may_decline_to_wait)
{
    struct seam_channel_options options = small;
    options.overwrite = true;
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    for (int i = 0; i < 1000; i++) {
        must_send(writer, "0123456789");
    }
    cr_expect_eq(seam_channel_try_recv(reader, &(char[16]){0}, 16), -EOVERFLOW);
    uint64_t received = 0;
    while (seam_channel_try_recv(reader, &(char[16]){0}, 16) == 10) {
        received++;
    }
    cr_expect_eq(received + stats_of(reader).lost, 1000);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(cursors, an_impossible_cursor_is_evicted)
{
    const uint64_t lies[] = {2, 3, 1 << 20, -(UINT64_C(1) << 20), INT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct seam_channel *writer = must_create(NULL, &small);
        struct seam_channel *reader = must_reopen(writer, NULL);
        for (int k = 0; k < 100; k++) {
            must_send(writer, "0123456789");
            must_recv(reader, "0123456789");
        }
        store_relaxed(&reader->slot->cursor, lies[i]);
        int sent = 0;
        while (sent < 2000 && seam_channel_try_send(writer, "0123456789", 10) == 0) {
            sent++;
        }
        cr_expect_eq(sent, 2000, "%zu: held up after %d", i, sent);
        cr_expect_eq(load_relaxed(&reader->slot->cursor), SEAM_NOWHERE, "%zu: gone", i);
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

Test(cursors, a_late_reader_is_waited_for_from_its_open_on)
{
    const struct seam_channel_options options = {.capacity = 65536, .max_message = 128};
    for (int before = 0; before < 9000; before += 250) {
        struct seam_channel *writer = must_create(NULL, &options);
        for (int i = 0; i < before; i++) {
            must_send(writer, "0123456789");
        }
        struct seam_channel *reader = must_reopen(writer, NULL);
        int sent = 0;
        while (sent < 10000 && seam_channel_try_send(writer, "0123456789", 10) == 0) {
            sent++;
        }
        cr_assert_lt(sent, 4000, "after %d: the writer does not wait", before);
        int received = 0;
        while (seam_channel_try_recv(reader, &(char[16]){0}, 16) == 10) {
            received++;
        }
        cr_assert_geq(received, sent, "after %d", before);
        cr_assert_eq(stats_of(reader).lost, 0, "after %d", before);
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

Test(cursors, a_durable_one_that_was_overtaken_counts)
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

Test(cursors, ones_own_can_not_be_forgotten)
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

Test(cursors, a_full_work_queue_keeps_what_nobody_has_taken)
{
    struct seam_channel_options options = small;
    options.policy = SEAM_WORK_QUEUE;
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    int sent = 0;
    while (seam_channel_try_send(writer, "0123456789", 10) == 0) {
        sent++;
    }
    cr_expect_eq(seam_channel_send_until(writer, "x", 1, seam_deadline_in_ns(250000000)),
                 -ETIMEDOUT, "long enough to look for the dead");
    for (int i = 0; i < sent; i++) {
        must_recv(reader, "0123456789");
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(cursors, names_are_made_one_at_a_time)
{
    struct seam_channel *writer = must_create(NULL, &small), *reader = NULL;
    const struct seam_channel_options named = {.cursor = "keeper"};
    const struct seam_lease_fd *lease = &writer->region.lease;
    cr_assert_eq(seam_lease_take(lease, SEAM_LEASE_TABLE, true), 0, "and is stopped");
    cr_expect_eq(seam_channel_reopen(writer, &named, &reader), -EBUSY);
    cr_expect_str_eq(seam_error_detail(), "cursor table");
    cr_expect_null(reader);
    seam_lease_drop(lease, SEAM_LEASE_TABLE);
    seam_channel_close(reader_named(writer, "keeper"));
    seam_channel_close(writer);
}
