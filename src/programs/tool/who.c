/* SPDX-License-Identifier: MIT */
/* seam who: who is at a channel, and how far behind; and who holds a lock. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tool/colour.h"
#include "tool/describe.h"
#include "tool/tool.h"

/** What a process is called and whether it is stopped, as far as /proc tells. */
static void look_up(pid_t pid, char *ret_command, size_t room)
{
    char path[64], line[256];
    (void)snprintf(ret_command, room, "-");
    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    FILE *file = pid > 0 ? fopen(path, "re") : NULL;
    if (file == NULL) {
        return;
    }
    line[fread(line, 1, sizeof(line) - 1, file)] = '\0';
    char *begin = strchr(line, '('); /* the name may have any byte in it */
    char *end = begin != NULL ? strrchr(begin, ')') : NULL;
    (void)fclose(file);
    if (end == NULL || end[1] != ' ') {
        return;
    }
    *end = '\0';
    (void)snprintf(ret_command, room, "%s%s", begin + 1, end[2] == 'T' ? " (stopped)" : "");
}

static void print_row(const char *role, const struct seam_party *party)
{
    char command[64], shown[TOOL_NAME], cursor[TOOL_NAME], bytes[TOOL_TEXT], lag[24] = "-";
    const bool is_reader = party->role == SEAM_READER;
    /* A cursor that stays: a durable one, or the one of a work queue, which is nobody's own. */
    const bool is_away = !party->is_alive && (party->cursor[0] != '\0' || party->pid == 0);
    const enum colour colour = party->is_alive ? COLOUR_GOOD
                               : is_away       ? COLOUR_DOUBTFUL
                                               : COLOUR_BAD;
    if (is_reader) {
        (void)snprintf(lag, sizeof(lag), "%" PRIu64, party->lag_messages);
    }
    look_up(party->is_alive ? party->pid : 0, command, sizeof(command));
    (void)printf("%-7s %s%-6s%s %8ld  %12s %8s  %-32s %s\n", role, colour_begin(colour),
                 party->is_alive ? "alive"
                 : is_away       ? "away"
                                 : "dead",
                 colour_end(colour), (long)party->pid, lag,
                 is_reader ? tool_bytes(party->lag_bytes, bytes) : "-",
                 party->cursor[0] != '\0' ? tool_printable(party->cursor, cursor) : "-",
                 tool_printable(command, shown));
}

/** Everybody who is at a name. */
struct crowd {
    struct seam_object_info info;
    struct seam_party parties[TOOL_PARTIES];
    size_t count;
};

/** Whoever holds a lock is told like the others. */
static struct seam_party holder_of(const struct seam_object_info *info)
{
    return (struct seam_party){.pid = info->holder, .is_alive = !info->holder_is_dead};
}

static const char *role_of(const struct seam_party *party)
{
    return party->role == SEAM_WRITER ? "writer" : "reader";
}

static void print_table(const struct crowd *crowd)
{
    const struct seam_object_info *info = &crowd->info;
    (void)printf("%s%-7s %-6s %8s  %12s %8s  %-32s %s%s\n", colour_begin(COLOUR_HEADING), "ROLE",
                 "STATE", "PID", "LAG", "BYTES", "CURSOR", "COMMAND", colour_end(COLOUR_HEADING));
    for (size_t i = 0; i < crowd->count; i++) {
        print_row(role_of(&crowd->parties[i]), &crowd->parties[i]);
    }
    if (info->holder != 0) {
        const struct seam_party holder = holder_of(info);
        print_row("holder", &holder);
    }
    if (info->reader_sleeps) {
        (void)puts("a reader sleeps until there is a message");
    }
    if (info->writer_sleeps) {
        (void)puts("a writer sleeps until there is room");
    }
}

static enum tool_status print_json(const struct crowd *crowd)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array != NULL && i < crowd->count; i++) {
        const struct seam_party *party = &crowd->parties[i];
        cJSON_AddItemToArray(array, describe_party(role_of(party), party));
    }
    if (array != NULL && crowd->info.holder != 0) {
        const struct seam_party holder = holder_of(&crowd->info);
        cJSON_AddItemToArray(array, describe_party("holder", &holder));
    }
    return describe_print(array) ? TOOL_OK : TOOL_FAILED;
}

static int look(const char *name, const struct seam_region_options *region, struct crowd *crowd)
{
    ssize_t count = seam_object_inspect(name, region, &crowd->info);
    if (count == 0 && (crowd->info.kind == SEAM_KIND_CHANNEL || crowd->info.kind == 0)) {
        count = seam_channel_parties(name, region, crowd->parties, TOOL_PARTIES);
    }
    crowd->count = count > 0 ? (size_t)count : 0;
    return count < 0 ? (int)count : 0;
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 1}, TOOL_USUAL_OPTIONS};
    static struct crowd crowd;
    struct tool_arguments arguments = {0};
    bool json = false;
    while (tool_next_option(&tool_who, argc, argv, options, &arguments) != -1) {
        json = true;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    const char *name = tool_only_name(&tool_who, argc, argv);
    if (name == NULL) {
        return TOOL_USAGE;
    }
    int error = look(name, &arguments.region, &crowd);
    if (error != 0) {
        return tool_name_error("look at", name, error);
    }
    if (json) {
        return print_json(&crowd);
    }
    print_table(&crowd);
    return TOOL_OK;
}

const struct tool_command tool_who = {
    "who",
    "[--json] NAME",
    "tell who is at a channel, how far behind, and who holds its lock",
    "      --json        for programs: an array of objects\n",
    run,
    false};
