/* SPDX-License-Identifier: MIT */
#include "tool/screen.h"

#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

static SCREEN *screen;

/** Whether ncurses knows this kind of terminal: newterm leaks where it does not. */
static bool is_known(const char *name)
{
    int unused;
    bool known = setupterm(name, STDOUT_FILENO, &unused) == OK;
    if (known) {
        (void)del_curterm(cur_term);
    }
    return known;
}

bool screen_begin(void)
{
    const char *name = getenv("TERM");
    if (isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 && name != NULL &&
        strcmp(name, "dumb") != 0 && is_known(name)) {
        screen = newterm(name, stdout, stdin);
    }
    if (screen == NULL) {
        return false;
    }
    (void)cbreak();
    (void)noecho();
    (void)curs_set(0);
    (void)keypad(stdscr, TRUE);
    timeout(100);
    return true;
}

void screen_end(void)
{
    if (screen != NULL) {
        (void)endwin();
        delscreen(screen);
        screen = NULL;
    }
}
