/* SPDX-License-Identifier: MIT */
/* The command `read NAME`. */
#ifndef DEMO_READ_H
#define DEMO_READ_H

#include "demo/common.h"

/** Prints what is sent under a name. */
enum demo_status demo_read(const struct demo_options *options);

#endif
