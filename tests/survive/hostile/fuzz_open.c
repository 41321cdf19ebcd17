/* SPDX-License-Identifier: MIT */
/* Channels and objects are opened and closed while their memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "open",
    .topic = SCENE_OPEN,
    .kinds = {SEAM_KIND_CHANNEL, SEAM_KIND_VALUE, SEAM_KIND_ARRAY, SEAM_KIND_LIST},
};
