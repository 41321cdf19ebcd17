/* SPDX-License-Identifier: MIT */
/* seam sub: messages go to standard output. */
#include <unistd.h>

#include "signals.h"
#include "tool/output.h"
#include "tool/progress.h"
#include "tool/reader.h"
#include "tool/tool.h"

struct subscriber {
    struct reader reader;
    struct output output;
    uint64_t most; /* messages */
};

/** How many messages may come at once. */
static size_t batch_of(const struct subscriber *s)
{
    uint64_t left = s->most - s->reader.received;
    return left < READER_BATCH_MOST ? (size_t)left : READER_BATCH_MOST;
}

static enum tool_status subscribe(struct subscriber *s)
{
    struct progress progress = {.verb = "received"};
    const bool shows_progress = progress_is_file(STDOUT_FILENO, NULL);
    enum tool_status end = TOOL_OK;
    ssize_t count = 0;
    while (signals_caught() == 0 && s->reader.received < s->most) {
        count = reader_next(&s->reader, batch_of(s), &end);
        if (count < 0) {
            break;
        }
        if (output_messages(&s->output, s->reader.messages, (size_t)count) != 0) {
            end = TOOL_FAILED;
            break;
        }
        reader_done(&s->reader);
        if (shows_progress) {
            progress_add(&progress, (uint64_t)count, reader_bytes(&s->reader, count));
        }
    }
    progress_end(&progress);
    return signals_caught() != 0 ? TOOL_FAILED : end;
}

enum { FOLLOW = 1, FROM_START, LATEST, DURABLE, COUNT, TIMESTAMPS, HEX, NULLS, FRAMES, RAW };

/** @return false after telling the user */
static bool parse(int option, struct subscriber *s)
{
    struct seam_channel_options *o = &s->reader.options;
    switch (option) {
    case FOLLOW:
        o->follow = true;
        return true;
    case FROM_START:
        o->start = SEAM_FROM_OLDEST;
        return true;
    case LATEST:
        s->reader.latest = true;
        return true;
    case DURABLE:
        o->cursor = optarg;
        return true;
    case COUNT:
        return tool_parse_size(&tool_sub, "count", optarg, &s->most);
    case TIMESTAMPS:
        s->output.timestamps = true;
        return true;
    case HEX:
        s->output.format = OUTPUT_HEX;
        return true;
    default:
        s->output.format = option == NULLS    ? OUTPUT_NULLS
                           : option == FRAMES ? OUTPUT_FRAMES
                                              : OUTPUT_RAW;
        return true;
    }
}

static enum tool_status run(int argc, char **argv)
{
    static const struct option options[] = {{"follow", no_argument, NULL, FOLLOW},
                                            {"from-start", no_argument, NULL, FROM_START},
                                            {"latest", no_argument, NULL, LATEST},
                                            {"durable", required_argument, NULL, DURABLE},
                                            {"count", required_argument, NULL, COUNT},
                                            {"timestamps", no_argument, NULL, TIMESTAMPS},
                                            {"hex", no_argument, NULL, HEX},
                                            {"null", no_argument, NULL, NULLS},
                                            {"frame", no_argument, NULL, FRAMES},
                                            {"raw", no_argument, NULL, RAW},
                                            TOOL_USUAL_OPTIONS};
    static struct subscriber subscriber = {
        .most = UINT64_MAX, .reader.options = {.role = SEAM_READER, .start = SEAM_FROM_NEXT}};
    struct tool_arguments arguments = {0};
    for (int option;
         (option = tool_next_option(&tool_sub, argc, argv, options, &arguments)) != -1;) {
        if (!parse(option, &subscriber)) {
            return TOOL_USAGE;
        }
    }
    if (arguments.is_done) {
        return arguments.status;
    }
    if (subscriber.output.timestamps && subscriber.output.format != OUTPUT_LINES &&
        subscriber.output.format != OUTPUT_HEX) {
        return tool_usage_error(&tool_sub, "--timestamps is for lines and --hex");
    }
    if (subscriber.reader.latest && subscriber.reader.options.cursor != NULL) {
        return tool_usage_error(&tool_sub, "--latest passes over what --durable is to keep");
    }
    subscriber.reader.name = tool_only_name(&tool_sub, argc, argv);
    if (subscriber.reader.name == NULL) {
        return TOOL_USAGE;
    }
    subscriber.reader.options.region = arguments.region;
    enum tool_status status = reader_open(&subscriber.reader);
    if (status == TOOL_OK) {
        status = subscribe(&subscriber);
        reader_close(&subscriber.reader);
    }
    return status;
}

const struct tool_command tool_sub = {
    "sub",
    "[OPTION]... NAME",
    "print messages as they come, until their writer ends",
    "      --follow          wait for the next writer when the last one is gone\n"
    "      --from-start      from the oldest message that is still there\n"
    "      --latest          only the newest, whenever there is a newer one\n"
    "      --durable=GROUP   go on where the last reader of this name stopped\n"
    "      --count=N         end after so many\n"
    "      --timestamps      the time of receiving before each\n"
    "      --hex             the bytes of each as hexadecimal digits\n"
    "      --null            a zero byte behind each, in place of a newline\n"
    "      --frame           before each its length: 4 bytes, the highest first\n"
    "      --raw             nothing between them: what `seam pub --raw` was given\n",
    run,
    false};
