/* SPDX-License-Identifier: MIT */
/* seam: see, feed, follow and clear up channels and other shared objects from a shell. */
#include <stdio.h>
#include <string.h>

#include "descriptors.h"
#include "signals.h"
#include "tool/tool.h"

static const struct tool_command *const commands[] = {
    &tool_ls,   &tool_stat,   &tool_who,    &tool_top, &tool_create, &tool_pub,
    &tool_sub,  &tool_record, &tool_replay, &tool_get, &tool_set,    &tool_add,
    &tool_list, &tool_array,  &tool_rm,     &tool_gc,  &tool_doctor, &tool_bench,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static enum tool_status print_help(void)
{
    (void)fputs("Usage: seam COMMAND [OPTION]... [NAME]...\n"
                "Shared memory from a shell: what there is, and what goes through it.\n\n",
                stdout);
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fputs("\n'seam COMMAND --help' says more, and so does 'man seam'.\n\n"
                "Exit status: 0 done; 1 failed; 2 wrong usage; 3 the writer died.\n",
                stdout);
    return TOOL_OK;
}

static enum tool_status run(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        (void)print_help();
        return argc < 2 ? TOOL_USAGE : TOOL_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("seam %s\n", seam_version());
        return TOOL_OK;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, argv[1]) == 0) {
            return commands[i]->run(argc - 1, argv + 1);
        }
    }
    tool_error("there is no command \"%s\"", argv[1]);
    (void)fputs("Try 'seam --help'.\n", stderr);
    return TOOL_USAGE;
}

int main(int argc, char **argv)
{
    if (!descriptors_fill()) {
        return TOOL_FAILED;
    }
    signals_install();
    enum tool_status status = run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        tool_error("cannot write to standard output");
        status = status == TOOL_OK ? TOOL_FAILED : status;
    }
    signals_die();
    return (int)status;
}
