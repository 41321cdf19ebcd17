/* SPDX-License-Identifier: MIT */
/* What a failed call stumbled over, per thread: see seam_error_detail. */
#ifndef SEAM_MEMORY_ERROR_H
#define SEAM_MEMORY_ERROR_H

/** Notes @p what, a constant string. @return -error */
int seam_fail(int error, const char *what);

/** Notes the name of a system call that failed just now. @return -errno */
int seam_fail_errno(const char *system_call);

#endif
