/* SPDX-License-Identifier: MIT */
/* Colours on standard output: on a terminal only, and not where NO_COLOR is set (no-color.org). */
#ifndef TOOL_COLOUR_H
#define TOOL_COLOUR_H

enum colour { COLOUR_NONE = 0, COLOUR_GOOD, COLOUR_DOUBTFUL, COLOUR_BAD, COLOUR_HEADING };

/** What to print before a coloured word; mostly "". */
const char *colour_begin(enum colour colour);

/** And behind it. */
const char *colour_end(enum colour colour);

/** The colours of enum seam_state and enum seam_writer. */
enum colour colour_of_state(int state);
enum colour colour_of_writer(int writer);

#endif
