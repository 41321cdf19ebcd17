/* SPDX-License-Identifier: MIT */
/* What all parts of channel-demo share: exit statuses, talking to the user, patience. */
#ifndef DEMO_COMMON_H
#define DEMO_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "demo/options.h"
#include "seam/seam.h"

/** Exit statuses; they are promised in the help text. */
enum demo_status {
    DEMO_OK = 0,
    DEMO_FAILED = 1,
    DEMO_DIED = 3, /**< a process that was needed died before it was done */
};

/** The longest a loop waits before it looks for signals again. */
#define DEMO_SLICE_NS INT64_C(100000000)

/** Tells the user, on standard error, what went wrong. */
__attribute__((format(printf, 1, 2))) void demo_error(const char *format, ...);

/** Tells the user, on standard error, what this process does, if --verbose asks for it. */
__attribute__((format(printf, 2, 3))) void demo_note(const struct demo_options *options,
                                                     const char *format, ...);

/**
 * Says that a channel can't be had.
 * @param action  "create" or "open"
 * @param error   what the library just returned; seam_error_detail() still is of that call
 */
void demo_channel_error(const struct demo_options *options, const char *action, int error);

/** Says that a message does not fit. @param what  "string" or "line" */
void demo_too_long_error(const struct demo_options *options, const char *what, size_t size,
                         size_t limit);

/** The options of the library that are the same for every handle. */
struct seam_channel_options demo_handle_options(const struct demo_options *options,
                                                enum seam_role role);

/** Says things once, a second after waiting began. */
struct demo_patience {
    int64_t end_ns; /**< zero: not waiting */
    bool spoken;
};

/** Waiting begins, or goes on. @return true once, when it is time to say something */
bool demo_patience_ends(struct demo_patience *patience);

/** Sleeps for @p ns nanoseconds, or to the next signal. */
void demo_nap(int64_t ns);

#endif
