/* SPDX-License-Identifier: MIT */
/* Handing an anonymous channel over a socket, and taking it from there. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "acts_channel.h"

static int sockets[2]; /* of the process that performs */

static int pass(struct act_scene *scene)
{
    return seam_channel_pass(scene->channel, sockets[0], SEAM_READER);
}

static void enter_sender(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_WRITER);
    scene->channel = test_create(&options);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "%s", strerror(errno));
}

static void enter_receiver(struct act_scene *scene)
{
    enter_sender(scene);
    CHECK(pass(scene) == 0, "pass: %s", seam_error_detail());
}

static int take(struct act_scene *scene)
{
    struct seam_channel *taken = NULL;
    struct seam_channel_options options = act_options(scene, SEAM_READER);
    int error = seam_channel_take(sockets[1], &options, &taken);
    scene->object = taken;
    return error;
}

static void leave(struct act_scene *scene)
{
    seam_channel_close(scene->object);
    scene->object = NULL;
    act_channel_leave(scene);
    (void)close(sockets[0]);
    (void)close(sockets[1]);
}

/** All of it was the process's own. */
static void after(struct act_scene *scene)
{
    (void)scene;
}

static const struct act passing[] = {
    {"pass",
     {.policy = SEAM_LOSSLESS},
     .locked = true,
     .enter = enter_sender,
     .perform = pass,
     .leave = leave,
     .after = after},
    {"take",
     {.policy = SEAM_LOSSLESS},
     .locked = true,
     .enter = enter_receiver,
     .perform = take,
     .leave = leave,
     .after = after},
};
const struct act_group acts_passing = {"passing", passing, sizeof(passing) / sizeof(passing[0])};
