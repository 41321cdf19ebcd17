/* SPDX-License-Identifier: MIT */
/* seam: see, feed, follow and clear up channels and other shared objects from a shell. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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
    (void)fputs("Usage: seam [--dir=DIR] COMMAND [OPTION]... [NAME]...\n"
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

/** `--dir` may stand before the command, too. @return how many words it takes */
static int take_dir(int argc, char **argv)
{
    static const char option[] = "--dir=";
    if (argc > 1 && strncmp(argv[1], option, sizeof(option) - 1) == 0) {
        (void)setenv("SEAM_DIR", argv[1] + sizeof(option) - 1, 1);
        return 1;
    }
    if (argc > 2 && (strcmp(argv[1], "-d") == 0 || strcmp(argv[1], "--dir") == 0)) {
        (void)setenv("SEAM_DIR", argv[2], 1);
        return 2;
    }
    return 0;
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
            argv[1] = argv[0]; /* getopt's name for us */
            return commands[i]->run(argc - 1, argv + 1);
        }
    }
    tool_error("there is no command \"%s\"", argv[1]);
    (void)fputs("Try 'seam --help'.\n", stderr);
    return TOOL_USAGE;
}

/** What stdio still had is written now; only where all else went well is that worth a word. */
static enum tool_status finish_output(enum tool_status status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return status;
    }
    if (errno == EPIPE) {
        signals_end_by(SIGPIPE); /* who pipes knows */
    } else if (status == TOOL_OK && signals_caught() == 0) {
        tool_error("cannot write to standard output");
    }
    return status == TOOL_OK ? TOOL_FAILED : status;
}

int main(int argc, char **argv)
{
    if (!descriptors_fill()) {
        return TOOL_FAILED;
    }
    signals_install();
    int taken = take_dir(argc, argv);
    argv[taken] = argv[0];
    enum tool_status status = finish_output(run(argc - taken, argv + taken));
    signals_die();
    return (int)status;
}
