/* SPDX-License-Identifier: MIT */
#include "seam/seam.h"

const char *seam_version(void)
{
    return SEAM_VERSION;
}
