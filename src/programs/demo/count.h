/* SPDX-License-Identifier: MIT */
/* The commands `bank` and `counter`: processes that change one number at the same time. */
#ifndef DEMO_COUNT_H
#define DEMO_COUNT_H

#include "demo/common.h"

/** One process deposits, another withdraws as much; prints what is left. */
enum demo_status demo_bank(const struct demo_options *options);

/** Several processes add one several times; prints the sum. */
enum demo_status demo_counter(const struct demo_options *options);

#endif
