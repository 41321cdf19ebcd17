/* SPDX-License-Identifier: MIT */
#include "tool/output.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"
#include "tool/tool.h"

#define MESSAGES_MOST 256U

/** Says why a write failed. A reader that has gone away is no news: who pipes knows. @return -EIO
 */
static int fail(void)
{
    if (errno == EPIPE) {
        signals_end_by(SIGPIPE);
    } else if (signals_caught() == 0) {
        tool_error("cannot write to standard output: %s", strerror(errno));
    }
    return -EIO;
}

/** Writes all of it. Ctrl-C interrupts a write that can't go on. @return 0; -EIO */
static int write_all(struct iovec *parts, size_t count)
{
    size_t at = 0;
    while (at < count) {
        ssize_t written = writev(STDOUT_FILENO, parts + at, (int)(count - at));
        if (signals_caught() != 0) {
            return -EIO;
        }
        if (written < 0 && errno == EAGAIN) {
            (void)signals_wait_for_fd(STDOUT_FILENO, POLLOUT);
        } else if (written < 0 && errno != EINTR) {
            return fail();
        }
        size_t left = written > 0 ? (size_t)written : 0;
        for (; at < count && left >= parts[at].iov_len; at++) {
            left -= parts[at].iov_len;
        }
        if (at < count) {
            parts[at].iov_base = (char *)parts[at].iov_base + left;
            parts[at].iov_len -= left;
        }
    }
    return 0;
}

/* ---- for people ---- */

static void print_time(void)
{
    struct timespec now;
    struct tm local;
    char text[32];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)localtime_r(&now.tv_sec, &local);
    (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &local);
    (void)printf("%s.%06ld ", text, now.tv_nsec / 1000);
}

/** Two digits for each byte. */
static void print_hex(const struct iovec *message)
{
    const uint8_t *bytes = message->iov_base;
    for (size_t i = 0; i < message->iov_len; i++) {
        (void)printf("%s%02x", i > 0 ? " " : "", bytes[i]);
    }
}

static int print_each(const struct output *output, const struct iovec *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (output->timestamps) {
            print_time();
        }
        if (output->format == OUTPUT_HEX) {
            print_hex(&messages[i]);
        } else {
            (void)fwrite(messages[i].iov_base, 1, messages[i].iov_len, stdout);
        }
        (void)putchar('\n');
    }
    return fflush(stdout) == 0 ? 0 : fail();
}

int output_messages(const struct output *output, const struct iovec *messages, size_t count)
{
    struct iovec parts[2 * MESSAGES_MOST];
    uint32_t lengths[MESSAGES_MOST];
    char delimiter = output->format == OUTPUT_NULLS ? '\0' : '\n';
    size_t used = 0;
    if (output->timestamps || output->format == OUTPUT_HEX) {
        return print_each(output, messages, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (output->format == OUTPUT_FRAMES) {
            lengths[i] = htonl((uint32_t)messages[i].iov_len);
            parts[used++] = (struct iovec){&lengths[i], sizeof(lengths[i])};
        }
        parts[used++] = messages[i];
        if (output->format == OUTPUT_LINES || output->format == OUTPUT_NULLS) {
            parts[used++] = (struct iovec){&delimiter, 1};
        }
    }
    return write_all(parts, used);
}
