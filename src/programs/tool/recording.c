/* SPDX-License-Identifier: MIT */
#include "tool/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum tool_status recording_error(const char *action, const char *path)
{
    tool_error("cannot %s \"%s\": %s", action, path, strerror(errno));
    return TOOL_FAILED;
}

static void show(const struct progress *progress, const char *end)
{
    char bytes[TOOL_TEXT];
    (void)fprintf(stderr, "\r%s %" PRIu64 " messages, %s %s", progress->verb, progress->messages,
                  tool_bytes(progress->bytes, bytes), end);
}

void progress_add(struct progress *progress, uint64_t bytes)
{
    progress->messages++;
    progress->bytes += bytes;
    int64_t now_ns = seam_deadline_in_ns(0);
    if (now_ns >= progress->next_ns && isatty(STDERR_FILENO) != 0) {
        progress->next_ns = now_ns + TOOL_SLICE_NS;
        progress->is_shown = true;
        show(progress, "");
    }
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown) {
        show(progress, "\n");
    }
}
