/* SPDX-License-Identifier: MIT */
/* The command `squares`: a child's results in a shared array and a shared value. */
#ifndef DEMO_SQUARES_H
#define DEMO_SQUARES_H

#include "demo/common.h"

/** Has a child square some numbers, and prints the squares and their sum. */
enum demo_status demo_squares(const struct demo_options *options);

#endif
