/* SPDX-License-Identifier: MIT */
#include "demo/common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS INT64_C(1000000000)

void demo_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("channel-demo: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputs("\n", stderr);
    va_end(arguments);
}

void demo_note(const struct demo_options *options, const char *format, ...)
{
    if (!options->verbose) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "channel-demo[%ld]: ", (long)getpid());
    (void)vfprintf(stderr, format, arguments);
    (void)fputs("\n", stderr);
    va_end(arguments);
}

void demo_channel_error(const struct demo_options *options, const char *action, int error)
{
    const char *detail = seam_error_detail();
    if (options->name == NULL) {
        demo_error("cannot %s a channel for messages of %zu bytes: %s: %s", action, options->size,
                   detail, strerror(-error));
    } else if (error == -EINVAL && strcmp(detail, "name") == 0) {
        demo_error("\"%s\" is no name for a channel: it takes 1 to %d bytes, no '/', and no '.' at "
                   "the beginning",
                   options->name, SEAM_NAME_MAX);
    } else {
        demo_error("cannot %s channel \"%s\" for messages of %zu bytes: %s: %s", action,
                   options->name, options->size, detail, strerror(-error));
    }
}

void demo_too_long_error(const struct demo_options *options, const char *what, size_t size,
                         size_t limit)
{
    const char *name = options->name;
    demo_error("a %s of %zu bytes is too long for %s%s%s, which takes messages of at most %zu "
               "bytes (see --size)",
               what, size, name != NULL ? "channel \"" : "the channel", name != NULL ? name : "",
               name != NULL ? "\"" : "", limit);
}

struct seam_channel_options demo_handle_options(const struct demo_options *options,
                                                enum seam_role role)
{
    return (struct seam_channel_options){
        .region.unlink_last = options->name != NULL,
        .role = role,
        .wait = options->wait,
    };
}

bool demo_patience_ends(struct demo_patience *patience)
{
    if (patience->end_ns == 0) {
        patience->end_ns = seam_deadline_in_ns(PATIENCE_NS);
        return false;
    }
    if (patience->spoken || seam_deadline_in_ns(0) < patience->end_ns) {
        return false;
    }
    patience->spoken = true;
    return true;
}

void demo_nap(int64_t ns)
{
    const struct timespec time = {.tv_nsec = (long)ns};
    (void)nanosleep(&time, NULL);
}
