/* SPDX-License-Identifier: MIT */
/* seam rm removes names; seam gc those that nobody alive has open. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* ---- gc ---- */

struct collection {
    const struct seam_region_options *region;
    bool dry_run;
    enum tool_status status;
};

static const char *reason(const struct seam_object_info *info)
{
    switch (info->state) {
    case SEAM_STATE_STALE:
        return "from before the machine's last start";
    case SEAM_STATE_UNFINISHED:
        return "left by a process that was killed while it made or removed it";
    default:
        return info->writer == SEAM_WRITER_DEAD ? "nobody has it open; its last writer died"
                                                : "nobody has it open";
    }
}

static int collect(const struct seam_object_info *info, void *context)
{
    struct collection *collection = context;
    if (info->state == SEAM_STATE_IN_USE || info->state == SEAM_STATE_REFUSED) {
        return 0;
    }
    int error = collection->dry_run ? 0 : seam_object_collect(info->name, collection->region);
    if (error == 0) {
        char name[TOOL_NAME];
        (void)printf("%s %s: %s\n", collection->dry_run ? "would remove" : "removed",
                     tool_printable(info->name, name), reason(info));
    } else if (error != -EBUSY && error != -ENOENT) { /* else it has come, or gone, meanwhile */
        collection->status = tool_name_error("remove", info->name, error);
    }
    return 0;
}

static enum tool_status run_gc(int argc, char **argv)
{
    static const struct option options[] = {{"dry-run", no_argument, NULL, 'n'},
                                            TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    const uid_t self = geteuid();
    struct collection collection = {.region = &arguments.region};
    while (tool_next_option(&tool_gc, argc, argv, options, &arguments) != -1) {
        collection.dry_run = true;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (optind < argc) {
        return tool_usage_error(&tool_gc, "`gc` takes no \"%s\"", argv[optind]);
    }
    arguments.region.owner = &self;
    int error = seam_object_visit(&arguments.region, collect, &collection);
    if (error != 0) {
        tool_error("cannot list the names: %s: %s", seam_error_detail(), strerror(-error));
        return TOOL_FAILED;
    }
    return collection.status;
}

const struct tool_command tool_gc = {"gc",
                                     "[--dry-run]",
                                     "remove all names that nobody alive has open, and say why",
                                     "      --dry-run     only say what would be removed\n",
                                     run_gc,
                                     false};
