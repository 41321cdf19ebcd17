/* SPDX-License-Identifier: MIT */
#include "region/place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "region/directory.h"
#include "region/error.h"
#include "region/file.h"

#define DEFAULT_DIR "/dev/shm"

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

static const char *chosen_dir(const struct seam_region_options *options)
{
    const char *dir = options->dir != NULL ? options->dir : secure_getenv("SEAM_DIR");
    return dir != NULL && dir[0] != '\0' ? dir : DEFAULT_DIR;
}

char *seam_place_resolve(const struct seam_region_options *options)
{
    return realpath(chosen_dir(options), NULL);
}

int seam_place_open_base(const struct seam_region_options *options)
{
    int fd = (int)TEMP_FAILURE_RETRY(open(chosen_dir(options), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return fd >= 0 ? fd : seam_fail_errno("open");
}

uint64_t seam_place_page_bytes(const struct seam_region_options *options)
{
    int fd = seam_place_open_base(options);
    uint64_t bytes = seam_file_page_bytes(fd); /* -1: an ordinary page */
    if (fd >= 0) {
        close(fd);
    }
    return bytes;
}

/** The usual name aside, or one that nobody can have foreseen. */
static void aside_name(const char *name, bool usual, char ret_aside[SEAM_ASIDE_BYTES])
{
    uint64_t random = 0;
    if (usual) {
        (void)snprintf(ret_aside, SEAM_ASIDE_BYTES, "%s%s", SEAM_ASIDE_PREFIX, name);
        return;
    }
    (void)!getrandom(&random, sizeof(random), 0); /* if not: the name may be taken, and we say so */
    (void)snprintf(ret_aside, SEAM_ASIDE_BYTES, "%s%s-%016" PRIx64, SEAM_ASIDE_PREFIX, name,
                   random);
}

/** Whether @p error says that somebody else's thing stands under a name. */
static bool is_foreign(int error)
{
    return error == -EPERM || error == -EPROTO || error == -EACCES;
}

static uid_t wanted_owner(const struct seam_region_options *options)
{
    return options->owner != NULL ? *options->owner : geteuid();
}

/** Clears what a killed process left aside. @return 0: nothing is there now; -EAGAIN; -errno */
static int clear_aside(int base_fd, const char *aside, uid_t owner)
{
    int fd = seam_directory_open_locked(base_fd, aside, owner);
    if (fd < 0) {
        return fd == -ENOENT ? 0 : fd;
    }
    int error = seam_directory_check_strangers(fd);
    if (error != 0) {
        seam_directory_unlock_close(fd);
        return error;
    }
    return seam_directory_remove(base_fd, aside, fd);
}

/**
 * Makes the directory aside, which we have locked, fit to build in.
 * @param there  it was there before, so it may have more in it than a killed process left
 * @return @p fd or -errno
 */
static int furnish_aside(int fd, bool there)
{
    int error = there ? seam_directory_check_strangers(fd) : 0;
    if (error != 0) {
        seam_directory_unlock_close(fd);
        return error;
    }
    (void)fchmod(fd, 0700); /* umask may have taken bits that we need ourselves */
    (void)unlinkat(fd, "log", 0);
    (void)unlinkat(fd, "desk", 0);
    return fd;
}

/** Makes the directory aside and locks it. @return a descriptor, -EEXIST or -errno */
static int make_aside(int base_fd, const char *aside)
{
    for (int tries = 0; tries < BUSY_TRIES; tries++) {
        bool there = mkdirat(base_fd, aside, 0700) != 0;
        if (there && errno != EEXIST) {
            return seam_fail_errno("mkdir");
        }
        int fd = seam_directory_open_locked(base_fd, aside, geteuid());
        if (fd >= 0) {
            return furnish_aside(fd, there);
        }
        bool masked = fd == -EACCES && seam_directory_unmask(base_fd, aside) == 0;
        if (fd != -EAGAIN && fd != -ENOENT && !masked) {
            return fd;
        }
        sched_yield();
    }
    return seam_fail(EEXIST, "mkdir");
}

static bool is_taken(int base_fd, const char *name)
{
    struct stat status;
    return fstatat(base_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

int seam_place_begin(const char *name, const struct seam_region_options *options,
                     struct seam_site *ret_site)
{
    struct seam_site site = {.name = name};
    int error = seam_place_check_name(name);
    if (error != 0) {
        return error;
    }
    site.base_fd = seam_place_open_base(options);
    if (site.base_fd < 0) {
        return site.base_fd;
    }
    aside_name(name, true, site.aside);
    site.dir_fd = make_aside(site.base_fd, site.aside);
    if (is_foreign(site.dir_fd)) {
        aside_name(name, false, site.aside);
        site.dir_fd = make_aside(site.base_fd, site.aside);
    }
    if (site.dir_fd < 0) {
        close(site.base_fd);
        return site.dir_fd;
    }
    /* Asked with the lock held: from here on the name can't appear by another's rename. */
    if (is_taken(site.base_fd, name)) {
        seam_place_abandon(&site);
        return seam_fail(EEXIST, "mkdir");
    }
    *ret_site = site;
    return 0;
}

int seam_place_add_file(const struct seam_site *site, const char *file, mode_t mode)
{
    int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = (int)TEMP_FAILURE_RETRY(openat(site->dir_fd, file, flags, 0600));
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

/** Renames a directory to a name that nothing has. @return 0; -EEXIST; -errno */
static int rename_new(int base_fd, const char *from, const char *to)
{
    int result = renameat2(base_fd, from, base_fd, to, RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        /* A file system without the flag. What is there is not empty: ENOTEMPTY. */
        result = renameat(base_fd, from, base_fd, to);
    }
    if (result == 0) {
        return 0;
    }
    return errno == ENOTEMPTY ? seam_fail(EEXIST, "rename") : seam_fail_errno("rename");
}

int seam_place_finish(struct seam_site *site, mode_t mode)
{
    /*
     * Whoever may read the files may search the directory, but not open it: a lock on it is the
     * owner's business.
     */
    mode_t dir_mode = 0700 | (mode & 0044) >> 2;
    if (fchmod(site->dir_fd, dir_mode) != 0) {
        return seam_fail_errno("fchmod");
    }
    int error = rename_new(site->base_fd, site->aside, site->name);
    if (error != 0) {
        return error;
    }
    seam_directory_unlock_close(site->dir_fd);
    close(site->base_fd);
    return 0;
}

void seam_place_abandon(struct seam_site *site)
{
    (void)seam_directory_remove(site->base_fd, site->aside, site->dir_fd);
    close(site->base_fd);
}

/** Opens the two files in @p dir_fd. */
static int open_files(int dir_fd, int log_flags, uid_t owner, int *ret_log_fd, int *ret_desk_fd)
{
    int log_fd = seam_directory_open_file(dir_fd, "log", log_flags, owner);
    if (log_fd < 0) {
        return log_fd;
    }
    int desk_fd = seam_directory_open_file(dir_fd, "desk", O_RDWR, owner);
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
    int base_fd = seam_place_open_base(options);
    if (base_fd < 0) {
        return base_fd;
    }
    int dir_fd = seam_directory_open(base_fd, name, O_PATH, wanted_owner(options));
    if (dir_fd < 0) {
        close(base_fd);
        return dir_fd;
    }
    error = open_files(dir_fd, log_flags, wanted_owner(options), ret_log_fd, ret_desk_fd);
    if (error == -ENOENT && seam_directory_is(base_fd, name, dir_fd)) {
        error = seam_fail(EPROTO, "log or desk is missing"); /* else: removed just now */
    }
    close(dir_fd);
    close(base_fd);
    return error;
}

/** Whether the files in @p dir_fd are those of a region, and of the one that is meant. */
static int check_removable(int dir_fd, const struct stat *only)
{
    struct stat desk;
    int error = seam_directory_check_region(dir_fd);
    if (error != 0 || only == NULL) {
        return error;
    }
    if (fstatat(dir_fd, "desk", &desk, AT_SYMLINK_NOFOLLOW) != 0) {
        return seam_fail_errno("fstatat");
    }
    bool is_meant = desk.st_dev == only->st_dev && desk.st_ino == only->st_ino;
    return is_meant ? 0 : seam_fail(ENOENT, "desk"); /* another region has the name by now */
}

/** Moves the locked directory @p name aside. @return 0; -EAGAIN: look again; -errno */
static int move_aside(int base_fd, const char *name, uid_t owner, char ret_aside[SEAM_ASIDE_BYTES])
{
    aside_name(name, true, ret_aside);
    int error = clear_aside(base_fd, ret_aside, owner);
    if (is_foreign(error)) {
        aside_name(name, false, ret_aside);
        error = 0;
    }
    if (error == 0) {
        error = rename_new(base_fd, name, ret_aside);
    }
    return error == -EEXIST ? seam_fail(EAGAIN, "rename") : error;
}

/** One attempt of seam_place_remove. @return 0; -EAGAIN: look again; -errno */
static int try_remove(int base_fd, const char *name, uid_t owner, const struct stat *only)
{
    char aside[SEAM_ASIDE_BYTES];
    int dir_fd = seam_directory_open_locked(base_fd, name, owner);
    if (dir_fd < 0) {
        return dir_fd;
    }
    int error = check_removable(dir_fd, only);
    if (error == 0) {
        error = move_aside(base_fd, name, owner, aside);
    }
    if (error != 0) {
        seam_directory_unlock_close(dir_fd);
        return error;
    }
    return seam_directory_remove(base_fd, aside, dir_fd);
}

int seam_place_remove(const char *name, const struct seam_region_options *options,
                      const struct stat *only)
{
    int error = seam_place_check_name(name);
    if (error != 0) {
        return error;
    }
    int base_fd = seam_place_open_base(options);
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
    if (error == -ENOENT) { /* but maybe what one who was killed has left of it */
        char aside[SEAM_ASIDE_BYTES];
        aside_name(name, true, aside);
        (void)clear_aside(base_fd, aside, wanted_owner(options));
        error = seam_fail(ENOENT, "open");
    }
    close(base_fd);
    return error == -EAGAIN ? seam_fail(EBUSY, "flock") : error;
}

int seam_place_clear(const char *name, const struct seam_region_options *options)
{
    char aside[SEAM_ASIDE_BYTES];
    struct stat status;
    int error = seam_place_check_name(name);
    if (error != 0) {
        return error;
    }
    int base_fd = error = seam_place_open_base(options);
    if (base_fd >= 0) {
        aside_name(name, true, aside);
        error = fstatat(base_fd, aside, &status, AT_SYMLINK_NOFOLLOW) == 0
                    ? clear_aside(base_fd, aside, wanted_owner(options))
                    : seam_fail_errno("open");
        close(base_fd);
    }
    return error;
}
