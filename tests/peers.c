/* SPDX-License-Identifier: MIT */
/* Peers that fork, die, stop, or are interrupted all the time. */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "seam/seam.h"

/* ---- fork ---- */

static int child_of_writer(void *context)
{
    struct seam_channel *parents = context, *own;
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    struct seam_channel_stats stats;
    void *data;
    CHECK(seam_channel_send(parents, "x", 1) == -EPERM, "send");
    CHECK(seam_channel_reserve(parents, 1, &data) == -EPERM, "reserve");
    CHECK(seam_channel_commit(parents, 1) == -EPERM, "commit");
    CHECK(seam_channel_cancel(parents) == -EPERM, "cancel");
    CHECK(seam_channel_drain_until(parents, 0) == -EPERM, "drain");
    CHECK(seam_channel_forget(parents, "x") == -EPERM, "forget");
    CHECK(seam_channel_stats(parents, &stats) == -EPERM, "stats");
    CHECK(seam_channel_pass(parents, 0, SEAM_READER) == -EPERM, "pass");
    CHECK(seam_channel_writer(parents) == -EPERM, "writer");
    CHECK(seam_channel_reopen(parents, &as_writer, &own) == -EBUSY, "the parent is alive");
    seam_channel_close(parents);
    return 0;
}

static int child_of_reader(void *context)
{
    char buffer[8];
    const void *data;
    CHECK(seam_channel_recv(context, buffer, sizeof(buffer)) == -EPERM, "recv");
    CHECK(seam_channel_recv_latest(context, buffer, sizeof(buffer)) == -EPERM, "recv_latest");
    CHECK(seam_channel_peek(context, &data) == -EPERM, "peek");
    CHECK(seam_channel_release(context) == -EPERM, "release");
    seam_channel_close(context);
    return 0;
}

/** A child neither uses nor ends its parent's handle, nor keeps its leases alive. */
static void case_fork(void)
{
    struct seam_channel *writer = test_create(NULL);
    struct seam_channel *reader = test_reopen(writer, SEAM_READER);
    void *data;
    char buffer[8];
    CHECK(seam_channel_reserve(writer, 4, &data) == 0, "reserve");
    CHECK(test_join(test_spawn(child_of_writer, writer)), "child");
    CHECK(test_join(test_spawn(child_of_reader, reader)), "child");
    ssize_t nothing =
        seam_channel_recv_until(reader, buffer, sizeof(buffer), seam_deadline_in_ns(5000000));
    CHECK(nothing == -ETIMEDOUT, "the child's close has ended nothing: %zd", nothing);
    memcpy(data, "abcd", 4);
    CHECK(seam_channel_commit(writer, 4) == 0, "commit after the child closed its copy");
    CHECK(seam_channel_drain_until(writer, 0) == -ETIMEDOUT, "the cursor is the parent's");
    CHECK(seam_channel_recv(reader, buffer, sizeof(buffer)) == 4, "recv");
    CHECK(seam_channel_writer(reader) == SEAM_WRITER_ALIVE, "still the writer");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

static int die_with_grandchild(void *context)
{
    struct seam_channel *writer = test_reopen(context, SEAM_WRITER);
    CHECK(seam_channel_send(writer, "last", 4) == 0, "send");
    if (fork() == 0) {
        (void)pause(); /* outlives its parent; holds a copy of every descriptor */
        _exit(0);
    }
    (void)raise(SIGKILL);
    return 1;
}

/** The lease of a dead parent is free although its child lives on. */
static void case_orphan(void)
{
    const struct seam_channel_options options = {.role = SEAM_READER};
    struct seam_channel *reader = test_create(&options);
    char buffer[8];
    int status;
    (void)setpgid(0, 0); /* to find the grandchild again */
    pid_t child = test_spawn(die_with_grandchild, reader);
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "the child dies");
    CHECK(seam_channel_recv(reader, buffer, sizeof(buffer)) == 4, "recv");
    CHECK(seam_channel_recv(reader, buffer, sizeof(buffer)) == -EPIPE, "the writer is gone");
    CHECK(seam_channel_writer(reader) == SEAM_WRITER_DEAD, "dead");
    seam_channel_close(test_reopen(reader, SEAM_WRITER));
    CHECK(seam_channel_writer(reader) == SEAM_WRITER_ENDED, "ended");
    seam_channel_close(reader);
    (void)signal(SIGTERM, SIG_IGN);
    (void)kill(0, SIGTERM);
}

/** Takes over what nobody can map for writing any more: its inherited mapping is enough. */
static int succeed_by_inheritance(void *context)
{
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    struct seam_channel *own;
    int error;
    while ((error = seam_channel_reopen(context, &as_writer, &own)) == -EBUSY) {
        (void)usleep(1000); /* the parent is still the writer */
    }
    CHECK(error == 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    seam_channel_close(context); /* what it lent stays */
    CHECK(seam_channel_send(own, "heir", 4) == 0, "send");
    CHECK(seam_channel_drain_until(own, SEAM_FOREVER) == 0, "drain");
    seam_channel_close(own);
    return 0;
}

static void case_one_way(void)
{
    const struct seam_channel_options options = {.region = {.one_way = true}};
    struct seam_channel *writer = test_create(&options);
    struct seam_channel *reader = test_reopen(writer, SEAM_READER);
    char buffer[8];
    pid_t heir = test_spawn(succeed_by_inheritance, writer);
    CHECK(seam_channel_send(writer, "first", 5) == 0, "send");
    seam_channel_close(writer);
    CHECK(seam_channel_recv(reader, buffer, sizeof(buffer)) == 5, "recv");
    ssize_t size;
    while ((size = seam_channel_recv(reader, buffer, sizeof(buffer))) == -EPIPE) {
        (void)usleep(1000); /* between the two */
    }
    CHECK(size == 4 && memcmp(buffer, "heir", 4) == 0, "%zd", size);
    seam_channel_close(reader);
    CHECK(test_join(heir), "heir");
}

/* ---- stopped peers ---- */

struct stopped {
    struct seam_channel *channel;
    _Atomic int *progress;
};

static int read_forever(void *context)
{
    struct stopped *s = context;
    struct seam_channel *reader = test_reopen(s->channel, SEAM_READER);
    char buffer[64];
    while (seam_channel_recv(reader, buffer, sizeof(buffer)) >= 0) {
        atomic_fetch_add(s->progress, 1);
    }
    return 0;
}

static void wait_for(_Atomic int *progress, int value)
{
    while (atomic_load(progress) < value) {
        (void)usleep(1000);
    }
}

static void kill_and_reap(pid_t child)
{
    CHECK(kill(child, SIGKILL) == 0, "kill");
    CHECK(waitpid(child, NULL, 0) == child, "wait");
}

/** A stopped reader holds a lossless writer up, keeps its cursor, and loses nothing. */
static void case_stopped_reader(void)
{
    const struct seam_channel_options options = {.capacity = 4096, .max_message = 64};
    struct stopped s = {.channel = test_create(&options), .progress = test_shared(sizeof(int))};
    struct seam_channel *writer = s.channel;
    pid_t reader = test_spawn(read_forever, &s);
    int sent = 1, error;
    CHECK(seam_channel_send(writer, "first", 5) == 0, "send");
    wait_for(s.progress, 1);
    CHECK(kill(reader, SIGSTOP) == 0, "stop");
    while ((error = seam_channel_try_send(writer, "0123456789", 10)) == 0) {
        sent++;
        CHECK(sent < 10000, "a lossless channel overtakes its stopped reader");
    }
    CHECK(error == -EAGAIN, "%s", strerror(-error));
    error = seam_channel_send_until(writer, "x", 1, seam_deadline_in_ns(300000000));
    CHECK(error == -ETIMEDOUT, "stopped is not dead: %d", error);
    CHECK(kill(reader, SIGCONT) == 0, "continue");
    CHECK(seam_channel_send(writer, "last", 4) == 0, "send");
    wait_for(s.progress, sent + 1);
    kill_and_reap(reader);
    /* Dead now: its ephemeral cursor is freed, and the writer goes on, even if it never waits. */
    for (int i = 0; i < 1000; i++) {
        while ((error = seam_channel_try_send(writer, "0123456789", 10)) == -EAGAIN) {
            (void)usleep(1000);
        }
        CHECK(error == 0, "send: %s", strerror(-error));
    }
    seam_channel_close(writer);
}

static int write_forever(void *context)
{
    struct stopped *s = context;
    struct seam_channel *writer = test_reopen(s->channel, SEAM_WRITER);
    for (uint64_t i = 0;; i++) {
        CHECK(seam_channel_send(writer, &i, sizeof(i)) == 0, "send");
        atomic_store(s->progress, 1);
    }
}

/** A stopped writer, wherever it was stopped, keeps nobody from reading; and keeps its lease. */
static void case_stopped_writer(void)
{
    const struct seam_channel_options options = {
        .capacity = 4096, .max_message = 64, .role = SEAM_READER, .policy = SEAM_OVERWRITE};
    struct stopped s = {.channel = test_create(&options), .progress = test_shared(sizeof(int))};
    const struct seam_channel_options as_writer = {.role = SEAM_WRITER};
    struct seam_channel *second;
    pid_t writer = test_spawn(write_forever, &s);
    wait_for(s.progress, 1);
    for (int i = 0; i < 200; i++) {
        uint64_t newest;
        (void)usleep(500);
        CHECK(kill(writer, SIGSTOP) == 0, "stop");
        struct seam_channel *observer = test_reopen(s.channel, SEAM_OBSERVER);
        CHECK(seam_channel_recv_latest(observer, &newest, sizeof(newest)) == sizeof(newest),
              "the newest message can be read");
        seam_channel_close(observer);
        CHECK(seam_channel_reopen(s.channel, &as_writer, &second) == -EBUSY, "lease");
        CHECK(kill(writer, SIGCONT) == 0, "continue");
    }
    kill_and_reap(writer);
    seam_channel_close(s.channel);
}

static int reserve_and_stop(void *context)
{
    struct stopped *s = context;
    struct seam_channel *writer = test_reopen(s->channel, SEAM_WRITER);
    void *data;
    CHECK(seam_channel_send(writer, "x", 1) == 0, "send");
    CHECK(seam_channel_reserve(writer, 8, &data) == 0, "reserve");
    atomic_store(s->progress, 1);
    (void)raise(SIGSTOP);
    return 1;
}

/** A lock that a stopped process holds: tries fail, deadlines hold; its death sets it free. */
static void stop_with_lock(enum seam_mode mode)
{
    const struct seam_channel_options options = {.mode = mode, .many_writers = true};
    struct stopped s = {.channel = test_create(&options), .progress = test_shared(sizeof(int))};
    struct seam_channel *writer = s.channel;
    struct seam_channel *reader = test_reopen(writer, SEAM_READER);
    char buffer[8];
    pid_t holder = test_spawn(reserve_and_stop, &s);
    wait_for(s.progress, 1);
    CHECK(seam_channel_try_send(writer, "y", 1) == -EAGAIN, "try");
    int64_t soon = seam_deadline_in_ns(20000000);
    CHECK(seam_channel_send_until(writer, "y", 1, soon) == -ETIMEDOUT, "deadline");
    CHECK(seam_channel_send_until(writer, "y", 1, -5) == -ETIMEDOUT, "past deadline");
    ssize_t size = seam_channel_try_recv(reader, buffer, sizeof(buffer));
    CHECK(size == (mode == SEAM_LOCKED ? -EAGAIN : 1), "readers wait in locked mode only: %zd",
          size);
    kill_and_reap(holder);
    CHECK(seam_channel_send(writer, "y", 1) == 0, "the lock outlives its owner");
    seam_channel_close(reader);
    seam_channel_close(writer);
}

static void case_stopped_with_lock(void)
{
    stop_with_lock(SEAM_LOCK_FREE);
    stop_with_lock(SEAM_LOCKED);
}

/* ---- signals ---- */

static void on_signal(int number)
{
    (void)number;
}

static void start_storm(void)
{
    const struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART */
    const struct itimerval often = {.it_interval = {.tv_usec = 50}, .it_value = {.tv_usec = 50}};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0, "setitimer");
}

static int echo(void *context)
{
    struct seam_channel **pair = context;
    struct seam_channel *in = test_reopen(pair[0], SEAM_READER);
    struct seam_channel *out = test_reopen(pair[1], SEAM_WRITER);
    uint64_t number;
    start_storm();
    while (seam_channel_recv(in, &number, sizeof(number)) == sizeof(number)) {
        CHECK(seam_channel_send(out, &number, sizeof(number)) == 0, "send");
    }
    return 0;
}

/** Signals all the time, on both sides: every call goes on to its end. */
static void case_interrupted(void)
{
    const struct seam_channel_options options = {.role = SEAM_READER, .wait = SEAM_WAIT_SLEEP};
    struct seam_channel *pair[2] = {test_create(NULL), test_create(&options)};
    pid_t child = test_spawn(echo, pair);
    start_storm();
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t number;
        CHECK(seam_channel_send(pair[0], &i, sizeof(i)) == 0, "send");
        ssize_t size = seam_channel_recv(pair[1], &number, sizeof(number));
        CHECK(size == sizeof(number) && number == i, "recv: %s", strerror((int)-size));
    }
    seam_channel_close(pair[0]);
    CHECK(test_join(child), "child");
    CHECK(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL) == 0, "setitimer");
    seam_channel_close(pair[1]);
}

static const struct test_case cases[] = {
    {"fork", case_fork},
    {"orphan", case_orphan},
    {"stopped-reader", case_stopped_reader},
    {"stopped-writer", case_stopped_writer},
    {"interrupted", case_interrupted},
    {"one-way", case_one_way},
    {"stopped-with-lock", case_stopped_with_lock},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
