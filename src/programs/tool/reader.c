/* SPDX-License-Identifier: MIT */
#include "tool/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define BUFFER_LEAST ((size_t)256 << 10)

/** Looks at the channel by its name. @return whether it still has it */
static bool look(const struct reader *reader, struct seam_object_info *ret_info)
{
    return seam_object_inspect(reader->name, &reader->options.region, ret_info) == 0;
}

enum tool_status reader_open(struct reader *reader)
{
    struct seam_channel_options *options = &reader->options;
    struct seam_channel_info info;
    struct seam_object_info before = {0};
    options->acknowledge = options->cursor != NULL;
    (void)look(reader, &before);
    reader->writers = before.writers_so_far;
    reader->waits_for_next = !options->follow && options->start == SEAM_FROM_NEXT &&
                             options->cursor == NULL && before.writer != SEAM_WRITER_ALIVE;
    options->follow = options->follow || reader->waits_for_next;
    int error = seam_channel_open(reader->name, options, &reader->channel);
    if (error == -ESTALE && options->cursor == NULL) {
        tool_error("\"%s\" is from before the machine's last start: these are its last messages",
                   reader->name);
        options->region.after_restart = true;
        options->role = SEAM_OBSERVER;
        options->start = SEAM_FROM_OLDEST;
        options->follow = reader->waits_for_next = false;
        error = seam_channel_open(reader->name, options, &reader->channel);
    }
    if (error == -EBUSY) {
        tool_error("somebody else reads from \"%s\" as \"%s\"", reader->name, options->cursor);
        return TOOL_FAILED;
    }
    if (error != 0) {
        return tool_name_error("open", reader->name, error);
    }
    (void)seam_channel_info(reader->channel, &info);
    reader->room = info.max_message < BUFFER_LEAST ? BUFFER_LEAST : info.max_message;
    reader->buffer = malloc(reader->room);
    if (reader->buffer == NULL) {
        tool_error("no memory");
        reader_close(reader);
        return TOOL_FAILED;
    }
    return TOOL_OK;
}

void reader_close(struct reader *reader)
{
    free(reader->buffer);
    reader->buffer = NULL;
    seam_channel_close(reader->channel);
    reader->channel = NULL;
}

/** Says how many messages the writer was too fast for. */
static void tell_lost(struct reader *reader)
{
    struct seam_channel_stats stats = {0};
    (void)seam_channel_stats(reader->channel, &stats);
    if (stats.lost != reader->lost) {
        tool_error("the writer was faster: %" PRIu64 " messages missed", stats.lost - reader->lost);
    }
    reader->lost = stats.lost;
}

/**
 * Whether the writer that was waited for has come and gone, be it without a word; or the name has
 * gone, so that none can come any more.
 */
static bool is_over(const struct reader *reader)
{
    struct seam_object_info now;
    return reader->waits_for_next && seam_channel_writer(reader->channel) != SEAM_WRITER_ALIVE &&
           (!look(reader, &now) || now.writers_so_far != reader->writers);
}

static enum tool_status tell_end(const struct reader *reader)
{
    if (seam_channel_writer(reader->channel) != SEAM_WRITER_DEAD) {
        return TOOL_OK;
    }
    tool_error("the writer died without closing \"%s\"", reader->name);
    return TOOL_DIED;
}

static ssize_t receive(struct reader *reader, size_t most)
{
    const int64_t deadline_ns = seam_deadline_in_ns(TOOL_SLICE_NS);
    if (!reader->latest) {
        return seam_channel_recv_batch_until(reader->channel, reader->messages, most,
                                             reader->buffer, reader->room, deadline_ns);
    }
    ssize_t size =
        seam_channel_recv_latest_until(reader->channel, reader->buffer, reader->room, deadline_ns);
    reader->messages[0] =
        (struct iovec){.iov_base = reader->buffer, .iov_len = size > 0 ? (size_t)size : 0};
    return size < 0 ? size : 1;
}

uint64_t reader_bytes(const struct reader *reader, ssize_t count)
{
    uint64_t bytes = 0;
    for (ssize_t i = 0; i < count; i++) {
        bytes += reader->messages[i].iov_len;
    }
    return bytes;
}

void reader_done(struct reader *reader)
{
    if (reader->options.cursor != NULL) {
        (void)!seam_channel_acknowledge(reader->channel); /* can't fail: it was opened so */
    }
}

ssize_t reader_next(struct reader *reader, size_t most, enum tool_status *ret_end)
{
    ssize_t count = receive(reader, most);
    if (count == -ETIMEDOUT && is_over(reader)) {
        count = receive(reader, most); /* what it sent last is not overlooked */
        count = count == -ETIMEDOUT ? -EPIPE : count;
    }
    if (count > 0) {
        reader->received += (uint64_t)count;
        return count;
    }
    if (count == -EOVERFLOW) {
        tell_lost(reader);
        return 0;
    }
    if (count == -ETIMEDOUT) {
        return 0;
    }
    *ret_end = count == -EPIPE ? tell_end(reader)
                               : tool_name_error("receive from", reader->name, (int)count);
    return -1;
}
