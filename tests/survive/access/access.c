/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "channel/handle.h"
#include "figure.h"
#include "objects/array.h"
#include "objects/list.h"
#include "objects/value.h"

const struct access_user access_owner = {65534, ACCESS_GROUP, 0};
const struct access_user access_member = {12345, 12345, ACCESS_GROUP};
const struct access_user access_stranger = {12346, 12346, 0};

/** Children add to it. */
static struct {
    _Atomic uint64_t refusals, ways;
} * counts;

static bool brief;

bool access_is_brief(void)
{
    return brief;
}

bool access_leaves_out(enum any_kind kind)
{
    return brief && kind != ACCESS_CHANNEL && kind != ANY_ARRAY_LOCKED;
}

void access_begin(int argc, char **argv)
{
    brief = argc == 2 && strcmp(argv[1], "brief") == 0;
    CHECK(argc == 1 || brief, "usage: %s [brief]", argv[0]);
    test_begin();
    CHECK(chmod(test_dir(), 01777) == 0, "%s", strerror(errno));
    counts = test_shared(sizeof(*counts));
}

void access_end(const char *variant)
{
    char row[64];
    uint64_t refusals = atomic_load(&counts->refusals), ways = atomic_load(&counts->ways);
    CHECK(refusals + ways > 0, "nothing was tried");
    (void)snprintf(row, sizeof(row), "access: %s", variant);
    test_figure(row, "%" PRIu64 " refusals checked, %" PRIu64 " ways to write tried", refusals,
                ways);
    test_end();
}

bool access_have_users(void)
{
    if (geteuid() != 0) {
        return false;
    }
    pid_t child = fork(); /* root of a user namespace may be the only one in it */
    CHECK(child >= 0, "%s", strerror(errno));
    if (child == 0) {
        _exit(setgroups(0, NULL) != 0 || setgid(access_owner.gid) != 0 ||
              setuid(access_owner.uid) != 0);
    }
    return test_join(child);
}

void access_need_users(const char *what)
{
    if (!access_have_users()) {
        printf("%s: not root, so there is only one user here\n", what);
        (void)fflush(stdout);
        test_end();
        _exit(TEST_SKIPPED);
    }
}

/* ---- other users ---- */

struct visit {
    const struct access_user *user;
    int (*run)(void *context);
    void *context;
    pid_t parent;
};

static int visit(void *context)
{
    const struct visit *v = context;
    const struct access_user *user = v->user;
    CHECK(setgroups(user->also != 0, &user->also) == 0, "%s", strerror(errno));
    CHECK(setresgid(user->gid, user->gid, user->gid) == 0, "%s", strerror(errno));
    CHECK(setresuid(user->uid, user->uid, user->uid) == 0, "%s", strerror(errno));
    /* Both are undone by another user id. What is refused below must be so for its own reasons. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    CHECK(prctl(PR_SET_DUMPABLE, 1) == 0, "%s", strerror(errno));
    return getppid() == v->parent ? v->run(v->context) : 1;
}

pid_t access_spawn(const struct access_user *user, int (*run)(void *context), void *context)
{
    struct visit v = {user, run, context, getpid()};
    return test_spawn(visit, &v);
}

void access_as(const struct access_user *user, int (*run)(void *context), void *context)
{
    CHECK(test_join(access_spawn(user, run, context)), "user %u", (unsigned)user->uid);
}

/* ---- what was seen ---- */

void access_refused(int error, int expected, const char *detail, const char *what)
{
    CHECK(error == expected, "%s: %s: %s, not %s", what, seam_error_detail(), strerror(-error),
          strerror(-expected));
    CHECK(detail == NULL || strcmp(seam_error_detail(), detail) == 0, "%s: %s, not %s", what,
          seam_error_detail(), detail);
    atomic_fetch_add(&counts->refusals, 1);
}

void access_tried(void)
{
    atomic_fetch_add(&counts->ways, 1);
}

int access_descriptors(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    CHECK(directory != NULL, "%s", strerror(errno));
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count;
}

uint64_t access_sum(const void *data, size_t bytes)
{
    const uint8_t *at = data;
    uint64_t sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < bytes; i++) {
        sum = (sum ^ at[i]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

const char *access_path(const char *format, ...)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    int length = snprintf(path, sizeof(paths[0]), "%s/", test_dir());
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(path + length, sizeof(paths[0]) - (size_t)length, format, arguments);
    va_end(arguments);
    return path;
}

/* ---- objects and channels ---- */

const char *access_name(enum any_kind kind)
{
    return kind == ACCESS_CHANNEL ? "channel" : any_name(kind);
}

static struct seam_channel_options for_channel(const struct seam_region_options *region,
                                               enum seam_role role)
{
    struct seam_channel_options options = {
        .role = role, .many_writers = true, .capacity = 4096, .max_message = 64};
    if (region != NULL) {
        options.region = *region;
    }
    return options;
}

static struct any_options for_object(const struct seam_region_options *region, bool writable)
{
    struct any_options options = {.access = writable ? SEAM_READ_WRITE : SEAM_READ_ONLY};
    if (region != NULL) {
        options.region = *region;
    }
    return options;
}

int access_create(enum any_kind kind, const char *name, const struct seam_region_options *region,
                  void **ret_thing)
{
    const struct seam_channel_options channel_options = for_channel(region, SEAM_WRITER);
    const struct any_options options = for_object(region, true);
    struct seam_channel *channel = NULL;
    if (kind != ACCESS_CHANNEL) {
        return any_create(kind, name, &options, ret_thing);
    }
    int error = seam_channel_create(name, &channel_options, &channel);
    *ret_thing = error == 0 ? channel : *ret_thing;
    return error;
}

int access_open(enum any_kind kind, const char *name, const struct seam_region_options *region,
                bool writable, void **ret_thing)
{
    const struct seam_channel_options channel_options =
        for_channel(region, writable ? SEAM_WRITER : SEAM_READER);
    const struct any_options options = for_object(region, writable);
    struct seam_channel *channel = NULL;
    if (kind != ACCESS_CHANNEL) {
        return any_open(kind, name, &options, ret_thing);
    }
    int error = seam_channel_open(name, &channel_options, &channel);
    *ret_thing = error == 0 ? channel : *ret_thing;
    return error;
}

int access_pass(enum any_kind kind, const void *thing, int socket, bool writable)
{
    return kind == ACCESS_CHANNEL
               ? seam_channel_pass(thing, socket, writable ? SEAM_WRITER : SEAM_READER)
               : any_pass(kind, thing, socket, writable ? SEAM_READ_WRITE : SEAM_READ_ONLY);
}

int access_take(enum any_kind kind, int socket, bool writable, void **ret_thing)
{
    const struct seam_channel_options channel_options =
        for_channel(NULL, writable ? SEAM_WRITER : SEAM_READER);
    const struct any_options options = for_object(NULL, writable);
    struct seam_channel *channel = NULL;
    if (kind != ACCESS_CHANNEL) {
        return any_take(kind, socket, &options, ret_thing);
    }
    int error = seam_channel_take(socket, &channel_options, &channel);
    *ret_thing = error == 0 ? channel : *ret_thing;
    return error;
}

int access_unlink(enum any_kind kind, const char *name, const struct seam_region_options *region)
{
    return kind == ACCESS_CHANNEL ? seam_channel_unlink(name, region)
                                  : any_unlink(kind, name, region);
}

void access_close(enum any_kind kind, void *thing)
{
    if (kind == ACCESS_CHANNEL) {
        seam_channel_close(thing);
    } else {
        any_close(kind, thing);
    }
}

int access_change(enum any_kind kind, void *thing, int64_t number)
{
    return kind == ACCESS_CHANNEL ? seam_channel_send(thing, &number, sizeof(number))
                                  : any_change(kind, thing, number);
}

int access_look(enum any_kind kind, void *thing, int64_t number)
{
    int64_t seen = number;
    ssize_t size = 0;
    if (kind == ACCESS_CHANNEL) {
        size = seam_channel_try_recv(thing, &seen, sizeof(seen));
    } else {
        size = any_read(kind, thing, &seen);
    }
    CHECK(size < 0 || seen == number, "%s: %" PRId64, access_name(kind), seen);
    return size < 0 ? (int)size : 0;
}

const struct seam_region *access_region(enum any_kind kind, const void *thing)
{
    switch (kind) {
    case ACCESS_CHANNEL:
        return &((const struct seam_channel *)thing)->region;
    case ANY_LOCK:
        return &((const struct seam_object *)thing)->region; /* nothing else is in a lock */
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        return &((const struct seam_value *)thing)->object.region;
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        return &((const struct seam_array *)thing)->object.region;
    default:
        return &((const struct seam_list *)thing)->object.region;
    }
}
