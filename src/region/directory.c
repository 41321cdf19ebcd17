/* SPDX-License-Identifier: MIT */
#include "region/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/layout.h"
#include "region/error.h"

bool seam_directory_is(int base_fd, const char *name, int dir_fd)
{
    struct stat by_name, by_fd;
    return fstatat(base_fd, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstat(dir_fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
           by_name.st_ino == by_fd.st_ino;
}

void seam_directory_unlock_close(int dir_fd)
{
    (void)flock(dir_fd, LOCK_UN);
    close(dir_fd);
}

int seam_directory_open(int base_fd, const char *name, int access, uid_t owner)
{
    struct stat status;
    int fd = (int)TEMP_FAILURE_RETRY(
        openat(base_fd, name, access | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0) {
        int error = errno;
        if (error == ENOTDIR || error == ELOOP) {
            return seam_fail(EPROTO, "not a directory");
        }
        /* Another user's may well be closed to us; whose it is says more. */
        bool foreign = error == EACCES &&
                       fstatat(base_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                       status.st_uid != owner;
        return foreign ? seam_fail(EPERM, "owner") : seam_fail(error, "open");
    }
    int error = 0;
    if (fstat(fd, &status) != 0) {
        error = seam_fail_errno("fstat");
    } else if (status.st_uid != owner) {
        error = seam_fail(EPERM, "owner");
    }
    if (error != 0) {
        close(fd);
        return error;
    }
    return fd;
}

int seam_directory_open_locked(int base_fd, const char *name, uid_t owner)
{
    int fd = seam_directory_open(base_fd, name, O_RDONLY, owner);
    if (fd < 0) {
        return fd;
    }
    if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) != 0) {
        int error = seam_fail_errno("flock"); /* EAGAIN: somebody has it */
        close(fd);
        return error;
    }
    if (!seam_directory_is(base_fd, name, fd)) {
        seam_directory_unlock_close(fd);
        return seam_fail(EAGAIN, "flock");
    }
    return fd;
}

int seam_directory_unmask(int base_fd, const char *name)
{
    char path[sizeof("/proc/self/fd/-2147483648")];
    int fd = seam_directory_open(base_fd, name, O_PATH, geteuid());
    if (fd < 0) {
        return fd;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* fchmod wants one to read from */
    int error = chmod(path, 0700) == 0 ? 0 : seam_fail_errno("chmod");
    close(fd);
    return error;
}

/** Whether it is one plain file of the right owner. */
static int check_file(const struct stat *status, uid_t owner)
{
    if (!S_ISREG(status->st_mode) || status->st_nlink > 1) {
        return seam_fail(EPROTO, "not a plain file");
    }
    return status->st_uid == owner ? 0 : seam_fail(EPERM, "owner");
}

/** Why a file did not open: what it is says more, where that is the reason. */
static int explain(int dir_fd, const char *file, uid_t owner, int error)
{
    struct stat status;
    int wrong =
        fstatat(dir_fd, file, &status, AT_SYMLINK_NOFOLLOW) == 0 ? check_file(&status, owner) : 0;
    return wrong != 0 ? wrong : seam_fail(error, "open");
}

int seam_directory_open_file(int dir_fd, const char *file, int flags, uid_t owner)
{
    struct stat status;
    /* O_NONBLOCK: a FIFO planted under the name must not stop us. */
    int fd =
        (int)TEMP_FAILURE_RETRY(openat(dir_fd, file, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (fd < 0) {
        return explain(dir_fd, file, owner, errno);
    }
    int error = fstat(fd, &status) == 0 ? check_file(&status, owner) : seam_fail_errno("fstat");
    if (error != 0) {
        close(fd);
        return error;
    }
    return fd;
}

/** Whether the entry is what a directory of a region may have in it. */
static bool is_ours(const struct dirent *entry)
{
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return true;
    }
    /* A directory could not be removed: better to know before half of the rest is. */
    return entry->d_type != DT_DIR && (strcmp(name, "log") == 0 || strcmp(name, "desk") == 0);
}

DIR *seam_directory_open_entries(int dir_fd)
{
    int fd = (int)TEMP_FAILURE_RETRY(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && directory == NULL) {
        int saved = errno;
        close(fd);
        errno = saved;
    }
    return directory;
}

int seam_directory_check_strangers(int dir_fd)
{
    bool strange = false;
    DIR *directory = seam_directory_open_entries(dir_fd);
    if (directory == NULL) {
        return seam_fail_errno("opendir");
    }
    errno = 0;
    for (struct dirent *entry; !strange && (entry = readdir(directory)) != NULL;) {
        strange = !is_ours(entry);
    }
    int error = strange      ? seam_fail(EPROTO, "other files")
                : errno != 0 ? seam_fail_errno("readdir")
                             : 0;
    closedir(directory);
    return error;
}

/** Whether what is there under the name `log` can be a region's. @return 0; -EPROTO; -errno */
static int check_log(int dir_fd)
{
    struct stat status;
    uint8_t magic[8];
    if (fstatat(dir_fd, "log", &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? seam_fail(EPROTO, "log or desk is missing")
                               : seam_fail_errno("fstat");
    }
    if (!S_ISREG(status.st_mode)) {
        return seam_fail(EPROTO, "not a plain file");
    }
    /* O_NONBLOCK: it may be a FIFO by now. */
    int fd = (int)TEMP_FAILURE_RETRY(
        openat(dir_fd, "log", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (fd < 0) {
        return errno == EACCES ? seam_fail(EPROTO, "log") : seam_fail_errno("open");
    }
    ssize_t n = TEMP_FAILURE_RETRY(pread(fd, magic, sizeof(magic), 0));
    close(fd);
    /* A shorter one is what a damaged region may have. */
    bool is_other = n == (ssize_t)sizeof(magic) && memcmp(magic, SEAM_LOG_MAGIC, 8) != 0;
    return is_other ? seam_fail(EPROTO, "magic") : 0;
}

int seam_directory_check_region(int dir_fd)
{
    int error = seam_directory_check_strangers(dir_fd);
    return error == 0 ? check_log(dir_fd) : error;
}

/** Removes one name, if it is there. @return 0 or -errno */
static int remove_name(int dir_fd, const char *name, int flags)
{
    if (unlinkat(dir_fd, name, flags) == 0 || errno == ENOENT) {
        return 0;
    }
    return seam_fail_errno(flags == 0 ? "unlink" : "rmdir");
}

int seam_directory_remove(int base_fd, const char *name, int dir_fd)
{
    int error = remove_name(dir_fd, "log", 0);
    if (error == 0) {
        error = remove_name(dir_fd, "desk", 0);
    }
    if (error == 0) {
        error = remove_name(base_fd, name, AT_REMOVEDIR);
        if (error != 0 && !seam_directory_is(base_fd, name, dir_fd)) {
            error = 0; /* another process was faster, and something else has its name by now */
        }
    }
    seam_directory_unlock_close(dir_fd);
    return error;
}
