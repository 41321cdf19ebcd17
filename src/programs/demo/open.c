/* SPDX-License-Identifier: MIT */
#include "demo/open.h"

#include <errno.h>
#include <string.h>

#include "demo/send.h"
#include "signals.h"

/* The cursor that one reader leaves to the next. */
#define CURSOR "reader"
/* How long to go on when others make and remove the same name all the time. */
#define PATIENCE_NS INT64_C(5000000000)
#define NAP_NS INT64_C(1000000)
/* The user has been told already; no error of the library. */
#define TOLD 1

/** Whether the channel is as the command line wants it; says so if not. */
static bool suits(const struct demo_options *options, enum seam_role role,
                  const struct seam_channel_info *info)
{
    if (options->mode != SEAM_MODE_DEFAULT && options->mode != info->mode) {
        demo_error("channel \"%s\" exists already, and is %s", options->name,
                   info->mode == SEAM_LOCKED ? "locked" : "lock-free");
        return false;
    }
    size_t limit = info->max_message;
    if ((options->given & DEMO_SIZE) != 0 && options->size < limit) {
        limit = options->size;
    }
    return role != SEAM_WRITER || demo_strings_fit(options, limit);
}

static int open_for(const struct demo_options *options, enum seam_role role,
                    const struct seam_channel_info *info, struct seam_channel **ret_channel)
{
    struct seam_channel_options wanted = demo_handle_options(options, role);
    wanted.follow = options->follow;
    wanted.overwrite = options->overwrite;
    if (role == SEAM_READER && info->policy == SEAM_LOSSLESS) {
        wanted.cursor = CURSOR;
    } else if (role == SEAM_READER) {
        wanted.role = SEAM_OBSERVER; /* no writer waits for cursors there */
    }
    int error = seam_channel_open(options->name, &wanted, ret_channel);
    if (error == 0) {
        demo_note(options, "%s: opened channel \"%s\" for messages of %zu bytes",
                  role == SEAM_WRITER ? "writer" : "reader", options->name, info->max_message);
    }
    return error;
}

/**
 * Opens the channel as an onlooker first: to be refused must not remove what a dead writer left,
 * nor look to a waiting reader like a writer that came and went.
 */
static int open_existing(const struct demo_options *options, enum seam_role role,
                         struct seam_channel **ret_channel)
{
    struct seam_channel_options looking = demo_handle_options(options, SEAM_OBSERVER);
    looking.region.unlink_last = false;
    struct seam_channel *look;
    struct seam_channel_info info;
    int error = seam_channel_open(options->name, &looking, &look);
    if (error != 0) {
        return error;
    }
    (void)seam_channel_info(look, &info);
    error = suits(options, role, &info) ? open_for(options, role, &info, ret_channel) : TOLD;
    if (error == 0 && role == SEAM_WRITER && info.policy != SEAM_LOSSLESS && !options->overwrite) {
        demo_error("channel \"%s\" was made with --overwrite: a slow reader will miss messages",
                   options->name);
    }
    /* Closed last, so that the other side can't remove the channel in between. */
    seam_channel_close(look);
    return error;
}

static int create(const struct demo_options *options, enum seam_role role,
                  struct seam_channel **ret_channel)
{
    if (role == SEAM_WRITER && !demo_strings_fit(options, options->size)) {
        return TOLD;
    }
    struct seam_channel_options wanted =
        demo_handle_options(options, role == SEAM_WRITER ? SEAM_WRITER : SEAM_READER);
    wanted.max_message = options->size;
    wanted.mode = options->mode;
    wanted.policy = options->overwrite ? SEAM_OVERWRITE : SEAM_LOSSLESS;
    wanted.cursor = options->overwrite ? NULL : CURSOR;
    wanted.follow = options->follow;
    struct seam_channel *channel;
    int error = seam_channel_create(options->name, &wanted, &channel);
    if (error != 0) {
        return error;
    }
    demo_note(options, "%s: created channel \"%s\" for messages of %zu bytes",
              role == SEAM_WRITER ? "writer" : "reader", options->name, options->size);
    if (role != SEAM_OBSERVER) {
        *ret_channel = channel;
        return 0;
    }
    /* The cursor has been made for the readers to come; let go of it. */
    wanted.role = SEAM_OBSERVER;
    wanted.cursor = NULL;
    wanted.max_message = 0;
    error = seam_channel_reopen(channel, &wanted, ret_channel);
    seam_channel_close(channel);
    return error;
}

static void complain(const struct demo_options *options, enum seam_role role, const char *action,
                     int error)
{
    if (error == -EBUSY && strcmp(seam_error_detail(), "lease") == 0) {
        demo_error("another %s has channel \"%s\"", role == SEAM_WRITER ? "writer" : "reader",
                   options->name);
    } else if (error != TOLD && signals_caught() == 0) {
        demo_channel_error(options, action, error);
    }
}

bool demo_open(const struct demo_options *options, enum seam_role role,
               struct seam_channel **ret_channel)
{
    const int64_t deadline_ns = seam_deadline_in_ns(PATIENCE_NS);
    const char *action;
    int error;
    for (;;) {
        action = "open";
        error = open_existing(options, role, ret_channel);
        if (error == -ENOENT) {
            action = "create";
            error = create(options, role, ret_channel);
        }
        /* Made just now by the other side, or being removed by it. */
        if (error != -EEXIST || signals_caught() != 0 || seam_deadline_in_ns(0) >= deadline_ns) {
            break;
        }
        demo_nap(NAP_NS);
    }
    if (error != 0) {
        complain(options, role, action, error);
    }
    return error == 0;
}
