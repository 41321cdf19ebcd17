/* SPDX-License-Identifier: MIT */
/* Readers take cursors, and successors take over, while the memory lies. */
#include "fuzz.h"

const struct fuzz_target fuzz_target = {
    .name = "join",
    .topic = SCENE_JOIN,
    .kinds = {SEAM_KIND_CHANNEL},
};
