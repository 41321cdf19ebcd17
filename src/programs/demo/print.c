/* SPDX-License-Identifier: MIT */
#include "demo/print.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "demo/common.h"
#include "signals.h"

/**
 * Writes some bytes. A pipe that is ready has room for PIPE_BUF bytes, so a write of no more than
 * that does not block, and no signal is missed.
 */
static ssize_t write_some(const char *text, size_t size)
{
    int error = signals_wait_for_fd(STDOUT_FILENO, POLLOUT);
    if (error != 0) {
        return error;
    }
    ssize_t written = write(STDOUT_FILENO, text, size < PIPE_BUF ? size : PIPE_BUF);
    if (written >= 0 || errno == EINTR || errno == EAGAIN) {
        return written >= 0 ? written : 0;
    }
    return -errno;
}

int demo_print_text(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write_some(text, size);
        if (written < 0) {
            if (written == -EINTR) {
                return -EINTR;
            }
            demo_error("cannot write to standard output: %s", strerror((int)-written));
            return -EIO;
        }
        text += written;
        size -= (size_t)written;
    }
    return 0;
}

int demo_print_line(const char *text, size_t size)
{
    char line[PIPE_BUF];
    if (size < sizeof(line)) {
        memcpy(line, text, size);
        line[size] = '\n';
        return demo_print_text(line, size + 1);
    }
    int error = demo_print_text(text, size);
    return error == 0 ? demo_print_text("\n", 1) : error;
}

int demo_printf(const char *format, ...)
{
    char line[PIPE_BUF];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    return demo_print_line(line, size < 0 ? 0 : strlen(line));
}

int demo_print_numbers(const int64_t *numbers, size_t count)
{
    char line[PIPE_BUF];
    size_t size = 0;
    line[size++] = '[';
    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(line + size, sizeof(line) - size, "%s%" PRId64, i > 0 ? ", " : "",
                                 numbers[i]);
    }
    line[size++] = ']';
    return demo_print_line(line, size);
}
