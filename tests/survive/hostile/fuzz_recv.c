/* SPDX-License-Identifier: MIT */
/* Messages are received in all ways while the memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "recv",
    .topic = SCENE_RECV,
    .kinds = {SEAM_KIND_CHANNEL},
};
