/* SPDX-License-Identifier: MIT */
/* seam get, set and add: a value from a shell. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/numbers.h"
#include "tool/tool.h"

enum verb { GET, SET, ADD };

/* The user has been told already. */
#define TOLD 1

/**
 * Makes a missing value, as a shell's variable comes to be: set and add need no `seam create`.
 * @param word  what it is to hold: a fraction makes a double, else it is an int64
 */
static int create(const struct tool_command *command, const char *name, const char *word,
                  const struct seam_value_options *options, struct seam_value **ret_value)
{
    struct number number;
    struct seam_value_options typed = *options;
    bool is_hexadecimal = strncmp(word + (word[0] == '-'), "0x", 2) == 0;
    bool is_fraction = !is_hexadecimal && strpbrk(word, ".eE") != NULL;
    typed.type = is_fraction ? SEAM_DOUBLE : SEAM_INT64;
    if (!number_parse(command, word, typed.type, &number)) {
        return TOLD;
    }
    int error = seam_value_create(name, &typed, ret_value);
    return error == -EEXIST ? seam_value_open(name, options, ret_value) : error;
}

static void print(const struct seam_value *value)
{
    struct number now = {.type = seam_value_type(value)};
    if (now.type == SEAM_DOUBLE) {
        (void)seam_value_load_double(value, &now.as.real);
    } else {
        (void)seam_value_load(value, &now.as.signed_integer);
    }
    number_print(&now);
}

static int change(struct seam_value *value, enum verb verb, const struct number *number)
{
    if (number->type == SEAM_DOUBLE) {
        return verb == SET ? seam_value_store_double(value, number->as.real)
                           : seam_value_add_double(value, number->as.real, NULL);
    }
    return verb == SET ? seam_value_store(value, number->as.signed_integer)
                       : seam_value_add(value, number->as.signed_integer, NULL);
}

static enum tool_status act(const struct tool_command *command, enum verb verb,
                            const struct tool_arguments *arguments, char **words)
{
    const struct seam_value_options options = {
        .region = arguments->region,
        .access = verb == GET ? SEAM_READ_ONLY : SEAM_READ_WRITE,
    };
    struct seam_value *value = NULL;
    struct number number = {0};
    int error = seam_value_open(words[0], &options, &value);
    if (error == -ENOENT && verb != GET) {
        error = create(command, words[0], words[1], &options, &value);
    }
    if (error != 0) {
        return error == TOLD ? TOOL_USAGE : tool_name_error("open", words[0], error);
    }
    enum tool_status status = TOOL_OK;
    if (verb == GET) {
        print(value);
    } else if (!number_parse(command, words[1], seam_value_type(value), &number)) {
        status = TOOL_USAGE;
    } else if ((error = change(value, verb, &number)) != 0) {
        status = tool_name_error("change", words[0], error);
    }
    seam_value_close(value);
    return status;
}

static enum tool_status run(const struct tool_command *command, enum verb verb, int argc,
                            char **argv)
{
    static const struct option options[] = {TOOL_USUAL_OPTIONS};
    struct tool_arguments arguments = {0};
    const int words = verb == GET ? 1 : 2;
    /* Words in order, and none of them is an option: a number may be negative. */
    while (tool_next_option(command, argc, argv, options, &arguments) != -1) {
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    argc = tool_drop_dashes(argc, argv);
    if (argc - optind != words) {
        return tool_usage_error(command, "`%s` needs a NAME%s", command->name,
                                verb == GET ? "" : " and a NUMBER");
    }
    return act(command, verb, &arguments, argv + optind);
}

static enum tool_status run_get(int argc, char **argv)
{
    return run(&tool_get, GET, argc, argv);
}

static enum tool_status run_set(int argc, char **argv)
{
    return run(&tool_set, SET, argc, argv);
}

static enum tool_status run_add(int argc, char **argv)
{
    return run(&tool_add, ADD, argc, argv);
}

const struct tool_command tool_get = {"get", "NAME", "print a value", "", run_get, false};
const struct tool_command tool_set = {
    "set", "NAME NUMBER", "set a value; one that is missing is made",
    "",    run_set,       .options_first = true};
const struct tool_command tool_add = {
    "add", "NAME NUMBER", "add to a value; one that is missing is made, from 0",
    "",    run_add,       .options_first = true};
