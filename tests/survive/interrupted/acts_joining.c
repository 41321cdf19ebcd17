/* SPDX-License-Identifier: MIT */
/* Coming to a channel, taking it over, and leaving it. */
#include <errno.h>
#include <string.h>

#include "acts_channel.h"

static int open_as(struct act_scene *scene, enum seam_role role, const char *cursor)
{
    struct seam_channel_options options = act_options(scene, role);
    options.cursor = cursor;
    return seam_channel_open(ACT_NAME, &options, &scene->channel);
}

static int open_writer(struct act_scene *scene)
{
    return open_as(scene, SEAM_WRITER, NULL);
}

static int open_reader(struct act_scene *scene)
{
    return open_as(scene, SEAM_READER, NULL);
}

static int open_observer(struct act_scene *scene)
{
    return open_as(scene, SEAM_OBSERVER, NULL);
}

static int open_durable(struct act_scene *scene)
{
    return open_as(scene, SEAM_READER, ACT_CURSOR);
}

/** A cursor of a new name, which stays, so that it must be forgotten in the end. */
static int open_new_durable(struct act_scene *scene)
{
    return open_as(scene, SEAM_READER, "new");
}

/**
 * The cursor "new" is there or not: as the act has left it where it succeeded, else either way.
 * @param done  what forgetting it says in the first case
 */
static void after_cursor(struct act_scene *scene, int done)
{
    struct seam_channel *observer = act_open(scene, SEAM_OBSERVER);
    int error = seam_channel_forget(observer, "new");
    CHECK(error == done || ((error == 0 || error == -ENOENT) && !act_succeeded(scene)),
          "forget: %s", strerror(-error));
    seam_channel_close(observer);
    act_channel_after(scene);
}

static void after_new_durable(struct act_scene *scene)
{
    after_cursor(scene, 0);
}

static void after_forget(struct act_scene *scene)
{
    after_cursor(scene, -ENOENT);
}

static void enter_reader_without_name(struct act_scene *scene)
{
    int error = open_reader(scene);
    CHECK(error == 0, "open: %s", seam_error_detail());
}

static int close_handle(struct act_scene *scene)
{
    act_channel_leave(scene);
    return 0;
}

static int reopen(struct act_scene *scene)
{
    struct seam_channel *second;
    struct seam_channel_options options = act_options(scene, SEAM_OBSERVER);
    int error = seam_channel_reopen(scene->channel, &options, &second);
    if (error == 0) {
        seam_channel_close(second);
    }
    return error;
}

static void before_with_cursor(struct act_scene *scene)
{
    act_channel_before(scene);
    CHECK(open_new_durable(scene) == 0, "open: %s", seam_error_detail());
    act_channel_leave(scene);
}

static void enter_observer(struct act_scene *scene)
{
    scene->channel = act_open(scene, SEAM_OBSERVER);
}

static int forget(struct act_scene *scene)
{
    return seam_channel_forget(scene->channel, "new");
}

#define COMING .locked = true, .leave = act_channel_leave, .after = act_channel_after
#define BY_WRITER .meanwhile = act_meanwhile_writer
#define BY_READER .meanwhile = act_meanwhile_reader

static const struct act joining[] = {
    {"open as a writer",
     {.policy = SEAM_LOSSLESS},
     .before = act_channel_before,
     .perform = open_writer,
     COMING,
     BY_WRITER},
    {"take over from a killed writer",
     {.policy = SEAM_LOSSLESS},
     .before = act_channel_before_half_sent,
     .perform = open_writer,
     COMING,
     BY_WRITER},
    {"take over from one of many",
     {.policy = SEAM_LOSSLESS, .many_writers = true},
     .before = act_channel_before_half_sent,
     .perform = open_writer,
     COMING,
     BY_WRITER},
    {"take a lane over",
     {.policy = SEAM_LOSSLESS, .writers = 2},
     .before = act_channel_before_half_sent,
     .perform = open_writer,
     COMING,
     BY_WRITER},
    {"join",
     {.policy = SEAM_LOSSLESS},
     .before = act_channel_before,
     .perform = open_reader,
     COMING,
     BY_READER},
    {"join lanes",
     {.policy = SEAM_LOSSLESS, .writers = 2},
     .before = act_channel_before,
     .perform = open_reader,
     COMING,
     BY_READER},
    {"join workers",
     {.policy = SEAM_WORK_QUEUE},
     .before = act_channel_before,
     .perform = open_reader,
     COMING,
     BY_READER},
    {"join by a name",
     {.policy = SEAM_LOSSLESS},
     .before = act_channel_before,
     .perform = open_durable,
     COMING,
     BY_READER},
    {"join by a new name",
     {.policy = SEAM_LOSSLESS},
     .locked = true,
     .before = act_channel_before,
     .perform = open_new_durable,
     .leave = act_channel_leave,
     BY_READER,
     .after = after_new_durable},
    {"observe",
     {.policy = SEAM_OVERWRITE},
     .overtaken = -EAGAIN,
     .before = act_channel_before,
     .perform = open_observer,
     COMING,
     BY_READER},
    {"reopen",
     {.policy = SEAM_LOSSLESS},
     .locked = true,
     .before = act_channel_before,
     .enter = act_enter_reader,
     .perform = reopen,
     .leave = act_channel_leave,
     BY_READER,
     .after = act_channel_after},
    {"leave",
     {.policy = SEAM_LOSSLESS},
     .locked = true,
     .before = act_channel_before,
     .enter = enter_reader_without_name,
     .perform = close_handle,
     .leave = act_channel_leave,
     BY_READER,
     .after = act_channel_after},
    {"leave as a writer",
     {.policy = SEAM_LOSSLESS},
     .locked = true,
     .before = act_channel_before,
     .enter = act_enter_writer,
     .perform = close_handle,
     .leave = act_channel_leave,
     BY_WRITER,
     .after = act_channel_after},
    {"leave a lane",
     {.policy = SEAM_LOSSLESS, .writers = 2},
     .locked = true,
     .before = act_channel_before,
     .enter = act_enter_writer,
     .perform = close_handle,
     .leave = act_channel_leave,
     BY_WRITER,
     .after = act_channel_after},
    {"forget",
     {.policy = SEAM_LOSSLESS},
     .locked = true,
     .before = before_with_cursor,
     .enter = enter_observer,
     .perform = forget,
     .leave = act_channel_leave,
     BY_READER,
     .after = after_forget},
};
const struct act_group acts_joining = {"joining", joining, sizeof(joining) / sizeof(joining[0])};
