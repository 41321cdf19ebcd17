/* SPDX-License-Identifier: MIT */
#include "tool/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/tool.h"

static void show(struct progress *progress, const char *end)
{
    char bytes[TOOL_TEXT], part[TOOL_TEXT] = "";
    if (progress->total_bytes != 0) {
        (void)snprintf(part, sizeof(part), ", %3.0f %%",
                       100.0 * (double)progress->bytes / (double)progress->total_bytes);
    }
    (void)fprintf(stderr, "\r%s %" PRIu64 " messages, %s%s  %s", progress->verb, progress->messages,
                  tool_bytes(progress->bytes, bytes), part, end);
    progress->is_shown = true;
}

/** Whether standard error is a terminal that is ours to write to just now. */
static bool is_looked_at(void)
{
    return isatty(STDERR_FILENO) != 0 && tcgetpgrp(STDERR_FILENO) == getpgrp();
}

void progress_add(struct progress *progress, uint64_t messages, uint64_t bytes)
{
    progress->messages += messages;
    progress->bytes += bytes;
    int64_t now_ns = seam_deadline_in_ns(0);
    if (now_ns >= progress->next_ns) {
        progress->next_ns = now_ns + TOOL_SLICE_NS;
        if (is_looked_at()) {
            show(progress, "");
        }
    }
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown) {
        show(progress, "\n");
    }
}

bool progress_is_file(int fd, uint64_t *ret_bytes_left)
{
    struct stat status;
    off_t at = lseek(fd, 0, SEEK_CUR);
    bool is_file = at >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (ret_bytes_left != NULL) {
        *ret_bytes_left = is_file && status.st_size > at ? (uint64_t)(status.st_size - at) : 0;
    }
    return is_file;
}
