/* SPDX-License-Identifier: MIT */
/* What the tests of looking from outside share. */
#ifndef SEAM_TESTS_INSPECT_H
#define SEAM_TESTS_INSPECT_H

#include "named.h"

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

#endif
