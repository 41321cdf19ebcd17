/* SPDX-License-Identifier: MIT */
/*
 * Files that are not what their stamp says: too short, too long, no whole pages, or with holes in
 * them, which on a full file system are SIGBUS later. All are refused when they are opened.
 */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "memory/layout.h"

#define NAME "sizes"

static void make(enum any_kind kind)
{
    void *thing = NULL;
    int error = access_create(kind, NAME, NULL, &thing);
    CHECK(error == 0, "%s: %s: %s", access_name(kind), seam_error_detail(), strerror(-error));
    access_close(kind, thing);
}

static void refuse_open(enum any_kind kind, const char *detail)
{
    void *thing = NULL;
    int before = access_descriptors();
    for (int writable = 0; writable < 2; writable++) {
        int error = access_open(kind, NAME, NULL, writable, &thing);
        access_refused(error, -EPROTO, detail, access_name(kind));
    }
    CHECK(thing == NULL && access_descriptors() == before, "%s", access_name(kind));
}

/* ---- other sizes ---- */

/** Cuts or extends a file, and its stamp to match, if asked to; opens; and mends it again. */
static void open_resized(enum any_kind kind, bool desk, off_t size, bool stamped)
{
    struct stat before;
    const char *path = desk ? access_path(NAME "/desk") : access_path(NAME "/log");
    size_t field =
        desk ? offsetof(struct seam_stamp, desk_bytes) : offsetof(struct seam_stamp, log_bytes);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    int log_fd = open(access_path(NAME "/log"), O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && log_fd >= 0 && fstat(fd, &before) == 0, "%s", strerror(errno));
    uint8_t *bytes = malloc((size_t)before.st_size);
    CHECK(bytes != NULL && pread(fd, bytes, (size_t)before.st_size, 0) == before.st_size, "%s",
          strerror(errno));
    CHECK(ftruncate(fd, size) == 0, "%s", strerror(errno));
    CHECK(size <= before.st_size || posix_fallocate(fd, 0, size) == 0, "no room");
    uint64_t stated = (uint64_t)size, old = (uint64_t)before.st_size;
    if (stamped) {
        CHECK(pwrite(log_fd, &stated, 8, (off_t)field) == 8, "%s", strerror(errno));
    }
    refuse_open(kind, stamped ? NULL : desk ? "desk size" : "log size");
    CHECK(ftruncate(fd, before.st_size) == 0 &&
              pwrite(fd, bytes, (size_t)before.st_size, 0) == before.st_size,
          "%s", strerror(errno));
    CHECK(pwrite(log_fd, &old, 8, (off_t)field) == 8, "%s", strerror(errno));
    free(bytes);
    close(log_fd);
    close(fd);
}

static void other_sizes(enum any_kind kind)
{
    off_t page = sysconf(_SC_PAGESIZE);
    struct stat file;
    make(kind);
    for (int desk = 0; desk < 2; desk++) {
        CHECK(stat(desk ? access_path(NAME "/desk") : access_path(NAME "/log"), &file) == 0, "%s",
              strerror(errno));
        const off_t sizes[] = {0,
                               1,
                               (off_t)sizeof(struct seam_stamp) - 1,
                               (off_t)sizeof(struct seam_stamp),
                               file.st_size - page,
                               file.st_size - 1,
                               file.st_size + 1,
                               file.st_size + page,
                               file.st_size + 64 * page};
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            bool has_stamp = desk || sizes[i] >= (off_t)sizeof(struct seam_stamp);
            /* A channel's desk may have more than it needs. */
            bool fits =
                desk && kind == ACCESS_CHANNEL && sizes[i] > file.st_size && sizes[i] % page == 0;
            open_resized(kind, desk, sizes[i], false);
            if (has_stamp && !fits) {
                open_resized(kind, desk, sizes[i], true);
            }
        }
    }
    void *thing = NULL;
    CHECK(access_open(kind, NAME, NULL, true, &thing) == 0, "%s", seam_error_detail());
    access_close(kind, thing);
    CHECK(access_unlink(kind, NAME, NULL) == 0, "%s", seam_error_detail());
}

/* ---- holes ---- */

static void punch(const char *path, off_t from, off_t bytes)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, bytes) == 0,
          "%s: %s", path, strerror(errno));
    close(fd);
}

static void fill_up(void)
{
    static const char page[4096];
    int fd = open(access_path("ballast"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0, "%s", strerror(errno));
    while (write(fd, page, sizeof(page)) > 0) {
    }
    CHECK(errno == ENOSPC, "%s", strerror(errno));
    close(fd);
}

/** With a hole in each page but the first; the file system is full, so that it can't be filled. */
static int open_with_hole(void *context)
{
    enum any_kind kind = *(enum any_kind *)context;
    struct stat log;
    off_t page = sysconf(_SC_PAGESIZE);
    make(kind);
    CHECK(stat(access_path(NAME "/log"), &log) == 0, "%s", strerror(errno));
    for (off_t at = page; at < log.st_size; at += page) {
        punch(access_path(NAME "/log"), at, page);
        fill_up();
        refuse_open(kind, "log has holes");
        CHECK(unlink(access_path("ballast")) == 0, "%s", strerror(errno));
        refuse_open(kind, "log has holes"); /* nor while there would be room */
        CHECK(access_unlink(kind, NAME, NULL) == 0, "%s", seam_error_detail());
        make(kind);
    }
    CHECK(access_unlink(kind, NAME, NULL) == 0, "%s", seam_error_detail());
    return 0;
}

/** A desk of two pages. */
static void hole_in_desk(void)
{
    const struct seam_channel_options options = {
        .capacity = 4096, .max_message = 64, .max_readers = 112};
    struct seam_channel *channel;
    struct stat desk;
    CHECK(seam_channel_create(NAME, &options, &channel) == 0, "%s", seam_error_detail());
    seam_channel_close(channel);
    CHECK(stat(access_path(NAME "/desk"), &desk) == 0, "%s", strerror(errno));
    off_t page = sysconf(_SC_PAGESIZE);
    if (desk.st_size > page) {
        punch(access_path(NAME "/desk"), page, page);
        fill_up();
        access_refused(seam_channel_open(NAME, NULL, &channel), -EPROTO, "desk has holes", "desk");
        CHECK(unlink(access_path("ballast")) == 0, "%s", strerror(errno));
    }
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "%s", seam_error_detail());
}

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    (void)close(fd);
    return written;
}

/** A file system of 128 KiB on the test's directory, for this process and its children alone. */
static bool mount_small_tmpfs(void)
{
    char map[2][64];
    (void)snprintf(map[0], sizeof(map[0]), "0 %u 1", (unsigned)geteuid());
    (void)snprintf(map[1], sizeof(map[1]), "0 %u 1", (unsigned)getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           write_text("/proc/self/setgroups", "deny") && write_text("/proc/self/uid_map", map[0]) &&
           write_text("/proc/self/gid_map", map[1]) &&
           mount("none", test_dir(), "tmpfs", 0, "size=128k") == 0;
}

static int try_holes(void *context)
{
    (void)context;
    if (!mount_small_tmpfs()) {
        printf("no holes: no user and mount namespaces here: %s\n", strerror(errno));
        (void)fflush(stdout);
        return 0;
    }
    EACH_THING(kind)
    {
        int status;
        pid_t child = test_spawn(open_with_hole, &kind);
        CHECK(waitpid(child, &status, 0) == child && status == 0, "%s: status %x",
              access_name(kind), (unsigned)status);
    }
    hole_in_desk();
    return 0;
}

int main(int argc, char **argv)
{
    access_begin(argc, argv);
    EACH_THING(kind)
    {
        other_sizes(kind);
    }
    CHECK(test_join(test_spawn(try_holes, NULL)), "holes");
    access_end("sizes");
    return 0;
}
