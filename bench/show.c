/* SPDX-License-Identifier: MIT */
#include "show.h"

#include <stdio.h>

const char *show_ns(char text[SHOW_CELL], bool measured, double ns)
{
    if (!measured) {
        (void)snprintf(text, SHOW_CELL, "-");
    } else if (ns < 100) {
        (void)snprintf(text, SHOW_CELL, "%.1f ns", ns);
    } else if (ns < 10000) {
        (void)snprintf(text, SHOW_CELL, "%.0f ns", ns);
    } else {
        (void)snprintf(text, SHOW_CELL, "%.1f us", ns / 1e3);
    }
    return text;
}

const char *show_times(char text[SHOW_CELL], bool measured, double factor)
{
    (void)snprintf(text, SHOW_CELL, measured ? "%.2f x" : "-", factor);
    return text;
}

const char *show_rate(char text[SHOW_CELL], bool measured, double per_s)
{
    (void)snprintf(text, SHOW_CELL, measured ? "%.2f M/s" : "-", per_s / 1e6);
    return text;
}
