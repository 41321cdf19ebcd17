/* SPDX-License-Identifier: MIT */
/*
 * What messages carry. The copies in and out of the channel touch every byte; around them the
 * sender changes, and the receiver checks, one word in each cache line and the last whole word.
 * That tells a lost, repeated, stale or torn message, and costs as little as it can: it is part of
 * what seam's side of every ratio is charged with. The words are aligned, as the members of a
 * struct would be.
 */
#ifndef SEAM_BENCH_PAYLOAD_H
#define SEAM_BENCH_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PAYLOAD_MAX 65536
#define PAYLOAD_LINE 64

static inline size_t payload_last(size_t size)
{
    return (size - 8) & ~(size_t)7;
}

/** @p size: at least 8 */
static inline void payload_write(unsigned char *data, size_t size, uint64_t sequence)
{
    uint64_t word;
    for (size_t at = 0; at + 16 <= size; at += PAYLOAD_LINE) {
        word = sequence + at;
        memcpy(data + at, &word, 8);
    }
    memcpy(data + payload_last(size), &sequence, 8);
}

/** The number of the message; it is whole only if payload_is agrees. */
static inline uint64_t payload_sequence(const unsigned char *data, size_t size)
{
    uint64_t word;
    memcpy(&word, data + payload_last(size), 8);
    return word;
}

static inline bool payload_is(const unsigned char *data, size_t size, uint64_t sequence)
{
    uint64_t wrong = payload_sequence(data, size) ^ sequence;
    for (size_t at = 0; at + 16 <= size; at += PAYLOAD_LINE) {
        uint64_t word;
        memcpy(&word, data + at, 8);
        wrong |= word ^ (sequence + at);
    }
    return wrong == 0;
}

#endif
