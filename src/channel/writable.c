/* SPDX-License-Identifier: MIT */
#include "channel/writable.h"

#include "channel/cursors.h"
#include "wait/pace.h"
#include "wait/waitable.h"

/* How often a writer that found the ring full looks whether an eighth of it is free. */
#define ROOM_LOOKS 8

/** Computes the limit anew; where it is too low for @p end, now and then without the dead. */
static void look_at_cursors(struct seam_channel *channel, uint64_t end)
{
    channel->limit = seam_cursors_limit(channel, channel->tail.position);
    if (seam_before(channel->limit, end) && seam_now_ns() >= channel->reap_at_ns) {
        channel->reap_at_ns = seam_deadline_in_ns(SEAM_SLICE_NS);
        seam_cursors_reap(channel);
        channel->limit = seam_cursors_limit(channel, channel->tail.position);
    }
}

SEAM_COLD int seam_make_space(struct seam_channel *channel, uint64_t end)
{
    if (seam_before(channel->limit, end)) {
        if (!channel->never_waits) {
            look_at_cursors(channel, end);
        } else {
            channel->limit = channel->tail.position + (UINT64_C(1) << 62);
        }
        if (seam_before(channel->limit, end)) {
            return -EAGAIN;
        }
    }
    seam_log_extend(&channel->log, &channel->tail, end, channel->limit);
    return 0;
}

/** What a waiting writer needs. */
struct space_wanted {
    struct seam_channel *channel;
    uint64_t size; /* of the message to be written; SEAM_ALL_READ: that there is no unread one */
};

static bool space_ready(void *context)
{
    const struct space_wanted *wanted = context;
    const struct seam_channel *channel = wanted->channel;
    struct seam_record tail = {.position = channel->tail.position};
    if (channel->write_guard != NULL && seam_log_find_tail(&channel->log, &tail) != 0) {
        return false;
    }
    uint64_t slowest = seam_cursors_slowest(channel, tail.position);
    if (wanted->size == SEAM_ALL_READ) {
        return slowest == tail.position;
    }
    uint64_t end = seam_record_end(tail.position, wanted->size) + SEAM_HEADER_BYTES;
    return !seam_before(slowest + channel->log.capacity, end);
}

static int recheck_space(void *context, bool thorough)
{
    const struct space_wanted *wanted = context;
    struct seam_record tail;
    if (thorough) {
        seam_cursors_reap(wanted->channel); /* the dead are not waited for */
    }
    return thorough && seam_log_find_tail(&wanted->channel->log, &tail) != 0 ? -EBADMSG : 0;
}

int seam_await_space(struct seam_channel *channel, uint64_t size, int64_t deadline_ns)
{
    struct space_wanted wanted = {.channel = channel, .size = size};
    const struct seam_wait_for what = {
        .ready = space_ready,
        .recheck = recheck_space,
        .flag = &channel->desk->space_wanted,
        .fences = &channel->desk->fences,
        .woken_ns = &channel->desk->woken_ns,
        .context = &wanted,
    };
    seam_next_lines.bytes = 0; /* they belong to who has yet to read them */
    return seam_wait(&channel->waiter, &what, deadline_ns);
}

/**
 * A writer that sent a streak of messages before it found the ring full lets some room gather: it
 * would else take the reader's cursor line away for every single message.
 */
static void let_room_gather(struct seam_channel *channel)
{
    uint64_t streak = channel->tail.sequence - channel->full_at;
    channel->full_at = channel->tail.sequence;
    for (int i = 0; i < ROOM_LOOKS && seam_let_gather(&channel->waiter, streak); i++) {
        uint64_t tail = channel->tail.position;
        if (tail - seam_cursors_slowest(channel, tail) <= channel->log.capacity / 8 * 7) {
            return;
        }
    }
}

int seam_retry_for_space(struct seam_channel *channel, size_t size, unsigned *attempts,
                         int64_t deadline_ns)
{
    if (seam_is_late(attempts, deadline_ns)) {
        return -ETIMEDOUT;
    }
    let_room_gather(channel);
    return seam_await_space(channel, size, deadline_ns);
}

/* ---- as one of several things ---- */

static struct space_wanted wanted_by(const struct seam_waitable_internal *internal)
{
    return (struct space_wanted){.channel = internal->handle, .size = internal->argument};
}

/** Whether a send would not wait: there is room, or something else is the matter. */
static bool is_writable(void *context)
{
    struct space_wanted wanted = wanted_by(context);
    const struct seam_channel *channel = wanted.channel;
    return channel->writer_key != seam_fork_generation || channel->never_waits ||
           channel->reserved || space_ready(&wanted);
}

static int is_not_worth_waiting(void *context, bool thorough)
{
    struct space_wanted wanted = wanted_by(context);
    return is_writable(context) ? 1 : recheck_space(&wanted, thorough);
}

int seam_channel_writable(struct seam_channel *channel, size_t size,
                          struct seam_waitable *ret_thing)
{
    if (channel->writer_key != seam_fork_generation) {
        return seam_handle_refuse(channel);
    }
    if (size > channel->log.max_message) {
        return -EMSGSIZE;
    }
    const struct seam_wait_for what = {
        .ready = is_writable,
        .recheck = is_not_worth_waiting,
        .flag = &channel->desk->space_wanted,
        .fences = &channel->desk->fences,
    };
    seam_waitable_fill(ret_thing, &what, channel, size);
    return 0;
}
