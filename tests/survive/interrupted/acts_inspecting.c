/* SPDX-License-Identifier: MIT */
/* Looking at a channel from outside, which nobody else notices. */
#include <string.h>

#include "acts_channel.h"

static int inspect(struct act_scene *scene)
{
    struct seam_object_info info;
    (void)scene;
    return seam_object_inspect(ACT_NAME, NULL, &info);
}

static int keep_looking(const struct seam_object_info *info, void *context)
{
    (void)context;
    return strlen(info->name) > SEAM_NAME_MAX;
}

static int visit(struct act_scene *scene)
{
    (void)scene;
    return seam_object_visit(NULL, keep_looking, NULL);
}

static int tell_parties(struct act_scene *scene)
{
    struct seam_party parties[ACT_READERS];
    (void)scene;
    ssize_t count = seam_channel_parties(ACT_NAME, NULL, parties, ACT_READERS);
    return count < 0 ? (int)count : 0;
}

static int check(struct act_scene *scene)
{
    const char *wrong;
    (void)scene;
    return seam_object_check(ACT_NAME, NULL, &wrong);
}

#define LOOKING                                                                   \
    {.policy = SEAM_LOSSLESS, .writers = 2},                                      \
        .before = act_channel_before, .locked = true, .leave = act_channel_leave, \
        .meanwhile = act_meanwhile_reader, .after = act_channel_after

static const struct act inspecting[] = {
    {"inspect", LOOKING, .perform = inspect},
    {"visit", LOOKING, .perform = visit},
    {"tell parties", LOOKING, .perform = tell_parties},
    {"check", LOOKING, .perform = check},
};
const struct act_group acts_inspecting = {"inspecting", inspecting,
                                          sizeof(inspecting) / sizeof(inspecting[0])};
