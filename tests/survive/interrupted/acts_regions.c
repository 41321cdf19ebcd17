/* SPDX-License-Identifier: MIT */
/* Making and removing: the name is there complete, or not at all. */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "acts_channel.h"

void act_expect_no_files(void)
{
    DIR *directory = opendir(test_dir());
    CHECK(directory != NULL, "%s", strerror(errno));
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        CHECK(strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0, "%s is left",
              entry->d_name);
    }
    (void)closedir(directory);
}

static int create(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_WRITER);
    options.cursor = ACT_CURSOR;
    return seam_channel_create(ACT_NAME, &options, &scene->channel);
}

/** It maps the log for writing, makes it, and only reads from then on. */
static int create_as_reader(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_READER);
    options.cursor = ACT_CURSOR;
    options.region.prefault = true;
    options.region.lock_memory = true;
    return seam_channel_create(ACT_NAME, &options, &scene->channel);
}

/** Whether this process has some log mapped for writing. */
static bool may_write_log(void)
{
    char line[4096 + 128];
    bool may = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    CHECK(maps != NULL, "%s", strerror(errno));
    while (fgets(line, sizeof(line), maps) != NULL) {
        may = may || (strstr(line, " rw-s ") != NULL && strstr(line, "/log") != NULL);
    }
    (void)fclose(maps);
    return may;
}

static void leave_as_reader(struct act_scene *scene)
{
    CHECK(!may_write_log(), "a reader may write");
    act_channel_leave(scene);
}

static int create_anonymous(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_WRITER);
    return seam_channel_create(NULL, &options, &scene->channel);
}

static int unlink_name(struct act_scene *scene)
{
    (void)scene;
    return seam_channel_unlink(ACT_NAME, NULL);
}

static int collect(struct act_scene *scene)
{
    (void)scene;
    return seam_object_collect(ACT_NAME, NULL);
}

/** Others make, find and remove what they like, under this name and under another. */
static void meanwhile(struct act_scene *scene)
{
    struct seam_channel *channel;
    struct seam_channel_options options = act_options(scene, SEAM_WRITER);
    int error = seam_channel_create("other", &options, &channel);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    seam_channel_close(channel);
    CHECK(seam_channel_unlink("other", NULL) == 0, "unlink: %s", seam_error_detail());
    options.role = SEAM_OBSERVER;
    error = seam_channel_open(ACT_NAME, &options, &channel);
    CHECK(error == 0 || error == -ENOENT, "open: %s: %s", seam_error_detail(), strerror(-error));
    if (error == 0) {
        seam_channel_close(channel);
    }
}

/** The name can be had again, and nothing but it is there. */
static void create_again(struct act_scene *scene)
{
    int error = seam_channel_unlink(ACT_NAME, NULL);
    CHECK(error == 0 || error == -ENOENT, "unlink: %s: %s", seam_error_detail(), strerror(-error));
    act_expect_no_files();
    error = create(scene);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    act_channel_leave(scene);
    CHECK(seam_channel_unlink(ACT_NAME, NULL) == 0, "unlink: %s", seam_error_detail());
}

static void after_create(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_READER);
    options.cursor = ACT_CURSOR;
    int error = seam_channel_open(ACT_NAME, &options, &scene->channel);
    CHECK(error == 0 || (error == -ENOENT && !act_succeeded(scene)), "open: %s: %s",
          seam_error_detail(), strerror(-error));
    if (error == 0) {
        CHECK(act_recv(scene->channel) == 0, "a message that nobody sent");
        act_channel_leave(scene);
    }
    create_again(scene);
}

/** What was to be removed is gone, or whole. */
static void after_removal(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_READER);
    options.cursor = ACT_CURSOR;
    int error = seam_channel_open(ACT_NAME, &options, &scene->channel);
    CHECK(error == -ENOENT || (error == 0 && !act_succeeded(scene)), "open: %s: %s",
          seam_error_detail(), strerror(-error));
    for (uint64_t number = 1; error == 0 && number <= scene->sent; number++) {
        CHECK(act_recv(scene->channel) == number, "the messages are not there");
    }
    if (error == 0) {
        act_channel_leave(scene);
    }
    create_again(scene);
}

static void enter_as_last(struct act_scene *scene)
{
    struct seam_channel_options options = act_options(scene, SEAM_OBSERVER);
    options.region.unlink_last = true;
    CHECK(seam_channel_open(ACT_NAME, &options, &scene->channel) == 0, "%s", seam_error_detail());
}

static int close_last(struct act_scene *scene)
{
    act_channel_leave(scene);
    return 0;
}

static void after_last(struct act_scene *scene)
{
    scene->report->performed = false; /* closing says nothing: the name may be left */
    after_removal(scene);
}

#define LOSSLESS {.policy = SEAM_LOSSLESS}, .locked = true, .meanwhile = meanwhile

static const struct act regions[] = {
    {"create", LOSSLESS, .perform = create, .leave = act_channel_leave, .after = after_create},
    {"create as a reader", LOSSLESS, .perform = create_as_reader, .leave = leave_as_reader,
     .after = after_create},
    {"create anonymous", LOSSLESS, .perform = create_anonymous, .leave = act_channel_leave,
     .after = create_again},
    {"unlink", LOSSLESS, .before = act_channel_before, .perform = unlink_name,
     .leave = act_channel_leave, .after = after_removal},
    {"collect", LOSSLESS, .before = act_channel_before, .perform = collect,
     .leave = act_channel_leave, .after = after_removal},
    {"close, the last one out", LOSSLESS, .before = act_channel_before, .enter = enter_as_last,
     .perform = close_last, .leave = act_channel_leave, .after = after_last},
};
const struct act_group acts_regions = {"regions", regions, sizeof(regions) / sizeof(regions[0])};
