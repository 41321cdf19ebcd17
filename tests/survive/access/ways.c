/* SPDX-License-Identifier: MIT */
/*
 * Who may only read changes no byte of a log, whatever it tries. Three cases: a name that the
 * reader's group may read; an anonymous object passed to another user to be read; a one_way one,
 * passed to the same user, who may open its descriptor for writing and still not write.
 */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "plants.h"
#include "ways.h"

#define NAME "ways"

enum how { NAMED, PASSED, ONE_WAY };

/** A writer and a reader on the two ends of a socket. */
struct scene {
    enum any_kind kind;
    enum how how;
    int sockets[2];
};

/** What the reader has to know of the writer; comes before the object. */
struct letter {
    pid_t pid;
    uint8_t *base;
    int fd;
};

/* ---- the writer ---- */

static uint64_t sum_of(const struct seam_region *region)
{
    return access_sum(region->log->base, region->stamp.log_bytes);
}

static int write_it(void *context)
{
    const struct scene *s = context;
    const struct seam_region_options options = {.mode = s->how == NAMED ? 0640 : 0,
                                                .one_way = s->how == ONE_WAY};
    void *thing = NULL;
    char byte;
    close(s->sockets[1]); /* or nobody would notice the other's end */
    int error = access_create(s->kind, s->how == NAMED ? NAME : NULL, &options, &thing);
    CHECK(error == 0, "%s: %s: %s", access_name(s->kind), seam_error_detail(), strerror(-error));
    CHECK(access_change(s->kind, thing, 10) == 0, "%s", access_name(s->kind));
    const struct seam_region *region = access_region(s->kind, thing);
    uint64_t before = sum_of(region);
    struct letter letter = {getpid(), region->log->base, region->log_fd};
    CHECK(write(s->sockets[0], &letter, sizeof(letter)) == (ssize_t)sizeof(letter), "letter");
    if (s->how != NAMED) {
        CHECK(access_pass(s->kind, thing, s->sockets[0], false) == 0, "%s", seam_error_detail());
    }
    CHECK(read(s->sockets[0], &byte, 1) == 1, "the reader of a %s failed", access_name(s->kind));
    CHECK(sum_of(region) == before, "%s: the log was changed", access_name(s->kind));
    CHECK(access_change(s->kind, thing, 20) == 0, "%s", access_name(s->kind));
    CHECK(sum_of(region) != before, "%s: the sum does not tell", access_name(s->kind));
    access_close(s->kind, thing);
    return s->how != NAMED || access_unlink(s->kind, NAME, NULL) == 0 ? 0 : 1;
}

/* ---- the reader ---- */

static void try_all(const struct scene *s, const struct access_way *ways,
                    const struct access_target *target)
{
    uint64_t before = access_sum(target->base, target->bytes);
    for (; ways->what != NULL; ways++) {
        CHECK(!ways->works(target), "%s, case %d: %s works", access_name(s->kind), s->how,
              ways->what);
        CHECK(access_sum(target->base, target->bytes) == before, "%s, case %d: %s changed it",
              access_name(s->kind), s->how, ways->what);
        access_tried();
    }
}

static void try_as_owner(const struct scene *s, struct access_target target)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", target.fd);
    target.fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(target.fd >= 0, "%s: %s", path, strerror(errno));
    try_all(s, access_ways_by_fd, &target);
    close(target.fd);
}

static int read_it(void *context)
{
    const struct scene *s = context;
    const struct seam_region_options options = {.owner = &access_owner.uid};
    struct letter letter;
    void *thing = NULL;
    close(s->sockets[0]);
    CHECK(read(s->sockets[1], &letter, sizeof(letter)) == (ssize_t)sizeof(letter), "letter");
    int error = s->how == NAMED ? access_open(s->kind, NAME, &options, false, &thing)
                                : access_take(s->kind, s->sockets[1], false, &thing);
    CHECK(error == 0, "%s: %s: %s", access_name(s->kind), seam_error_detail(), strerror(-error));
    const struct seam_region *region = access_region(s->kind, thing);
    const struct access_target target = {
        .fd = region->log_fd,
        .base = region->log->base,
        .bytes = region->stamp.log_bytes,
        .path = s->how == NAMED ? access_path(NAME "/log") : NULL,
        .writer = letter.pid,
        .writer_base = letter.base,
        .writer_fd = letter.fd,
    };
    try_all(s, access_ways_by_fd, &target);
    try_all(s, access_ways_by_memory, &target);
    if (s->how == ONE_WAY) {
        try_as_owner(s, target);
    } else {
        try_all(s, access_ways_as_another, &target);
    }
    CHECK(access_look(s->kind, thing, 10) == 0, "%s", access_name(s->kind));
    access_close(s->kind, thing);
    CHECK(write(s->sockets[1], "x", 1) == 1, "write");
    return 0;
}

/* ---- both ---- */

static void play(struct scene *s, const struct access_user *writer,
                 const struct access_user *reader)
{
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->sockets) == 0, "socketpair");
    pid_t children[] = {
        writer != NULL ? access_spawn(writer, write_it, s) : test_spawn(write_it, s),
        reader != NULL ? access_spawn(reader, read_it, s) : test_spawn(read_it, s),
    };
    close(s->sockets[0]);
    close(s->sockets[1]);
    bool read = test_join(children[1]), written = test_join(children[0]);
    CHECK(read && written, "%s, case %d", access_name(s->kind), s->how);
}

/* ---- the other way round: with the right to write they do work ---- */

/** A way, and a file of our own for it. */
struct control {
    const struct access_way *way;
    struct access_target target;
};

static int hold(void *context)
{
    (void)context;
    for (;;) {
        (void)pause();
    }
    return 1;
}

static int use_way(void *context)
{
    const struct control *c = context;
    (void)signal(SIGBUS, SIG_DFL); /* sanitizers catch it; some ways cut the file */
    uint64_t before = access_sum(c->target.base, c->target.bytes);
    return c->way->works(&c->target) || access_sum(c->target.base, c->target.bytes) != before ? 0
                                                                                              : 1;
}

static bool works_when_allowed(const struct access_way *way)
{
    const char *path = access_path("control/log");
    struct control c = {.way = way, .target = {.bytes = 8192, .path = path}};
    CHECK(mkdir(access_path("control"), 0700) == 0, "%s", strerror(errno));
    c.target.fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    CHECK(c.target.fd >= 0 && posix_fallocate(c.target.fd, 0, (off_t)c.target.bytes) == 0, "file");
    c.target.base = mmap(NULL, c.target.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, c.target.fd, 0);
    CHECK(c.target.base != MAP_FAILED, "%s", strerror(errno));
    c.target.writer_base = c.target.base;
    c.target.writer_fd = c.target.fd;
    c.target.writer = test_spawn(hold, NULL);
    int status;
    pid_t child = test_spawn(use_way, &c);
    CHECK(waitpid(child, &status, 0) == child, "wait");
    (void)kill(c.target.writer, SIGKILL);
    CHECK(waitpid(c.target.writer, NULL, 0) == c.target.writer, "wait");
    CHECK(munmap(c.target.base, c.target.bytes) == 0, "munmap");
    close(c.target.fd);
    access_clear(access_path("control"));
    access_clear(access_path("aside-%d", (int)child));
    return status == 0 || WIFSIGNALED(status);
}

/** A way that never works shows nothing. Some are not there on each kernel. */
static void use_all(const struct access_way *ways)
{
    int all = 0, working = 0;
    for (; ways->what != NULL; ways++, all++) {
        bool works = works_when_allowed(ways);
        working += works;
        if (!works) {
            printf("does not work here, allowed or not: %s\n", ways->what);
        }
    }
    CHECK(working * 2 > all, "of %d ways only %d work where they may", all, working);
}

int main(int argc, char **argv)
{
    access_begin(argc, argv);
    bool users = access_have_users();
    use_all(access_ways_by_fd);
    use_all(access_ways_by_memory);
    use_all(access_ways_as_another);
    EACH_THING(kind)
    {
        if (kind == ANY_LOCK) {
            continue; /* nobody only reads a lock */
        }
        struct scene s = {.kind = kind, .how = ONE_WAY};
        play(&s, NULL, NULL);
        if (!users) {
            continue;
        }
        play(&s, &access_owner, &access_owner);
        s.how = NAMED;
        play(&s, &access_owner, &access_member);
        s.how = PASSED;
        play(&s, &access_owner, &access_member);
        play(&s, &access_owner, &access_stranger);
    }
    access_end("ways");
    return 0;
}
