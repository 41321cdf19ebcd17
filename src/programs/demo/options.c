/* SPDX-License-Identifier: MIT */
#include "demo/options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo/common.h"
#include "demo/help.h"
#include "demo/print.h"

#define SIZE_LEAST 100U
#define SIZE_DEFAULT 4096U
#define NUMBER_MOST 1000000000U

/* Every command knows these. */
enum { VERBOSE = 1 << 19, HELP = 1 << 20, VERSION = 1 << 21 };

static const struct option long_options[] = {
    {"mode", required_argument, NULL, DEMO_MODE},
    {"wait", required_argument, NULL, DEMO_WAIT},
    {"size", required_argument, NULL, DEMO_SIZE},
    {"overwrite", no_argument, NULL, DEMO_OVERWRITE},
    {"follow", no_argument, NULL, DEMO_FOLLOW},
    {"latest", no_argument, NULL, DEMO_LATEST},
    {"no-lock", no_argument, NULL, DEMO_NO_LOCK},
    {"repeat", required_argument, NULL, DEMO_REPEAT},
    {"processes", required_argument, NULL, DEMO_PROCESSES},
    {"times", required_argument, NULL, DEMO_TIMES},
    {"start", required_argument, NULL, DEMO_START},
    {"verbose", no_argument, NULL, VERBOSE},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {0},
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

const char *demo_option_name(unsigned bit)
{
    const struct option *o = long_options;
    while (o->name != NULL && (unsigned)o->val != bit) {
        o++;
    }
    return o->name;
}

/** @return false after telling the user */
static bool parse_number(int option, uint64_t least, uint64_t most, uint64_t *ret_number)
{
    const char *name = demo_option_name((unsigned)option);
    if (optarg[0] == '\0' || optarg[strspn(optarg, "0123456789")] != '\0') {
        demo_usage_error("--%s needs a number, not \"%s\"", name, optarg);
        return false;
    }
    errno = 0;
    unsigned long long number = strtoull(optarg, NULL, 10);
    if (errno != 0 || number > most) {
        demo_usage_error("--%s %s is too large: at most %" PRIu64, name, optarg, most);
        return false;
    }
    if (number < least) {
        demo_usage_error("--%s %s is too small: at least %" PRIu64, name, optarg, least);
        return false;
    }
    *ret_number = number;
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

/** Options that take a word or a number. @return false after telling the user */
static bool parse_argument(int option, struct demo_options *o)
{
    int choice;
    uint64_t size;
    switch (option) {
    case DEMO_MODE:
        choice = choose("mode", optarg, modes);
        o->mode = (enum seam_mode)choice;
        return choice >= 0;
    case DEMO_WAIT:
        choice = choose("wait", optarg, waits);
        o->wait = (enum seam_wait)choice;
        return choice >= 0;
    case DEMO_SIZE:
        if (!parse_number(option, SIZE_LEAST, SIZE_MAX, &size)) {
            return false;
        }
        o->size = (size_t)size;
        return true;
    case DEMO_REPEAT:
        return parse_number(option, 1, NUMBER_MOST, &o->repeat);
    case DEMO_PROCESSES:
        return parse_number(option, 1, DEMO_PROCESSES_MOST, &o->processes);
    case DEMO_TIMES:
        return parse_number(option, 1, NUMBER_MOST, &o->times);
    default:
        return parse_number(option, 0, NUMBER_MOST, &o->start);
    }
}

static enum demo_parsed parse_option(int option, struct demo_options *o)
{
    switch (option) {
    case 1: /* not an option; getopt hands them out in order */
        o->words[o->word_count++] = optarg;
        return DEMO_PARSED;
    case '?': /* getopt has said what is wrong */
        (void)fputs("Try 'channel-demo --help'.\n", stderr);
        return DEMO_PARSED_BAD;
    case VERBOSE:
        o->verbose = true;
        return DEMO_PARSED;
    case HELP:
        return print_and_end(demo_help);
    case VERSION:
        return print_version();
    default:
        o->given |= (unsigned)option;
        return optarg == NULL || parse_argument(option, o) ? DEMO_PARSED : DEMO_PARSED_BAD;
    }
}

enum demo_parsed demo_options_parse(int argc, char **argv, struct demo_options *ret_options)
{
    struct demo_options o = {.size = SIZE_DEFAULT, .repeat = 1, .processes = 10, .times = 10};
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
    o.overwrite = (o.given & DEMO_OVERWRITE) != 0;
    o.follow = (o.given & DEMO_FOLLOW) != 0;
    o.latest = (o.given & DEMO_LATEST) != 0;
    o.no_lock = (o.given & DEMO_NO_LOCK) != 0;
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
