/* SPDX-License-Identifier: MIT */
/* Two processes that share a channel without a name. */
#ifndef DEMO_PAIR_H
#define DEMO_PAIR_H

#include "demo/common.h"

/** Starts a writer process and is its reader. */
enum demo_status demo_pair(const struct demo_options *options);

#endif
