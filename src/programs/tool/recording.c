/* SPDX-License-Identifier: MIT */
#include "tool/recording.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum tool_status recording_error(const char *action, const char *path)
{
    tool_error("cannot %s \"%s\": %s", action, path, strerror(errno));
    return TOOL_FAILED;
}
