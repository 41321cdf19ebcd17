/* SPDX-License-Identifier: MIT */
/* What processes can share: strings that go from one to another, and more. See --help. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "demo/common.h"
#include "demo/count.h"
#include "demo/deadlock.h"
#include "demo/list.h"
#include "demo/options.h"
#include "demo/pair.h"
#include "demo/read.h"
#include "demo/squares.h"
#include "demo/write.h"
#include "descriptors.h"
#include "signals.h"

/** A command and what its command line may say. */
struct command {
    const char *word;
    enum demo_status (*run)(const struct demo_options *options);
    bool is_named;      /* needs a NAME */
    bool takes_strings; /* after it */
    unsigned knows;     /* bits of options */
};

#define CHANNEL (DEMO_MODE | DEMO_WAIT | DEMO_SIZE)
#define COUNT (DEMO_MODE | DEMO_WAIT | DEMO_NO_LOCK | DEMO_REPEAT)

static const struct command commands[] = {
    {"write", demo_write, true, true, CHANNEL | DEMO_OVERWRITE},
    {"read", demo_read, true, false, CHANNEL | DEMO_FOLLOW | DEMO_LATEST},
    {"squares", demo_squares, false, false, DEMO_MODE | DEMO_WAIT},
    {"bank", demo_bank, false, false, COUNT},
    {"counter", demo_counter, false, false, COUNT | DEMO_PROCESSES | DEMO_TIMES},
    {"list", demo_list, false, false, DEMO_MODE | DEMO_WAIT | DEMO_START},
    {"deadlock", demo_deadlock, false, false, DEMO_WAIT},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command plain = {"", demo_pair, false, true, CHANNEL};

static const char *greeting[] = {"Hello from shared memory!"};

static const char *take_word(struct demo_options *o)
{
    o->word_count--;
    o->literal_from -= o->literal_from > 0 ? 1 : 0;
    return *o->words++;
}

/** The first word names the command, unless `--` stands before it. */
static const struct command *find_command(struct demo_options *o)
{
    for (size_t i = 0; o->literal_from > 0 && i < COMMANDS; i++) {
        if (strcmp(o->words[0], commands[i].word) == 0) {
            (void)take_word(o);
            return &commands[i];
        }
    }
    return &plain;
}

/** Says that the command does not know an option, and which ones do. */
static void say_unknown(const struct command *command, unsigned option)
{
    char who[128] = "";
    for (size_t i = 0; i < COMMANDS; i++) {
        if ((commands[i].knows & option) != 0) {
            size_t size = strlen(who);
            (void)snprintf(who + size, sizeof(who) - size, "%s`%s`", size > 0 ? ", " : "",
                           commands[i].word);
        }
    }
    const char *name = demo_option_name(option);
    if (command == &plain) {
        demo_usage_error("--%s is for %s", name, who);
    } else {
        demo_usage_error("`%s` does not know --%s, which is for %s", command->word, name, who);
    }
}

/** Whether the command can do what the command line says; else tells the user. */
static bool check_options(const struct command *command, const struct demo_options *o)
{
    unsigned unknown = o->given & ~command->knows;
    if (unknown != 0) {
        say_unknown(command, unknown & (0U - unknown)); /* the lowest bit */
        return false;
    }
    if (o->no_lock && o->mode == SEAM_LOCK_FREE) {
        demo_usage_error("`%s --mode=lock-free` has no lock that --no-lock could leave out",
                         command->word);
        return false;
    }
    return true;
}

/** Takes the words the command needs. */
static bool take_words(const struct command *command, struct demo_options *o)
{
    if (command->is_named && o->word_count == 0) {
        demo_usage_error("`%s` needs a NAME", command->word);
        return false;
    }
    if (command->is_named) {
        o->name = take_word(o);
    }
    if (!command->takes_strings && o->word_count > 0) {
        demo_usage_error("`%s` takes no \"%s\"", command->word, o->words[0]);
        return false;
    }
    if (o->word_count == 0) {
        o->words = greeting;
        o->word_count = 1;
    }
    return true;
}

static enum demo_status run(struct demo_options *options)
{
    const struct command *command = find_command(options);
    if (!check_options(command, options) || !take_words(command, options)) {
        return DEMO_FAILED;
    }
    return command->run(options);
}

int main(int argc, char **argv)
{
    struct demo_options options;
    if (!descriptors_fill()) {
        return DEMO_FAILED;
    }
    /* Two processes write here: whole lines. */
    (void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    signals_install();
    enum demo_status status = DEMO_FAILED;
    switch (demo_options_parse(argc, argv, &options)) {
    case DEMO_PARSED:
        status = run(&options);
        demo_options_free(&options);
        break;
    case DEMO_PARSED_DONE:
        status = DEMO_OK;
        break;
    case DEMO_PARSED_BAD:
        break;
    }
    signals_die();
    return status;
}
