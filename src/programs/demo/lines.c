/* SPDX-License-Identifier: MIT */
#include "demo/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "signals.h"

/** Reads the next chunk. @return 0, also at the end; -errno */
static int fill(struct demo_lines *lines)
{
    int error = signals_wait_for_fd(STDIN_FILENO, POLLIN);
    if (error != 0) {
        return error;
    }
    ssize_t got = read(STDIN_FILENO, lines->chunk, sizeof(lines->chunk));
    if (got < 0) {
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    }
    lines->from = 0;
    lines->to = (size_t)got;
    lines->ended = got == 0;
    return 0;
}

/** Adds @p size bytes of the chunk to the line; past the limit they are only counted. */
static int append(struct demo_lines *lines, size_t size)
{
    size_t whole = lines->size + size;
    if (whole <= lines->limit && whole > lines->room) {
        size_t room = whole > 2 * lines->room ? whole : 2 * lines->room;
        char *line = realloc(lines->line, room);
        if (line == NULL) {
            return -ENOMEM;
        }
        lines->line = line;
        lines->room = room;
    }
    if (whole <= lines->limit && size > 0) {
        memcpy(lines->line + lines->size, lines->chunk + lines->from, size);
    }
    lines->size = whole;
    lines->from += size;
    return 0;
}

int demo_lines_next(struct demo_lines *lines)
{
    lines->size = 0;
    for (;;) {
        size_t left = lines->to - lines->from;
        const char *start = lines->chunk + lines->from;
        const char *newline = left > 0 ? memchr(start, '\n', left) : NULL;
        int error = append(lines, newline != NULL ? (size_t)(newline - start) : left);
        if (error == 0 && newline != NULL) {
            lines->from++;
            break;
        }
        if (error == 0 && lines->ended) {
            if (lines->size == 0) {
                return 0;
            }
            break;
        }
        if (error == 0) {
            error = fill(lines);
        }
        if (error != 0) {
            return error;
        }
    }
    return lines->size <= lines->limit ? 1 : -EMSGSIZE;
}

void demo_lines_free(struct demo_lines *lines)
{
    free(lines->line);
}
