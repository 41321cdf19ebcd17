/* SPDX-License-Identifier: MIT */
#include "tool/colour.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "seam/seam.h"

static bool is_wanted(void)
{
    static int wanted = -1;
    if (wanted < 0) {
        const char *forbidden = getenv("NO_COLOR"), *terminal = getenv("TERM");
        wanted = (forbidden == NULL || forbidden[0] == '\0') && terminal != NULL &&
                 strcmp(terminal, "dumb") != 0 && isatty(STDOUT_FILENO) != 0;
    }
    return wanted > 0;
}

const char *colour_begin(enum colour colour)
{
    static const char *const sequences[] = {
        [COLOUR_NONE] = "",        [COLOUR_GOOD] = "\033[32m",   [COLOUR_DOUBTFUL] = "\033[33m",
        [COLOUR_BAD] = "\033[31m", [COLOUR_HEADING] = "\033[1m",
    };
    return is_wanted() ? sequences[colour] : "";
}

const char *colour_end(enum colour colour)
{
    return colour != COLOUR_NONE && is_wanted() ? "\033[0m" : "";
}

enum colour colour_of_state(int state)
{
    switch (state) {
    case SEAM_STATE_IN_USE:
        return COLOUR_GOOD;
    case SEAM_STATE_IDLE:
        return COLOUR_NONE;
    case SEAM_STATE_REFUSED:
        return COLOUR_BAD;
    default:
        return COLOUR_DOUBTFUL;
    }
}

enum colour colour_of_writer(int writer)
{
    return writer == SEAM_WRITER_ALIVE  ? COLOUR_GOOD
           : writer == SEAM_WRITER_DEAD ? COLOUR_BAD
                                        : COLOUR_NONE;
}
