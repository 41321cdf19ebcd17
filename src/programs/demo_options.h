/* SPDX-License-Identifier: MIT */
/* The command line: options first, then words. Which words mean what is up to the commands. */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "seam/seam.h"

/** What the user asked for. */
struct demo_options {
    enum seam_mode mode; /**< SEAM_MODE_DEFAULT: not said */
    enum seam_wait wait;
    size_t size; /**< longest message of a channel that is created */
    bool size_given;
    bool verbose;
    bool follow, latest; /**< read */
    bool overwrite;      /**< write */
    const char *name;    /**< of the channel; NULL: anonymous */
    const char **words;  /**< on return from parsing all of them, later the strings to be sent */
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

/** Says what is wrong with the command line, and where to find help. */
__attribute__((format(printf, 1, 2))) void demo_usage_error(const char *format, ...);

#endif
