/* SPDX-License-Identifier: MIT */
/* What a failed call stumbled over, per thread: see seam_error_detail. */
#ifndef SEAM_REGION_ERROR_H
#define SEAM_REGION_ERROR_H

#include <errno.h>

extern _Thread_local const char *seam_last_detail;

/** Notes @p what, a constant string. @return -error */
static inline int seam_fail(int error, const char *what)
{
    seam_last_detail = what;
    return -error;
}

/** Notes the name of a system call that failed just now. @return -errno */
static inline int seam_fail_errno(const char *system_call)
{
    return seam_fail(errno, system_call);
}

#endif
