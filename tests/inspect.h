/* SPDX-License-Identifier: MIT */
/* What the tests of looking from outside share. */
#ifndef SEAM_TESTS_INSPECT_H
#define SEAM_TESTS_INSPECT_H

#include "unit.h"

#include <fcntl.h>

static inline const char *path_of(const char *file)
{
    static char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", test_dir(), file);
    return path;
}

static inline struct seam_object_info info_of(const char *name)
{
    struct seam_object_info info;
    int error = seam_object_inspect(name, NULL, &info);
    cr_assert_eq(error, 0, "%s: %s", name, seam_error_detail());
    cr_expect_str_eq(info.name, name);
    return info;
}

static inline void collect(const char *name)
{
    int error = seam_object_collect(name, NULL);
    cr_assert_eq(error, 0, "%s: %s: %s", name, seam_error_detail(), strerror(-error));
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
