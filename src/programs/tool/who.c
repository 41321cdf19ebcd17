/* SPDX-License-Identifier: MIT */
/* seam who: who is at a channel, and how far behind. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tool/describe.h"
#include "tool/tool.h"

#define PARTIES_MOST 256 /* more than there can be: 112 cursors and 64 lanes */

/** What a process is called and whether it is stopped, as far as /proc tells. */
static void look_up(pid_t pid, char *ret_command, size_t room)
{
    char path[64], line[256], state = '?';
    (void)snprintf(ret_command, room, "-");
    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    FILE *file = pid > 0 ? fopen(path, "re") : NULL;
    if (file == NULL) {
        return;
    }
    char *begin = fgets(line, sizeof(line), file) != NULL ? strchr(line, '(') : NULL;
    char *end = begin != NULL ? strrchr(line, ')') : NULL; /* the name may have any byte in it */
    (void)fclose(file);
    if (end == NULL || end[1] != ' ') {
        return;
    }
    *end = '\0';
    state = end[2];
    (void)snprintf(ret_command, room, "%s%s", begin + 1,
                   state == 'T'   ? " (stopped)"
                   : state == 'S' ? " (sleeps)"
                                  : "");
}

static void print_party(const struct seam_party *party)
{
    char command[64], bytes[TOOL_TEXT], lag[24] = "-";
    if (party->role == SEAM_READER) {
        (void)snprintf(lag, sizeof(lag), "%" PRIu64, party->lag_messages);
    }
    look_up(party->is_alive ? party->pid : 0, command, sizeof(command));
    (void)printf("%-7s %-6s %8ld  %12s %8s  %-32s %s\n",
                 party->role == SEAM_WRITER ? "writer" : "reader",
                 party->is_alive            ? "alive"
                 : party->cursor[0] != '\0' ? "away"
                                            : "dead",
                 (long)party->pid, lag,
                 party->role == SEAM_READER ? tool_bytes(party->lag_bytes, bytes) : "-",
                 party->cursor[0] != '\0' ? party->cursor : "-", command);
}

static enum tool_status print_json(const struct seam_party *parties, size_t count)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array != NULL && i < count; i++) {
        cJSON_AddItemToArray(array, describe_party(&parties[i]));
    }
    return describe_print(array) ? TOOL_OK : TOOL_FAILED;
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 1}, TOOL_USUAL_OPTIONS};
    static struct seam_party parties[PARTIES_MOST];
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
    ssize_t count = seam_channel_parties(name, &arguments.region, parties, PARTIES_MOST);
    if (count < 0) {
        return tool_name_error("look at", name, (int)count);
    }
    if (json) {
        return print_json(parties, (size_t)count);
    }
    (void)printf("%-7s %-6s %8s  %12s %8s  %-32s %s\n", "ROLE", "STATE", "PID", "LAG", "BYTES",
                 "CURSOR", "COMMAND");
    for (ssize_t i = 0; i < count; i++) {
        print_party(&parties[i]);
    }
    return TOOL_OK;
}

const struct tool_command tool_who = {"who",
                                      "[--json] NAME",
                                      "tell who is at a channel, and how far behind",
                                      "      --json        for programs: an array of objects\n",
                                      run,
                                      false};
