/* SPDX-License-Identifier: MIT */
#include "objects/number.h"

#include <stdint.h>
#include <string.h>

size_t seam_type_bytes(enum seam_type type)
{
    switch (type) {
    case SEAM_INT8:
    case SEAM_UINT8:
        return 1;
    case SEAM_INT16:
    case SEAM_UINT16:
        return 2;
    case SEAM_INT32:
    case SEAM_UINT32:
    case SEAM_FLOAT:
        return 4;
    case SEAM_INT64:
    case SEAM_UINT64:
    case SEAM_DOUBLE:
        return 8;
    default:
        return 0;
    }
}

static void add_double(void *element, const void *by)
{
    double a, b;
    memcpy(&a, element, sizeof(a));
    memcpy(&b, by, sizeof(b));
    a += b;
    memcpy(element, &a, sizeof(a));
}

static void add_float(void *element, const void *by)
{
    float a, b;
    memcpy(&a, element, sizeof(a));
    memcpy(&b, by, sizeof(b));
    a += b;
    memcpy(element, &a, sizeof(a));
}

void seam_number_add(enum seam_type type, void *element, const void *by)
{
    if (type == SEAM_DOUBLE) {
        add_double(element, by);
    } else if (type == SEAM_FLOAT) {
        add_float(element, by);
    } else {
        /* The low bytes of a sum do not depend on the high ones, nor on the sign. */
        size_t bytes = seam_type_bytes(type);
        uint64_t a = 0, b = 0;
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the low bytes are expected to come first"
#endif
        memcpy(&a, element, bytes);
        memcpy(&b, by, bytes);
        a += b;
        memcpy(element, &a, bytes);
    }
}

void seam_number_multiply(enum seam_type type, void *element, const void *by)
{
    if (type == SEAM_DOUBLE) {
        double a, b;
        memcpy(&a, element, sizeof(a));
        memcpy(&b, by, sizeof(b));
        a *= b;
        memcpy(element, &a, sizeof(a));
    } else {
        uint64_t a, b;
        memcpy(&a, element, sizeof(a));
        memcpy(&b, by, sizeof(b));
        a *= b;
        memcpy(element, &a, sizeof(a));
    }
}
