/* SPDX-License-Identifier: MIT */
#include "tool/tool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct tool_choice tool_modes[] = {
    {"lock-free", SEAM_LOCK_FREE}, {"locked", SEAM_LOCKED}, {"raw", SEAM_RAW}, {0}};
const struct tool_choice tool_policies[] = {{"lossless", SEAM_LOSSLESS},
                                            {"overwrite", SEAM_OVERWRITE},
                                            {"work-queue", SEAM_WORK_QUEUE},
                                            {0}};
const struct tool_choice tool_waits[] = {
    {"adaptive", SEAM_WAIT_ADAPTIVE}, {"spin", SEAM_WAIT_SPIN}, {"sleep", SEAM_WAIT_SLEEP}, {0}};
const struct tool_choice tool_kinds[] = {{"channel", SEAM_KIND_CHANNEL}, {"lock", SEAM_KIND_LOCK},
                                         {"value", SEAM_KIND_VALUE},     {"array", SEAM_KIND_ARRAY},
                                         {"list", SEAM_KIND_LIST},       {0}};
const struct tool_choice tool_types[] = {
    {"int8", SEAM_INT8},     {"int16", SEAM_INT16},   {"int32", SEAM_INT32},
    {"int64", SEAM_INT64},   {"uint8", SEAM_UINT8},   {"uint16", SEAM_UINT16},
    {"uint32", SEAM_UINT32}, {"uint64", SEAM_UINT64}, {"float", SEAM_FLOAT},
    {"double", SEAM_DOUBLE}, {"bytes", SEAM_BYTES},   {0}};
const struct tool_choice tool_writers[] = {{"none", SEAM_WRITER_NONE},
                                           {"alive", SEAM_WRITER_ALIVE},
                                           {"ended", SEAM_WRITER_ENDED},
                                           {"dead", SEAM_WRITER_DEAD},
                                           {0}};
const struct tool_choice tool_states[] = {
    {"in use", SEAM_STATE_IN_USE},   {"idle", SEAM_STATE_IDLE},
    {"stale", SEAM_STATE_STALE},     {"unfinished", SEAM_STATE_UNFINISHED},
    {"refused", SEAM_STATE_REFUSED}, {0}};

/* ---- telling ---- */

void tool_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("seam: ", stderr);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
    (void)vfprintf(stderr, format, arguments);
    (void)fputs("\n", stderr);
    va_end(arguments);
}

enum tool_status tool_usage_error(const struct tool_command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("seam: ", stderr);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
    (void)vfprintf(stderr, format, arguments);
    (void)fprintf(stderr, "\nTry 'seam %s --help'.\n", command->name);
    va_end(arguments);
    return TOOL_USAGE;
}

enum tool_status tool_name_error(const char *action, const char *name, int error)
{
    const char *detail = seam_error_detail();
    if (error == -EINVAL && strcmp(detail, "name") == 0) {
        tool_error("\"%s\" is no name: it takes 1 to %d bytes, no '/', and no '.' at the beginning",
                   name, SEAM_NAME_MAX);
    } else {
        tool_error("cannot %s \"%s\": %s: %s", action, name, detail, strerror(-error));
    }
    return TOOL_FAILED;
}

enum tool_status tool_index_error(const char *verb, const char *name, int error)
{
    const char *why = error == -ERANGE     ? "there is no such index"
                      : error == -EMSGSIZE ? "the element is not of the bytes that it takes"
                                           : strerror(-error);
    tool_error("cannot %s in \"%s\": %s", verb, name, why);
    return TOOL_FAILED;
}

/* ---- the command line ---- */

static void print_help(const struct tool_command *command)
{
    (void)printf("Usage: seam %s %s\n%s\n\n%s"
                 "  -d, --dir=DIR     directory of the names (default: $SEAM_DIR, or /dev/shm)\n"
                 "  -h, --help        print this\n",
                 command->name, command->arguments, command->summary, command->options);
}

int tool_next_option(const struct tool_command *command, int argc, char **argv,
                     const struct option *options, struct tool_arguments *arguments)
{
    int option = getopt_long(argc, argv, command->options_first ? "+d:h" : "d:h", options, NULL);
    switch (option) {
    case TOOL_OPTION_DIR:
        arguments->region.dir = optarg;
        return tool_next_option(command, argc, argv, options, arguments);
    case TOOL_OPTION_HELP:
        print_help(command);
        arguments->is_done = true;
        return -1;
    case '?': /* getopt has said what is wrong */
        (void)fprintf(stderr, "Try 'seam %s --help'.\n", command->name);
        arguments->status = TOOL_USAGE;
        arguments->is_done = true;
        return -1;
    default:
        return option;
    }
}

bool tool_parse_size(const struct tool_command *command, const char *option, const char *word,
                     uint64_t *ret_size)
{
    static const char units[] = "kMG";
    size_t digits = strspn(word, "0123456789");
    const char *unit = word[digits] != '\0' ? strchr(units, word[digits]) : NULL;
    if (digits == 0 || (word[digits] != '\0' && (unit == NULL || word[digits + 1] != '\0'))) {
        (void)tool_usage_error(command, "--%s needs a number, such as 4096 or 64k, not \"%s\"",
                               option, word);
        return false;
    }
    errno = 0;
    uint64_t number = strtoull(word, NULL, 10);
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
    if (errno != 0 || number > UINT64_MAX >> shift) {
        (void)tool_usage_error(command, "--%s %s is too large", option, word);
        return false;
    }
    *ret_size = number << shift;
    return true;
}

bool tool_parse_choice(const struct tool_command *command, const char *option, const char *word,
                       const struct tool_choice *choices, int *ret_value)
{
    for (const struct tool_choice *c = choices; c->word != NULL; c++) {
        if (strcmp(c->word, word) == 0) {
            *ret_value = c->value;
            return true;
        }
    }
    (void)tool_usage_error(command, "--%s does not know \"%s\"", option, word);
    return false;
}

const char *tool_word(const struct tool_choice *choices, int value)
{
    for (const struct tool_choice *c = choices; c->word != NULL; c++) {
        if (c->value == value) {
            return c->word;
        }
    }
    return "?";
}

const char *tool_only_name(const struct tool_command *command, int argc, char **argv)
{
    if (optind >= argc) {
        (void)tool_usage_error(command, "`%s` needs a NAME", command->name);
        return NULL;
    }
    if (optind + 1 < argc) {
        (void)tool_usage_error(command, "`%s` takes no \"%s\"", command->name, argv[optind + 1]);
        return NULL;
    }
    return argv[optind];
}

/* ---- names and numbers for people ---- */

const char *tool_printable(const char *name, char *text)
{
    size_t length = 0;
    for (const char *at = name; *at != '\0' && length + 1 < TOOL_NAME; at++) {
        uint8_t byte = (uint8_t)*at, next = (uint8_t)at[1];
        bool commands = byte < ' ' || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0);
        text[length++] = commands ? '?' : *at;
        at += commands && byte == 0xc2; /* of a control of two bytes in UTF-8 */
    }
    text[length] = '\0';
    return text;
}

const char *tool_bytes(uint64_t bytes, char *text)
{
    static const char units[] = "BKMGT";
    size_t unit = 0;
    double number = (double)bytes;
    for (; number >= 1024 && unit + 2 < sizeof(units); unit++) {
        number /= 1024;
    }
    (void)snprintf(text, TOOL_TEXT, unit == 0 || number >= 10 ? "%.0f%c" : "%.1f%c", number,
                   units[unit]);
    return text;
}

const char *tool_age(int64_t created_ns, char *text)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = now.tv_sec - created_ns / 1000000000;
    if (created_ns == 0 || seconds < 0) {
        return "-";
    }
    static const struct {
        int64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t i = 0;
    while (i + 1 < sizeof(units) / sizeof(units[0]) && seconds < 2 * units[i].seconds) {
        i++;
    }
    (void)snprintf(text, TOOL_TEXT, "%" PRId64 "%c", seconds / units[i].seconds, units[i].unit);
    return text;
}
