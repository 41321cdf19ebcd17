/* SPDX-License-Identifier: MIT */
/* The command `write NAME`. */
#ifndef DEMO_WRITE_H
#define DEMO_WRITE_H

#include "demo/common.h"

/** Sends the strings under a name, and waits for a reader to take them. */
enum demo_status demo_write(const struct demo_options *options);

#endif
