/* SPDX-License-Identifier: MIT */
#include "inspect/view.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "region/directory.h"
#include "region/error.h"
#include "region/place.h"
#include "region/stamp.h"

/** Opens both files. @return 0; -ENOENT one of them is not there; others */
static int open_files(struct seam_view *view, uid_t owner)
{
    view->log_fd = seam_directory_open_file(view->dir_fd, "log", O_RDONLY, owner);
    if (view->log_fd < 0) {
        return view->log_fd;
    }
    view->desk_fd = seam_directory_open_file(view->dir_fd, "desk", O_RDONLY, owner);
    if (view->desk_fd < 0) {
        return view->desk_fd;
    }
    return fstat(view->log_fd, &view->log) == 0 && fstat(view->desk_fd, &view->desk) == 0
               ? 0
               : seam_fail_errno("fstat");
}

/** Whether the log begins as one: else it is of another program, and none of our business. */
static bool is_ours(const struct seam_view *view)
{
    uint8_t magic[sizeof(view->stamp.magic)];
    return seam_view_read(view->log_fd, magic, sizeof(magic), 0) &&
           memcmp(magic, SEAM_LOG_MAGIC, sizeof(magic)) == 0;
}

int seam_view_open(struct seam_view *view, int base_fd, const char *name, const uid_t *owner)
{
    struct stat directory;
    *view = (struct seam_view){.dir_fd = -1, .log_fd = -1, .desk_fd = -1};
    if (fstatat(base_fd, name, &directory, AT_SYMLINK_NOFOLLOW) != 0) {
        return seam_fail_errno("open");
    }
    const uid_t whose = owner != NULL ? *owner : directory.st_uid;
    int error = view->dir_fd = seam_directory_open(base_fd, name, O_PATH, whose);
    if (error >= 0) {
        error = open_files(view, whose);
        /* A directory of another program, or ours just removed. */
        error = error == -ENOENT ? seam_fail(EPROTO, "log or desk is missing") : error;
    }
    if (error >= 0 && !is_ours(view)) {
        error = seam_fail(EPROTO, "magic");
    }
    if (error < 0) {
        seam_view_close(view);
        return error;
    }
    view->error = seam_stamp_read(view->log_fd, view->desk_fd, SEAM_KIND_ANY, &view->stamp);
    view->detail = view->error != 0 ? seam_last_detail : NULL;
    return 0;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void seam_view_close(struct seam_view *view)
{
    close_fd(view->dir_fd);
    close_fd(view->log_fd);
    close_fd(view->desk_fd);
    view->dir_fd = view->log_fd = view->desk_fd = -1;
}

bool seam_view_read(int fd, void *buffer, size_t bytes, uint64_t offset)
{
    return TEMP_FAILURE_RETRY(pread(fd, buffer, bytes, (off_t)offset)) == (ssize_t)bytes;
}

int seam_view_find(struct seam_view *view, const char *name,
                   const struct seam_region_options *options)
{
    int base_fd = seam_place_open_base_for(name, options);
    if (base_fd < 0) {
        return base_fd;
    }
    int error = seam_view_open(view, base_fd, name, options->owner);
    close(base_fd);
    return error;
}

uint64_t seam_view_header(const struct seam_view *view, unsigned lane, uint64_t position)
{
    uint64_t header = 0;
    uint64_t at = seam_view_ring(view, lane, position & ~UINT64_C(7));
    return seam_view_read(view->log_fd, &header, sizeof(header), at) ? header : 0;
}
