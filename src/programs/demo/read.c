/* SPDX-License-Identifier: MIT */
#include "demo/read.h"

#include <errno.h>
#include <inttypes.h>

#include "demo/open.h"
#include "demo/receive.h"
#include "signals.h"

/** All is read and no writer is left: how did it end? */
static enum demo_status judge(const struct demo_receiver *receiver)
{
    const struct demo_options *options = receiver->options;
    uint64_t received = demo_received(receiver);
    if (seam_channel_writer(receiver->channel) == SEAM_WRITER_DEAD) {
        demo_error("the writer of channel \"%s\" died %s", options->name,
                   received == 0 ? "before it wrote anything" : "before it was done");
        return DEMO_DIED;
    }
    demo_note(options, "reader: the writer has ended; %" PRIu64 " messages received", received);
    return DEMO_OK;
}

/** After a second without any writer, tells how to start one. */
static void say_waiting(const struct demo_receiver *receiver, struct demo_patience *patience)
{
    if (seam_channel_writer(receiver->channel) == SEAM_WRITER_NONE &&
        demo_patience_ends(patience)) {
        demo_error("waiting for a writer: channel-demo write %s", receiver->options->name);
    }
}

static enum demo_status read_all(struct demo_receiver *receiver)
{
    bool latest = receiver->options->latest;
    struct demo_patience patience = {0};
    while (signals_caught() == 0) {
        int64_t deadline_ns = seam_deadline_in_ns(DEMO_SLICE_NS);
        int result = latest ? demo_receive_latest(receiver, deadline_ns)
                            : demo_receive(receiver, deadline_ns);
        if (result == 0) {
            say_waiting(receiver, &patience);
        } else if (result > 0 && latest) {
            return DEMO_OK;
        } else if (result == -EPIPE &&
                   seam_channel_writer(receiver->channel) != SEAM_WRITER_ALIVE) {
            return judge(receiver);
        } else if (result < 0 && result != -EPIPE) {
            return DEMO_FAILED;
        }
    }
    return DEMO_FAILED;
}

enum demo_status demo_read(const struct demo_options *options)
{
    struct seam_channel *channel;
    if (!demo_open(options, options->latest ? SEAM_OBSERVER : SEAM_READER, &channel)) {
        return DEMO_FAILED;
    }
    struct demo_receiver receiver = {.options = options, .channel = channel};
    enum demo_status status = read_all(&receiver);
    demo_receiver_free(&receiver);
    seam_channel_close(channel);
    demo_note(options, "reader: closed channel \"%s\"; the last one removes it", options->name);
    return status;
}
