/* SPDX-License-Identifier: MIT */
/* Progress of long work, on a terminal: a line on standard error that is written over. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/** What has been done. Set verb, and total_bytes where the end is known. */
struct progress {
    const char *verb;
    uint64_t total_bytes; /* 0: not known */
    uint64_t messages, bytes;
    int64_t next_ns;
    bool is_shown;
};

/** Shows what there is from time to time; not where nobody looks, as in the background. */
void progress_add(struct progress *progress, uint64_t messages, uint64_t bytes);

/** The last time: ends the line. */
void progress_end(struct progress *progress);

/**
 * Whether @p fd is a file, so that nobody sees on the terminal how it goes on.
 * @param ret_bytes_left  what is behind the place where it is read; NULL: not wanted
 */
bool progress_is_file(int fd, uint64_t *ret_bytes_left);

#endif
