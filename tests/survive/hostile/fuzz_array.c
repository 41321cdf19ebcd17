/* SPDX-License-Identifier: MIT */
/* Arrays are read and changed while the memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "array",
    .topic = SCENE_ARRAY,
    .kinds = {SEAM_KIND_ARRAY},
};
