/* SPDX-License-Identifier: MIT */
/* The command line: options first, then words. Which words mean what is up to the commands. */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seam/seam.h"

/** Options that not every command knows; a bit for each. */
enum demo_option {
    DEMO_MODE = 1 << 8, /* below are the letters that getopt returns */
    DEMO_WAIT = 1 << 9,
    DEMO_SIZE = 1 << 10,
    DEMO_OVERWRITE = 1 << 11,
    DEMO_FOLLOW = 1 << 12,
    DEMO_LATEST = 1 << 13,
    DEMO_NO_LOCK = 1 << 14,
    DEMO_REPEAT = 1 << 15,
    DEMO_PROCESSES = 1 << 16,
    DEMO_TIMES = 1 << 17,
    DEMO_START = 1 << 18,
};

/** The most that --processes takes. */
#define DEMO_PROCESSES_MOST 100

/** What the user asked for. */
struct demo_options {
    unsigned given;      /**< bits of the options that were given */
    enum seam_mode mode; /**< SEAM_MODE_DEFAULT: not said */
    enum seam_wait wait;
    size_t size; /**< longest message of a channel that is created */
    bool verbose;
    bool follow, latest;       /**< read */
    bool overwrite;            /**< write */
    bool no_lock;              /**< bank, counter */
    uint64_t repeat;           /**< bank, counter */
    uint64_t processes, times; /**< counter */
    uint64_t start;            /**< list */
    const char *name;          /**< of the channel; NULL: anonymous */
    const char **words; /**< on return from parsing all of them, later the strings to be sent */
    int word_count;
    int literal_from;   /**< words from here on stood behind `--` */
    const char **store; /**< what demo_options_free frees */
};

/** What comes of parsing. */
enum demo_parsed {
    DEMO_PARSED,      /**< go on */
    DEMO_PARSED_DONE, /**< help or version was printed */
    DEMO_PARSED_BAD,  /**< the user has been told what is wrong */
};

/** Fills in @p ret_options from the command line. */
enum demo_parsed demo_options_parse(int argc, char **argv, struct demo_options *ret_options);

void demo_options_free(struct demo_options *options);

/** Whether word @p index means standard input: a `-` that does not stand behind `--`. */
bool demo_is_stdin(const struct demo_options *options, int index);

/** The name of the option with this bit. */
const char *demo_option_name(unsigned bit);

/** Says what is wrong with the command line, and where to find help. */
__attribute__((format(printf, 1, 2))) void demo_usage_error(const char *format, ...);

#endif
