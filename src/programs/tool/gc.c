/* SPDX-License-Identifier: MIT */
/* seam gc: removes names that nobody alive has open. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "tool/tool.h"

struct collection {
    const struct seam_region_options *region;
    bool dry_run, stale;
    enum tool_status status;
};

/** Whether it is a flight recorder: its messages can still be read, and nowhere else. */
static bool is_recorder(const struct seam_object_info *info)
{
    return info->state == SEAM_STATE_STALE && info->published > 0;
}

/** Messages that a durable cursor has not received; they go, too. */
static uint64_t count_unread(const char *name, const struct seam_region_options *region)
{
    static struct seam_party parties[TOOL_PARTIES];
    ssize_t count = seam_channel_parties(name, region, parties, TOOL_PARTIES);
    uint64_t unread = 0;
    for (ssize_t i = 0; i < count && i < TOOL_PARTIES; i++) {
        unread = parties[i].lag_messages > unread ? parties[i].lag_messages : unread;
    }
    return unread;
}

static void print_reason(const struct seam_object_info *info, uint64_t unread)
{
    switch (info->state) {
    case SEAM_STATE_STALE:
        (void)fputs("from before the machine's last start", stdout);
        break;
    case SEAM_STATE_UNFINISHED:
        (void)fputs("left by a process that was killed while it made or removed it", stdout);
        break;
    default:
        (void)fputs("nobody has it open", stdout);
        if (info->writer == SEAM_WRITER_DEAD) {
            (void)fputs("; its last writer died", stdout);
        }
        if (unread > 0) {
            (void)printf("; %" PRIu64 " messages were not received", unread);
        }
    }
    (void)putchar('\n');
}

/** Whether nothing of this name is to be removed. */
static bool is_kept(const struct seam_object_info *info, const struct collection *collection)
{
    return info->state == SEAM_STATE_IN_USE || info->state == SEAM_STATE_REFUSED ||
           (is_recorder(info) && !collection->stale);
}

/** Whether leavings stand beside something of the same name that is kept: they go with that. */
static bool is_beside_kept(const struct seam_object_info *info, const struct collection *collection)
{
    struct seam_object_info other;
    return info->state == SEAM_STATE_UNFINISHED &&
           seam_object_inspect(info->name, collection->region, &other) == 0 &&
           is_kept(&other, collection);
}

static int collect(const struct seam_object_info *info, void *context)
{
    struct collection *collection = context;
    char name[TOOL_NAME];
    (void)tool_printable(info->name, name);
    if (is_recorder(info) && is_kept(info, collection)) {
        (void)printf("kept %s: its last messages are from before the machine's last start; "
                     "`seam sub %s` prints them, --stale removes them\n",
                     name, name);
        return 0;
    }
    if (is_kept(info, collection) || is_beside_kept(info, collection)) {
        return 0;
    }
    uint64_t unread = count_unread(info->name, collection->region);
    int error = collection->dry_run ? 0 : seam_object_collect(info->name, collection->region);
    if (error == 0) {
        (void)printf("%s %s: ", collection->dry_run ? "would remove" : "removed", name);
        print_reason(info, unread);
    } else if (error != -EBUSY && error != -ENOENT) { /* else it has come, or gone, meanwhile */
        collection->status = tool_name_error("remove", info->name, error);
    }
    return 0;
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {
        {"dry-run", no_argument, NULL, 1}, {"stale", no_argument, NULL, 2}, TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    struct collection collection = {.region = &arguments.region};
    for (int option;
         (option = tool_next_option(&tool_gc, argc, argv, options, &arguments)) != -1;) {
        collection.dry_run = collection.dry_run || option == 1;
        collection.stale = collection.stale || option == 2;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (optind < argc) {
        return tool_usage_error(&tool_gc, "`gc` takes no \"%s\"", argv[optind]);
    }
    tool_leave_out_others(&arguments);
    int error = seam_object_visit(&arguments.region, collect, &collection);
    return error == 0 ? collection.status : tool_visit_error(error);
}

const struct tool_command tool_gc = {
    "gc",
    "[--dry-run] [--stale]",
    "remove all names that nobody alive has open, and say why",
    "      --dry-run     only say what would be removed\n"
    "      --stale       also what has messages from before the machine's last start\n",
    run,
    false};
