/* SPDX-License-Identifier: MIT */
/* Locks are taken and given back while the memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "lock",
    .topic = SCENE_LOCK,
    .kinds = {SEAM_KIND_LOCK},
};
