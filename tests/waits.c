/* SPDX-License-Identifier: MIT */
/* Processes that wait for several things: with writers that die, with many, and with none. */
#include "support.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "wait/test_hooks.h"
#include "wait/waiter.h"

#define WRITERS 4
#define EACH ((size_t)8)
#define CHANNELS (WRITERS * EACH)
#define MESSAGES 20000U

static void readable(struct seam_channel *channel, struct seam_waitable *thing)
{
    CHECK(seam_channel_readable(channel, thing) == 0, "readable");
}

/* ---- a writer that is killed ---- */

static int send_and_hang(void *context)
{
    struct seam_channel *writer = test_reopen(context, SEAM_WRITER);
    CHECK(seam_channel_send(writer, "last", 4) == 0, "send");
    for (;;) {
        (void)pause();
    }
}

static void notice_death(void)
{
    const struct seam_channel_options reading = {.role = SEAM_READER};
    struct seam_channel *dying = test_create(&reading), *quiet = test_create(&reading);
    struct seam_waitable things[2];
    char buffer[8];
    pid_t child = test_spawn(send_and_hang, dying);
    readable(quiet, &things[0]);
    readable(dying, &things[1]);
    CHECK(seam_wait_any(things, 2, SEAM_FOREVER) == 1, "the message");
    CHECK(!things[0].ready && things[1].ready, "which");
    CHECK(seam_channel_recv(dying, buffer, sizeof(buffer)) == 4, "recv");
    CHECK(kill(child, SIGKILL) == 0, "kill");
    CHECK(seam_wait_any(things, 2, SEAM_FOREVER) == 1, "the death");
    CHECK(!things[0].ready && things[1].ready, "which");
    CHECK(seam_channel_recv(dying, buffer, sizeof(buffer)) == -EPIPE, "nobody is left");
    CHECK(!test_join(child), "killed");
    seam_channel_close(dying);
    seam_channel_close(quiet);
}

/** Also on kernels without futex_waitv, where sleeps are short. */
static void killed(void)
{
    for (int blind = 0; blind <= 1; blind++) {
        seam_test_no_futex_waitv = blind != 0;
        notice_death();
    }
}

/** The same, told by a descriptor. */
static void killed_notifier(void)
{
    const struct seam_channel_options reading = {.role = SEAM_READER};
    struct seam_channel *dying = test_create(&reading);
    struct seam_notifier *notifier;
    struct seam_waitable thing;
    char buffer[8];
    pid_t child = test_spawn(send_and_hang, dying);
    readable(dying, &thing);
    CHECK(seam_channel_recv(dying, buffer, sizeof(buffer)) == 4, "recv");
    int error = seam_notifier_create(&thing, 1, &notifier);
    if (error == -ENOSYS) {
        CHECK(kill(child, SIGKILL) == 0 && !test_join(child), "kill");
        seam_channel_close(dying);
        test_end();
        exit(TEST_SKIPPED); /* there is no futex_waitv */
    }
    CHECK(error == 0, "notifier: %s", strerror(-error));
    struct pollfd one = {.fd = seam_notifier_fd(notifier), .events = POLLIN};
    CHECK(kill(child, SIGKILL) == 0, "kill");
    CHECK(!test_join(child), "killed");
    do { /* what comes before its death is noticed is for nothing */
        CHECK(poll(&one, 1, -1) == 1, "poll");
    } while (seam_wait_any(&thing, 1, 0) != 1 && seam_notifier_rearm(notifier) >= 0);
    CHECK(seam_channel_recv(dying, buffer, sizeof(buffer)) == -EPIPE, "nobody is left");
    seam_notifier_close(notifier);
    seam_channel_close(dying);
}

/* ---- many writers, one reader that sleeps now and then ---- */

struct plan {
    struct seam_channel *channels[CHANNELS];
    int index;
};

static int write_here_and_there(void *context)
{
    const struct plan *plan = context;
    struct seam_channel *writers[EACH];
    uint64_t next[EACH] = {0};
    for (size_t i = 0; i < EACH; i++) {
        writers[i] = test_reopen(plan->channels[(size_t)plan->index * EACH + i], SEAM_WRITER);
    }
    for (uint64_t i = 0; i < MESSAGES; i++) {
        uint64_t dice = test_mix(i * WRITERS + (uint64_t)plan->index);
        size_t which = dice % EACH;
        CHECK(seam_channel_send(writers[which], &next[which], 8) == 0, "send");
        next[which]++;
        if (dice >> 32 << 55 == 0) {
            (void)usleep(200); /* let the reader fall asleep */
        }
    }
    for (size_t i = 0; i < EACH; i++) {
        seam_channel_close(writers[i]);
    }
    return 0;
}

/** Takes all that is there. @return how many; -EPIPE nothing, and no more will come */
static int drain(struct seam_channel *channel, uint64_t *next)
{
    uint64_t number;
    ssize_t size;
    int count = 0;
    bool ended = seam_channel_writer(channel) == SEAM_WRITER_ENDED; /* asked before looking */
    while ((size = seam_channel_try_recv(channel, &number, sizeof(number))) == 8) {
        CHECK(number == *next, "%" PRIu64 " not %" PRIu64, number, *next);
        ++*next;
        count++;
    }
    CHECK(size == -EAGAIN, "recv: %s", strerror((int)-size));
    return count == 0 && ended ? -EPIPE : count;
}

static void many(void)
{
    const struct seam_channel_options reading = {
        .role = SEAM_READER, .capacity = 4096, .max_message = 8};
    struct plan plan;
    struct seam_waitable things[CHANNELS];
    uint64_t next[CHANNELS] = {0}, received = 0;
    size_t which[CHANNELS], open = CHANNELS;
    pid_t children[WRITERS];
    for (size_t i = 0; i < CHANNELS; i++) {
        plan.channels[i] = test_create(&reading);
        readable(plan.channels[i], &things[i]);
        which[i] = i;
    }
    for (plan.index = 0; plan.index < WRITERS; plan.index++) {
        children[plan.index] = test_spawn(write_here_and_there, &plan);
    }
    while (open > 0) {
        int ready = seam_wait_any(things, open, SEAM_FOREVER);
        CHECK(ready > 0, "wait_any: %d", ready);
        for (size_t i = open; i-- > 0;) {
            int got = things[i].ready ? drain(plan.channels[which[i]], &next[which[i]]) : 0;
            if (got == -EPIPE) {
                open--;
                things[i] = things[open];
                which[i] = which[open];
            } else {
                received += (uint64_t)got;
            }
        }
    }
    CHECK(received == (uint64_t)WRITERS * MESSAGES, "%" PRIu64, received);
    for (int i = 0; i < WRITERS; i++) {
        CHECK(test_join(children[i]), "a writer failed");
    }
    for (size_t i = 0; i < CHANNELS; i++) {
        seam_channel_close(plan.channels[i]);
    }
}

/* ---- what a wake-up costs ---- */

struct apprentice {
    struct seam_channel *channel;
    _Atomic bool ready;
};

static int learn(void *context)
{
    struct apprentice *apprentice = context;
    const struct seam_channel_options sleeping = {.wait = SEAM_WAIT_SLEEP};
    struct seam_channel *reader;
    int64_t begin = seam_wake_price_ns();
    char byte;
    CHECK(seam_channel_reopen(apprentice->channel, &sleeping, &reader) == 0, "reopen");
    atomic_store(&apprentice->ready, true);
    while (seam_wake_price_ns() == begin) {
        CHECK(seam_channel_recv(reader, &byte, 1) == 1, "recv");
    }
    seam_channel_close(reader);
    return 0;
}

/** Whoever sleeps and is woken learns from the waker when that was. */
static void learned(void)
{
    struct apprentice *apprentice = test_shared(sizeof(*apprentice));
    const struct seam_channel_options writing = {.wait = SEAM_WAIT_SLEEP};
    apprentice->channel = test_create(&writing);
    pid_t child = test_spawn(learn, apprentice);
    while (!atomic_load(&apprentice->ready)) {
        (void)usleep(1000);
    }
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        CHECK(seam_channel_send(apprentice->channel, "x", 1) == 0, "send");
        (void)usleep(200); /* so that it sleeps mostly; if it does not, once more */
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the reader failed");
    seam_channel_close(apprentice->channel);
}

/* ---- fork ---- */

#define KINDS 4

/** What a process waits with. */
struct kit {
    struct seam_channel *reader, *full;
    struct seam_value *value;
    struct seam_lock *lock;
    struct seam_waitable things[KINDS];
    struct seam_notifier *notifier;
};

static int refuse_all(void *context)
{
    struct kit *kit = context;
    struct seam_waitable none;
    CHECK(seam_wait_any(kit->things, KINDS, SEAM_FOREVER) == KINDS, "an attempt tells why");
    CHECK(seam_channel_readable(kit->reader, &none) == -EPERM, "readable");
    CHECK(seam_channel_writable(kit->full, 1, &none) == -EPERM, "writable");
    CHECK(seam_value_changed(kit->value, 0, &none) == -EPERM, "changed");
    CHECK(seam_lock_available(kit->lock, &none) == -EPERM, "available");
    CHECK(kit->notifier == NULL || seam_notifier_rearm(kit->notifier) == -EPERM, "rearm");
    seam_notifier_close(kit->notifier);
    return 0;
}

/** What a parent waits for its child neither waits for nor ends. */
static void forked(void)
{
    struct kit kit = {0};
    const struct seam_channel_options small = {.capacity = 4096, .max_message = 900};
    struct seam_channel *writer = test_create(&small);
    kit.reader = test_reopen(writer, SEAM_READER);
    kit.full = test_create(&small);
    struct seam_channel *idler = test_reopen(kit.full, SEAM_READER);
    while (seam_channel_try_send(kit.full, "full", 4) == 0) {
    }
    CHECK(seam_value_create(NULL, NULL, &kit.value) == 0, "value");
    CHECK(seam_lock_create(NULL, NULL, &kit.lock) == 0, "lock");
    readable(kit.reader, &kit.things[0]);
    CHECK(seam_channel_writable(kit.full, 900, &kit.things[1]) == 0, "writable");
    CHECK(seam_value_changed(kit.value, 0, &kit.things[2]) == 0, "changed");
    CHECK(seam_lock_available(kit.lock, &kit.things[3]) == 0, "available");
    CHECK(seam_wait_any(kit.things, 3, 0) == -ETIMEDOUT, "nothing happens");
    int error = seam_notifier_create(kit.things, 3, &kit.notifier);
    CHECK(error == 0 || error == -ENOSYS, "notifier: %s", strerror(-error));
    CHECK(test_join(test_spawn(refuse_all, &kit)), "child");
    CHECK(seam_wait_any(kit.things, 3, 0) == -ETIMEDOUT, "nothing has happened");
    CHECK(seam_channel_send(writer, "news", 4) == 0, "send");
    if (error == 0) {
        struct pollfd one = {.fd = seam_notifier_fd(kit.notifier), .events = POLLIN};
        CHECK(poll(&one, 1, -1) == 1, "the child has ended nothing");
        CHECK(seam_notifier_rearm(kit.notifier) == 1, "rearm");
    }
    seam_notifier_close(kit.notifier);
    seam_channel_close(kit.reader);
    seam_channel_close(writer);
    seam_channel_close(idler);
    seam_channel_close(kit.full);
    seam_value_close(kit.value);
    seam_lock_close(kit.lock);
}

/* ---- nothing at all ---- */

/* In a second: ten slices, and the start of a notifier's thread now and then. */
#define SLEEPS_MOST 40

/** What this thread has used. */
struct used {
    int64_t cpu_us;
    long sleeps;
};

static struct used used_since(struct used before)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_THREAD, &usage) == 0, "getrusage");
    int64_t cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
                     usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    return (struct used){cpu_us - before.cpu_us, usage.ru_nvcsw - before.sleeps};
}

/** Whoever waits for what does not come sleeps, and is not up again and again. */
static void idle(void)
{
    const struct seam_channel_options reading = {.role = SEAM_READER, .capacity = 4096};
    const int64_t second = INT64_C(1000000000), half_us = 500000;
    struct seam_channel *channels[SEAM_WAIT_MOST];
    struct seam_waitable things[SEAM_WAIT_MOST];
    char byte;
    for (size_t i = 0; i < SEAM_WAIT_MOST; i++) {
        channels[i] = test_create(&reading);
        readable(channels[i], &things[i]);
    }
    /* Kernels without futex_waitv look again and again: cheaply enough, but not as cheaply. */
    struct seam_notifier *notifier = NULL;
    bool looks = seam_notifier_create(things, 1, &notifier) == -ENOSYS;
    seam_notifier_close(notifier);
    struct used before = used_since((struct used){0});
    CHECK(seam_wait_any(things, SEAM_WAIT_MOST, seam_deadline_in_ns(second)) == -ETIMEDOUT, "any");
    struct used any = used_since(before);
    CHECK(looks || any.sleeps < SLEEPS_MOST, "slept %ld times for 128 channels", any.sleeps);
    CHECK(any.cpu_us < half_us, "%" PRId64 " us of CPU for 128 channels", any.cpu_us);
    before = used_since((struct used){0});
    CHECK(seam_channel_recv_until(channels[0], &byte, 1, seam_deadline_in_ns(second)) == -ETIMEDOUT,
          "recv");
    struct used one = used_since(before);
    CHECK(one.sleeps < SLEEPS_MOST, "slept %ld times for one", one.sleeps);
    CHECK(one.cpu_us < half_us, "%" PRId64 " us of CPU for one", one.cpu_us);
    printf("CPU time in a second: %" PRId64 " us for 128 channels, %" PRId64 " us for one\n",
           any.cpu_us, one.cpu_us);
    for (size_t i = 0; i < SEAM_WAIT_MOST; i++) {
        seam_channel_close(channels[i]);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        {"forked", forked}, {"killed", killed},   {"killed-notifier", killed_notifier},
        {"many", many},     {"learned", learned}, {"idle", idle}};
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
