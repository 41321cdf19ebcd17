/* SPDX-License-Identifier: MIT */
#include "region/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "region/directory.h"
#include "region/error.h"
#include "region/file.h"

#define DEFAULT_DIR "/dev/shm"

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

int seam_place_open_base_for(const char *name, const struct seam_region_options *options)
{
    int error = seam_place_check_name(name);
    return error != 0 ? error : seam_place_open_base(options);
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

uid_t seam_place_owner(const struct seam_region_options *options)
{
    return options->owner != NULL ? *options->owner : geteuid();
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
    int base_fd = seam_place_open_base_for(name, options);
    if (base_fd < 0) {
        return base_fd;
    }
    int dir_fd = seam_directory_open(base_fd, name, O_PATH, seam_place_owner(options));
    if (dir_fd < 0) {
        close(base_fd);
        return dir_fd;
    }
    int error = open_files(dir_fd, log_flags, seam_place_owner(options), ret_log_fd, ret_desk_fd);
    if (error == -ENOENT && seam_directory_is(base_fd, name, dir_fd)) {
        error = seam_fail(EPROTO, "log or desk is missing"); /* else: removed just now */
    }
    close(dir_fd);
    close(base_fd);
    return error;
}
