/* SPDX-License-Identifier: MIT */
/* Numbers of any type as words: on the command line, and printed. */
#ifndef TOOL_NUMBERS_H
#define TOOL_NUMBERS_H

#include "tool/tool.h"

struct number {
    enum seam_type type;
    union {
        int64_t signed_integer;
        uint64_t unsigned_integer;
        double real;
    } as;
};

/** @return false after telling the user: it is no number, or none that the type can hold */
bool number_parse(const struct tool_command *command, const char *word, enum seam_type type,
                  struct number *ret_number);

/** Prints it and a newline; a double with as many digits as tell it from its neighbours. */
void number_print(const struct number *number);

/** To and from an element of an array, of seam_type_bytes(type) bytes. */
void number_to_element(const struct number *number, void *ret_element);
void number_from_element(enum seam_type type, const void *element, struct number *ret_number);

#endif
