/* SPDX-License-Identifier: MIT */
/* Arithmetic on an element in private memory, whatever its type and alignment. */
#ifndef SEAM_OBJECTS_NUMBER_H
#define SEAM_OBJECTS_NUMBER_H

#include "seam/object.h"

/** @p element += @p by; integers wrap around. Not for SEAM_BYTES. */
void seam_number_add(enum seam_type type, void *element, const void *by);

/** @p element *= @p by; integers wrap around. For SEAM_INT64 and SEAM_DOUBLE. */
void seam_number_multiply(enum seam_type type, void *element, const void *by);

#endif
