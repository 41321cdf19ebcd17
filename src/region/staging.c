/* SPDX-License-Identifier: MIT */
#include "region/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "region/directory.h"
#include "region/error.h"
#include "region/place.h"

/* How often to look again when another process is just building or removing the same name. */
#define BUSY_TRIES 64

/** The usual name aside, or one that nobody can have foreseen. */
static void staging_name(const char *name, bool usual, char ret_staged[SEAM_STAGING_BYTES])
{
    uint64_t random = 0;
    if (usual) {
        (void)snprintf(ret_staged, SEAM_STAGING_BYTES, "%s%s", SEAM_STAGING_PREFIX, name);
        return;
    }
    (void)!getrandom(&random, sizeof(random), 0); /* if not: the name may be taken, and we say so */
    (void)snprintf(ret_staged, SEAM_STAGING_BYTES, "%s%s-%016" PRIx64, SEAM_STAGING_PREFIX, name,
                   random);
}

/** Whether @p error says that somebody else's thing stands under a name. */
static bool is_foreign(int error)
{
    return error == -EPERM || error == -EPROTO || error == -EACCES;
}

/** Clears what a killed process left aside. @return 0: nothing is there now; -EAGAIN; -errno */
static int clear(int base_fd, const char *staged, uid_t owner)
{
    int fd = seam_directory_open_locked(base_fd, staged, owner);
    if (fd < 0) {
        return fd == -ENOENT ? 0 : fd;
    }
    int error = seam_directory_check_strangers(fd);
    if (error != 0) {
        seam_directory_unlock_close(fd);
        return error;
    }
    return seam_directory_remove(base_fd, staged, fd);
}

/**
 * Makes the directory aside, which we have locked, fit to build in.
 * @param there  it was there before, so it may have more in it than a killed process left
 * @return @p fd or -errno
 */
static int furnish(int fd, bool there)
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
static int make(int base_fd, const char *staged)
{
    for (int tries = 0; tries < BUSY_TRIES; tries++) {
        bool there = mkdirat(base_fd, staged, 0700) != 0;
        if (there && errno != EEXIST) {
            return seam_fail_errno("mkdir");
        }
        int fd = seam_directory_open_locked(base_fd, staged, geteuid());
        if (fd >= 0) {
            return furnish(fd, there);
        }
        bool masked = fd == -EACCES && seam_directory_unmask(base_fd, staged) == 0;
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

int seam_staging_begin(const char *name, const struct seam_region_options *options,
                       struct seam_staging *ret_staging)
{
    struct seam_staging staging = {.name = name};
    staging.base_fd = seam_place_open_base_for(name, options);
    if (staging.base_fd < 0) {
        return staging.base_fd;
    }
    staging_name(name, true, staging.staged);
    staging.dir_fd = make(staging.base_fd, staging.staged);
    if (is_foreign(staging.dir_fd)) {
        staging_name(name, false, staging.staged);
        staging.dir_fd = make(staging.base_fd, staging.staged);
    }
    if (staging.dir_fd < 0) {
        close(staging.base_fd);
        return staging.dir_fd;
    }
    /* Asked with the lock held: from here on the name can't appear by another's rename. */
    if (is_taken(staging.base_fd, name)) {
        seam_staging_abandon(&staging);
        return seam_fail(EEXIST, "mkdir");
    }
    *ret_staging = staging;
    return 0;
}

int seam_staging_add_file(const struct seam_staging *staging, const char *file, mode_t mode)
{
    int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = (int)TEMP_FAILURE_RETRY(openat(staging->dir_fd, file, flags, 0600));
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

int seam_staging_finish(struct seam_staging *staging, mode_t mode)
{
    /*
     * Whoever may read the files may search the directory, but not open it: a lock on it is the
     * owner's business.
     */
    mode_t dir_mode = 0700 | (mode & 0044) >> 2;
    if (fchmod(staging->dir_fd, dir_mode) != 0) {
        return seam_fail_errno("fchmod");
    }
    int error = rename_new(staging->base_fd, staging->staged, staging->name);
    if (error != 0) {
        return error;
    }
    seam_directory_unlock_close(staging->dir_fd);
    close(staging->base_fd);
    return 0;
}

void seam_staging_abandon(struct seam_staging *staging)
{
    (void)seam_directory_remove(staging->base_fd, staging->staged, staging->dir_fd);
    close(staging->base_fd);
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
static int move_aside(int base_fd, const char *name, uid_t owner,
                      char ret_staged[SEAM_STAGING_BYTES])
{
    staging_name(name, true, ret_staged);
    int error = clear(base_fd, ret_staged, owner);
    if (is_foreign(error)) {
        staging_name(name, false, ret_staged);
        error = 0;
    }
    if (error == 0) {
        error = rename_new(base_fd, name, ret_staged);
    }
    return error == -EEXIST ? seam_fail(EAGAIN, "rename") : error;
}

/** One attempt of seam_staging_remove. @return 0; -EAGAIN: look again; -errno */
static int try_remove(int base_fd, const char *name, uid_t owner, const struct stat *only)
{
    char staged[SEAM_STAGING_BYTES];
    int dir_fd = seam_directory_open_locked(base_fd, name, owner);
    if (dir_fd < 0) {
        return dir_fd;
    }
    int error = check_removable(dir_fd, only);
    if (error == 0) {
        error = move_aside(base_fd, name, owner, staged);
    }
    if (error != 0) {
        seam_directory_unlock_close(dir_fd);
        return error;
    }
    return seam_directory_remove(base_fd, staged, dir_fd);
}

int seam_staging_remove(const char *name, const struct seam_region_options *options,
                        const struct stat *only)
{
    int base_fd = seam_place_open_base_for(name, options);
    if (base_fd < 0) {
        return base_fd;
    }
    int error = -EAGAIN;
    for (int tries = 0; error == -EAGAIN && tries < BUSY_TRIES; tries++) {
        if (tries > 0) {
            sched_yield();
        }
        error = try_remove(base_fd, name, seam_place_owner(options), only);
    }
    if (error == -ENOENT) { /* but maybe what one who was killed has left of it */
        char staged[SEAM_STAGING_BYTES];
        staging_name(name, true, staged);
        (void)clear(base_fd, staged, seam_place_owner(options));
        error = seam_fail(ENOENT, "open");
    }
    close(base_fd);
    return error == -EAGAIN ? seam_fail(EBUSY, "flock") : error;
}

int seam_staging_clear(const char *name, const struct seam_region_options *options)
{
    char staged[SEAM_STAGING_BYTES];
    struct stat status;
    int error = seam_place_open_base_for(name, options);
    const int base_fd = error;
    if (base_fd >= 0) {
        staging_name(name, true, staged);
        error = fstatat(base_fd, staged, &status, AT_SYMLINK_NOFOLLOW) == 0
                    ? clear(base_fd, staged, seam_place_owner(options))
                    : seam_fail_errno("open");
        close(base_fd);
    }
    return error;
}
