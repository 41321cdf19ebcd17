/* SPDX-License-Identifier: MIT */
/* Messages are sent in all ways while the memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "send",
    .topic = SCENE_SEND,
    .kinds = {SEAM_KIND_CHANNEL},
};
