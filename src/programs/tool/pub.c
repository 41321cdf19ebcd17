/* SPDX-License-Identifier: MIT */
/* seam pub: standard input becomes messages. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "signals.h"
#include "tool/progress.h"
#include "tool/tool.h"

#define BATCH_MOST 1024U
#define BLOCK_LEAST ((size_t)256 << 10)

/** How messages are told apart. */
enum format { LINES = 1, NULLS, FRAMES, RAW };

struct publisher {
    const char *name;
    struct seam_channel *channel;
    enum format format;
    size_t max_message;
    char *block; /* read, but not yet sent, from `from` to `to` */
    size_t room, from, to;
    bool ended;
    struct iovec batch[BATCH_MOST];
    size_t count, batch_bytes; /* of standard input, with what is between messages */
    bool shows_progress;
    struct progress progress;
};

static enum tool_status too_long(const struct publisher *p, size_t size)
{
    tool_error("a message of %s%zu bytes is too long for \"%s\", which takes at most %zu",
               p->format == FRAMES ? "" : "at least ", size, p->name, p->max_message);
    return TOOL_FAILED;
}

/** Reads some more; what is left over goes to the front. */
static enum tool_status fill(struct publisher *p)
{
    memmove(p->block, p->block + p->from, p->to - p->from);
    p->to -= p->from;
    p->from = 0;
    ssize_t got = read(STDIN_FILENO, p->block + p->to, p->room - p->to);
    if (got < 0 && errno == EAGAIN) {
        (void)signals_wait_for_fd(STDIN_FILENO, POLLIN);
    } else if (got < 0 && errno != EINTR) {
        tool_error("cannot read standard input: %s", strerror(errno));
        return TOOL_FAILED;
    }
    p->ended = got == 0;
    p->to += got > 0 ? (size_t)got : 0;
    return TOOL_OK;
}

static enum tool_status flush_batch(struct publisher *p)
{
    size_t sent = 0;
    while (sent < p->count) {
        if (signals_caught() != 0) {
            return TOOL_FAILED;
        }
        ssize_t result = seam_channel_send_batch_until(p->channel, p->batch + sent, p->count - sent,
                                                       seam_deadline_in_ns(TOOL_SLICE_NS));
        if (result < 0 && result != -ETIMEDOUT) {
            return tool_name_error("send to", p->name, (int)result);
        }
        sent += result > 0 ? (size_t)result : 0;
    }
    if (p->shows_progress) {
        progress_add(&p->progress, p->count, p->batch_bytes);
    }
    p->count = p->batch_bytes = 0;
    return TOOL_OK;
}

/** @param used  bytes of standard input */
static enum tool_status add(struct publisher *p, char *data, size_t size, size_t used)
{
    if (size > p->max_message) { /* what stands before it is sent */
        enum tool_status status = flush_batch(p);
        return status == TOOL_OK ? too_long(p, size) : status;
    }
    p->batch[p->count++] = (struct iovec){.iov_base = data, .iov_len = size};
    p->batch_bytes += used;
    return p->count < BATCH_MOST ? TOOL_OK : flush_batch(p);
}

/** Finds the next message in the block. @return its bytes; -1: it is not whole yet */
static ssize_t next_message(struct publisher *p, char **ret_data, size_t *ret_used)
{
    char *at = p->block + p->from;
    size_t left = p->to - p->from;
    uint32_t length;
    switch (p->format) {
    case FRAMES:
        if (left < sizeof(length)) {
            return -1;
        }
        memcpy(&length, at, sizeof(length));
        length = ntohl(length);
        *ret_data = at + sizeof(length);
        *ret_used = sizeof(length) + length;
        return length > p->max_message || left >= *ret_used ? (ssize_t)length : -1;
    case RAW:
        *ret_data = at;
        *ret_used = left < p->max_message ? left : p->max_message;
        return left > 0 ? (ssize_t)*ret_used : -1;
    default: {
        char *end = left > 0 ? memchr(at, p->format == NULLS ? '\0' : '\n', left) : NULL;
        *ret_data = at;
        *ret_used = end != NULL ? (size_t)(end - at) + 1 : left;
        return end != NULL ? end - at : -1;
    }
    }
}

/** Sends what is whole in the block. */
static enum tool_status send_whole(struct publisher *p)
{
    enum tool_status status = TOOL_OK;
    char *data;
    size_t used;
    ssize_t size;
    while (status == TOOL_OK && (size = next_message(p, &data, &used)) >= 0) {
        status = add(p, data, (size_t)size, used);
        p->from += used;
    }
    return status == TOOL_OK ? flush_batch(p) : status;
}

/** What stands behind the last delimiter. */
static enum tool_status send_rest(struct publisher *p)
{
    size_t left = p->to - p->from;
    if (left == 0) {
        return TOOL_OK;
    }
    if (p->format == FRAMES) {
        tool_error("standard input ends in the midst of a frame");
        return TOOL_FAILED;
    }
    enum tool_status status = add(p, p->block + p->from, left, left);
    return status == TOOL_OK ? flush_batch(p) : status;
}

static enum tool_status publish(struct publisher *p)
{
    enum tool_status status = TOOL_OK;
    while (status == TOOL_OK && !p->ended && signals_caught() == 0) {
        status = fill(p);
        if (status == TOOL_OK) {
            status = send_whole(p);
        }
        if (status == TOOL_OK && p->to - p->from == p->room) {
            status = too_long(p, p->room);
        }
    }
    return status == TOOL_OK && signals_caught() == 0 ? send_rest(p) : status;
}

static enum tool_status open_and_publish(struct publisher *p,
                                         const struct tool_arguments *arguments)
{
    const struct seam_channel_options options = {.region = arguments->region, .role = SEAM_WRITER};
    struct seam_channel_info info;
    int error = seam_channel_open(p->name, &options, &p->channel);
    if (error == -EBUSY) {
        tool_error("\"%s\" has a writer already, see `seam who %s`", p->name, p->name);
        return TOOL_FAILED;
    }
    if (error != 0) {
        return tool_name_error("open", p->name, error);
    }
    (void)seam_channel_info(p->channel, &info);
    p->max_message = info.max_message;
    p->room = 2 * info.max_message + sizeof(uint32_t);
    p->room = p->room < BLOCK_LEAST ? BLOCK_LEAST : p->room;
    p->block = malloc(p->room);
    p->progress.verb = "sent";
    p->shows_progress = progress_is_file(STDIN_FILENO, &p->progress.total_bytes);
    enum tool_status status = TOOL_FAILED;
    if (p->block == NULL) {
        tool_error("no memory");
    } else {
        status = publish(p);
    }
    progress_end(&p->progress);
    free(p->block);
    seam_channel_close(p->channel);
    return status;
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"null", no_argument, NULL, NULLS},
                                            {"frame", no_argument, NULL, FRAMES},
                                            {"raw", no_argument, NULL, RAW},
                                            TOOL_USUAL_OPTIONS};
    static struct publisher publisher = {.format = LINES};
    struct tool_arguments arguments = {0};
    for (int option;
         (option = tool_next_option(&tool_pub, argc, argv, options, &arguments)) != -1;) {
        publisher.format = (enum format)option;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    publisher.name = tool_only_name(&tool_pub, argc, argv);
    return publisher.name != NULL ? open_and_publish(&publisher, &arguments) : TOOL_USAGE;
}

const struct tool_command tool_pub = {
    "pub",
    "[--null|--frame|--raw] NAME",
    "send standard input: each line is a message",
    "      --null        each message ends with a zero byte, not with a newline\n"
    "      --frame       each message comes behind its length: 4 bytes, the highest first\n"
    "      --raw         bytes as they come, for `seam sub --raw`\n",
    run,
    false};
