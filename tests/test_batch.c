/* SPDX-License-Identifier: MIT */
/* Several messages at once: what is counted, what comes between, and a writer that dies in it. */
#include "unit.h"

#include "channel/test_hooks.h"
#include "channel/uniform.h"
#include "channel/writable.h"

TestSuite(batch, .init = test_begin, .fini = test_end);

#define EACH_MODE(mode) for (enum seam_mode mode = SEAM_LOCK_FREE; (mode) <= SEAM_LOCKED; (mode)++)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char one[] = "one", three[] = "three", fourth[] = "and the fourth one";
static const struct iovec texts[] = {{one, 3}, {NULL, 0}, {three, 5}, {fourth, 18}};

static struct seam_channel_options small(enum seam_mode mode, enum seam_policy policy)
{
    return (struct seam_channel_options){
        .mode = mode, .policy = policy, .capacity = 4096, .max_message = 900};
}

static void expect_texts(const struct iovec *got, size_t from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct iovec *text = &texts[from + i];
        cr_expect_eq(got[i].iov_len, text->iov_len);
        cr_expect(text->iov_len == 0 ||
                  memcmp(got[i].iov_base, text->iov_base, text->iov_len) == 0);
    }
}

Test(batch, comes_as_it_went_under_each_policy)
{
    EACH_MODE(mode)
    for (enum seam_policy policy = SEAM_LOSSLESS; policy <= SEAM_WORK_QUEUE; policy++) {
        const struct seam_channel_options options = small(mode, policy);
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        struct iovec got[8];
        _Alignas(8) uint8_t buffer[64];
        cr_expect_eq(seam_channel_send_batch(writer, texts, 4), 4);
        cr_expect_eq(stats_of(writer).published, 4);
        cr_expect_eq(stats_of(writer).published_bytes, 26);
        cr_expect_eq(seam_channel_recv_batch(reader, got, 3, buffer, sizeof(buffer)), 3);
        expect_texts(got, 0, 3);
        cr_expect_eq((uint8_t *)got[2].iov_base - buffer, 8, "padded to 8");
        cr_expect_eq(seam_channel_try_recv_batch(reader, got, 8, buffer, sizeof(buffer)), 1);
        expect_texts(got, 3, 1);
        cr_expect_eq(seam_channel_try_recv_batch(reader, got, 8, buffer, sizeof(buffer)), -EAGAIN);
        cr_expect_eq(stats_of(reader).received, 4);
        cr_expect_eq(stats_of(reader).received_bytes, 26);
        cr_expect_eq(seam_channel_recv_batch_until(reader, got, 8, buffer, sizeof(buffer), 0),
                     -ETIMEDOUT);
        seam_channel_close(writer);
        cr_expect_eq(seam_channel_recv_batch(reader, got, 8, buffer, sizeof(buffer)), -EPIPE);
        seam_channel_close(reader);
    }
}

Test(batch, takes_what_the_buffer_holds)
{
    for (enum seam_policy policy = SEAM_LOSSLESS; policy <= SEAM_WORK_QUEUE; policy++) {
        const struct seam_channel_options options = small(SEAM_LOCK_FREE, policy);
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        struct iovec got[8];
        uint8_t buffer[26];
        cr_expect_eq(seam_channel_send_batch(writer, texts, 4), 4);
        cr_expect_eq(seam_channel_recv_batch(reader, got, 0, buffer, sizeof(buffer)), -EINVAL);
        cr_expect_eq(seam_channel_recv_batch(reader, got, 8, buffer, 2), -EMSGSIZE);
        cr_expect_eq(seam_channel_recv_batch(reader, got, 8, buffer, 13), 3, "8 + 0 + 5");
        expect_texts(got, 0, 3);
        memset(buffer, 0x55, sizeof(buffer));
        cr_expect_eq(seam_channel_recv_batch(reader, got, 8, buffer, 17), -EMSGSIZE);
        cr_expect_eq(seam_channel_recv_batch(reader, got, 8, buffer, 18), 1);
        cr_expect_eq(buffer[18], 0x55, "beyond the buffer");
        expect_texts(got, 3, 1);
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

Test(batch, says_how_many_were_sent_before_something_came_between)
{
    EACH_MODE(mode)
    {
        const struct seam_channel_options options = small(mode, SEAM_LOSSLESS);
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        char text[901] = {0};
        struct iovec long_ones[8];
        void *room;
        for (size_t i = 0; i < COUNT(long_ones); i++) {
            long_ones[i] = (struct iovec){.iov_base = text, .iov_len = i == 2 ? 901 : 900};
        }
        cr_expect_eq(seam_channel_send_batch(writer, long_ones, 0), 0);
        cr_expect_eq(seam_channel_send_batch(writer, long_ones, 8), 2, "the third is too long");
        cr_expect_eq(seam_channel_send_batch(writer, long_ones + 2, 6), -EMSGSIZE);
        cr_expect_eq(seam_channel_try_send_batch(writer, long_ones + 3, 5), 2, "the ring is full");
        cr_expect_eq(seam_channel_try_send_batch(writer, long_ones + 5, 3), -EAGAIN);
        cr_expect_eq(seam_channel_send_batch_until(writer, long_ones + 5, 3, 0), -ETIMEDOUT);
        cr_expect_eq(seam_channel_try_recv(reader, text, 900), 900);
        cr_expect_eq(seam_channel_send_batch_until(writer, long_ones + 5, 3, 0), 1);
        cr_expect_eq(stats_of(writer).published, 5);
        for (int i = 0; i < 4; i++) {
            cr_expect_eq(seam_channel_try_recv(reader, text, 900), 900);
        }
        cr_expect_eq(seam_channel_try_recv(reader, text, 900), -EAGAIN);
        cr_expect_eq(seam_channel_reserve(writer, 8, &room), 0);
        cr_expect_eq(seam_channel_send_batch(writer, texts, 4), -EALREADY);
        cr_expect_eq(seam_channel_cancel(writer), 0);
        cr_expect_eq(seam_channel_send_batch(reader, texts, 4), -EBADF);
        cr_expect_eq(seam_channel_recv_batch(writer, long_ones, 1, text, 900), -EBADF);
        seam_channel_close(reader);
        seam_channel_close(writer);
    }
}

static struct seam_batch begin(const struct seam_channel *writer)
{
    return (struct seam_batch){.first = writer->tail.position, .position = writer->tail.position};
}

static void add(const struct seam_channel *writer, struct seam_batch *batch)
{
    copy_into_ring(seam_log_message(&writer->log, batch->position), "batch", 5);
    seam_log_add(&writer->log, batch, writer->tail.sequence + batch->count, 5,
                 seam_record_end(batch->position, 5));
}

Test(batch, is_not_there_before_its_end)
{
    const struct seam_channel_options options = small(SEAM_LOCK_FREE, SEAM_LOSSLESS);
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    struct seam_batch batch = begin(writer);
    char text[8];
    for (int i = 0; i < 3; i++) {
        add(writer, &batch);
        cr_expect_eq(seam_channel_try_recv(reader, text, sizeof(text)), -EAGAIN);
    }
    seam_log_commit_batch(&writer->log, &writer->tail, &batch);
    for (int i = 0; i < 3; i++) {
        must_recv(reader, "batch");
    }
    must_send(writer, "after");
    must_recv(reader, "after");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

/** Closes @p writer as if it were killed, and opens the next one. */
static struct seam_channel *succeed(struct seam_channel *writer)
{
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    seam_lease_drop(&writer->region.lease, SEAM_LEASE_WRITER);
    struct seam_channel *next = must_reopen(writer, &as_writer);
    writer->writer_key = 0;
    seam_channel_close(writer);
    return next;
}

Test(batch, survives_a_writer_that_dies_in_it)
{
    const struct seam_channel_options options = {.capacity = 1 << 20, .policy = SEAM_OVERWRITE};
    for (int committed = 0; committed <= 1; committed++) {
        struct seam_channel *writer = must_create(NULL, &options);
        struct seam_channel *reader = must_reopen(writer, NULL);
        struct seam_channel *latest = must_reopen(writer, NULL);
        char text[8];
        must_send(writer, "before");
        cr_assert_eq(seam_make_space(writer, writer->tail.position + (64 << 10)), 0);
        struct seam_batch batch = begin(writer);
        for (unsigned i = 0; i < SEAM_BATCH_MOST; i++) {
            add(writer, &batch);
        }
        store_relaxed(seam_log_word(&writer->log, batch.position), 0);
        seam_log_announce(&writer->log, &writer->tail, writer->tail.sequence + batch.count - 1);
        if (committed) { /* killed before it could store the last one as `newest` */
            store_release(seam_log_word(&writer->log, batch.first), batch.header);
            cr_expect_eq(seam_channel_recv_latest(latest, text, sizeof(text)), 5);
            cr_expect_eq(stats_of(latest).skipped, SEAM_BATCH_MOST);
        } else {
            cr_expect_eq(seam_channel_recv_latest(latest, text, sizeof(text)), 6);
            cr_expect_eq(seam_channel_try_recv_latest(latest, text, sizeof(text)), -EAGAIN);
        }
        writer = succeed(writer);
        must_send(writer, "after");
        uint64_t expected = committed ? SEAM_BATCH_MOST : 0;
        cr_expect_eq(stats_of(writer).published, expected + 2);
        must_recv(reader, "before");
        for (uint64_t i = 0; i < expected; i++) {
            must_recv(reader, "batch");
        }
        must_recv(reader, "after");
        cr_expect_eq(seam_channel_recv_latest(latest, text, sizeof(text)), 5);
        cr_expect_eq(memcmp(text, "after", 5), 0);
        seam_channel_close(reader);
        seam_channel_close(latest);
        seam_channel_close(writer);
    }
}

/* ---- runs of messages that are alike ---- */

#define RUN_MOST 40

/** Sends batches of @p size bytes with another length in the middle; takes them in other portions.
 */
static void pass_runs(size_t size, enum seam_policy policy)
{
    const struct seam_channel_options options = small(SEAM_LOCK_FREE, policy);
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    static uint8_t texts_of_run[RUN_MOST][48], buffer[1 << 12];
    struct iovec messages[RUN_MOST], got[RUN_MOST];
    uint8_t sent = 0, expected = 0;
    for (size_t round = 0; round < 300; round++) {
        size_t count = 1 + round * 7 % RUN_MOST, odd = round % (count + 3), taken = 0;
        for (size_t i = 0; i < count; i++) {
            memset(texts_of_run[i], sent++, sizeof(texts_of_run[i]));
            messages[i] = (struct iovec){texts_of_run[i], i == odd ? 40 : size};
        }
        cr_assert_eq(seam_channel_send_batch(writer, messages, count), (ssize_t)count);
        while (taken < count) {
            size_t room = 48 + round * 13 % 500, most = 1 + round * 5 % RUN_MOST;
            ssize_t now = seam_channel_recv_batch(reader, got, most, buffer, room);
            cr_assert_gt(now, 0);
            cr_assert_leq((size_t)now, most);
            for (ssize_t i = 0; i < now; i++, taken++, expected++) {
                const uint8_t *text = got[i].iov_base;
                cr_assert_eq(got[i].iov_len, taken == odd ? 40 : size);
                cr_assert_leq(text + got[i].iov_len, buffer + room);
                cr_assert(text[0] == expected && text[got[i].iov_len - 1] == expected);
            }
        }
        cr_assert_eq(seam_channel_try_recv_batch(reader, got, 1, buffer, sizeof(buffer)), -EAGAIN);
    }
    cr_expect_eq(stats_of(reader).received, stats_of(writer).published);
    cr_expect_eq(stats_of(reader).received_bytes, stats_of(writer).published_bytes);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(batch, runs_of_any_length_come_as_they_went)
{
    const uint64_t sequences[] = {1, UINT32_MAX - UINT64_C(100), UINT64_MAX - 100};
    for (size_t i = 0; i < COUNT(sequences); i++) {
        seam_test_first_sequence = sequences[i];
        for (size_t size = 4; size <= 36; size += 4) {
            pass_runs(size, SEAM_LOSSLESS);
            pass_runs(size, SEAM_OVERWRITE);
            pass_runs(size, SEAM_WORK_QUEUE);
        }
    }
    seam_test_first_sequence = 1;
}

Test(batch, a_run_that_was_overwritten_is_not_taken)
{
    const struct seam_channel_options options = small(SEAM_LOCK_FREE, SEAM_OVERWRITE);
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    struct iovec messages[RUN_MOST], got[RUN_MOST];
    _Alignas(8) uint8_t buffer[RUN_MOST * 8];
    uint64_t number = 0, next = 0, received = 0;
    for (int round = 0; round < 100; round++) {
        uint64_t numbers[RUN_MOST];
        for (int i = 0; i < RUN_MOST; i++) {
            numbers[i] = number++;
            messages[i] = (struct iovec){&numbers[i], 8};
        }
        cr_assert_eq(seam_channel_send_batch(writer, messages, RUN_MOST), RUN_MOST);
        if (round % 10 != 9) { /* by then the first of them are gone */
            continue;
        }
        ssize_t now;
        while ((now = seam_channel_try_recv_batch(reader, got, RUN_MOST, buffer, sizeof(buffer))) !=
               -EAGAIN) {
            next = stats_of(reader).lost + received;
            for (ssize_t i = 0; i < now; i++, received++, next++) {
                cr_assert_eq(*(uint64_t *)got[i].iov_base, next);
            }
            cr_assert(now > 0 || now == -EOVERFLOW);
        }
    }
    cr_expect_eq(received + stats_of(reader).lost, number);
    cr_expect_gt(stats_of(reader).lost, 0);
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(batch, the_newest_is_the_last_of_a_run)
{
    /* Large enough for a batch to be committed at once. */
    const struct seam_channel_options options = {.policy = SEAM_OVERWRITE};
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    uint64_t numbers[RUN_MOST], number = 0, got;
    struct iovec messages[RUN_MOST];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < RUN_MOST; i++) {
            numbers[i] = number++;
            messages[i] = (struct iovec){&numbers[i], 8};
        }
        cr_assert_eq(seam_channel_send_batch(writer, messages, RUN_MOST), RUN_MOST);
        cr_assert_eq(seam_channel_try_recv_latest(reader, &got, 8), 8);
        cr_expect_eq(got, number - 1);
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
}

Test(batch, a_run_is_thrown_away_where_the_writer_has_been_meanwhile)
{
    const struct seam_channel_options options = small(SEAM_LOCK_FREE, SEAM_OVERWRITE);
    struct seam_channel *writer = must_create(NULL, &options);
    const struct seam_log *log = &writer->log;
    struct iovec messages[RUN_MOST], got[RUN_MOST];
    uint64_t numbers[RUN_MOST] = {0};
    uint8_t buffer[RUN_MOST * 8];
    for (int i = 0; i < RUN_MOST; i++) {
        messages[i] = (struct iovec){&numbers[i], 8};
    }
    cr_assert_eq(seam_channel_send_batch(writer, messages, RUN_MOST), RUN_MOST);
    uint64_t at = log->first_position, sequence = log->first_sequence;
    cr_expect_eq(seam_uniform_read(log, at, sequence, 8, buffer, got, RUN_MOST), RUN_MOST);
    cr_expect_eq(seam_uniform_read(log, at, sequence, 8, buffer, got, 3), 3);
    store_relaxed(&log->head->prepared, at + log->capacity + 8); /* W1, as if just before W2 */
    cr_expect_eq(seam_uniform_read(log, at, sequence, 8, buffer, got, RUN_MOST), 0);
    seam_channel_close(writer);
}

/** Longer than what is committed at once. */
Test(batch, of_long_messages)
{
    static uint8_t bytes[3][20000], buffer[sizeof(bytes)];
    const struct seam_channel_options options = {.capacity = 1 << 19, .max_message = 20000};
    struct seam_channel *writer = must_create(NULL, &options);
    struct seam_channel *reader = must_reopen(writer, NULL);
    struct iovec messages[3], got[3];
    for (size_t i = 0; i < 3; i++) {
        messages[i] = (struct iovec){bytes[i], sizeof(bytes[i]) - i};
        test_message_fill(bytes[i], sizeof(bytes[i]), i);
    }
    for (int round = 0; round < 20; round++) {
        cr_expect_eq(seam_channel_try_send_batch(writer, messages, 3), 3);
        cr_assert_eq(seam_channel_try_recv_batch(reader, got, 3, buffer, sizeof(buffer)), 3);
        for (size_t i = 0; i < 3; i++) {
            cr_expect_eq(got[i].iov_len, messages[i].iov_len);
            cr_expect_eq(memcmp(got[i].iov_base, bytes[i], messages[i].iov_len), 0);
        }
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
}
