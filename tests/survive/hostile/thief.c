/* SPDX-License-Identifier: MIT */
/*
 * A peer that may only read moves sleepers to a word of its own, where no wake-up reaches them, or
 * wakes them for nothing. Whoever sleeps notices what came all the same: the slice of its sleep
 * ends. Each theft costs one slice at most.
 *
 *     thief WHAT steal|wake ROUNDS
 *
 * WHAT the victim waits for: recv, any, drain, lock, value.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "../../figure.h"
#include "../../support.h"
#include "memory/atomic.h"
#include "memory/layout.h"
#include "wait/waiter.h"

#define NAME "treasure"
#define MS INT64_C(1000000)
/* On a machine that has other things to do, too, the best of some rounds is not later than that. */
#define BEST_NS (5 * SEAM_SLICE_NS)
/* And none than that. */
#define WORST_NS (300 * SEAM_SLICE_NS)

/** What the processes tell each other. */
struct stage {
    _Atomic bool over;
    _Atomic uint32_t nowhere; /* where stolen sleepers lie */
    _Atomic uint64_t thefts;  /* sleepers moved, or woken for nothing */
    _Atomic uint64_t rounds;  /* that the parent has begun */
    _Atomic uint64_t waiting; /* that the victim has */
    _Atomic uint64_t noticed; /* that ended */
    _Atomic uint64_t noticed_at_ns;
    _Atomic uint64_t sleeps; /* of the victim, where it can tell */
};

struct heist {
    const char *what;
    bool wakes; /* for nothing; else steals */
    uint64_t rounds;
    struct stage *stage;
    /* The parent's handles. */
    struct seam_channel *channel; /* "drain": the reader; else the writer */
    struct seam_lock *lock;
    struct seam_value *value;
};

static bool is(const struct heist *heist, const char *what)
{
    return strcmp(heist->what, what) == 0;
}

/* ---- the thief ---- */

/** The word that the victim sleeps on, by a mapping that can only be read. */
static const _Atomic uint32_t *find_word(const struct heist *heist)
{
    char path[256];
    bool in_log = is(heist, "lock");
    (void)snprintf(path, sizeof(path), "%s/" NAME "/%s", test_dir(), in_log ? "log" : "desk");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0, "%s: %s", path, strerror(errno));
    const void *at = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);
    CHECK(at != MAP_FAILED, "%s", strerror(errno));
    (void)close(fd);
    const struct seam_object_head *head = at;
    const struct seam_desk *desk = at;
    return in_log ? &head->lock.wanted
                  : (is(heist, "drain") ? &desk->space_wanted : &desk->data_wanted);
}

static int steal(void *context)
{
    const struct heist *heist = context;
    struct stage *stage = heist->stage;
    const _Atomic uint32_t *word = find_word(heist);
    while (!load_relaxed(&stage->over)) {
        /* Of a requeue the last number is how many are moved, in place of a time. */
        long count = heist->wakes ? syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0)
                                  : syscall(SYS_futex, word, FUTEX_REQUEUE, 0, (long)INT_MAX,
                                            &stage->nowhere, 0);
        CHECK(count >= 0, "futex: %s", strerror(errno));
        (void)add_relaxed(&stage->thefts, (uint64_t)count);
        (void)usleep(200);
    }
    return 0;
}

/* ---- the victim ---- */

static void await_message(struct seam_channel *channel, bool any)
{
    char byte;
    struct seam_waitable thing;
    if (any) {
        CHECK(seam_channel_readable(channel, &thing) == 0, "readable");
        CHECK(seam_wait_any(&thing, 1, SEAM_FOREVER) == 1, "any");
    }
    CHECK(seam_channel_recv(channel, &byte, 1) == 1, "recv");
}

static void await_reader(struct seam_channel *channel)
{
    CHECK(seam_channel_drain_until(channel, SEAM_FOREVER) == 0, "drain");
}

/** What the victim waits for once. */
static void await(const struct heist *heist, struct seam_channel *channel, struct seam_lock *lock,
                  struct seam_value *value, int64_t round)
{
    if (lock != NULL) {
        CHECK(seam_lock_lock(lock) == 0 && seam_lock_unlock(lock) == 0, "lock");
    } else if (value != NULL) {
        CHECK(seam_value_wait(value, round, NULL) == 0, "value");
    } else if (is(heist, "drain")) {
        await_reader(channel);
    } else {
        await_message(channel, is(heist, "any"));
    }
}

/** From here on the victim has something to wait for. */
static void begin_round(const struct heist *heist, struct seam_channel *channel, uint64_t round)
{
    while (load_relaxed(&heist->stage->rounds) <= round) {
        (void)usleep(100);
    }
    if (is(heist, "drain")) {
        CHECK(seam_channel_send(channel, "x", 1) == 0, "send");
    }
    store_relaxed(&heist->stage->waiting, round + 1);
}

static int suffer(void *context)
{
    const struct heist *heist = context;
    struct stage *stage = heist->stage;
    const struct seam_channel_options channel_options = {
        .role = is(heist, "drain") ? SEAM_WRITER : SEAM_READER, .wait = SEAM_WAIT_SLEEP};
    const struct seam_lock_options lock_options = {.wait = SEAM_WAIT_SLEEP};
    const struct seam_value_options value_options = {.wait = SEAM_WAIT_SLEEP};
    struct seam_channel *channel = NULL;
    struct seam_lock *lock = NULL;
    struct seam_value *value = NULL;
    struct seam_channel_stats stats = {0};
    int error = heist->lock != NULL ? seam_lock_reopen(heist->lock, &lock_options, &lock)
                : heist->value != NULL
                    ? seam_value_reopen(heist->value, &value_options, &value)
                    : seam_channel_reopen(heist->channel, &channel_options, &channel);
    CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
    for (uint64_t round = 0; round < heist->rounds; round++) {
        begin_round(heist, channel, round);
        await(heist, channel, lock, value, (int64_t)round);
        store_relaxed(&stage->noticed_at_ns, (uint64_t)seam_deadline_in_ns(0));
        store_release(&stage->noticed, round + 1);
    }
    if (channel != NULL) {
        CHECK(seam_channel_stats(channel, &stats) == 0, "stats");
    }
    store_relaxed(&stage->sleeps, stats.sleeps);
    seam_channel_close(channel);
    seam_lock_close(lock);
    seam_value_close(value);
    return 0;
}

/* ---- the parent ---- */

static void create(struct heist *heist)
{
    const struct seam_channel_options options = {.role = is(heist, "drain") ? SEAM_READER
                                                                            : SEAM_WRITER};
    int error = is(heist, "lock")    ? seam_lock_create(NAME, NULL, &heist->lock)
                : is(heist, "value") ? seam_value_create(NAME, NULL, &heist->value)
                                     : seam_channel_create(NAME, &options, &heist->channel);
    CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
}

/** What the victim waits for happens. */
static void act(const struct heist *heist)
{
    char byte;
    if (heist->lock != NULL) {
        CHECK(seam_lock_unlock(heist->lock) == 0, "unlock");
    } else if (heist->value != NULL) {
        CHECK(seam_value_add(heist->value, 1, NULL) == 0, "add");
    } else if (is(heist, "drain")) {
        CHECK(seam_channel_recv(heist->channel, &byte, 1) == 1, "recv");
    } else {
        CHECK(seam_channel_send(heist->channel, "x", 1) == 0, "send");
    }
}

static void wait_until_above(const _Atomic uint64_t *number, uint64_t than, const char *what)
{
    int64_t until = seam_deadline_in_ns(WORST_NS);
    while (load_acquire(number) <= than) {
        CHECK(seam_deadline_in_ns(0) < until, "never: %s", what);
        (void)usleep(50);
    }
}

/** @return how long after it happened the victim knew */
static int64_t play_round(const struct heist *heist, uint64_t round)
{
    struct stage *stage = heist->stage;
    CHECK(heist->lock == NULL || seam_lock_lock(heist->lock) == 0, "lock");
    store_relaxed(&stage->rounds, round + 1);
    wait_until_above(&stage->waiting, round, "waiting");
    wait_until_above(&stage->thefts, load_relaxed(&stage->thefts), "a theft");
    int64_t acted_at_ns = seam_deadline_in_ns(0);
    act(heist);
    wait_until_above(&stage->noticed, round, "noticed");
    return (int64_t)load_relaxed(&stage->noticed_at_ns) - acted_at_ns;
}

static void check_end(const struct heist *heist, int64_t best_ns)
{
    uint64_t thefts = load_relaxed(&heist->stage->thefts);
    uint64_t sleeps = load_relaxed(&heist->stage->sleeps);
    CHECK(best_ns < BEST_NS, "%" PRId64 " ms", best_ns / MS);
    /* Only who sleeps can be stolen, and once: then the slice ends. */
    CHECK((!is(heist, "recv") && !is(heist, "drain")) || thefts <= sleeps,
          "%" PRIu64 " thefts of %" PRIu64 " sleeps", thefts, sleeps);
    char row[64];
    (void)snprintf(row, sizeof(row), "%s: %s",
                   heist->wakes ? "woken for nothing" : "wake-ups stolen", heist->what);
    test_figure(row, "%" PRIu64 " times, and all %" PRIu64 " events were noticed", thefts,
                heist->rounds);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4, "usage: thief WHAT steal|wake ROUNDS");
    struct heist heist = {
        .what = argv[1],
        .wakes = strcmp(argv[2], "wake") == 0,
        .rounds = strtoull(argv[3], NULL, 10),
        .stage = test_shared(sizeof(struct stage)),
    };
    int64_t best_ns = INT64_MAX;
    test_begin();
    create(&heist);
    pid_t thief = test_spawn(steal, &heist), victim = test_spawn(suffer, &heist);
    for (uint64_t round = 0; round < heist.rounds; round++) {
        int64_t delay_ns = play_round(&heist, round);
        best_ns = delay_ns < best_ns ? delay_ns : best_ns;
    }
    CHECK(test_join(victim), "the victim failed");
    store_relaxed(&heist.stage->over, true);
    CHECK(test_join(thief), "the thief failed");
    seam_channel_close(heist.channel);
    seam_lock_close(heist.lock);
    seam_value_close(heist.value);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "%s", seam_error_detail());
    test_end();
    check_end(&heist, best_ns);
    return 0;
}
