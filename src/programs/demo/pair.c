/* SPDX-License-Identifier: MIT */
/*
 * The parent is the reader, because its exit status is the one the shell sees, and it notices when
 * the child is killed. The channel is in memory files that vanish with the last of the two.
 */
#include "demo/pair.h"

#include <errno.h>
#include <inttypes.h>

#include "demo/children.h"
#include "demo/receive.h"
#include "demo/send.h"
#include "signals.h"

/** What the reading parent has; the child sees it as it was. */
struct pair {
    const struct demo_options *options;
    struct demo_receiver receiver;
    struct demo_child writer;
};

/* ---- the child ---- */

static enum demo_status be_writer(void *context, size_t index)
{
    const struct pair *parents = context;
    const struct demo_options *options = parents->options;
    struct seam_channel *channel;
    (void)index;
    const struct seam_channel_options wanted = demo_handle_options(options, SEAM_WRITER);
    int error = seam_channel_reopen(parents->receiver.channel, &wanted, &channel);
    if (error != 0) {
        demo_channel_error(options, "open", error);
        return DEMO_FAILED;
    }
    demo_note(options, "writer: opened the channel");
    enum demo_status status = demo_send_strings(options, channel);
    seam_channel_close(channel);
    demo_note(options, "writer: closed the channel");
    return status;
}

/* ---- the parent ---- */

/** Prints what comes until the writer has ended and all is read. */
static enum demo_status read_all(struct pair *pair)
{
    while (signals_caught() == 0) {
        bool last_look = pair->writer.ended;
        int64_t patience_ns = last_look ? 0 : DEMO_SLICE_NS;
        int result = demo_receive(&pair->receiver, seam_deadline_in_ns(patience_ns));
        if (result > 0) {
            continue;
        }
        if (result < 0 && result != -EPIPE) {
            return DEMO_FAILED;
        }
        if (last_look) {
            return DEMO_OK;
        }
        if (result == -EPIPE) {
            (void)demo_child_wait(&pair->writer); /* it has closed the channel: about to end */
        } else {
            demo_child_look(&pair->writer);
        }
    }
    return DEMO_FAILED;
}

/** What the writer's end means for the exit status. */
static enum demo_status judge(const struct pair *pair)
{
    uint64_t received = demo_received(&pair->receiver);
    enum demo_status status = demo_child_judge(
        &pair->writer, received == 0 ? "before it wrote anything" : "before it was done");
    if (status != DEMO_DIED) {
        demo_note(pair->options, "reader: all %" PRIu64 " messages received; the writer has ended",
                  received);
    }
    return status;
}

static enum demo_status be_reader(struct pair *pair)
{
    enum demo_status status = read_all(pair);
    if (status == DEMO_OK) {
        status = judge(pair);
    }
    demo_child_kill(&pair->writer); /* nothing it holds outlives it */
    demo_receiver_free(&pair->receiver);
    return status;
}

enum demo_status demo_pair(const struct demo_options *options)
{
    if (!demo_strings_fit(options, options->size)) {
        return DEMO_FAILED;
    }
    struct seam_channel *channel;
    /* The reader's cursor is there before the writer, so the writer waits for it. */
    struct seam_channel_options wanted = demo_handle_options(options, SEAM_READER);
    wanted.mode = options->mode;
    wanted.max_message = options->size;
    int error = seam_channel_create(NULL, &wanted, &channel);
    if (error != 0) {
        demo_channel_error(options, "create", error);
        return DEMO_FAILED;
    }
    demo_note(options, "reader: created a channel for messages of %zu bytes", options->size);
    struct pair pair = {.options = options,
                        .receiver = {.options = options, .channel = channel},
                        .writer = {.name = "writer"}};
    enum demo_status status = DEMO_FAILED;
    if (demo_child_start(&pair.writer, be_writer, &pair, 0)) {
        demo_note(options, "reader: started the writer, process %ld", (long)pair.writer.pid);
        status = be_reader(&pair);
    }
    seam_channel_close(channel);
    return status;
}
