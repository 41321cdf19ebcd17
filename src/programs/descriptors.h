/* SPDX-License-Identifier: MIT */
/* Descriptors that a program was started without. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stdbool.h>

/**
 * A closed standard descriptor would be handed out for shared memory, and the first line printed
 * would be written there. This makes using it an error instead, as it ought to be.
 */
bool descriptors_fill(void);

#endif
