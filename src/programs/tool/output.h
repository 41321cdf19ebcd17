/* SPDX-License-Identifier: MIT */
/* Messages on standard output. */
#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

enum output_format { OUTPUT_LINES = 0, OUTPUT_NULLS, OUTPUT_FRAMES, OUTPUT_RAW, OUTPUT_HEX };

struct output {
    enum output_format format;
    bool timestamps;
};

/** Writes @p count messages, 256 at most. @return 0; -EIO: a signal has come, or the user has been
 * told why */
int output_messages(const struct output *output, const struct iovec *messages, size_t count);

#endif
