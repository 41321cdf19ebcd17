/* SPDX-License-Identifier: MIT */
/* Switches that only tests set, to reach what would take years to come about by itself. */
#ifndef SEAM_CHANNEL_TEST_HOOKS_H
#define SEAM_CHANNEL_TEST_HOOKS_H

#include <stdint.h>

/** Where the next channel's log begins: near the wrap of its 64 bits. A multiple of 8. */
extern uint64_t seam_test_first_position;

/** Number of the next channel's first message: near the wrap of 32 or 64 bits. */
extern uint64_t seam_test_first_sequence;

#endif
