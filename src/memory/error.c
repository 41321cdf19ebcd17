/* SPDX-License-Identifier: MIT */
#include "memory/error.h"

#include <errno.h>

#include "seam/region.h"

static _Thread_local const char *last_detail = "";

int seam_fail(int error, const char *what)
{
    last_detail = what;
    return -error;
}

int seam_fail_errno(const char *system_call)
{
    return seam_fail(errno, system_call);
}

const char *seam_error_detail(void)
{
    return last_detail;
}
