/* SPDX-License-Identifier: MIT */
/* What receiving costs, by how many write: with lanes and with a lock; and with lanes that are
 * idle. */
#include <errno.h>

#include "../clock.h"
#include "../payload.h"
#include "crew.h"
#include "scale.h"

#define MESSAGE 48
#define RING (UINT64_C(1) << 18)
#define NUMBER_BITS 40

struct choir {
    const struct plan *plan;
    struct crew crew;
    unsigned active; /* that send at once */
    struct seam_channel *reader[2];
    struct seam_channel *writer[2]; /* in a member: its own */
    uint64_t count[2];              /* of each in a block */
    uint64_t next[2][CREW_MOST];    /* number of each one's next message */
    uint64_t sent[2];               /* in a member */
    uint64_t index;                 /* of the member */
};

/* ---- a writer ---- */

static int open_writer(void *context, unsigned index)
{
    struct choir *choir = context;
    const struct seam_channel_options options = {.role = SEAM_WRITER};
    int error = 0;
    choir->index = index;
    for (int side = 0; side < 2 && error == 0; side++) {
        /* What has one lane has one writer. */
        struct seam_channel_info info;
        error = seam_channel_info(choir->reader[side], &info);
        if (error == 0 && (info.writers != 1 || index == 0)) {
            error = seam_channel_reopen(choir->reader[side], &options, &choir->writer[side]);
        }
    }
    return error;
}

static int serve_choir(void *context, struct crew_shared *shared, uint32_t side, uint64_t count)
{
    struct choir *choir = context;
    unsigned char message[MESSAGE];
    int error = 0;
    (void)shared;
    for (uint64_t i = 0; i < count && error == 0; i++) {
        payload_write(message, MESSAGE, choir->index << NUMBER_BITS | choir->sent[side]++);
        error = seam_channel_send(choir->writer[side], message, MESSAGE);
    }
    return error;
}

/* ---- the reader ---- */

/** @param first, second  what differs between the two channels */
static int open_choir(struct choir *choir, const struct plan *plan, unsigned members,
                      unsigned active, const struct seam_channel_options *first,
                      const struct seam_channel_options *second)
{
    const struct seam_channel_options *options[] = {first, second};
    const struct crew_work work = {.open = open_writer, .serve = serve_choir, .context = choir};
    *choir = (struct choir){.plan = plan, .active = active, .count = {1000, 1000}};
    for (int side = 0; side < 2; side++) {
        struct seam_channel_options o = *options[side];
        o.role = SEAM_READER;
        o.capacity = RING;
        o.max_message = MESSAGE;
        int error = seam_channel_create(NULL, &o, &choir->reader[side]);
        if (error != 0) {
            return error;
        }
    }
    return crew_start(&choir->crew, &plan->cpus, members, &work);
}

static int open_writers(void *context, const struct plan *plan, unsigned amount)
{
    const struct seam_channel_options lock = {.many_writers = true}, lanes = {.writers = amount};
    return open_choir(context, plan, amount, amount, &lock, &lanes);
}

static int open_idle_lanes(void *context, const struct plan *plan, unsigned amount)
{
    const struct seam_channel_options one = {0}, lanes = {.writers = amount};
    return open_choir(context, plan, amount, 1, &one, &lanes);
}

static int receive(struct choir *choir, int side, uint64_t count)
{
    unsigned char message[MESSAGE];
    for (uint64_t i = 0; i < count; i++) {
        ssize_t size = seam_channel_recv(choir->reader[side], message, sizeof(message));
        uint64_t number = payload_sequence(message, MESSAGE), from = number >> NUMBER_BITS;
        if (size != MESSAGE || from >= CREW_MOST || !payload_is(message, MESSAGE, number) ||
            number != (from << NUMBER_BITS | choir->next[side][from])) {
            return size < 0 ? (int)size : -EBADMSG;
        }
        choir->next[side][from]++;
    }
    return 0;
}

static int measure_choir(void *context, int side, double *ret_ns)
{
    struct choir *choir = context;
    uint64_t all = choir->count[side] * choir->active;
    int64_t before = now_ns();
    crew_ask(&choir->crew, (uint32_t)side, choir->active, choir->count[side]);
    int error = receive(choir, side, all);
    int64_t passed = now_ns() - before;
    *ret_ns = (double)passed / (double)all;
    /* The next block is as long as planned, but no one changes by more than eight. */
    double wanted = (double)choir->plan->block_ns / *ret_ns / choir->active + 1;
    double most = (double)choir->count[side] * 8;
    choir->count[side] = (uint64_t)(wanted < most ? wanted : most);
    return error == 0 ? crew_answer(&choir->crew) : error;
}

static void close_choir(void *context)
{
    struct choir *choir = context;
    crew_end(&choir->crew);
    for (int side = 0; side < 2; side++) {
        seam_channel_close(choir->reader[side]);
    }
}

const struct scale_kind scale_writers = {
    .name = "writers",
    .title = "receiving 48 B from several that write as fast as they can, for each message",
    .sides = {"under a lock", "each a lane"},
    .context_bytes = sizeof(struct choir),
    .open = open_writers,
    .measure = measure_choir,
    .close = close_choir,
};

const struct scale_kind scale_idle_lanes = {
    .name = "idle-lanes",
    .title = "receiving 48 B from one writer, with so many lanes of which the others are idle",
    .sides = {"no lanes", "lanes"},
    .context_bytes = sizeof(struct choir),
    .open = open_idle_lanes,
    .measure = measure_choir,
    .close = close_choir,
};
