/* SPDX-License-Identifier: MIT */
/*
 * Users, groups and modes: who may read reads, holds a cursor and changes nothing; who may not is
 * told so; and neither umask nor the kind of object makes a difference. Needs root, to be others.
 */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define NAME "users"

/** One object of one mode, and who looks at it. */
struct scene {
    enum any_kind kind;
    mode_t mode, mask;
    const struct access_user *user;
};

static const mode_t modes[] = {0600, 0640, 0660, 0604, 0606, 0644, 0666, 0664, 0620, 0602, 0624};
static const mode_t masks[] = {0, 077, 0777};

/* ---- the owner ---- */

static mode_t mode_of(const char *path)
{
    struct stat status;
    CHECK(lstat(path, &status) == 0, "%s: %s", path, strerror(errno));
    return status.st_mode & 07777;
}

static int make(void *context)
{
    const struct scene *s = context;
    const struct seam_region_options region = {.mode = s->mode};
    void *thing = NULL;
    (void)umask(s->mask);
    int error = access_create(s->kind, NAME, &region, &thing);
    CHECK(error == 0, "%s, umask %o: %s: %s", access_name(s->kind), (unsigned)s->mask,
          seam_error_detail(), strerror(-error));
    CHECK(access_change(s->kind, thing, 10) == 0, "%s", access_name(s->kind));
    access_close(s->kind, thing);
    mode_t readers = s->mode & 0044;
    CHECK(mode_of(access_path(NAME)) == (0700 | readers >> 2), "%o", (unsigned)s->mode);
    CHECK(mode_of(access_path(NAME "/log")) == s->mode, "%o", (unsigned)s->mode);
    CHECK(mode_of(access_path(NAME "/desk")) == (s->mode | readers >> 1), "%o", (unsigned)s->mode);
    return 0;
}

static int unmake(void *context)
{
    const struct scene *s = context;
    void *thing = NULL;
    CHECK(access_open(s->kind, NAME, NULL, true, &thing) == 0, "%s", seam_error_detail());
    access_close(s->kind, thing);
    CHECK(access_unlink(s->kind, NAME, NULL) == 0, "%s", seam_error_detail());
    return 0;
}

/* ---- others ---- */

/** What the mode gives to this user: 4 to read, 2 to write. */
static unsigned rights_of(const struct scene *s)
{
    return (s->user->also == ACCESS_GROUP ? s->mode >> 3 : s->mode) & 6;
}

/** Not without naming the owner, nor with another, and nothing in its place. */
static void try_as_if_ours(const struct scene *s)
{
    const uid_t third = access_owner.uid - 1;
    const struct seam_region_options wrong = {.owner = &third};
    void *thing = NULL;
    for (int writable = 0; writable < 2; writable++) {
        access_refused(access_open(s->kind, NAME, NULL, writable, &thing), -EPERM, "owner", "own");
        access_refused(access_open(s->kind, NAME, &wrong, writable, &thing), -EPERM, "owner",
                       "a third one's");
    }
    access_refused(access_create(s->kind, NAME, NULL, &thing), -EEXIST, NULL, "create");
    access_refused(access_unlink(s->kind, NAME, NULL), -EPERM, "owner", "unlink");
    access_refused(access_unlink(s->kind, NAME, &wrong), -EPERM, "owner", "unlink a third one's");
    CHECK(thing == NULL, "outputs stay untouched");
}

static void try_to_change(const struct scene *s, void *reader)
{
    bool channel = s->kind == ACCESS_CHANNEL;
    access_refused(access_change(s->kind, reader, 20), channel ? -EBADF : -EACCES, NULL, "change");
    int log = access_region(s->kind, reader)->log_fd;
    CHECK((fcntl(log, F_GETFL) & O_ACCMODE) == O_RDONLY, "%s", access_name(s->kind));
}

static void try_to_open(const struct scene *s, const struct seam_region_options *region,
                        bool writable, bool allowed)
{
    void *thing = NULL;
    int error = access_open(s->kind, NAME, region, writable, &thing);
    if (!allowed) {
        access_refused(error, -EACCES, "open", access_name(s->kind));
        return;
    }
    CHECK(error == 0, "%s, mode %o: %s: %s", access_name(s->kind), (unsigned)s->mode,
          seam_error_detail(), strerror(-error));
    if (writable) {
        CHECK(access_change(s->kind, thing, 10) == 0, "%s", access_name(s->kind));
    } else {
        CHECK(access_look(s->kind, thing, 10) == 0, "%s", access_name(s->kind));
        try_to_change(s, thing);
    }
    access_close(s->kind, thing);
}

static int look(void *context)
{
    const struct scene *s = context;
    /* Whoever leaves last would remove the name, but has no right to. */
    const struct seam_region_options region = {.owner = &access_owner.uid, .unlink_last = true};
    unsigned rights = rights_of(s);
    int before = access_descriptors();
    try_as_if_ours(s);
    try_to_open(s, &region, true, rights == 6);
    if (s->kind != ANY_LOCK) { /* who may only read a lock has no use for it */
        try_to_open(s, &region, false, rights >= 4);
    }
    access_refused(access_unlink(s->kind, NAME, &region), -EACCES, "open", "unlink");
    CHECK(rename(access_path(NAME), access_path("mine")) != 0 && rmdir(access_path(NAME)) != 0,
          "%s", "the name went");
    CHECK(unlink(access_path(NAME "/log")) != 0 && unlink(access_path(NAME "/desk")) != 0, "%s",
          "a file went");
    CHECK(access_descriptors() == before, "descriptors stay open");
    return 0;
}

static void case_modes(void)
{
    size_t turn = 0;
    EACH_THING(kind)
    {
        for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]) && !access_leaves_out(kind); i++) {
            struct scene s = {kind, modes[i], masks[turn++ % 3], NULL};
            access_as(&access_owner, make, &s);
            s.user = &access_member;
            access_as(s.user, look, &s);
            s.user = &access_stranger;
            access_as(s.user, look, &s);
            access_as(&access_owner, unmake, &s);
        }
    }
}

static int see_refused(void *context)
{
    enum any_kind *kind = context;
    void *thing = NULL;
    const mode_t wrong[] = {01600, 02600, 04600, 0700, 0610, 0601, 010600};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct seam_region_options region = {.mode = wrong[i]};
        access_refused(access_create(*kind, NAME, &region, &thing), -EINVAL, "mode", "mode");
        access_refused(access_create(*kind, NULL, &region, &thing), -EINVAL, "mode", "mode");
    }
    /* A directory of somebody else's, where nothing may be made; and one with no way in. */
    const struct seam_region_options closed = {.dir = access_path("closed")};
    const struct seam_region_options shut = {.dir = access_path("shut")};
    access_refused(access_create(*kind, NAME, &closed, &thing), -EACCES, "mkdir", "create");
    access_refused(access_open(*kind, NAME, &closed, false, &thing), -ENOENT, "open", "open");
    access_refused(access_unlink(*kind, NAME, &closed), -ENOENT, "open", "unlink");
    access_refused(access_create(*kind, NAME, &shut, &thing), -EACCES, NULL, "create");
    access_refused(access_open(*kind, NAME, &shut, false, &thing), -EACCES, "open", "open");
    access_refused(access_unlink(*kind, NAME, &shut), -EACCES, "open", "unlink");
    return 0;
}

static void case_refused(void)
{
    CHECK(mkdir(access_path("closed"), 0755) == 0 && mkdir(access_path("shut"), 0700) == 0, "%s",
          strerror(errno));
    EACH_THING(kind)
    {
        access_as(&access_stranger, see_refused, &kind);
    }
    CHECK(rmdir(access_path("closed")) == 0 && rmdir(access_path("shut")) == 0, "left behind");
}

/* ---- a cursor held by who may only read ---- */

/** Tells the other side, and waits for it. */
static void meet(int socket)
{
    char byte = 'x';
    CHECK(write(socket, &byte, 1) == 1 && read(socket, &byte, 1) == 1, "%s", strerror(errno));
}

static int read_slowly(void *context)
{
    const int *sockets = context;
    const struct seam_channel_options options = {.region = {.owner = &access_owner.uid}};
    struct seam_channel *reader;
    char message[1000];
    int64_t number;
    CHECK(seam_channel_open(NAME, &options, &reader) == 0, "%s", seam_error_detail());
    meet(sockets[1]); /* its writer fills the ring */
    meet(sockets[1]);
    ssize_t size = 0;
    for (int64_t i = 0; i < 100 && size >= 0; i++) {
        size = seam_channel_try_recv(reader, message, sizeof(message));
        memcpy(&number, message, sizeof(number));
        CHECK(size == -EAGAIN || number == i, "message %d", (int)i);
    }
    CHECK(size == -EAGAIN, "all came, and nothing was lost");
    seam_channel_close(reader);
    return 0;
}

static int write_until_full(void *context)
{
    const int *sockets = context;
    close(sockets[1]);
    const struct seam_channel_options options = {
        .region = {.mode = 0640}, .capacity = 4096, .max_message = 1000};
    struct seam_channel *writer;
    char message[1000] = {0};
    CHECK(seam_channel_create(NAME, &options, &writer) == 0, "%s", seam_error_detail());
    meet(sockets[0]); /* there it is */
    meet(sockets[0]); /* somebody reads it */
    int error = 0;
    for (int64_t i = 0; i < 100 && error == 0; i++) {
        memcpy(message, &i, sizeof(i));
        error = seam_channel_try_send(writer, message, sizeof(message));
    }
    access_refused(error, -EAGAIN, NULL, "a cursor holds the writer up");
    meet(sockets[0]);
    CHECK(seam_channel_drain_until(writer, SEAM_FOREVER) == 0, "drain");
    seam_channel_close(writer);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "%s", seam_error_detail());
    return 0;
}

static void case_cursor(void)
{
    int sockets[2];
    char byte;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    pid_t writer = access_spawn(&access_owner, write_until_full, sockets);
    close(sockets[0]); /* or nobody would notice the other's end */
    CHECK(read(sockets[1], &byte, 1) == 1, "the writer failed");
    CHECK(write(sockets[1], &byte, 1) == 1, "%s", strerror(errno));
    pid_t reader = access_spawn(&access_member, read_slowly, sockets);
    close(sockets[1]);
    bool read = test_join(reader), written = test_join(writer);
    CHECK(read && written, "cursor");
}

int main(int argc, char **argv)
{
    access_begin(argc, argv);
    access_need_users("users");
    case_modes();
    case_refused();
    case_cursor();
    access_end("users");
    return 0;
}
