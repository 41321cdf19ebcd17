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
    void *data;
    CHECK(seam_channel_send(parents, "x", 1) == -EPERM, "send");
    CHECK(seam_channel_reserve(parents, 1, &data) == -EPERM, "reserve");
    CHECK(seam_channel_commit(parents, 1) == -EPERM, "commit");
    CHECK(seam_channel_writer(parents) == -EPERM, "writer");
    CHECK(seam_channel_reopen(parents, &as_writer, &own) == -EBUSY, "the parent is alive");
    seam_channel_close(parents);
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
    memcpy(data, "abcd", 4);
    CHECK(seam_channel_commit(writer, 4) == 0, "commit after the child closed its copy");
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
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
