/* SPDX-License-Identifier: MIT */
/* The command `deadlock`: what would hang with an ordinary mutex, and does not. */
#ifndef DEMO_DEADLOCK_H
#define DEMO_DEADLOCK_H

#include "demo/common.h"

/** Locks twice; then takes a lock, and the data under it, over from a process that was killed. */
enum demo_status demo_deadlock(const struct demo_options *options);

#endif
