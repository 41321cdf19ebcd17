/* SPDX-License-Identifier: MIT */
/* Standard output: each message is written as soon as it is there. */
#ifndef DEMO_PRINT_H
#define DEMO_PRINT_H

#include <stddef.h>

/** @return 0; -EINTR: a signal asks the program to end; -EIO: the user has been told why */
int demo_print_text(const char *text, size_t size);

/** The same, and a newline after it. */
int demo_print_line(const char *text, size_t size);

#endif
