/* SPDX-License-Identifier: MIT */
/* The log itself: a writer that dies between any two stores, and bytes no writer writes. */
#include "unit.h"

#include "channel/cursors.h"
#include "channel/handle.h"

TestSuite(log, .init = test_begin, .fini = test_end);

static const struct seam_channel_options small = {
    .capacity = 4096, .max_message = 128, .policy = SEAM_OVERWRITE};

/** Another writer after @p writer, which is closed without touching the log again. */
static struct seam_channel *successor(struct seam_channel *writer)
{
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    seam_lease_drop(&writer->region.lease, SEAM_LEASE_WRITER);
    struct seam_channel *next = must_reopen(writer, &as_writer);
    writer->writer_key = 0; /* as if killed: close does nothing to shared memory */
    seam_channel_close(writer);
    return next;
}

/** Steps of a send: the first that commits, and all there are but for statistics. */
enum { ANNOUNCED = 6, COMMITTED = 7 };

/** Does the first @p steps stores of a send of @p text, and no more. */
static void die_in_send(struct seam_channel *writer, const char *text, int steps)
{
    struct seam_log *log = &writer->log;
    struct seam_tail *tail = &writer->tail;
    size_t size = strlen(text);
    uint64_t next = seam_record_end(tail->position, size);
    if (steps > 0) {
        seam_log_extend(log, tail, seam_log_end(tail, size) + 64, tail->shared + 512);
    }
    if (steps > 1) {
        copy_into_ring(seam_log_message(log, tail->position), text, size);
    }
    if (steps > 2) {
        store_relaxed(seam_log_word(log, next), 0);
    }
    if (steps > 3) {
        store_relaxed(&log->head->newest_sequence, tail->sequence);
    }
    if (steps > 4) {
        store_release(&log->head->previous, tail->newest);
    }
    if (steps >= ANNOUNCED) {
        seam_log_announce(log, tail, tail->sequence);
    }
    if (steps >= COMMITTED) {
        store_release(seam_log_word(log, tail->position), seam_header(tail->sequence, size));
    }
}

Test(log, a_successor_finds_what_was_committed_and_nothing_else)
{
    for (int before = 0; before < 120; before += 7) {
        for (int steps = 0; steps <= COMMITTED; steps++) {
            struct seam_channel *writer = must_create(NULL, &small);
            struct seam_channel *reader = must_reopen(writer, NULL);
            char latest[16];
            for (int i = 0; i < before; i++) {
                must_send(writer, "0123456789012345678901234567890123456789");
            }
            die_in_send(writer, "the last", steps);
            struct seam_channel *observer = must_reopen(writer, NULL);
            ssize_t size = seam_channel_try_recv_latest(observer, latest, 8);
            if (steps == COMMITTED) {
                cr_expect_eq(size, 8, "committed, so it is the latest: %d %zd", before, size);
            } else {
                cr_expect_eq(size, before == 0 ? -EAGAIN : -EMSGSIZE, "the one before: %d %d %zd",
                             before, steps, size);
            }
            writer = successor(writer);
            must_send(writer, "the next");
            cr_assert_eq(stats_of(writer).published, (uint64_t)before + (steps == COMMITTED) + 1);
            while (seam_channel_try_recv(reader, &(char[64]){0}, 64) == 40) {
            }
            seam_channel_close(reader);
            reader = must_reopen(writer, NULL);
            ssize_t result;
            do {
                result = seam_channel_try_recv(reader, latest, 8);
                if (result == -EMSGSIZE) {
                    (void)!seam_channel_try_recv(reader, &(char[64]){0}, 64);
                }
            } while (result == -EMSGSIZE);
            cr_assert_eq(result, 8);
            if (steps == COMMITTED) {
                cr_assert_eq(memcmp(latest, "the last", 8), 0);
                must_recv(reader, "the next");
            } else {
                cr_assert_eq(memcmp(latest, "the next", 8), 0);
            }
            cr_assert_eq(seam_channel_try_recv(reader, latest, 8), -EAGAIN);
            seam_channel_close(observer);
            seam_channel_close(reader);
            seam_channel_close(writer);
        }
    }
}

/** Nor when the writer has just committed, or just announced, what is the newest then. */
Test(log, the_latest_of_one_reader_is_not_followed_by_an_older_one_of_another)
{
    struct seam_channel *writer = must_create(NULL, &small);
    struct seam_channel *ahead = must_reopen(writer, NULL), *behind = must_reopen(writer, NULL);
    char latest[8];
    must_send(writer, "1st");
    cr_assert_eq(seam_channel_try_recv_latest(ahead, latest, 8), 3);
    cr_assert_eq(seam_channel_try_recv_latest(behind, latest, 8), 3);
    must_send(writer, "2nd");
    cr_assert_eq(seam_channel_try_recv_latest(ahead, latest, 8), 3);
    die_in_send(writer, "third", ANNOUNCED);
    cr_expect_eq(seam_channel_try_recv_latest(ahead, latest, 8), -EAGAIN);
    cr_expect_eq(seam_channel_try_recv_latest(behind, latest, 8), 3);
    cr_expect_eq(memcmp(latest, "2nd", 3), 0);
    die_in_send(writer, "third", COMMITTED);
    cr_assert_eq(seam_channel_try_recv_latest(ahead, latest, 8), 5);
    cr_expect_eq(seam_channel_try_recv_latest(behind, latest, 8), 5);
    cr_expect_eq(seam_channel_try_recv_latest(behind, latest, 8), -EAGAIN);
    seam_channel_close(ahead);
    seam_channel_close(behind);
    seam_channel_close(writer);
}

/** Again and again a writer dies right after its commit, or right before it. */
Test(log, dying_in_the_same_place_every_time)
{
    const struct seam_channel_options options = {.capacity = 4096, .max_message = 900};
    struct seam_channel *writer = must_create(NULL, &options);
    char text[901] = {0};
    memset(text, 'x', 900);
    for (unsigned lives = 1; lives < 40; lives++) {
        die_in_send(writer, text, ANNOUNCED);
        writer = successor(writer);
        cr_assert_eq(stats_of(writer).published, lives - 1);
        die_in_send(writer, text, COMMITTED);
        writer = successor(writer);
        cr_assert_eq(stats_of(writer).published, lives);
    }
    struct seam_channel *reader = must_reopen(writer, NULL);
    cr_expect_eq(seam_channel_try_recv(reader, text, 900), 900);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** Puts @p header where the reader looks next, as a writer that is not ours might. */
static void forge(struct seam_channel *writer, struct seam_channel *reader, uint64_t header)
{
    uint64_t at = reader->how == SEAM_FOLLOW_SHARED ? load_relaxed(seam_shared_cursor(writer))
                                                    : reader->next.position;
    store_relaxed(seam_log_word(&writer->log, at), header);
}

Test(log, forged_headers_are_told)
{
    const enum seam_policy policies[] = {SEAM_LOSSLESS, SEAM_OVERWRITE, SEAM_WORK_QUEUE};
    char buffer[128];
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

Test(log, a_newest_record_that_can_not_be_is_not_taken)
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
Test(log, nonsense_does_not_keep_recv_latest_for_ever, .timeout = 60)
{
    char buffer[128];
    for (int kind = 0; kind < 3; kind++) {
        struct seam_channel *writer = must_create(NULL, &small);
        struct seam_channel *reader = must_reopen(writer, NULL);
        struct seam_log_head *head = writer->log.head;
        must_send(writer, "x");
        must_recv(reader, "x");
        must_send(writer, "y");
        /* The cursor is overtaken, the newest record is: too, not newer, or none there ever was. */
        store_relaxed(&head->prepared, UINT64_C(1) << 40);
        if (kind > 0) {
            store_relaxed(&head->newest, kind == 1 ? UINT64_C(1) << 40 : SEAM_NOWHERE);
            store_relaxed(&head->previous, SEAM_NOWHERE);
            store_relaxed(&head->newest_sequence, 0);
        }
        seam_channel_close(writer);
        cr_expect_eq(seam_channel_recv_latest(reader, buffer, sizeof(buffer)), -EBADMSG);
        seam_channel_close(reader);
    }
}

/** Words that say "look again" for ever: a deadline is a deadline all the same. */
Test(log, nonsense_does_not_outlast_a_deadline, .timeout = 60)
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

Test(log, waypoints_killed_in_the_middle_are_passed_over)
{
    struct seam_channel *writer = must_create(NULL, &small);
    for (int i = 0; i < 1000; i++) {
        must_send(writer, "0123456789");
    }
    struct seam_log_head *head = writer->log.head;
    for (unsigned i = 0; i < SEAM_WAYPOINTS; i += 2) {
        store_relaxed(&head->waypoints[i].position, SEAM_NOWHERE);
        store_relaxed(&head->waypoints[i].sequence, 12345);
    }
    struct seam_channel *reader = must_reopen(writer, NULL);
    must_recv(reader, "0123456789");
    uint64_t rest = 0;
    while (seam_channel_try_recv(reader, &(char[16]){0}, 16) == 10) {
        rest++;
    }
    cr_expect_gt(rest, 100);
    cr_expect_eq(stats_of(reader).lost, 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** Every word of the log's head and of the ring set to many values: no crash, no endless loop. */
Test(log, nonsense_in_the_log_harms_nobody, .timeout = 120)
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
Test(log, nonsense_on_the_desk_harms_nobody, .timeout = 120)
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
