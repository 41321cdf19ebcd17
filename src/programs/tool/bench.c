/* SPDX-License-Identifier: MIT */
/* seam bench: how long a message takes to another process and back, lock-free against locked. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "signals.h"
#include "tool/histogram.h"
#include "tool/tool.h"

#define MESSAGE_MOST ((size_t)1 << 20)
#define TURN_NS INT64_C(250000000) /* of each mode, in turn: so both see the same machine */
#define WARM_UP 2000U

/** A pair of channels of one mode, and the process that answers. */
struct pair {
    enum seam_mode mode;
    struct seam_channel *there, *back;
    pid_t child;
    struct histogram histogram;
};

static int open_channel(enum seam_mode mode, enum seam_wait wait, size_t size, enum seam_role role,
                        struct seam_channel **ret_channel)
{
    const struct seam_channel_options options = {
        .mode = mode, .wait = wait, .max_message = size, .role = role};
    return seam_channel_create(NULL, &options, ret_channel);
}

/** In the child: sends back what comes, until nobody sends any more. */
static int answer(const struct pair *pair, enum seam_wait wait, size_t size)
{
    const struct seam_channel_options to_read = {.role = SEAM_READER, .wait = wait};
    const struct seam_channel_options to_write = {.role = SEAM_WRITER, .wait = wait};
    struct seam_channel *in = NULL, *out = NULL;
    char *buffer = malloc(size);
    if (buffer == NULL || seam_channel_reopen(pair->there, &to_read, &in) != 0 ||
        seam_channel_reopen(pair->back, &to_write, &out) != 0) {
        return TOOL_FAILED;
    }
    for (;;) {
        ssize_t got = seam_channel_recv(in, buffer, size);
        if (got < 0 || seam_channel_send(out, buffer, (size_t)got) != 0) {
            return got == -EPIPE ? TOOL_OK : TOOL_FAILED;
        }
    }
}

static enum tool_status begin(struct pair *pair, enum seam_wait wait, size_t size)
{
    int error = open_channel(pair->mode, wait, size, SEAM_WRITER, &pair->there);
    if (error == 0) {
        error = open_channel(pair->mode, wait, size, SEAM_READER, &pair->back);
    }
    if (error != 0) {
        tool_error("cannot make a channel: %s: %s", seam_error_detail(), strerror(-error));
        return TOOL_FAILED;
    }
    (void)fflush(NULL);
    pid_t parent = getpid();
    pair->child = fork();
    if (pair->child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(getppid() == parent ? answer(pair, wait, size) : TOOL_FAILED);
    }
    if (pair->child < 0) {
        tool_error("cannot start a process: %s", strerror(errno));
        return TOOL_FAILED;
    }
    return TOOL_OK;
}

static void end(struct pair *pair)
{
    seam_channel_close(pair->there); /* the child ends */
    if (pair->child > 0) {
        (void)waitpid(pair->child, NULL, 0);
    }
    seam_channel_close(pair->back);
}

/** Whether the process that answers is no more: then nothing comes back, ever. */
static bool has_ended(struct pair *pair)
{
    if (pair->child > 0 && waitpid(pair->child, NULL, WNOHANG) == pair->child) {
        pair->child = 0;
    }
    return pair->child <= 0;
}

/** One message there and back. @return 0; -EINTR a signal; else what went wrong */
static int round_trip(struct pair *pair, char *buffer, size_t size)
{
    int error = seam_channel_send(pair->there, buffer, size);
    while (error == 0) {
        ssize_t got =
            seam_channel_recv_until(pair->back, buffer, size, seam_deadline_in_ns(TOOL_SLICE_NS));
        if (got >= 0) {
            return 0;
        }
        error = signals_caught() != 0 ? -EINTR
                : got != -ETIMEDOUT   ? (int)got
                : has_ended(pair)     ? -ECHILD
                                      : 0;
    }
    return error;
}

static int measure(struct pair *pair, char *buffer, size_t size)
{
    int error = 0;
    const int64_t until_ns = seam_deadline_in_ns(TURN_NS);
    for (int64_t before_ns = seam_deadline_in_ns(0); error == 0 && before_ns < until_ns;) {
        error = round_trip(pair, buffer, size);
        int64_t now_ns = seam_deadline_in_ns(0);
        if (error == 0) {
            histogram_add(&pair->histogram, (uint64_t)(now_ns - before_ns));
        }
        before_ns = now_ns;
    }
    return error;
}

static enum tool_status run_turns(struct pair *pairs, size_t size, uint64_t seconds)
{
    char *buffer = calloc(1, size);
    int error = buffer == NULL ? -ENOMEM : 0;
    for (size_t i = 0; error == 0 && i < 2; i++) {
        for (unsigned k = 0; error == 0 && k < WARM_UP; k++) {
            error = round_trip(&pairs[i], buffer, size);
        }
    }
    const int64_t turns = (int64_t)seconds * 1000000000 / TURN_NS;
    for (int64_t turn = 0; error == 0 && turn < turns; turn++) {
        if (isatty(STDERR_FILENO) != 0) {
            (void)fprintf(stderr, "\r%3d %% ", (int)(100 * turn / turns));
        }
        error = signals_caught() != 0 ? -EINTR : measure(&pairs[turn % 2], buffer, size);
    }
    if (isatty(STDERR_FILENO) != 0) {
        (void)fprintf(stderr, "\r      \r");
    }
    free(buffer);
    if (error != 0 && error != -EINTR) {
        tool_error("cannot measure: %s", strerror(-error));
    }
    return error == 0 ? TOOL_OK : TOOL_FAILED;
}

static void print_results(const struct pair *pairs, size_t size)
{
    (void)printf("A message of %zu bytes to another process and back:\n\n", size);
    (void)printf("%-10s %10s %10s %10s %10s %12s\n", "", "p50", "p99", "p99.9", "most", "messages");
    for (size_t i = 0; i < 2; i++) {
        char p50[TOOL_TEXT], p99[TOOL_TEXT], p999[TOOL_TEXT], most[TOOL_TEXT];
        const struct histogram *h = &pairs[i].histogram;
        (void)printf("%-10s %10s %10s %10s %10s %12" PRIu64 "\n",
                     tool_word(tool_modes, pairs[i].mode),
                     histogram_time(histogram_quantile(h, 0.5), p50),
                     histogram_time(histogram_quantile(h, 0.99), p99),
                     histogram_time(histogram_quantile(h, 0.999), p999),
                     histogram_time(h->most, most), h->count);
    }
    (void)putchar('\n');
    histogram_print(&pairs[0].histogram, tool_word(tool_modes, pairs[0].mode), &pairs[1].histogram,
                    tool_word(tool_modes, pairs[1].mode));
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"size", required_argument, NULL, 1},
                                            {"seconds", required_argument, NULL, 2},
                                            {"wait", required_argument, NULL, 3},
                                            TOOL_USUAL_OPTIONS};
    static struct pair pairs[2] = {{.mode = SEAM_LOCK_FREE}, {.mode = SEAM_LOCKED}};
    struct tool_arguments arguments = {0};
    uint64_t size = 48, seconds = 10;
    int wait = SEAM_WAIT_ADAPTIVE;
    for (int option;
         (option = tool_next_option(&tool_bench, argc, argv, options, &arguments)) != -1;) {
        if (option == 1   ? !tool_parse_size(&tool_bench, "size", optarg, &size)
            : option == 2 ? !tool_parse_size(&tool_bench, "seconds", optarg, &seconds)
                          : !tool_parse_choice(&tool_bench, "wait", optarg, tool_waits, &wait)) {
            return TOOL_USAGE;
        }
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (optind < argc) {
        return tool_usage_error(&tool_bench, "`bench` takes no \"%s\"", argv[optind]);
    }
    if (size < 1 || size > MESSAGE_MOST || seconds < 1 || seconds > 3600) {
        return tool_usage_error(&tool_bench, "--size is 1 to 1M, --seconds 1 to 3600");
    }
    enum tool_status status = begin(&pairs[0], (enum seam_wait)wait, size);
    if (status == TOOL_OK) {
        status = begin(&pairs[1], (enum seam_wait)wait, size);
    }
    if (status == TOOL_OK) {
        status = run_turns(pairs, size, seconds);
    }
    end(&pairs[0]);
    end(&pairs[1]);
    if (status == TOOL_OK) {
        print_results(pairs, size);
    }
    return status;
}

const struct tool_command tool_bench = {"bench",
                                        "[OPTION]...",
                                        "measure on this machine: lock-free against locked",
                                        "      --size=BYTES    of each message (default: 48)\n"
                                        "      --seconds=N     in all (default: 10)\n"
                                        "      --wait=HOW      adaptive (default), spin or sleep\n",
                                        run,
                                        false};
