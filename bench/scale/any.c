/* SPDX-License-Identifier: MIT */
/* Waiting for one of several channels: what a look at them costs, and a wake-up. */
#include <errno.h>
#include <time.h>

#include "../clock.h"
#include "crew.h"
#include "scale.h"

#define LOOKS 200
/* By then whoever waits sleeps: more than an adaptive wait spins. */
#define PAUSE_NS 300000
#define WAKES 10

enum { FEW, MANY };

struct watch {
    const struct plan *plan;
    struct crew crew;
    unsigned amount[2];
    struct seam_channel *readers[SEAM_WAIT_MOST]; /* that there is something in one of them */
    struct seam_channel *writer;                  /* of the last one */
    struct seam_channel *answers, *answer;        /* back; in the member: to send them */
    struct seam_waitable things[SEAM_WAIT_MOST];
    uint64_t sent;
};

/** Makes the channels. The last one is always among those that are waited for. */
static int open_watch(struct watch *watch, const struct plan *plan, unsigned amount)
{
    /* Observers: no writer waits for this process, which reads none of them but the answers. */
    struct seam_channel_options options = {
        .capacity = 4096, .max_message = 64, .role = SEAM_OBSERVER};
    const struct seam_channel_options writing = {.role = SEAM_WRITER};
    *watch = (struct watch){.plan = plan, .amount = {1, amount}};
    int error = 0;
    for (unsigned i = 0; i < amount && error == 0; i++) {
        error = seam_channel_create(NULL, &options, &watch->readers[i]);
        error = error == 0 ? seam_channel_readable(watch->readers[i], &watch->things[i]) : error;
    }
    if (error == 0) {
        error = seam_channel_reopen(watch->readers[amount - 1], &writing, &watch->writer);
    }
    options.role = SEAM_READER;
    return error == 0 ? seam_channel_create(NULL, &options, &watch->answers) : error;
}

static void close_watch(void *context)
{
    struct watch *watch = context;
    crew_end(&watch->crew);
    for (unsigned i = 0; i < watch->amount[MANY]; i++) {
        seam_channel_close(watch->readers[i]);
    }
    seam_channel_close(watch->writer);
    seam_channel_close(watch->answers);
}

static struct seam_waitable *things_of(struct watch *watch, int side)
{
    return watch->things + watch->amount[MANY] - watch->amount[side];
}

/* ---- one of them is ready ---- */

static int open_ready(void *context, const struct plan *plan, unsigned amount)
{
    struct watch *watch = context;
    int error = open_watch(watch, plan, amount);
    return error == 0 ? seam_channel_send(watch->writer, "x", 1) : error;
}

static int measure_ready(void *context, int side, double *ret_ns)
{
    struct watch *watch = context;
    int64_t before = now_ns();
    for (int i = 0; i < LOOKS; i++) {
        int ready = seam_wait_any(things_of(watch, side), watch->amount[side], SEAM_FOREVER);
        if (ready != 1) {
            return ready < 0 ? ready : -EBADMSG;
        }
    }
    *ret_ns = (double)(now_ns() - before) / LOOKS;
    return 0;
}

/* ---- another process sleeps until one is ---- */

static int open_member(void *context, unsigned index)
{
    struct watch *watch = context;
    const struct seam_channel_options writing = {.role = SEAM_WRITER}, reading = {0};
    (void)index;
    for (unsigned i = 0; i < watch->amount[MANY]; i++) {
        int error = seam_channel_reopen(watch->readers[i], &reading, &watch->readers[i]);
        error = error == 0 ? seam_channel_readable(watch->readers[i], &watch->things[i]) : error;
        if (error != 0) {
            return error;
        }
    }
    return seam_channel_reopen(watch->answers, &writing, &watch->answer);
}

static int serve_watch(void *context, struct crew_shared *shared, uint32_t side, uint64_t count)
{
    struct watch *watch = context;
    struct seam_channel *last = watch->readers[watch->amount[MANY] - 1];
    int error = 0;
    (void)shared;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        char byte;
        int ready = seam_wait_any(things_of(watch, (int)side), watch->amount[side], SEAM_FOREVER);
        error = ready == 1 && seam_channel_try_recv(last, &byte, 1) == 1
                    ? seam_channel_send(watch->answer, &byte, 1)
                    : -EBADMSG;
    }
    return error;
}

static int open_woken(void *context, const struct plan *plan, unsigned amount)
{
    struct watch *watch = context;
    const struct crew_work work = {.open = open_member, .serve = serve_watch, .context = watch};
    int error = open_watch(watch, plan, amount);
    return error == 0 ? crew_start(&watch->crew, &plan->cpus, 1, &work) : error;
}

static int measure_woken(void *context, int side, double *ret_ns)
{
    struct watch *watch = context;
    int64_t total = 0;
    int error = 0;
    crew_ask(&watch->crew, (uint32_t)side, 1, WAKES);
    for (int i = 0; i < WAKES && error == 0; i++) {
        char byte;
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        int64_t before = now_ns();
        error = seam_channel_send(watch->writer, "x", 1);
        while (error == 0) { /* this side does not sleep: its own wake-up is not what is measured */
            ssize_t size = seam_channel_try_recv(watch->answers, &byte, 1);
            error = size < 0 && size != -EAGAIN ? (int)size : 0;
            if (size == 1) {
                break;
            }
        }
        total += now_ns() - before;
    }
    *ret_ns = (double)total / WAKES;
    return error == 0 ? crew_answer(&watch->crew) : error;
}

const struct scale_kind scale_any_ready = {
    .name = "wait-any/ready",
    .title = "seam_wait_any over so many channels, of which the last is ready",
    .sides = {"over 1", "over all"},
    .context_bytes = sizeof(struct watch),
    .open = open_ready,
    .measure = measure_ready,
    .close = close_watch,
};

const struct scale_kind scale_any_woken = {
    .name = "wait-any/woken",
    .title = "waking a process that sleeps in seam_wait_any, until its answer is here",
    .sides = {"over 1", "over all"},
    .context_bytes = sizeof(struct watch),
    .open = open_woken,
    .measure = measure_woken,
    .close = close_watch,
};
