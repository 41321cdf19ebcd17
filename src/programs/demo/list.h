/* SPDX-License-Identifier: MIT */
/* The command `list`: two processes that change one list at the same time. */
#ifndef DEMO_LIST_H
#define DEMO_LIST_H

#include "demo/common.h"

/** One process appends, another doubles what is there; prints the list and checks it. */
enum demo_status demo_list(const struct demo_options *options);

#endif
