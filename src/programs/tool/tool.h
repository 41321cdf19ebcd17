/* SPDX-License-Identifier: MIT */
/* What all commands of seam share: exit statuses, talking to the user, words of the command line.
 */
#ifndef TOOL_H
#define TOOL_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seam/seam.h"

/** Exit statuses; they are promised in the help text and the manual. */
enum tool_status {
    TOOL_OK = 0,
    TOOL_FAILED = 1,
    TOOL_USAGE = 2,
    TOOL_DIED = 3, /**< the writer died without closing the channel */
};

/** One command. */
struct tool_command {
    const char *name;
    const char *arguments; /**< as in `Usage: seam NAME ARGUMENTS` */
    const char *summary;
    const char *options; /**< lines for --help; "" where there are no more than the usual */
    /** @param argv  argv[0] is the program's name; the command's own is left out */
    enum tool_status (*run)(int argc, char **argv);
    bool options_first; /**< what comes behind the first other word is none: `-5` */
};

extern const struct tool_command tool_add, tool_array, tool_bench, tool_create, tool_doctor,
    tool_gc, tool_get, tool_list, tool_ls, tool_pub, tool_record, tool_replay, tool_rm, tool_set,
    tool_stat, tool_sub, tool_top, tool_who;

/** The longest a loop waits before it looks for signals again. */
#define TOOL_SLICE_NS INT64_C(100000000)

/** Tells the user, on standard error, what went wrong. */
__attribute__((format(printf, 1, 2))) void tool_error(const char *format, ...);

/** The same, and how to get help. @return TOOL_USAGE */
__attribute__((format(printf, 2, 3))) enum tool_status
tool_usage_error(const struct tool_command *command, const char *format, ...);

/**
 * Says that something can't be done with a name.
 * @param error  what the library just returned; seam_error_detail() still is of that call
 * @return TOOL_FAILED
 */
enum tool_status tool_name_error(const char *action, const char *name, int error);

/** The same for what can't be done with an element. @return TOOL_FAILED */
enum tool_status tool_index_error(const char *verb, const char *name, int error);

/** Says that names can't be visited. @return TOOL_FAILED */
enum tool_status tool_visit_error(int error);

/* ---- options ---- */

/** Options that each command has; those of its own are any other numbers. */
enum { TOOL_OPTION_DIR = 'd', TOOL_OPTION_HELP = 'h', TOOL_OPTION_OWNER = 'o' };
#define TOOL_USUAL_OPTIONS                                     \
    {"dir", required_argument, NULL, TOOL_OPTION_DIR},         \
        {"owner", required_argument, NULL, TOOL_OPTION_OWNER}, \
        {"help", no_argument, NULL, TOOL_OPTION_HELP},         \
    {                                                          \
        0                                                      \
    }

/** What getopt found that each command has; and how that ended. */
struct tool_arguments {
    struct seam_region_options region;
    uid_t owner; /**< that region.owner leads to */
    enum tool_status status;
    bool is_done; /**< nothing is left to do: exit with status */
};

/**
 * The next option of the command's own.
 * @return the option; -1: there are no more, or arguments->is_done
 */
int tool_next_option(const struct tool_command *command, int argc, char **argv,
                     const struct option *options, struct tool_arguments *arguments);

/** Leaves other users' objects out, but for those of a given --owner. */
void tool_leave_out_others(struct tool_arguments *arguments);

/** A number with an optional k, M or G (of 1024). @return false after telling the user */
bool tool_parse_size(const struct tool_command *command, const char *option, const char *word,
                     uint64_t *ret_size);

/** A word and the number it stands for; the last one's word is NULL. */
struct tool_choice {
    const char *word;
    int value;
};

extern const struct tool_choice tool_modes[], tool_policies[], tool_waits[], tool_kinds[],
    tool_types[], tool_writers[], tool_states[];

/** @return false after telling the user */
bool tool_parse_choice(const struct tool_command *command, const char *option, const char *word,
                       const struct tool_choice *choices, int *ret_value);

/** The word for a number; "?" where there is none. */
const char *tool_word(const struct tool_choice *choices, int value);

/** An index of an element; `last` is SEAM_LAST. @return false after telling the user */
bool tool_parse_index(const struct tool_command *command, const char *word, size_t *ret_index);

/**
 * For commands with options_first: takes a `--` out of the words, behind which a word may begin
 * with a dash. @return how many words are left
 */
int tool_drop_dashes(int argc, char **argv);

/** The only NAME that a command takes, behind its options. @return NULL after telling the user */
const char *tool_only_name(const struct tool_command *command, int argc, char **argv);

/** Room for any name, also of a process. */
#define TOOL_NAME (SEAM_NAME_MAX + 1)

/**
 * A name as it may be shown: what would command a terminal is a question mark.
 * @param text  room for TOOL_NAME
 */
const char *tool_printable(const char *name, char *text);

/** More than there can be at a channel: 112 cursors and 64 lanes. */
#define TOOL_PARTIES 256

/* Numbers for people; @param text  room for the result */
#define TOOL_TEXT 24
const char *tool_bytes(uint64_t bytes, char *text);
const char *tool_age(int64_t created_ns, char *text);

#endif
