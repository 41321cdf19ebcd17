/* SPDX-License-Identifier: MIT */
/* Standard output: each message is written as soon as it is there. */
#ifndef DEMO_PRINT_H
#define DEMO_PRINT_H

#include <stddef.h>
#include <stdint.h>

/** @return 0; -EINTR: a signal asks the program to end; -EIO: the user has been told why */
int demo_print_text(const char *text, size_t size);

/** The same, and a newline after it. */
int demo_print_line(const char *text, size_t size);

/** The same for what printf would make of it, which must be shorter than PIPE_BUF bytes. */
__attribute__((format(printf, 1, 2))) int demo_printf(const char *format, ...);

/** A line such as `[25, 36]`; at most 150 numbers. */
int demo_print_numbers(const int64_t *numbers, size_t count);

#endif
