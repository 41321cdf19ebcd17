/* SPDX-License-Identifier: MIT */
/* seam rm: removes names. */
#include <errno.h>

#include "tool/tool.h"

static enum tool_status run_rm(int argc, char **argv)
{
    static const struct option options[] = {{"force", no_argument, NULL, 'f'}, TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    bool force = false;
    while (tool_next_option(&tool_rm, argc, argv, options, &arguments) != -1) {
        force = true;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (optind >= argc) {
        return tool_usage_error(&tool_rm, "`rm` needs a NAME");
    }
    for (; optind < argc; optind++) {
        const char *name = argv[optind];
        int error = force ? seam_channel_unlink(name, &arguments.region)
                          : seam_object_collect(name, &arguments.region);
        if (error == -EBUSY) {
            tool_error("\"%s\" is in use, see `seam who %s`; --force removes the name all the same",
                       name, name);
        } else if (error != 0) {
            (void)tool_name_error("remove", name, error);
        }
        arguments.status = error != 0 ? TOOL_FAILED : arguments.status;
    }
    return arguments.status;
}

const struct tool_command tool_rm = {
    "rm",
    "[--force] NAME...",
    "remove names that are not in use",
    "      --force       also those in use: who has them open keeps them\n",
    run_rm,
    false};
