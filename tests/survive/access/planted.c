/* SPDX-License-Identifier: MIT */
/*
 * Things planted in the place of a name, of what is built aside, of a log or a desk: whoever comes
 * is told so by name, follows nothing, waits for nothing, and leaves what it found as it was.
 */
#include "access.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "plants.h"

#define NAME "x"
#define ASIDE ".seam-x"

static const struct access_user *visitor; /* NULL: whoever runs this */

/* ---- who comes by ---- */

struct scene {
    enum any_kind kind;
    const struct access_plant *plant;
    const char *detail;
    bool desk;
};

static void come_by(int (*run)(void *context), struct scene *s)
{
    if (visitor != NULL) {
        access_as(visitor, run, s);
    } else {
        CHECK(test_join(test_spawn(run, s)), "%s: %s", access_name(s->kind), s->plant->what);
    }
}

static int error_of(const char *detail)
{
    return strcmp(detail, "owner") == 0 ? -EPERM : -EPROTO;
}

static void refuse_to_open(const struct scene *s)
{
    void *thing = NULL;
    int before = access_descriptors();
    for (int writable = 0; writable < 2; writable++) {
        int error = access_open(s->kind, NAME, NULL, writable, &thing);
        access_refused(error, error_of(s->detail), s->detail, s->plant->what);
    }
    CHECK(thing == NULL && access_descriptors() == before, "%s: descriptors", s->plant->what);
}

static int meet_name(void *context)
{
    const struct scene *s = context;
    void *thing = NULL;
    refuse_to_open(s);
    access_refused(access_create(s->kind, NAME, NULL, &thing), -EEXIST, NULL, s->plant->what);
    int error = access_unlink(s->kind, NAME, NULL);
    access_refused(error, error_of(s->detail), NULL, s->plant->what);
    return 0;
}

static int meet_aside(void *context)
{
    const struct scene *s = context;
    void *thing = NULL, *again = NULL;
    access_refused(access_open(s->kind, NAME, NULL, true, &thing), -ENOENT, "open", "open");
    access_refused(access_unlink(s->kind, NAME, NULL), -ENOENT, "open", "unlink");
    int error = access_create(s->kind, NAME, NULL, &thing);
    CHECK(error == 0, "%s: %s: %s", s->plant->what, seam_error_detail(), strerror(-error));
    CHECK(access_change(s->kind, thing, 10) == 0, "%s", access_name(s->kind));
    CHECK(access_open(s->kind, NAME, NULL, true, &again) == 0, "%s", seam_error_detail());
    access_refused(access_create(s->kind, NAME, NULL, &thing), -EEXIST, NULL, s->plant->what);
    access_close(s->kind, again);
    access_close(s->kind, thing);
    error = access_unlink(s->kind, NAME, NULL);
    CHECK(error == 0, "%s: %s: %s", s->plant->what, seam_error_detail(), strerror(-error));
    return 0;
}

static int make_region(void *context)
{
    const struct scene *s = context;
    void *thing = NULL;
    CHECK(access_create(s->kind, NAME, NULL, &thing) == 0, "%s", seam_error_detail());
    access_close(s->kind, thing);
    return 0;
}

static int meet_file(void *context)
{
    refuse_to_open(context);
    return 0;
}

/** What is no region's is left; a link, or what stands for a desk, is removed, nothing behind it.
 */
static int unlink_file(void *context)
{
    const struct scene *s = context;
    struct stat status;
    bool directory = lstat(access_path(NAME "/%s", s->desk ? "desk" : "log"), &status) == 0 &&
                     S_ISDIR(status.st_mode);
    int error = access_unlink(s->kind, NAME, NULL);
    if (!s->desk || directory) {
        access_refused(error, -EPROTO, NULL, s->plant->what);
    } else {
        CHECK(error == 0, "%s: %s: %s", s->plant->what, seam_error_detail(), strerror(-error));
    }
    return 0;
}

/* ---- the places ---- */

static void in_place_of_name(struct scene *s)
{
    if (s->plant->set(access_path(NAME))) {
        uint64_t before = access_picture();
        s->detail = s->plant->as_name;
        come_by(meet_name, s);
        CHECK(access_picture() == before, "%s changed", s->plant->what);
        access_clear(access_path(NAME));
    }
}

static void in_place_of_aside(struct scene *s)
{
    uint64_t without = access_picture();
    if (s->plant->set(access_path(ASIDE))) {
        uint64_t before = access_picture();
        come_by(meet_aside, s);
        CHECK(access_picture() == (s->plant->used_up ? without : before), "%s changed",
              s->plant->what);
        access_clear(access_path(ASIDE));
    }
}

static void in_place_of_file(struct scene *s, bool desk)
{
    s->desk = desk;
    s->detail = desk ? s->plant->as_desk : s->plant->as_log;
    come_by(make_region, s);
    const char *const path = desk ? access_path(NAME "/desk") : access_path(NAME "/log");
    CHECK(unlink(path) == 0, "%s", strerror(errno));
    if (s->plant->set(path)) {
        uint64_t before = access_picture();
        come_by(meet_file, s);
        CHECK(access_picture() == before, "%s changed", s->plant->what);
        come_by(unlink_file, s);
        CHECK(access(access_path(NAME), F_OK) != 0 || access_picture() == before,
              "half removed: %s", s->plant->what);
    }
    access_clear(access_path(NAME));
}

/** All that can be planted, everywhere, for whoever is the visitor. */
static void visit_all(bool by_root)
{
    access_plants_begin(by_root, visitor != NULL ? visitor->uid : geteuid());
    EACH_THING(kind)
    {
        for (size_t i = 0; i < access_plant_count && !access_leaves_out(kind); i++) {
            struct scene s = {.kind = kind, .plant = &access_plants[i]};
            uint64_t before = access_picture();
            in_place_of_name(&s);
            in_place_of_aside(&s);
            in_place_of_file(&s, false);
            in_place_of_file(&s, true);
            CHECK(access_picture() == before, "%s: something is left, or gone", s.plant->what);
        }
    }
    access_plants_end();
}

int main(int argc, char **argv)
{
    struct seam_channel *region;
    access_begin(argc, argv);
    bool by_root = access_have_users();
    CHECK(seam_channel_create("region", NULL, &region) == 0, "%s", seam_error_detail());
    seam_channel_close(region);
    visit_all(by_root);
    if (by_root) {
        visitor = &access_owner;
        visit_all(by_root);
    }
    CHECK(seam_channel_unlink("region", NULL) == 0, "%s", seam_error_detail());
    access_end("planted");
    return 0;
}
