/* SPDX-License-Identifier: MIT */
#include "region/error.h"

#include "seam/region.h"

_Thread_local const char *seam_last_detail = "";

const char *seam_error_detail(void)
{
    return seam_last_detail;
}
