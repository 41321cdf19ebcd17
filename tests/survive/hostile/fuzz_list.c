/* SPDX-License-Identifier: MIT */
/* Lists are read and changed while the memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "list",
    .topic = SCENE_LIST,
    .kinds = {SEAM_KIND_LIST},
};
