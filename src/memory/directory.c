/* SPDX-License-Identifier: MIT */
#include "memory/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/error.h"
#include "memory/layout.h"

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

int seam_directory_open_locked(int base_fd, const char *name, uid_t owner)
{
    int fd = seam_directory_open(base_fd, name, O_RDONLY, owner);
    if (fd < 0) {
        return fd;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return seam_fail(EAGAIN, "flock");
    }
    if (!seam_directory_is(base_fd, name, fd)) {
        seam_directory_unlock_close(fd);
        return seam_fail(EAGAIN, "flock");
    }
    return fd;
}

/** Whether there is anything but `log` and `desk`. */
static bool has_strangers(int dir_fd)
{
    bool strange = false;
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (directory == NULL) {
        close(fd);
        return true;
    }
    for (struct dirent *entry; !strange && (entry = readdir(directory)) != NULL;) {
        static const char *const ours[] = {".", "..", "log", "desk"};
        strange = true;
        for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
            strange = strange && strcmp(entry->d_name, ours[i]) != 0;
        }
    }
    closedir(directory);
    return strange;
}

int seam_directory_check_region(int dir_fd)
{
    uint8_t magic[8];
    struct stat status;
    if (has_strangers(dir_fd)) {
        return seam_fail(EPROTO, "other files");
    }
    int fd = openat(dir_fd, "log", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? seam_fail(EPROTO, "log or desk is missing")
                               : seam_fail(EPROTO, "not a plain file");
    }
    int error = 0;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        error = seam_fail(EPROTO, "not a plain file");
    } else if (pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
               memcmp(magic, SEAM_LOG_MAGIC, sizeof(magic)) != 0) {
        error = seam_fail(EPROTO, "magic"); /* a shorter one is what a damaged region may have */
    }
    close(fd);
    return error;
}

int seam_directory_remove(int base_fd, const char *name, int dir_fd)
{
    int error = 0;
    (void)unlinkat(dir_fd, "log", 0);
    (void)unlinkat(dir_fd, "desk", 0);
    if (unlinkat(base_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        error = seam_fail_errno("rmdir");
    }
    seam_directory_unlock_close(dir_fd);
    return error;
}
