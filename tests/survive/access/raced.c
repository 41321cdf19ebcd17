/* SPDX-License-Identifier: MIT */
/*
 * Two processes create, open and unlink one name while a third plants things in its place and in
 * the place of what is built aside: first one of the same user, then, where there are several
 * users, one of another. Each gets the object or a named error; nothing is left in the end.
 */
#include "access.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define NAME "x"
#define ASIDE ".seam-x"

struct race {
    _Atomic bool stop;
    _Atomic uint64_t created, opened, unlinked, planted; /* how often that worked */
    uint64_t rounds;
    bool users;
};

/** Errors that a planted thing or the other one's doings may cause. */
static const int of_create[] = {-EEXIST, 0};
static const int of_create_alone[] = {-EEXIST, -ENOENT, 0}; /* one's own user may take it away */
static const int of_open[] = {-ENOENT, -EPROTO, -EPERM, 0};
static const int of_unlink[] = {-ENOENT, -EPROTO, -EPERM, -EBUSY, 0};

static bool note(int error, const int *expected, _Atomic uint64_t *count, const char *what)
{
    if (error == 0) {
        atomic_fetch_add(count, 1);
        return true;
    }
    while (*expected != 0 && *expected != error) {
        expected++;
    }
    access_refused(error, *expected, NULL, what);
    return false;
}

/** A list may be full. */
static void use(enum any_kind kind, void *thing)
{
    int error = access_change(kind, thing, 10);
    CHECK(error == 0 || error == -ENOSPC, "%s: %s", access_name(kind), strerror(-error));
}

static void race_once(struct race *race, enum any_kind kind, uint64_t dice)
{
    void *thing = NULL;
    int error;
    switch (dice % 4) {
    case 0:
    case 1:
        error = access_create(kind, NAME, NULL, &thing);
        if (note(error, race->users ? of_create : of_create_alone, &race->created, "create")) {
            use(kind, thing);
        }
        break;
    case 2:
        error = access_open(kind, NAME, NULL, true, &thing);
        if (note(error, of_open, &race->opened, "open")) {
            use(kind, thing);
        }
        break;
    default:
        (void)note(access_unlink(kind, NAME, NULL), of_unlink, &race->unlinked, "unlink");
        break;
    }
    if (thing != NULL) {
        access_close(kind, thing);
    }
}

static int run(void *context)
{
    struct race *race = context;
    uint64_t seed = (uint64_t)getpid() * 1000003;
    int before = access_descriptors();
    for (uint64_t i = 0; i < race->rounds; i++) {
        uint64_t dice = test_mix(seed + i);
        race_once(race, (enum any_kind)((dice >> 8) % (ACCESS_CHANNEL + 1)), dice);
    }
    CHECK(access_descriptors() == before, "descriptors stay open");
    return 0;
}

/** Puts something there for a moment; what of it is still there is taken away again. */
static void plant(struct race *race, const char *path, uint64_t dice)
{
    static const char *const targets[] = {"/", "/dev/null", "nowhere", "."};
    char inside[600];
    int planted;
    (void)snprintf(inside, sizeof(inside), "%s/mine", path);
    switch (dice % 4) {
    case 0:
        planted = mkfifo(path, 0600);
        break;
    case 1:
        planted = symlink(targets[dice / 4 % 4], path);
        break;
    case 2:
        planted = mkdir(path, 0777);
        break;
    default:
        planted = mkdir(path, 0755);
        if (planted == 0 && race->users) { /* one user could only spoil its own objects so */
            (void)mkdir(inside, 0700);
        }
        break;
    }
    if (planted != 0) {
        return;
    }
    atomic_fetch_add(&race->planted, 1);
    (void)usleep((useconds_t)(dice >> 16) % 100);
    (void)rmdir(inside);
    (void)remove(path);
}

static int plant_all_the_time(void *context)
{
    struct race *race = context;
    for (uint64_t i = 0; !atomic_load(&race->stop); i++) {
        uint64_t dice = test_mix(i);
        plant(race, dice % 2 == 0 ? access_path(NAME) : access_path(ASIDE), dice >> 8);
    }
    return 0;
}

/** @param users  the planter is another user than the two that it disturbs */
static void race_all(bool users)
{
    struct race *race = test_shared(sizeof(*race));
    race->rounds = access_is_brief() ? 2000 : 10000;
    race->users = users;
    pid_t planter = users ? access_spawn(&access_stranger, plant_all_the_time, race)
                          : test_spawn(plant_all_the_time, race);
    pid_t runners[2];
    for (int i = 0; i < 2; i++) {
        runners[i] = users ? access_spawn(&access_owner, run, race) : test_spawn(run, race);
    }
    bool first = test_join(runners[0]), second = test_join(runners[1]);
    atomic_store(&race->stop, true);
    CHECK(test_join(planter) && first && second, "race");
    CHECK(race->created > 0 && race->opened > 0 && race->unlinked > 0 && race->planted > 0,
          "nobody met anybody");
    const struct seam_region_options region = {.owner = users ? &access_owner.uid : NULL};
    int error = access_unlink(ACCESS_CHANNEL, NAME, &region);
    CHECK(error == 0 || error == -ENOENT, "%s: %s", seam_error_detail(), strerror(-error));
}

int main(int argc, char **argv)
{
    access_begin(argc, argv);
    race_all(false);
    if (access_have_users()) {
        race_all(true);
    }
    access_end("raced");
    return 0;
}
