/* SPDX-License-Identifier: MIT */
#include "memory/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "memory/error.h"

#define DEFAULT_DIR "/dev/shm"
#define ASIDE_PREFIX ".seam-"
#define ASIDE_BYTES (sizeof(ASIDE_PREFIX) + SEAM_NAME_MAX)

/* How often to look again when another process is just building or removing the same name. */
#define BUSY_TRIES 64

int seam_place_check_name(const char *name)
{
    size_t length = name != NULL ? strnlen(name, SEAM_NAME_MAX + 1) : 0;
    if (length == 0 || length > SEAM_NAME_MAX || name[0] == '.' || strchr(name, '/') != NULL) {
        return seam_fail(EINVAL, "name");
    }
    return 0;
}

static int open_base(const struct seam_region_options *options)
{
    const char *dir = options->dir != NULL ? options->dir : secure_getenv("SEAM_DIR");
    if (dir == NULL || dir[0] == '\0') {
        dir = DEFAULT_DIR;
    }
    int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? fd : seam_fail_errno("open");
}

static void aside_name(const char *name, char ret_aside[ASIDE_BYTES])
{
    (void)snprintf(ret_aside, ASIDE_BYTES, "%s%s", ASIDE_PREFIX, name);
}

static uid_t wanted_owner(const struct seam_region_options *options)
{
    return options->owner != NULL ? *options->owner : geteuid();
}

/** Whether @p name below @p base_fd still is the directory @p dir_fd. */
static bool is_same(int base_fd, const char *name, int dir_fd)
{
    struct stat by_name, by_fd;
    return fstatat(base_fd, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstat(dir_fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
           by_name.st_ino == by_fd.st_ino;
}

/** Unlocks before closing: a child forked meanwhile may share the open file description. */
static void close_locked(int dir_fd)
{
    (void)flock(dir_fd, LOCK_UN);
    close(dir_fd);
}

/**
 * Opens the directory @p name, without following a link.
 * @param access  O_RDONLY, or O_PATH where another user's directory may only be searched
 * @return a descriptor; -ENOENT; -EPROTO something else; -EPERM another user's
 */
static int open_dir(int base_fd, const char *name, int access, uid_t owner)
{
    struct stat status;
    int fd = openat(base_fd, name, access | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOTDIR || errno == ELOOP) {
            return seam_fail(EPROTO, "not a directory");
        }
        return seam_fail_errno("open");
    }
    if (fstat(fd, &status) != 0 || status.st_uid != owner) {
        close(fd);
        return seam_fail(EPERM, "owner");
    }
    return fd;
}

/** As open_dir, and takes its lock. @return also -EAGAIN: in use or just vanished, look again */
static int open_locked(int base_fd, const char *name, uid_t owner)
{
    int fd = open_dir(base_fd, name, O_RDONLY, owner);
    if (fd < 0) {
        return fd;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return seam_fail(EAGAIN, "flock");
    }
    if (!is_same(base_fd, name, fd)) {
        close_locked(fd);
        return seam_fail(EAGAIN, "flock");
    }
    return fd;
}

/** Empties the locked directory @p dir_fd, removes it under @p name, and closes it. */
static int remove_locked(int base_fd, const char *name, int dir_fd)
{
    int error = 0;
    (void)unlinkat(dir_fd, "log", 0);
    (void)unlinkat(dir_fd, "desk", 0);
    if (unlinkat(base_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        error = seam_fail_errno("rmdir");
    }
    close_locked(dir_fd);
    return error;
}

/** Clears what a killed process left aside. @return 0: nothing is there now; -EAGAIN; -errno */
static int clear_aside(int base_fd, const char *aside)
{
    int fd = open_locked(base_fd, aside, geteuid());
    if (fd < 0) {
        return fd == -ENOENT ? 0 : fd;
    }
    return remove_locked(base_fd, aside, fd);
}

/** Makes the directory aside and locks it. @return a descriptor, -EEXIST or -errno */
static int make_aside(int base_fd, const char *aside)
{
    for (int tries = 0; tries < BUSY_TRIES; tries++) {
        if (mkdirat(base_fd, aside, 0700) != 0 && errno != EEXIST) {
            return seam_fail_errno("mkdir");
        }
        int fd = open_locked(base_fd, aside, geteuid());
        if (fd >= 0) {
            /* Ours, or the leavings of somebody killed: begin with an empty one. */
            (void)unlinkat(fd, "log", 0);
            (void)unlinkat(fd, "desk", 0);
            return fd;
        }
        if (fd != -EAGAIN && fd != -ENOENT) {
            return fd;
        }
        sched_yield();
    }
    return seam_fail(EEXIST, "mkdir");
}

int seam_place_begin(const char *name, const struct seam_region_options *options,
                     struct seam_site *ret_site)
{
    char aside[ASIDE_BYTES];
    struct stat status;
    int error = seam_place_check_name(name);
    if (error != 0) {
        return error;
    }
    int base_fd = open_base(options);
    if (base_fd < 0) {
        return base_fd;
    }
    if (fstatat(base_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        close(base_fd);
        return seam_fail(EEXIST, "mkdir");
    }
    aside_name(name, aside);
    int dir_fd = make_aside(base_fd, aside);
    if (dir_fd < 0) {
        close(base_fd);
        return dir_fd;
    }
    *ret_site = (struct seam_site){.base_fd = base_fd, .dir_fd = dir_fd, .name = name};
    return 0;
}

int seam_place_add_file(const struct seam_site *site, const char *file, mode_t mode)
{
    int fd = openat(site->dir_fd, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return seam_fail_errno("open");
    }
    if (fchmod(fd, mode) != 0) { /* exactly: the mode given to open is cut by umask */
        int error = seam_fail_errno("fchmod");
        close(fd);
        return error;
    }
    return fd;
}

int seam_place_finish(struct seam_site *site, mode_t mode)
{
    char aside[ASIDE_BYTES];
    /*
     * Whoever may read the files may search the directory, but not open it: a lock on it is the
     * owner's business.
     */
    mode_t dir_mode = 0700 | (mode & 0044) >> 2;
    if (fchmod(site->dir_fd, dir_mode) != 0) {
        return seam_fail_errno("fchmod");
    }
    aside_name(site->name, aside);
    int result = renameat2(site->base_fd, aside, site->base_fd, site->name, RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        /* A file system without the flag. A region under the name is not empty: ENOTEMPTY. */
        result = renameat(site->base_fd, aside, site->base_fd, site->name);
    }
    if (result != 0) {
        return errno == ENOTEMPTY ? seam_fail(EEXIST, "rename") : seam_fail_errno("rename");
    }
    close_locked(site->dir_fd);
    close(site->base_fd);
    return 0;
}

void seam_place_abandon(struct seam_site *site)
{
    char aside[ASIDE_BYTES];
    aside_name(site->name, aside);
    (void)remove_locked(site->base_fd, aside, site->dir_fd);
    close(site->base_fd);
}

/** Opens a file of a region, refusing anything but one plain file of the right owner. */
static int open_file(int dir_fd, const char *file, int flags, uid_t owner)
{
    struct stat status;
    /* O_NONBLOCK: a FIFO planted under the name must not stop us. */
    int fd = openat(dir_fd, file, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno == ELOOP ? seam_fail(EPROTO, "not a plain file") : seam_fail_errno("open");
    }
    int error = 0;
    if (fstat(fd, &status) != 0) {
        error = seam_fail_errno("fstat");
    } else if (!S_ISREG(status.st_mode) || status.st_nlink > 1) {
        error = seam_fail(EPROTO, "not a plain file");
    } else if (status.st_uid != owner) {
        error = seam_fail(EPERM, "owner");
    }
    if (error != 0) {
        close(fd);
        return error;
    }
    return fd;
}

/** Opens the two files in @p dir_fd. */
static int open_files(int dir_fd, int log_flags, uid_t owner, int *ret_log_fd, int *ret_desk_fd)
{
    int log_fd = open_file(dir_fd, "log", log_flags, owner);
    if (log_fd < 0) {
        return log_fd;
    }
    int desk_fd = open_file(dir_fd, "desk", O_RDWR, owner);
    if (desk_fd < 0) {
        close(log_fd);
        return desk_fd;
    }
    *ret_log_fd = log_fd;
    *ret_desk_fd = desk_fd;
    return 0;
}

int seam_place_open(const char *name, const struct seam_region_options *options, int log_flags,
                    int *ret_log_fd, int *ret_desk_fd)
{
    int error = seam_place_check_name(name);
    if (error != 0) {
        return error;
    }
    int base_fd = open_base(options);
    if (base_fd < 0) {
        return base_fd;
    }
    int dir_fd = open_dir(base_fd, name, O_PATH, wanted_owner(options));
    if (dir_fd < 0) {
        close(base_fd);
        return dir_fd;
    }
    error = open_files(dir_fd, log_flags, wanted_owner(options), ret_log_fd, ret_desk_fd);
    if (error == -ENOENT && is_same(base_fd, name, dir_fd)) {
        error = seam_fail(EPROTO, "log or desk is missing"); /* else: removed just now */
    }
    close(dir_fd);
    close(base_fd);
    return error;
}

/** Whether the files in @p dir_fd are those of a region, and of the one that is meant. */
static int check_removable(int dir_fd, uid_t owner, const struct stat *only)
{
    struct stat desk;
    int fd = open_file(dir_fd, "log", O_RDONLY, owner);
    if (fd < 0) {
        return fd == -ENOENT ? seam_fail(EPROTO, "log or desk is missing") : fd;
    }
    close(fd);
    if (only != NULL && (fstatat(dir_fd, "desk", &desk, AT_SYMLINK_NOFOLLOW) != 0 ||
                         desk.st_dev != only->st_dev || desk.st_ino != only->st_ino)) {
        return seam_fail(ENOENT, "desk"); /* another region has the name by now */
    }
    return 0;
}

/** One attempt of seam_place_remove. @return 0; -EAGAIN: look again; -errno */
static int try_remove(int base_fd, const char *name, uid_t owner, const struct stat *only)
{
    char aside[ASIDE_BYTES];
    aside_name(name, aside);
    int dir_fd = open_locked(base_fd, name, owner);
    if (dir_fd < 0) {
        return dir_fd;
    }
    int error = check_removable(dir_fd, owner, only);
    if (error == 0) {
        error = clear_aside(base_fd, aside);
    }
    if (error == 0 && renameat(base_fd, name, base_fd, aside) != 0) {
        error = errno == EEXIST || errno == ENOTEMPTY ? seam_fail(EAGAIN, "rename")
                                                      : seam_fail_errno("rename");
    }
    if (error != 0) {
        close_locked(dir_fd);
        return error;
    }
    return remove_locked(base_fd, aside, dir_fd);
}

int seam_place_remove(const char *name, const struct seam_region_options *options,
                      const struct stat *only)
{
    int error = seam_place_check_name(name);
    if (error != 0) {
        return error;
    }
    int base_fd = open_base(options);
    if (base_fd < 0) {
        return base_fd;
    }
    error = -EAGAIN;
    for (int tries = 0; error == -EAGAIN && tries < BUSY_TRIES; tries++) {
        if (tries > 0) {
            sched_yield();
        }
        error = try_remove(base_fd, name, wanted_owner(options), only);
    }
    close(base_fd);
    return error == -EAGAIN ? seam_fail(EBUSY, "flock") : error;
}
