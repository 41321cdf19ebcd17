/* SPDX-License-Identifier: MIT */
/* What tests of named objects share: their files. */
#ifndef SEAM_TESTS_NAMED_H
#define SEAM_TESTS_NAMED_H

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "memory/layout.h"

/** The path of a file in the test's directory, until the next call. */
static inline const char *path_of(const char *file)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", test_dir(), file);
    return path;
}

static inline void unlink_channel(const char *name)
{
    cr_assert_eq(seam_channel_unlink(name, NULL), 0, "%s", seam_error_detail());
}

/** Writes over a file of the object. */
static inline void change(const char *file, off_t offset, const void *bytes, size_t size)
{
    int fd = open(path_of(file), O_WRONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(pwrite(fd, bytes, size, offset), (ssize_t)size);
    close(fd);
}

#endif
