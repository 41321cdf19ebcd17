/* SPDX-License-Identifier: MIT */
/*
 * The parent is the reader, because its exit status is the one the shell sees, and it notices when
 * the child is killed. The channel is in memory files that vanish with the last of the two.
 */
#include "demo_pair.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo_receive.h"
#include "demo_send.h"
#include "demo_signals.h"

#define END_NAP_NS INT64_C(1000000)

/** The reading parent's view of the pair. */
struct pair {
    const struct demo_options *options;
    struct demo_receiver receiver;
    pid_t writer;
    bool reaped;
    int wait_status;
};

/* ---- the child ---- */

static enum demo_status write_all(const struct demo_options *options,
                                  const struct seam_channel *parents)
{
    struct seam_channel *channel;
    const struct seam_channel_options wanted = demo_handle_options(options, SEAM_WRITER);
    int error = seam_channel_reopen(parents, &wanted, &channel);
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

static _Noreturn void be_writer(const struct demo_options *options, struct seam_channel *parents,
                                pid_t parent)
{
    enum demo_status status = DEMO_FAILED;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    /* A parent that died before the call above sends no signal any more. */
    if (getppid() == parent) {
        status = write_all(options, parents);
    }
    seam_channel_close(parents);
    demo_signal_die();
    _exit(status);
}

/* ---- the parent ---- */

/** Looks whether the writer has ended. */
static void reap(struct pair *pair, int flags)
{
    pid_t ended;
    do {
        ended = waitpid(pair->writer, &pair->wait_status, flags);
    } while (ended < 0 && errno == EINTR);
    pair->reaped = pair->reaped || ended == pair->writer;
}

/** Prints what comes until the writer has ended and all is read. */
static enum demo_status read_all(struct pair *pair)
{
    while (demo_signal() == 0) {
        bool last_look = pair->reaped;
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
        reap(pair, WNOHANG);
        if (result == -EPIPE && !pair->reaped) {
            demo_nap(END_NAP_NS); /* it has closed the channel, and is about to end */
        }
    }
    return DEMO_FAILED;
}

/** What the writer's end means for the exit status. */
static enum demo_status judge(const struct pair *pair)
{
    uint64_t received = demo_received(&pair->receiver);
    if (WIFSIGNALED(pair->wait_status)) {
        int number = WTERMSIG(pair->wait_status);
        demo_error("the writer (process %ld) was killed by signal %d (%s) %s", (long)pair->writer,
                   number, strsignal(number),
                   received == 0 ? "before it wrote anything" : "before it was done");
        return DEMO_WRITER_DIED;
    }
    demo_note(pair->options, "reader: all %" PRIu64 " messages received; writer ended with %d",
              received, WEXITSTATUS(pair->wait_status));
    return WEXITSTATUS(pair->wait_status) == 0 ? DEMO_OK : DEMO_FAILED; /* it has said why */
}

static enum demo_status be_reader(struct pair *pair)
{
    enum demo_status status = read_all(pair);
    if (!pair->reaped) {
        /* Nothing the writer holds outlives it, and a stopped one only hears this signal. */
        (void)kill(pair->writer, SIGKILL);
        reap(pair, 0);
    } else if (status == DEMO_OK) {
        status = judge(pair);
    }
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
    struct pair pair = {.options = options, .receiver = {.options = options, .channel = channel}};
    const pid_t parent = getpid();
    enum demo_status status = DEMO_FAILED;
    pair.writer = fork();
    if (pair.writer == 0) {
        be_writer(options, channel, parent);
    }
    if (pair.writer < 0) {
        demo_error("cannot start the writer: fork: %s", strerror(errno));
    } else {
        demo_note(options, "reader: started the writer, process %ld", (long)pair.writer);
        status = be_reader(&pair);
    }
    seam_channel_close(channel);
    return status;
}
