/* SPDX-License-Identifier: MIT */
/*
 * Processes exchange millions of messages of random sizes; every byte, the order and the counts
 * are checked. One program for all policies, so that all are checked alike.
 *
 *     exchange WHAT MODE WAIT COUNT [FIRST_POSITION FIRST_SEQUENCE]
 *
 * WHAT: lossless, broadcast (three lossless readers), overwrite, observer (of a lossless channel),
 * latest, work (three workers), writers (three that take turns), lanes (three, each with its own),
 * in-place (reserve and peek). With batch- in front of it, messages go and come by several at once.
 */
#include "support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "batches.h"
#include "channel/test_hooks.h"
#include "seam/seam.h"

#define MOST BATCHES_MESSAGE
#define SEVERAL 3

struct plan {
    const char *what;
    bool batches;
    bool lanes;
    struct seam_channel_options options;
    uint64_t count;
    struct seam_channel *creator;
    unsigned char *seen; /* per message: how often it was received */
    _Atomic int *joined; /* readers in children that have their handles */
    int index;           /* which of several */
};

static bool is(const struct plan *plan, const char *what)
{
    return strcmp(plan->what, what) == 0;
}

/** The number sent as the @p i th message: with several writers it tells which. */
static uint64_t number_of(const struct plan *plan, uint64_t i)
{
    return is(plan, "writers") ? i * SEVERAL + (uint64_t)plan->index : i;
}

static void send_one(const struct plan *plan, struct seam_channel *channel, uint64_t number)
{
    static uint8_t buffer[MOST];
    size_t size = test_message_size(number, MOST);
    if (is(plan, "in-place")) {
        void *data;
        int error = seam_channel_reserve(channel, MOST, &data);
        CHECK(error == 0, "reserve: %s", strerror(-error));
        if (number % 5 == 0) { /* scribble and think better of it */
            memset(data, 0xff, MOST);
            CHECK(seam_channel_cancel(channel) == 0, "cancel");
            CHECK(seam_channel_reserve(channel, MOST, &data) == 0, "reserve again");
        }
        test_message_fill(data, size, number);
        CHECK(seam_channel_commit(channel, size) == 0, "commit");
        return;
    }
    if (plan->batches) {
        test_message_fill(batches_room(channel, number, size), size, number);
        return;
    }
    test_message_fill(buffer, size, number);
    int error = seam_channel_send(channel, buffer, size);
    CHECK(error == 0, "send: %s", strerror(-error));
}

static int write_all(void *context)
{
    struct plan *plan = context;
    struct seam_channel *channel;
    struct seam_channel_options options = plan->options;
    options.role = SEAM_WRITER;
    int error = seam_channel_reopen(plan->creator, &options, &channel);
    CHECK(error == 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    for (uint64_t i = 0; i < plan->count; i++) {
        send_one(plan, channel, number_of(plan, i));
    }
    batches_flush(channel);
    CHECK(seam_channel_drain_until(channel, SEAM_FOREVER) == 0, "drain");
    seam_channel_close(channel);
    return 0;
}

static uint64_t lost_so_far(const struct seam_channel *channel)
{
    struct seam_channel_stats stats;
    CHECK(seam_channel_stats(channel, &stats) == 0, "stats");
    return stats.lost + stats.skipped;
}

/** The next message by whichever call is being tested. */
static ssize_t receive(const struct plan *plan, struct seam_channel *channel, uint8_t *buffer)
{
    if (is(plan, "latest")) {
        return seam_channel_recv_latest(channel, buffer, MOST);
    }
    if (plan->batches) {
        return batches_recv(channel, buffer);
    }
    return is(plan, "in-place") ? test_recv_in_place(channel, buffer)
                                : seam_channel_recv(channel, buffer, MOST);
}

/** What a reader knows about what must come next. */
struct expectation {
    uint64_t next;                 /* number of the next message, with one writer */
    uint64_t next_of[SEVERAL];     /* of each of several writers */
    uint64_t lost, received, last; /* last: highest number so far */
};

static void check_order(const struct plan *plan, const struct seam_channel *channel,
                        struct expectation *e, uint64_t number)
{
    if (is(plan, "writers")) {
        uint64_t *next = &e->next_of[number % SEVERAL];
        CHECK(number / SEVERAL == *next, "writer %" PRIu64 " sent %" PRIu64 " not %" PRIu64,
              number % SEVERAL, *next, number / SEVERAL);
        ++*next;
    } else if (is(plan, "work")) {
        CHECK(e->received == 0 || number > e->last, "%" PRIu64 " after %" PRIu64, number, e->last);
        CHECK(plan->seen[number]++ == 0, "%" PRIu64 " twice", number);
    } else {
        uint64_t lost = lost_so_far(channel);
        e->next += lost - e->lost; /* exactly as many as it says are missing */
        e->lost = lost;
        CHECK(number == e->next, "%" PRIu64 " not %" PRIu64 " (lost %" PRIu64 ")", number, e->next,
              lost);
        e->next++;
    }
    e->last = number;
    e->received++;
}

static void check_end(const struct plan *plan, const struct seam_channel *channel,
                      const struct expectation *e)
{
    struct seam_channel_stats stats;
    CHECK(seam_channel_stats(channel, &stats) == 0, "stats");
    CHECK(stats.received == e->received, "received");
    CHECK(stats.published == plan->count * (is(plan, "writers") ? SEVERAL : 1), "published");
    if (!is(plan, "work")) {
        CHECK(stats.received + stats.lost + stats.skipped == stats.published,
              "%" PRIu64 " + %" PRIu64 " + %" PRIu64 " of %" PRIu64, stats.received, stats.lost,
              stats.skipped, stats.published);
    }
    bool may_lose = is(plan, "overwrite") || is(plan, "observer") || is(plan, "latest");
    CHECK(may_lose || stats.lost + stats.skipped == 0, "lost");
    printf("%s: received %" PRIu64 ", lost %" PRIu64 ", skipped %" PRIu64 ", retries %" PRIu64
           ", sleeps %" PRIu64 "\n",
           plan->what, stats.received, stats.lost, stats.skipped, stats.retries, stats.sleeps);
}

static int read_all(void *context)
{
    struct plan *plan = context;
    static uint8_t buffer[MOST];
    struct expectation e = {0};
    struct seam_channel *channel = plan->creator;
    /* Of several writers one may be done before another has begun: then only the count tells. */
    while (!is(plan, "writers") || e.received < plan->count * SEVERAL) {
        ssize_t size = receive(plan, channel, buffer);
        if (size == -EPIPE) {
            break;
        }
        if (size == -EOVERFLOW) {
            continue;
        }
        CHECK(size >= 0, "recv: %s", strerror((int)-size));
        uint64_t number = test_message_number(buffer);
        CHECK((size_t)size == test_message_size(number, MOST), "size %zd", size);
        CHECK(test_message_is(buffer, (size_t)size, number), "bytes of %" PRIu64, number);
        check_order(plan, channel, &e, number);
        if (is(plan, "overwrite") && number % 50000 == 7) {
            (void)usleep(2000); /* let the writer overtake */
        }
    }
    check_end(plan, channel, &e);
    fflush(stdout);
    seam_channel_close(channel);
    return 0;
}

/** A reader in a child opens its own handle before any message is sent. */
static int read_in_child(void *context)
{
    struct plan *plan = context;
    struct seam_channel *channel;
    int error = seam_channel_reopen(plan->creator, &plan->options, &channel);
    CHECK(error == 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    atomic_fetch_add(plan->joined, 1);
    plan->creator = channel;
    CHECK(read_all(plan) == 0, "read");
    return 0;
}

static struct seam_channel *create(struct plan *plan)
{
    struct seam_channel *channel;
    plan->options.max_message = MOST;
    plan->options.capacity = 64 << 10;
    plan->options.role = is(plan, "observer") ? SEAM_OBSERVER : SEAM_READER;
    plan->options.many_writers = is(plan, "writers") && !plan->lanes;
    plan->options.writers = plan->lanes ? SEVERAL : 0;
    plan->options.follow = is(plan, "writers");
    if (is(plan, "overwrite") || is(plan, "latest")) {
        plan->options.policy = SEAM_OVERWRITE;
    } else if (is(plan, "work")) {
        plan->options.policy = SEAM_WORK_QUEUE;
    }
    int error = seam_channel_create(NULL, &plan->options, &channel);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

/**
 * Starts the readers beside the test's own. All have joined when this returns: broadcast readers
 * that come later would rightly miss what went before.
 */
static int start_readers(struct plan *plan, pid_t children[SEVERAL])
{
    int count = is(plan, "broadcast") || is(plan, "work") ? SEVERAL - 1 : 0;
    for (int i = 0; i < count; i++) {
        plan->index = i + 1;
        children[i] = test_spawn(read_in_child, plan);
    }
    while (atomic_load(plan->joined) < count) {
        (void)usleep(1000);
    }
    return count;
}

static void parse(struct plan *plan, int argc, char **argv)
{
    CHECK(argc == 5 || argc == 7, "usage: exchange WHAT MODE WAIT COUNT [POSITION SEQUENCE]");
    plan->batches = strncmp(argv[1], "batch-", 6) == 0;
    plan->what = plan->batches ? argv[1] + 6 : argv[1];
    plan->lanes = strcmp(plan->what, "lanes") == 0;
    plan->what = plan->lanes ? "writers" : plan->what;
    plan->options.mode = strcmp(argv[2], "locked") == 0 ? SEAM_LOCKED : SEAM_LOCK_FREE;
    plan->options.wait = strcmp(argv[3], "spin") == 0    ? SEAM_WAIT_SPIN
                         : strcmp(argv[3], "sleep") == 0 ? SEAM_WAIT_SLEEP
                                                         : SEAM_WAIT_ADAPTIVE;
    plan->count = strtoull(argv[4], NULL, 10);
    if (argc == 7) {
        seam_test_first_position = strtoull(argv[5], NULL, 0);
        seam_test_first_sequence = strtoull(argv[6], NULL, 0);
    }
}

int main(int argc, char **argv)
{
    struct plan plan = {0};
    pid_t readers[SEVERAL], writers[SEVERAL];
    test_begin();
    parse(&plan, argc, argv);
    plan.seen = test_shared(plan.count);
    plan.joined = test_shared(sizeof(int));
    plan.creator = create(&plan);
    int reader_count = start_readers(&plan, readers);
    int writer_count = is(&plan, "writers") ? SEVERAL : 1;
    for (int i = 0; i < writer_count; i++) {
        plan.index = i;
        writers[i] = test_spawn(write_all, &plan);
    }
    CHECK(read_all(&plan) == 0, "read");
    for (int i = 0; i < writer_count; i++) {
        CHECK(test_join(writers[i]), "a writer failed");
    }
    for (int i = 0; i < reader_count; i++) {
        CHECK(test_join(readers[i]), "a reader failed");
    }
    for (uint64_t i = 0; is(&plan, "work") && i < plan.count; i++) {
        CHECK(plan.seen[i] == 1, "%" PRIu64 " received %d times", i, plan.seen[i]);
    }
    test_end();
    return 0;
}
