/* SPDX-License-Identifier: MIT */
/*
 * Recordings: a line that says what it is, and then for each message its time, its size and its
 * bytes. Numbers have their highest byte first.
 */
#ifndef TOOL_RECORDING_H
#define TOOL_RECORDING_H

#include <stdint.h>

#include "tool/tool.h"

#define RECORDING_MAGIC "seam recording 1\n"
#define RECORDING_MAGIC_BYTES (sizeof(RECORDING_MAGIC) - 1)

struct recording_entry {
    uint64_t time_ns; /* since the first one was received */
    uint32_t size;
    uint32_t unused; /* zero */
};
_Static_assert(sizeof(struct recording_entry) == 16, "as it is in the file");

/** Tells why a file can't be had, by errno. @return TOOL_FAILED */
enum tool_status recording_error(const char *action, const char *path);

#endif
