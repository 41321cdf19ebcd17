/* SPDX-License-Identifier: MIT */
/* seam ls: a line for each name. */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/colour.h"
#include "tool/describe.h"
#include "tool/tool.h"

/** All that was found. */
struct found {
    struct seam_object_info *infos;
    size_t count, room;
};

static int keep(const struct seam_object_info *info, void *context)
{
    struct found *found = context;
    if (found->count == found->room) {
        size_t room = found->room * 2 + 16;
        void *infos = realloc(found->infos, room * sizeof(*found->infos));
        if (infos == NULL) {
            return -ENOMEM;
        }
        found->infos = infos;
        found->room = room;
    }
    found->infos[found->count++] = *info;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct seam_object_info *)a)->name,
                  ((const struct seam_object_info *)b)->name);
}

/** What a table has a column for. */
struct columns {
    int name_width;
    bool owner;
};

static void print_owner(uid_t owner)
{
    const struct passwd *user = getpwuid(owner);
    if (user != NULL) {
        (void)printf("%-10s ", user->pw_name);
    } else {
        (void)printf("%-10u ", (unsigned)owner);
    }
}

static void print_heading(const struct columns *columns)
{
    (void)printf("%s%-*s  %s%-8s %-10s %-9s %6s  %-10s %-6s %7s %12s %5s%s\n",
                 colour_begin(COLOUR_HEADING), columns->name_width, "NAME",
                 columns->owner ? "OWNER      " : "", "KIND", "POLICY", "MODE", "SIZE", "STATE",
                 "WRITER", "READERS", "MESSAGES", "AGE", colour_end(COLOUR_HEADING));
}

static void print_line(const struct seam_object_info *info, const struct columns *columns)
{
    char name[TOOL_NAME], bytes[TOOL_TEXT], age[TOOL_TEXT], readers[16] = "-", messages[24] = "-";
    const char *writer = "-", *policy = "-";
    enum colour state = colour_of_state(info->state), role = COLOUR_NONE;
    if (info->kind == SEAM_KIND_CHANNEL) {
        (void)snprintf(readers, sizeof(readers), "%u", info->readers);
        (void)snprintf(messages, sizeof(messages), "%" PRIu64, info->published);
        writer = tool_word(tool_writers, info->writer);
        role = colour_of_writer(info->writer);
        policy = tool_word(tool_policies, info->channel.policy);
    } else if (info->kind != 0 && info->kind != SEAM_KIND_LOCK && info->kind != SEAM_KIND_LIST) {
        policy = tool_word(tool_types, info->type);
    }
    (void)printf("%-*s  ", columns->name_width, tool_printable(info->name, name));
    if (columns->owner) {
        print_owner(info->owner);
    }
    (void)printf("%-8s %-10s %-9s %6s  %s%-10s%s %s%-6s%s %7s %12s %5s\n",
                 info->kind != 0 ? tool_word(tool_kinds, info->kind) : "-", policy,
                 info->kind != 0 ? tool_word(tool_modes, info->mode) : "-",
                 tool_bytes(info->memory_bytes, bytes), colour_begin(state),
                 tool_word(tool_states, info->state), colour_end(state), colour_begin(role), writer,
                 colour_end(role), readers, messages, tool_age(info->created_ns, age));
}

static void print_table(const struct found *found, bool owner)
{
    struct columns columns = {.name_width = 4, .owner = owner};
    for (size_t i = 0; i < found->count; i++) {
        int length = (int)strlen(found->infos[i].name);
        columns.name_width = length > columns.name_width ? length : columns.name_width;
    }
    if (found->count > 0) {
        print_heading(&columns);
    }
    for (size_t i = 0; i < found->count; i++) {
        print_line(&found->infos[i], &columns);
    }
}

static bool print_json(const struct found *found)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array != NULL && i < found->count; i++) {
        cJSON_AddItemToArray(array, describe_object(&found->infos[i]));
    }
    return describe_print(array);
}

/** As they are, for scripts. */
static void print_names(const struct found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        (void)puts(found->infos[i].name);
    }
}

enum { JSON = 1, ALL, NAMES };

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, JSON},
                                            {"all", no_argument, NULL, ALL},
                                            {"names", no_argument, NULL, NAMES},
                                            TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    struct found found = {0};
    bool all = false;
    int form = 0;
    for (int option;
         (option = tool_next_option(&tool_ls, argc, argv, options, &arguments)) != -1;) {
        all = all || option == ALL;
        form = option == ALL ? form : option;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (optind < argc) {
        return tool_usage_error(&tool_ls, "`ls` takes no \"%s\"", argv[optind]);
    }
    if (!all) {
        tool_leave_out_others(&arguments);
    }
    int error = seam_object_visit(&arguments.region, keep, &found);
    if (error != 0) {
        free(found.infos);
        return tool_visit_error(error);
    }
    if (found.count > 0) {
        qsort(found.infos, found.count, sizeof(*found.infos), by_name);
    }
    bool is_printed = true;
    if (form == JSON) {
        is_printed = print_json(&found);
    } else if (form == NAMES) {
        print_names(&found);
    } else {
        print_table(&found, all);
    }
    free(found.infos);
    return is_printed ? TOOL_OK : TOOL_FAILED;
}

const struct tool_command tool_ls = {
    "ls",
    "[--all] [--json|--names]",
    "list channels, locks, values, arrays and lists",
    "      --all         also those of other users, as far as they may be read\n"
    "      --json        for programs: an array of objects\n"
    "      --names       the names alone, a line each\n",
    run,
    false};
