/* SPDX-License-Identifier: MIT */
/* seam stat: all there is to know about one name. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tool/colour.h"
#include "tool/describe.h"
#include "tool/tool.h"

static void print_channel(const struct seam_object_info *info)
{
    char capacity[TOOL_TEXT], bytes[TOOL_TEXT];
    (void)printf("policy       %s\n", tool_word(tool_policies, info->channel.policy));
    (void)printf("capacity     %s%s\n", tool_bytes(info->channel.capacity, capacity),
                 info->channel.writers > 1 ? " for each writer" : "");
    (void)printf("messages of  at most %zu bytes\n", info->channel.max_message);
    if (info->channel.many_writers) {
        (void)printf("writers      any number, who take turns\n");
    } else {
        (void)printf("writers      at most %u\n", info->channel.writers);
    }
    const enum colour colour = colour_of_writer(info->writer);
    (void)printf("writer       %s%s%s%s\n", colour_begin(colour),
                 tool_word(tool_writers, info->writer), colour_end(colour),
                 info->writer_sleeps ? ", sleeps until there is room" : "");
    (void)printf("readers      %u of %u cursors%s\n", info->readers, info->channel.max_readers,
                 info->reader_sleeps ? "; some sleep until there is a message" : "");
    (void)printf("published    %" PRIu64 " messages, %s\n", info->published,
                 tool_bytes(info->published_bytes, bytes));
    (void)printf("lost         %" PRIu64 " messages, by readers that were too slow\n", info->lost);
}

static void print_object(const struct seam_object_info *info)
{
    char name[TOOL_NAME], memory[TOOL_TEXT], age[TOOL_TEXT];
    const enum colour colour = colour_of_state(info->state);
    (void)printf("name         %s\n", tool_printable(info->name, name));
    (void)printf("kind         %s, %s\n", tool_word(tool_kinds, info->kind),
                 tool_word(tool_modes, info->mode));
    (void)printf("state        %s%s%s%s%s\n", colour_begin(colour),
                 tool_word(tool_states, info->state), colour_end(colour),
                 info->error != 0 ? ": " : "", info->error != 0 ? info->detail : "");
    (void)printf("memory       %s\n", tool_bytes(info->memory_bytes, memory));
    (void)printf("owner        user %u, group %u, permissions %04o\n", (unsigned)info->owner,
                 (unsigned)info->group, (unsigned)info->permissions);
    (void)printf("age          %s\n", tool_age(info->created_ns, age));
    if (info->holder != 0) {
        (void)printf("lock         held by process %ld%s\n", (long)info->holder,
                     info->holder_is_dead ? ", which died" : "");
    }
    if (info->kind == SEAM_KIND_CHANNEL) {
        print_channel(info);
    } else if (info->kind == SEAM_KIND_VALUE || info->kind == SEAM_KIND_ARRAY) {
        (void)printf("elements     %" PRIu64 " of type %s, %" PRIu64 " bytes each\n", info->length,
                     tool_word(tool_types, info->type), info->element_bytes);
    } else if (info->kind == SEAM_KIND_LIST) {
        (void)printf("elements     at most %" PRIu64 ", of at most %" PRIu64 " bytes\n",
                     info->length, info->element_bytes);
    }
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 1}, TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    struct seam_object_info info;
    bool json = false;
    while (tool_next_option(&tool_stat, argc, argv, options, &arguments) != -1) {
        json = true;
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    const char *name = tool_only_name(&tool_stat, argc, argv);
    if (name == NULL) {
        return TOOL_USAGE;
    }
    int error = seam_object_inspect(name, &arguments.region, &info);
    if (error != 0) {
        return tool_name_error("look at", name, error);
    }
    if (json) {
        return describe_print(describe_object(&info)) ? TOOL_OK : TOOL_FAILED;
    }
    print_object(&info);
    return TOOL_OK;
}

const struct tool_command tool_stat = {"stat",
                                       "[--json] NAME",
                                       "tell all about one name",
                                       "      --json        for programs: an object\n",
                                       run,
                                       false};
