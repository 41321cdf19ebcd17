/* SPDX-License-Identifier: MIT */
#include "tool/tool.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/** What the library says in a word, in a sentence; NULL: there is no better one. */
static const char *explain(int error, const char *detail)
{
    static const struct {
        const char *detail; /* NULL: any */
        int error;
        const char *text;
    } texts[] = {
        {"name", -EINVAL, "it is no name: those have no '/', and no '.' at the beginning"},
        {"kind", -EPROTO, "it is another kind of object"},
        {"magic", -EPROTO, "it is no object of seam's, or its first bytes are damaged"},
        {"layout version", -EPROTO, "it was made by another version of seam"},
        {"boot id", -ESTALE, "it is from before the machine's last start"},
        {"lanes", -EUSERS, "it has as many writers as there is room for"},
        {"cursor table", -EUSERS, "it has as many readers as there is room for"},
        {"cursor", -EINVAL, "only lossless channels have durable cursors"},
        {"owner", -EPERM, "it belongs to another user: if that is meant, say --owner=USER"},
        {NULL, -EEXIST, "the name is taken"},
        {NULL, -ENOSPC, "there is no room for its memory; see `seam doctor`"},
        {NULL, -ENOENT, "there is no such name, or no such directory"},
        {NULL, -EOPNOTSUPP, "its policy does not allow that"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].error == error &&
            (texts[i].detail == NULL || strcmp(texts[i].detail, detail) == 0)) {
            return texts[i].text;
        }
    }
    return NULL;
}

enum tool_status tool_name_error(const char *action, const char *name, int error)
{
    const char *detail = seam_error_detail(), *text = explain(error, detail);
    char shown[TOOL_NAME];
    (void)tool_printable(name, shown);
    if (text != NULL) {
        tool_error("cannot %s \"%s\": %s", action, shown, text);
    } else {
        tool_error("cannot %s \"%s\": %s%s%s", action, shown, detail, detail[0] != '\0' ? ": " : "",
                   strerror(-error));
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

enum tool_status tool_visit_error(int error)
{
    tool_error("cannot list the names: %s: %s", seam_error_detail(), strerror(-error));
    return TOOL_FAILED;
}

/* ---- the command line ---- */

/** A user by name or number. */
static bool parse_owner(const struct tool_command *command, const char *word, uid_t *ret_owner)
{
    char *end;
    const struct passwd *user = getpwnam(word);
    errno = 0;
    unsigned long number = strtoul(word, &end, 10);
    bool is_number =
        word[0] >= '0' && word[0] <= '9' && *end == '\0' && errno == 0 && number < UINT32_MAX;
    if (user == NULL && !is_number) {
        (void)tool_usage_error(command, "there is no user \"%s\"", word);
        return false;
    }
    *ret_owner = user != NULL ? user->pw_uid : (uid_t)number;
    return true;
}

static void print_help(const struct tool_command *command)
{
    (void)printf("Usage: seam %s %s\n%s\n\n%s"
                 "  -d, --dir=DIR     directory of the names (default: $SEAM_DIR, or /dev/shm)\n"
                 "  -o, --owner=USER  whose the objects are, to open or list (default: your own)\n"
                 "  -h, --help        print this\n",
                 command->name, command->arguments, command->summary, command->options);
}

int tool_next_option(const struct tool_command *command, int argc, char **argv,
                     const struct option *options, struct tool_arguments *arguments)
{
    int option =
        getopt_long(argc, argv, command->options_first ? "+d:o:h" : "d:o:h", options, NULL);
    switch (option) {
    case TOOL_OPTION_DIR:
        arguments->region.dir = optarg;
        return tool_next_option(command, argc, argv, options, arguments);
    case TOOL_OPTION_OWNER:
        if (parse_owner(command, optarg, &arguments->owner)) {
            arguments->region.owner = &arguments->owner;
            return tool_next_option(command, argc, argv, options, arguments);
        }
        arguments->status = TOOL_USAGE;
        arguments->is_done = true;
        return -1;
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

void tool_leave_out_others(struct tool_arguments *arguments)
{
    if (arguments->region.owner == NULL) {
        arguments->owner = geteuid();
        arguments->region.owner = &arguments->owner;
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

bool tool_parse_index(const struct tool_command *command, const char *word, size_t *ret_index)
{
    char *end;
    if (strcmp(word, "last") == 0) {
        *ret_index = SEAM_LAST;
        return true;
    }
    errno = 0;
    unsigned long long index = strtoull(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0) {
        (void)tool_usage_error(command, "\"%s\" is no index", word);
        return false;
    }
    *ret_index = (size_t)index;
    return true;
}

int tool_drop_dashes(int argc, char **argv)
{
    for (int i = optind; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            memmove(argv + i, argv + i + 1, (size_t)(argc - i) * sizeof(*argv));
            return argc - 1;
        }
    }
    return argc;
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
