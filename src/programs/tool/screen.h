/* SPDX-License-Identifier: MIT */
/* The whole terminal, by ncurses. */
#ifndef TOOL_SCREEN_H
#define TOOL_SCREEN_H

#include <stdbool.h>

/** @return false: this is no terminal that can be drawn on */
bool screen_begin(void);

/** Puts the terminal back as it was, if it was begun. */
void screen_end(void);

#endif
