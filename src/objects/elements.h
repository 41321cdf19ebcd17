/* SPDX-License-Identifier: MIT */
/*
 * Elements of 1, 2, 4 or 8 bytes in shared memory, while others may change them: each is read and
 * written at once, and neighbours stay as they are. Their addresses are multiples of their size.
 * Which order they are seen in is up to the caller.
 */
#ifndef SEAM_OBJECTS_ELEMENTS_H
#define SEAM_OBJECTS_ELEMENTS_H

#include "memory/copy.h"

/* Relaxed throughout: the callers' fences, or the latch, order what has to be ordered. */

static inline void seam_element_out(void *to, const uint8_t *from, size_t bytes)
{
    const void *at = from;
    if (bytes == 8) {
        uint64_t element = load_racy((const _Atomic uint64_t *)at);
        memcpy(to, &element, 8);
    } else if (bytes == 4) {
        uint32_t element = load_racy((const _Atomic uint32_t *)at);
        memcpy(to, &element, 4);
    } else if (bytes == 2) {
        uint16_t element = load_racy((const _Atomic uint16_t *)at);
        memcpy(to, &element, 2);
    } else {
        *(uint8_t *)to = load_racy((const _Atomic uint8_t *)at);
    }
}

static inline void seam_element_in(uint8_t *to, const void *from, size_t bytes)
{
    void *at = to;
    if (bytes == 8) {
        uint64_t element;
        memcpy(&element, from, 8);
        store_racy((_Atomic uint64_t *)at, element);
    } else if (bytes == 4) {
        uint32_t element;
        memcpy(&element, from, 4);
        store_racy((_Atomic uint32_t *)at, element);
    } else if (bytes == 2) {
        uint16_t element;
        memcpy(&element, from, 2);
        store_racy((_Atomic uint16_t *)at, element);
    } else {
        store_racy((_Atomic uint8_t *)at, *(const uint8_t *)from);
    }
}

/** How many elements stand before the next whole word, of @p count. */
static inline size_t seam_elements_before_word(const uint8_t *at, size_t bytes, size_t count)
{
    size_t before = (0 - (size_t)(uintptr_t)at) % 8 / bytes;
    return before < count ? before : count;
}

/** Copies @p count of them out. */
static inline void seam_elements_out(void *to, const uint8_t *from, size_t bytes, size_t count)
{
    uint8_t *out = to;
    size_t single = seam_elements_before_word(from, bytes, count);
    count -= single;
    for (; single > 0; single--, out += bytes, from += bytes) {
        seam_element_out(out, from, bytes);
    }
    for (; count * bytes >= 8; count -= 8 / bytes, out += 8, from += 8) {
        seam_element_out(out, from, 8);
    }
    for (; count > 0; count--, out += bytes, from += bytes) {
        seam_element_out(out, from, bytes);
    }
}

/** Copies @p count of them in. */
static inline void seam_elements_in(uint8_t *to, const void *from, size_t bytes, size_t count)
{
    const uint8_t *in = from;
    size_t single = seam_elements_before_word(to, bytes, count);
    count -= single;
    for (; single > 0; single--, in += bytes, to += bytes) {
        seam_element_in(to, in, bytes);
    }
    for (; count * bytes >= 8; count -= 8 / bytes, in += 8, to += 8) {
        seam_element_in(to, in, 8);
    }
    for (; count > 0; count--, in += bytes, to += bytes) {
        seam_element_in(to, in, bytes);
    }
}

#endif
