/* SPDX-License-Identifier: MIT */
/* The lines of standard input, of any length and with any bytes in them. */
#ifndef DEMO_LINES_H
#define DEMO_LINES_H

#include <stdbool.h>
#include <stddef.h>

/** Zero it, set the limit, and free it with demo_lines_free. */
struct demo_lines {
    size_t limit; /**< a longer line is refused, and not kept in memory */
    size_t size;  /**< bytes of the line, also of one that is too long */
    char *line;
    size_t room;
    char chunk[65536]; /**< read, but not yet looked at from `from` to `to` */
    size_t from, to;
    bool ended;
};

/**
 * Finds the next line: lines->line and lines->size, without its newline. The last line needs no
 * newline.
 * @return 1; 0 no more lines; -EMSGSIZE longer than the limit; -EINTR a signal asks the program to
 *         end; others from read
 */
int demo_lines_next(struct demo_lines *lines);

void demo_lines_free(struct demo_lines *lines);

#endif
