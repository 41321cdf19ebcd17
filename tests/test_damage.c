/* SPDX-License-Identifier: MIT */
/* A log and a desk with bytes that no writer and no reader of ours writes. */
#include "unit.h"

#include "channel/cursors.h"
#include "channel/handle.h"
#include "channel/uniform.h"

TestSuite(damage, .init = test_begin, .fini = test_end);

static const struct seam_channel_options small = {
    .capacity = 4096, .max_message = 128, .policy = SEAM_OVERWRITE};

/** Puts @p header where the reader looks next, as a writer that is not ours might. */
static void forge(struct seam_channel *writer, struct seam_channel *reader, uint64_t header)
{
    uint64_t at = seam_shares_cursor(reader) ? load_relaxed(seam_shared_cursor(writer))
                                             : reader->next.position;
    store_relaxed(seam_log_word(&writer->log, at), header);
}

Test(damage, forged_headers_are_told)
{
    const enum seam_policy policies[] = {SEAM_LOSSLESS, SEAM_OVERWRITE, SEAM_WORK_QUEUE};
    char buffer[256]; /* for more than any message */
    const void *data;
    for (size_t i = 0; i < 3; i++) {
        for (int wrong = 0; wrong < 2; wrong++) {
            struct seam_channel_options options = small;
            options.policy = policies[i];
            struct seam_channel *writer = must_create(NULL, &options);
            struct seam_channel *reader = must_reopen(writer, NULL);
            must_send(writer, "x");
            must_recv(reader, "x");
            /* Too long, or long enough for nobody; then of another message's number. */
            uint64_t header = wrong == 0 ? seam_header(2, 129) : seam_header(77, 8);
            bool numbered = policies[i] != SEAM_WORK_QUEUE; /* there only the length can tell */
            forge(writer, reader, header);
            if (numbered) {
                cr_expect_eq(seam_channel_try_peek(reader, &data), -EBADMSG);
                forge(writer, reader, header);
            }
            if (numbered || wrong == 0) {
                cr_expect_eq(seam_channel_try_recv(reader, buffer, sizeof(buffer)), -EBADMSG);
            }
            seam_channel_close(reader);
            seam_channel_close(writer);
        }
    }
}

Test(damage, a_newest_record_that_can_not_be_is_not_taken)
{
    struct seam_channel *writer = must_create(NULL, &small);
    char buffer[128];
    must_send(writer, "x");
    store_relaxed(seam_log_word(&writer->log, 0), seam_header(1, 4000));
    struct seam_channel *late;
    const struct seam_channel_options observer = {.role = SEAM_OBSERVER};
    int error = seam_channel_reopen(writer, &observer, &late);
    if (error == 0) {
        ssize_t size = seam_channel_try_recv_latest(late, buffer, sizeof(buffer));
        cr_expect(size == -EAGAIN || size == -EBADMSG, "%zd", size);
        seam_channel_close(late);
    }
    seam_channel_close(writer);
}

/** Damage that stays, nobody left to write, and no deadline either. */
Test(damage, nonsense_does_not_keep_recv_latest_for_ever, .timeout = 60)
{
    char buffer[128];
    for (int kind = 0; kind < 4; kind++) {
        struct seam_channel *writer = must_create(NULL, &small);
        struct seam_channel *reader = must_reopen(writer, NULL);
        struct seam_log_head *head = writer->log.head;
        must_send(writer, "x");
        must_recv(reader, "x");
        must_send(writer, "y");
        /* The cursor is overtaken, the newest record is: too, not newer, or none there ever was. */
        store_relaxed(seam_log_word(&writer->log, reader->next.position),
                      kind < 3 ? seam_header(2, 1) : 0);
        store_relaxed(&head->prepared, UINT64_C(1) << 40);
        if (kind > 0) {
            store_relaxed(&head->newest, kind != 2 ? UINT64_C(1) << 40 : SEAM_NOWHERE);
            store_relaxed(&head->previous, SEAM_NOWHERE);
            store_relaxed(&head->newest_sequence, 0);
        }
        seam_channel_close(writer);
        cr_expect_eq(seam_channel_recv_latest(reader, buffer, sizeof(buffer)), -EBADMSG);
        seam_channel_close(reader);
    }
}

/** What `newest_sequence` announces behind `newest` can't be more than the rest of a batch, I4. */
Test(damage, announced_numbers_are_followed_for_a_batch_at_most)
{
    const unsigned announced[] = {2, SEAM_BATCH_MOST, 2 * SEAM_BATCH_MOST};
    const unsigned found[] = {2, SEAM_BATCH_MOST, SEAM_BATCH_MOST};
    for (size_t i = 0; i < 3; i++) {
        const struct seam_channel_options options = {.capacity = 1 << 16, .policy = SEAM_OVERWRITE};
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        const struct seam_log *log = &writer->log;
        for (unsigned number = 0; number < 3 * SEAM_BATCH_MOST; number++) {
            cr_assert_eq(seam_channel_send(writer, &number, sizeof(number)), 0);
        }
        store_relaxed(&log->head->newest, log->first_position);
        store_relaxed(&log->head->newest_sequence, log->first_sequence + announced[i]);
        unsigned number;
        cr_expect_eq(seam_channel_try_recv_latest(reader, &number, sizeof(number)), sizeof(number));
        cr_expect_eq(number, found[i], "%u, announced %u", number, announced[i]);
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

/** The writer may be about to write there: W1 comes before W3. */
Test(damage, what_may_be_overwritten_is_not_given_out)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *reader = must_reopen(writer, NULL);
    char buffer[128];
    must_send(writer, "x");
    store_relaxed(&writer->log.head->prepared, UINT64_C(1) << 40);
    cr_expect_lt(seam_channel_try_recv(reader, buffer, sizeof(buffer)), 0);
    cr_expect_lt(seam_channel_try_recv_latest(reader, buffer, sizeof(buffer)), 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** Words that say "look again" for ever: a deadline is a deadline all the same. */
Test(damage, nonsense_does_not_outlast_a_deadline, .timeout = 60)
{
    for (int kind = 0; kind < 3; kind++) {
        struct seam_channel *writer = must_create(NULL, &small);
        struct seam_channel *reader = must_reopen(writer, NULL);
        struct seam_log_head *head = writer->log.head;
        char buffer[128];
        const void *data;
        must_send(writer, "x");
        must_recv(reader, "x");
        store_relaxed(seam_log_word(&writer->log, reader->next.position), 12345);
        if (kind < 2) {
            store_relaxed(&head->prepared, UINT64_C(1) << 40);
        }
        if (kind > 0) {
            store_relaxed(&head->newest, 24);
        }
        for (int i = 0; i < 3; i++) {
            int64_t soon = seam_deadline_in_ns(5000000);
            (void)!seam_channel_recv_until(reader, buffer, sizeof(buffer), soon);
            (void)!seam_channel_recv_latest_until(reader, buffer, sizeof(buffer), soon);
            (void)!seam_channel_peek_until(reader, &data, soon);
        }
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

/** Every word of the log's head and of the ring set to many values: no crash, no endless loop. */
Test(damage, nonsense_in_the_log_harms_nobody, .timeout = 120)
{
    const uint64_t values[] = {0,
                               1,
                               7,
                               8,
                               UINT64_MAX,
                               UINT64_C(1) << 63,
                               UINT64_C(1) << 32,
                               0x0000000100000080,
                               0x00000001ffffffff,
                               4096,
                               INT64_MAX};
    struct seam_channel *writer = must_create(NULL, &small);
    uint8_t *base = writer->region.log->base;
    uint8_t whole[8192];
    for (int i = 0; i < 300; i++) {
        must_send(writer, "0123456789");
    }
    struct seam_channel *reader = must_reopen(writer, NULL);
    memcpy(whole, base, sizeof(whole));
    for (size_t word = sizeof(struct seam_stamp); word < 8192; word += 8) {
        for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
            char buffer[128];
            const void *data;
            struct seam_channel *late;
            memcpy(base + word, &values[v], 8);
            for (int i = 0; i < 5; i++) {
                (void)!seam_channel_try_recv(reader, buffer, sizeof(buffer));
                (void)!seam_channel_try_recv_latest(reader, buffer, sizeof(buffer));
                ssize_t size = seam_channel_try_peek(reader, &data);
                cr_assert_leq(size, 128);
                (void)!seam_channel_release(reader);
            }
            if (word % 64 == 0 && seam_channel_reopen(writer, NULL, &late) == 0) {
                (void)!seam_channel_try_recv(late, buffer, sizeof(buffer));
                seam_channel_close(late);
            }
            memcpy(base, whole, sizeof(whole));
        }
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** The same for the desk, which every reader may write: the writer goes on and nothing breaks. */
Test(damage, nonsense_on_the_desk_harms_nobody, .timeout = 120)
{
    const uint64_t values[] = {0, 1, 2, UINT64_MAX, UINT64_C(1) << 63, 16, INT64_MAX, 4104};
    for (int policy = SEAM_LOSSLESS; policy <= SEAM_WORK_QUEUE; policy++) {
        struct seam_channel_options options = small;
        options.policy = (enum seam_policy)policy;
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        uint8_t *desk = (uint8_t *)writer->desk;
        for (size_t word = 128; word < 2048; word += 8) {
            for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                char buffer[128];
                memcpy(desk + word, &values[v], 8);
                for (int i = 0; i < 8; i++) {
                    (void)!seam_channel_try_send(writer, "0123456789", 10);
                    (void)!seam_channel_try_recv(reader, buffer, sizeof(buffer));
                }
                (void)!seam_channel_try_recv_latest(reader, buffer, sizeof(buffer));
            }
        }
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

/** Somewhere between records, where the end of a message looks like the beginning of one. */
Test(damage, waypoints_at_odd_places_are_nowhere)
{
    struct seam_channel *writer = must_create(NULL, &small);
    must_send(writer, "1");
    for (unsigned i = 0; i < SEAM_WAYPOINTS; i++) {
        store_relaxed(&writer->log.head->waypoints[i].position, 13);
    }
    struct seam_channel *reader = must_reopen(writer, NULL);
    cr_expect_eq(seam_channel_try_recv(reader, &(char[8]){0}, 8), -EAGAIN, "begins at the tail");
    must_send(writer, "2");
    must_recv(reader, "2");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** Every third word is the header of the next one: three times round, and out of what is mapped. */
Test(damage, a_ring_full_of_headers_is_read_once)
{
    struct seam_channel *writer = must_create(NULL, &small);
    const struct seam_log *log = &writer->log;
    const uint64_t words = log->capacity / 8;
    struct iovec got[512];
    uint8_t buffer[sizeof(got) / sizeof(got[0]) * 16];
    for (uint64_t i = 0; i < words; i++) {
        uint64_t header = seam_header(log->first_sequence + i, 16);
        store_relaxed(seam_log_word(log, log->first_position + 24 * i), header);
    }
    cr_expect_eq(
        seam_uniform_read(log, log->first_position, log->first_sequence, 16, buffer, got, 512),
        words / 3);
    seam_channel_close(writer);
}

/** Has all words say that the newest record was overwritten long ago. */
static void lose_newest(const struct seam_log *log)
{
    store_relaxed(&log->head->newest, log->first_position - 2 * log->capacity);
    store_relaxed(&log->head->previous, log->first_position - 2 * log->capacity);
}

/** Then the tail can't be told, nor what is the oldest. */
Test(damage, a_log_without_a_newest_record_has_no_tail)
{
    struct seam_channel *writer = must_create(NULL, &small), *late;
    const struct seam_channel_options observer = {.role = SEAM_OBSERVER};
    struct seam_record tail;
    must_send(writer, "x");
    lose_newest(&writer->log);
    cr_expect_eq(seam_log_find_tail(&writer->log, &tail), -EAGAIN);
    cr_expect_eq(seam_channel_reopen(writer, &observer, &late), -EAGAIN);
    seam_channel_close(writer);
}

/** Nor can anybody say whether all is read, whatever this writer has sent itself. */
Test(damage, a_log_without_a_tail_is_never_drained)
{
    const struct seam_channel_options options = {.many_writers = true};
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    struct seam_channel *writer = must_create(NULL, &options), *another;
    struct seam_channel *reader = must_reopen(writer, NULL);
    must_send(writer, "x");
    must_recv(reader, "x");
    lose_newest(&writer->log);
    cr_expect_eq(seam_channel_drain_until(writer, SEAM_FOREVER), -EBADMSG);
    cr_expect_eq(seam_channel_reopen(writer, &as_writer, &another), -EBADMSG);
    seam_channel_close(reader);
    seam_channel_close(writer);
}
