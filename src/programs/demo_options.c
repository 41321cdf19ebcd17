/* SPDX-License-Identifier: MIT */
#include "demo_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo_common.h"
#include "demo_print.h"

#define SIZE_LEAST 100U
#define SIZE_DEFAULT 4096U

static const char help[] =
    "Usage: channel-demo [OPTION...] [STRING...]\n"
    "  or:  channel-demo [OPTION...] write NAME [STRING...]\n"
    "  or:  channel-demo [OPTION...] read NAME\n"
    "Sends strings through shared memory from one process to another, which prints them.\n"
    "\n"
    "Without a command, a writer and a reader process are started. With `write` and `read` they\n"
    "are two programs, started in either order, that meet under NAME; nothing is lost, and who\n"
    "ends last removes the shared memory. Without a STRING a greeting is sent. The STRING `-`\n"
    "means the lines of standard input. What follows `--` is taken as it stands: no option, no\n"
    "command, no standard input.\n"
    "\n"
    "      --mode=MODE      lock-free (default) or locked\n"
    "      --wait=WAIT      how to wait: spin, adaptive (default) or sleep\n"
    "      --size=BYTES     longest message the channel takes, when it is created: at least 100\n"
    "                       (default 4096)\n"
    "      --verbose        tell on standard error who does what\n"
    "      --help           print this and exit\n"
    "      --version        print the version and exit\n"
    "  write:\n"
    "      --overwrite      never wait for a reader: a slow one misses messages, and counts them\n"
    "  read:\n"
    "      --follow         when the writer has ended, wait for the next one\n"
    "      --latest         print the newest message only\n"
    "\n"
    "The shared memory is below /dev/shm, or the directory in the environment variable SEAM_DIR.\n"
    "\n"
    "Exit status: 0 all is well; 1 an error; 3 the writer died before it was done.\n"
    "\n"
    "Examples:\n"
    "  channel-demo \"Short message\"      print that, by way of shared memory\n"
    "  ls | channel-demo -               the same for lines\n"
    "  channel-demo -- write             print \"write\"\n"
    "  channel-demo write news Hello     in one terminal, and\n"
    "  channel-demo read news            in another\n";

enum { MODE = 256, WAIT, SIZE, VERBOSE, HELP, VERSION, OVERWRITE, FOLLOW, LATEST };

static const struct option long_options[] = {
    {"mode", required_argument, NULL, MODE},     {"wait", required_argument, NULL, WAIT},
    {"size", required_argument, NULL, SIZE},     {"verbose", no_argument, NULL, VERBOSE},
    {"help", no_argument, NULL, HELP},           {"version", no_argument, NULL, VERSION},
    {"overwrite", no_argument, NULL, OVERWRITE}, {"follow", no_argument, NULL, FOLLOW},
    {"latest", no_argument, NULL, LATEST},       {0},
};

/** A word of the command line and the number it stands for. */
struct choice {
    const char *word;
    int value;
};

static const struct choice modes[] = {
    {"lock-free", SEAM_LOCK_FREE},
    {"locked", SEAM_LOCKED},
    {0},
};
static const struct choice waits[] = {
    {"spin", SEAM_WAIT_SPIN},
    {"adaptive", SEAM_WAIT_ADAPTIVE},
    {"sleep", SEAM_WAIT_SLEEP},
    {0},
};

void demo_usage_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("channel-demo: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputs("\nTry 'channel-demo --help'.\n", stderr);
    va_end(arguments);
}

/** @return the value of @p word, or -1 after telling the user */
static int choose(const char *option, const char *word, const struct choice *choices)
{
    for (const struct choice *c = choices; c->word != NULL; c++) {
        if (strcmp(c->word, word) == 0) {
            return c->value;
        }
    }
    demo_usage_error("--%s does not know \"%s\"", option, word);
    return -1;
}

/** @return false after telling the user */
static bool parse_size(const char *word, size_t *ret_size)
{
    if (word[0] == '\0' || word[strspn(word, "0123456789")] != '\0') {
        demo_usage_error("--size needs a number of bytes, not \"%s\"", word);
        return false;
    }
    errno = 0;
    unsigned long long size = strtoull(word, NULL, 10);
    if (errno != 0 || size > SIZE_MAX) {
        demo_usage_error("--size %s is too large", word);
        return false;
    }
    if (size < SIZE_LEAST) {
        demo_usage_error("--size %s is too small: at least %u bytes", word, SIZE_LEAST);
        return false;
    }
    *ret_size = (size_t)size;
    return true;
}

static enum demo_parsed print_and_end(const char *text)
{
    return demo_print_text(text, strlen(text)) == 0 ? DEMO_PARSED_DONE : DEMO_PARSED_BAD;
}

static enum demo_parsed print_version(void)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "channel-demo %s\n", seam_version());
    return print_and_end(text);
}

static enum demo_parsed parse_choice(int option, struct demo_options *o)
{
    int value = option == MODE ? choose("mode", optarg, modes) : choose("wait", optarg, waits);
    if (value < 0) {
        return DEMO_PARSED_BAD;
    }
    if (option == MODE) {
        o->mode = (enum seam_mode)value;
    } else {
        o->wait = (enum seam_wait)value;
    }
    return DEMO_PARSED;
}

static enum demo_parsed parse_option(int option, struct demo_options *o)
{
    switch (option) {
    case 1: /* not an option; getopt hands them out in order */
        o->words[o->word_count++] = optarg;
        return DEMO_PARSED;
    case MODE:
    case WAIT:
        return parse_choice(option, o);
    case SIZE:
        o->size_given = true;
        return parse_size(optarg, &o->size) ? DEMO_PARSED : DEMO_PARSED_BAD;
    case VERBOSE:
        o->verbose = true;
        return DEMO_PARSED;
    case OVERWRITE:
        o->overwrite = true;
        return DEMO_PARSED;
    case FOLLOW:
        o->follow = true;
        return DEMO_PARSED;
    case LATEST:
        o->latest = true;
        return DEMO_PARSED;
    case HELP:
        return print_and_end(help);
    case VERSION:
        return print_version();
    default: /* getopt has said what is wrong */
        (void)fputs("Try 'channel-demo --help'.\n", stderr);
        return DEMO_PARSED_BAD;
    }
}

enum demo_parsed demo_options_parse(int argc, char **argv, struct demo_options *ret_options)
{
    struct demo_options o = {.size = SIZE_DEFAULT};
    o.store = calloc((size_t)argc + 1, sizeof(*o.store));
    if (o.store == NULL) {
        demo_error("no memory for the command line");
        return DEMO_PARSED_BAD;
    }
    o.words = o.store;
    enum demo_parsed parsed = DEMO_PARSED;
    int option;
    /* The leading '-' has words returned in order, so it is known which stand behind `--`. */
    while (parsed == DEMO_PARSED &&
           (option = getopt_long(argc, argv, "-", long_options, NULL)) != -1) {
        parsed = parse_option(option, &o);
    }
    o.literal_from = o.word_count;
    while (parsed == DEMO_PARSED && optind < argc) {
        o.words[o.word_count++] = argv[optind++];
    }
    if (parsed != DEMO_PARSED) {
        demo_options_free(&o);
        return parsed;
    }
    *ret_options = o;
    return DEMO_PARSED;
}

void demo_options_free(struct demo_options *options)
{
    free(options->store);
}

bool demo_is_stdin(const struct demo_options *options, int index)
{
    return index < options->literal_from && strcmp(options->words[index], "-") == 0;
}
