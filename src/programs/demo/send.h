/* SPDX-License-Identifier: MIT */
/* Sending what the command line asks for. */
#ifndef DEMO_SEND_H
#define DEMO_SEND_H

#include "demo/common.h"

/** Whether all strings of the command line fit; says so if not. */
bool demo_strings_fit(const struct demo_options *options, size_t limit);

/** Sends the strings of the command line, and the lines of standard input where they say `-`. */
enum demo_status demo_send_strings(const struct demo_options *options,
                                   struct seam_channel *channel);

/** Waits until readers have taken everything. */
enum demo_status demo_send_wait(const struct demo_options *options, struct seam_channel *channel);

#endif
