/* SPDX-License-Identifier: MIT */
/*
 * What sending costs, by how many read. They are in as many processes as there are CPUs for them:
 * more would measure how a CPU is shared.
 */
#include <errno.h>

#include "../clock.h"
#include "../payload.h"
#include "crew.h"
#include "memory/atomic.h"
#include "scale.h"

#define MESSAGE 48
#define RING (UINT64_C(1) << 20)
/* Of a lossless ring: no writer has to wait, so that what is measured is what sending costs. */
#define BURST (RING / 2 / 64)

enum { NARROW, WIDE };
enum order { ORDER_FOLLOW, ORDER_DRAIN };

struct audience {
    const struct plan *plan;
    enum seam_policy policy;
    struct crew crew;
    unsigned readers[2];
    unsigned members[2]; /* processes that these are in */
    struct seam_channel *writer[2];
    struct seam_channel *reader[2][CREW_MOST]; /* in a member: its own */
    unsigned own[2];                           /* how many these are */
    uint64_t sent[2];
};

/* ---- a reader ---- */

static int open_reader(void *context, unsigned index)
{
    struct audience *audience = context;
    const struct seam_channel_options options = {.role = SEAM_READER};
    int error = 0;
    for (int side = NARROW; side <= WIDE; side++) {
        for (unsigned i = index; i < audience->readers[side] && error == 0;
             i += audience->members[side]) {
            error = seam_channel_reopen(audience->writer[side], &options,
                                        &audience->reader[side][audience->own[side]++]);
        }
    }
    return error;
}

/** Takes the next message, which may be a later one. @return 0 or -errno */
static int take(struct seam_channel *reader)
{
    unsigned char message[MESSAGE];
    ssize_t size = seam_channel_recv(reader, message, sizeof(message));
    if (size < 0) {
        return size == -EOVERFLOW ? 0 : (int)size;
    }
    bool whole = payload_is(message, MESSAGE, payload_sequence(message, MESSAGE));
    return whole ? 0 : -EBADMSG;
}

static int drain(struct seam_channel *reader, uint64_t last)
{
    unsigned char message[MESSAGE];
    uint64_t number;
    do {
        ssize_t size = seam_channel_recv(reader, message, sizeof(message));
        if (size < 0) {
            return (int)size;
        }
        number = payload_sequence(message, MESSAGE);
    } while (number < last);
    return number == last ? 0 : -EBADMSG;
}

static int serve_audience(void *context, struct crew_shared *shared, uint32_t order, uint64_t count)
{
    struct audience *audience = context;
    struct seam_channel **readers = audience->reader[order / 2];
    unsigned own = audience->own[order / 2];
    int error = 0;
    if (order % 2 == ORDER_DRAIN) {
        for (unsigned i = 0; i < own && error == 0; i++) {
            error = drain(readers[i], count);
        }
        return error;
    }
    /* Relaxed: no data goes with it. */
    for (unsigned i = 0; error == 0 && load_relaxed(&shared->stop) == 0; i = (i + 1) % own) {
        error = take(readers[i]);
    }
    return error;
}

/* ---- the writer ---- */

static int open_audience(struct audience *audience, const struct plan *plan, unsigned amount,
                         enum seam_policy policy)
{
    const struct seam_channel_options options = {
        .policy = policy, .capacity = RING, .max_message = MESSAGE, .max_readers = CREW_MOST};
    const struct crew_work work = {
        .open = open_reader, .serve = serve_audience, .context = audience};
    unsigned others = (unsigned)CPU_COUNT(&plan->cpus.allowed) - 1;
    *audience = (struct audience){
        .plan = plan,
        .policy = policy,
        .readers = {1, amount},
        .members = {1, amount < others ? amount : others},
    };
    for (int side = NARROW; side <= WIDE; side++) {
        int error = seam_channel_create(NULL, &options, &audience->writer[side]);
        if (error != 0) {
            return error;
        }
    }
    return crew_start(&audience->crew, &plan->cpus, audience->members[WIDE], &work);
}

static int open_overwriting(void *context, const struct plan *plan, unsigned amount)
{
    return open_audience(context, plan, amount, SEAM_OVERWRITE);
}

static int open_lossless(void *context, const struct plan *plan, unsigned amount)
{
    return open_audience(context, plan, amount, SEAM_LOSSLESS);
}

static int send_some(struct audience *audience, int side, uint64_t count)
{
    unsigned char message[MESSAGE];
    int error = 0;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        payload_write(message, MESSAGE, audience->sent[side]++);
        error = seam_channel_send(audience->writer[side], message, MESSAGE);
    }
    return error;
}

/** While all of them read as fast as they can. */
static int measure_overwriting(void *context, int side, double *ret_ns)
{
    struct audience *audience = context;
    uint64_t count = 0;
    int error = 0;
    crew_ask(&audience->crew, (uint32_t)side * 2 + ORDER_FOLLOW, audience->members[side], 0);
    crew_await_begin(&audience->crew);
    int64_t before = now_ns(), passed;
    do {
        error = send_some(audience, side, 1000);
        count += 1000;
        passed = now_ns() - before;
    } while (error == 0 && passed < audience->plan->block_ns);
    crew_stop(&audience->crew);
    *ret_ns = (double)passed / (double)count;
    error = error == 0 ? send_some(audience, side, 1) : error; /* whoever waits finds out now */
    return error == 0 ? crew_answer(&audience->crew) : error;
}

/** A burst, which they read afterwards: its cost has the looks at their cursors in it. */
static int measure_lossless(void *context, int side, double *ret_ns)
{
    struct audience *audience = context;
    int64_t total = 0, until = now_ns() + audience->plan->block_ns;
    uint64_t count = 0;
    int error = 0;
    do {
        int64_t before = now_ns();
        error = send_some(audience, side, BURST);
        total += now_ns() - before;
        count += BURST;
        crew_ask(&audience->crew, (uint32_t)side * 2 + ORDER_DRAIN, audience->members[side],
                 audience->sent[side] - 1);
        error = error == 0 ? crew_answer(&audience->crew) : error;
    } while (error == 0 && now_ns() < until);
    *ret_ns = (double)total / (double)count;
    return error;
}

static void close_audience(void *context)
{
    struct audience *audience = context;
    crew_end(&audience->crew);
    for (int side = NARROW; side <= WIDE; side++) {
        seam_channel_close(audience->writer[side]);
    }
}

const struct scale_kind scale_overwriting_readers = {
    .name = "readers/overwrite",
    .title = "sending 48 B while others read all the time, overwrite",
    .sides = {"1 reader", "readers"},
    .context_bytes = sizeof(struct audience),
    .open = open_overwriting,
    .measure = measure_overwriting,
    .close = close_audience,
};

const struct scale_kind scale_lossless_readers = {
    .name = "readers/lossless",
    .title = "sending 48 B that all have room for, lossless",
    .sides = {"1 reader", "readers"},
    .context_bytes = sizeof(struct audience),
    .open = open_lossless,
    .measure = measure_lossless,
    .close = close_audience,
};
