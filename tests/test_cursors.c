/* SPDX-License-Identifier: MIT */
/* Cursors that come, go, last and lie. */
#include "unit.h"

#include "channel/handle.h"

TestSuite(cursors, .init = test_begin, .fini = test_end);

static const struct seam_channel_options small = {.capacity = 4096, .max_message = 128};

Test(cursors, what_does_not_go_together_is_refused)
{
    struct seam_channel *channel;
    const struct seam_channel_options wrong[] = {
        {.cursor = "x", .policy = SEAM_OVERWRITE},
        {.cursor = "x", .policy = SEAM_WORK_QUEUE},
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
    cr_expect_eq(load_relaxed(&writer->desk->slots[reader->slot_index].cursor),
                 reader->next.position, "what other writers wait for");
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

Test(cursors, a_ring_has_room_for_what_may_come)
{
    static const struct {
        size_t max_message, capacity;
    } usual[] = {
        {1, 512 << 10},     {4096, 512 << 10},          {20000, 1 << 20},         {100000, 4 << 20},
        {1000000, 4 << 20}, {(1 << 20) - 200, 4 << 20}, {(1 << 20) + 1, 8 << 20},
    };
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        const struct seam_channel_options options = {.max_message = usual[i].max_message};
        struct seam_channel *channel = must_create(NULL, &options);
        struct seam_channel_info info;
        (void)seam_channel_info(channel, &info);
        cr_expect_eq(info.capacity, usual[i].capacity, "%zu: %zu", usual[i].max_message,
                     info.capacity);
        seam_channel_close(channel);
    }
}
