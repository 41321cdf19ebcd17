/* SPDX-License-Identifier: MIT */
/* The log itself: a writer that dies between any two stores. */
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
        seam_log_extend(log, tail, seam_log_end(tail, size) + 64, tail->prepared + 512);
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
