/* SPDX-License-Identifier: MIT */
/* Values are read, changed and waited for while the memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "value",
    .topic = SCENE_VALUE,
    .kinds = {SEAM_KIND_VALUE},
};
