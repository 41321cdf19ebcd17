/* SPDX-License-Identifier: MIT */
#include "demo/receive.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "demo/print.h"

static uint64_t count_lost(const struct demo_receiver *receiver)
{
    struct seam_channel_stats stats = {0};
    (void)seam_channel_stats(receiver->channel, &stats);
    return stats.lost;
}

static void say_lost(struct demo_receiver *receiver)
{
    uint64_t lost = count_lost(receiver);
    if (lost != receiver->lost) {
        demo_error("the writer was faster: %" PRIu64 " messages missed", lost - receiver->lost);
    }
    receiver->lost = lost;
}

/** What a call that receives nothing means. */
static int no_message(struct demo_receiver *receiver, int error)
{
    switch (error) {
    case -EOVERFLOW:
        say_lost(receiver);
        return 1;
    case -ETIMEDOUT:
        return 0;
    case -EPIPE:
        return error;
    default:
        demo_error("cannot receive: %s", strerror(-error));
        return error;
    }
}

static int make_room(struct demo_receiver *receiver, size_t size)
{
    if (size <= receiver->room) {
        return 0;
    }
    char *copy = realloc(receiver->copy, size);
    if (copy == NULL) {
        return -ENOMEM;
    }
    receiver->copy = copy;
    receiver->room = size;
    return 0;
}

/** Copies the next message, which stays unread. @return its size or -errno */
static ssize_t copy_next(struct demo_receiver *receiver, int64_t deadline_ns)
{
    const void *data;
    ssize_t size = seam_channel_peek_until(receiver->channel, &data, deadline_ns);
    if (size <= 0) {
        return size;
    }
    int error = make_room(receiver, (size_t)size);
    if (error != 0) {
        return error;
    }
    memcpy(receiver->copy, data, (size_t)size);
    /* Shown again, it was whole all the time: no writer that never waits has been there. */
    return seam_channel_peek_until(receiver->channel, &data, seam_deadline_in_ns(DEMO_SLICE_NS));
}

int demo_receive(struct demo_receiver *receiver, int64_t deadline_ns)
{
    ssize_t size = copy_next(receiver, deadline_ns);
    if (size < 0) {
        return no_message(receiver, (int)size);
    }
    /* Of an empty message there is no copy. */
    int error = demo_print_line(size > 0 ? receiver->copy : "", (size_t)size);
    if (error != 0) {
        return error;
    }
    /* Only now: if we are killed before, the next reader gets the message again. */
    error = seam_channel_release(receiver->channel);
    if (error == -EOVERFLOW) {
        receiver->lost++; /* this one counts as missed, but has been printed */
        say_lost(receiver);
    } else if (error != 0) {
        return no_message(receiver, error);
    }
    demo_note(receiver->options, "reader: received %zd bytes", size);
    return 1;
}

int demo_receive_latest(struct demo_receiver *receiver, int64_t deadline_ns)
{
    struct seam_channel_info info;
    (void)seam_channel_info(receiver->channel, &info);
    int error = make_room(receiver, info.max_message);
    if (error != 0) {
        return no_message(receiver, error);
    }
    ssize_t size = seam_channel_recv_latest_until(receiver->channel, receiver->copy, receiver->room,
                                                  deadline_ns);
    if (size < 0) {
        return no_message(receiver, (int)size);
    }
    error = demo_print_line(receiver->copy, (size_t)size);
    return error == 0 ? 1 : error;
}

uint64_t demo_received(const struct demo_receiver *receiver)
{
    struct seam_channel_stats stats = {0};
    (void)seam_channel_stats(receiver->channel, &stats);
    return stats.received;
}

void demo_receiver_free(struct demo_receiver *receiver)
{
    free(receiver->copy);
}
