/* SPDX-License-Identifier: MIT */
/* What --help prints. */
#ifndef DEMO_HELP_H
#define DEMO_HELP_H

extern const char demo_help[];

#endif
