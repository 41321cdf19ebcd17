/* SPDX-License-Identifier: MIT */
/*
 * Uniform messages: those of a batch that have the same length, one to four words. Their records
 * lie at even distances, so nothing but the messages and their headers has to be looked at.
 */
#ifndef SEAM_CHANNEL_UNIFORM_H
#define SEAM_CHANNEL_UNIFORM_H

#include <sys/uio.h>

#include "channel/batch.h"

#define SEAM_UNIFORM_MOST UINT64_C(32)

/** How far apart uniform records are. */
static inline uint64_t seam_uniform_stride(uint64_t size)
{
    return SEAM_HEADER_BYTES + size;
}

_Static_assert(SEAM_UNIFORM_MOST <= SEAM_LINE_BYTES / 2, "see seam_record_end: no padding");

/** Whether messages of @p size bytes can be uniform. */
static inline bool seam_uniform_fits(uint64_t size)
{
    return size > 0 && size <= SEAM_UNIFORM_MOST && size % 8 == 0;
}

/** The header of the next uniform record: the number is in the upper half, and may wrap. */
static inline uint64_t seam_uniform_next(uint64_t header)
{
    return header + (UINT64_C(1) << 32);
}

__attribute__((always_inline)) static inline size_t
seam_uniform_write_words(uint8_t *to, uint64_t header, const struct iovec *messages, size_t most,
                         unsigned words)
{
    size_t count = 0;
    for (; count < most && messages[count].iov_len == words * UINT64_C(8); count++) {
        const uint8_t *from = messages[count].iov_base;
        for (unsigned i = 0; i < words; i++) {
            uint64_t word;
            memcpy(&word, from + i * UINT64_C(8), 8);
            store_racy((_Atomic uint64_t *)(void *)to + 1 + i, word);
        }
        store_relaxed((_Atomic uint64_t *)(void *)to, header); /* R1 of the first orders it */
        header = seam_uniform_next(header);
        to += seam_uniform_stride(words * UINT64_C(8));
    }
    return count;
}

/**
 * Writes messages behind those in @p batch, which has one already, as long as they are of @p size
 * bytes; their records must have room.
 * @param sequence  of the first of them
 * @return how many
 */
static inline size_t seam_uniform_write(const struct seam_log *log, struct seam_batch *batch,
                                        uint64_t sequence, uint64_t size,
                                        const struct iovec *messages, size_t most)
{
    uint8_t *to = seam_log_at(log, batch->position);
    uint64_t header = seam_header(sequence, size);
    size_t count = size == 8    ? seam_uniform_write_words(to, header, messages, most, 1)
                   : size == 16 ? seam_uniform_write_words(to, header, messages, most, 2)
                   : size == 24 ? seam_uniform_write_words(to, header, messages, most, 3)
                                : seam_uniform_write_words(to, header, messages, most, 4);
    if (count > 0) {
        batch->count += count;
        batch->bytes += count * size;
        batch->position += count * seam_uniform_stride(size);
        batch->last = batch->position - seam_uniform_stride(size);
    }
    return count;
}

__attribute__((always_inline)) static inline size_t
seam_uniform_read_words(const uint8_t *from, uint64_t header, uint8_t *to,
                        struct iovec *ret_messages, size_t most, unsigned words)
{
    size_t count = 0;
    for (; count < most; count++) {
        /* A1, pairs with R1 in seam_log_commit_batch */
        if (load_acquire((const _Atomic uint64_t *)(const void *)from) != header) {
            break;
        }
        for (unsigned i = 0; i < words; i++) {
            uint64_t word = load_racy((const _Atomic uint64_t *)(const void *)from + 1 + i);
            memcpy(to + i * UINT64_C(8), &word, 8);
        }
        ret_messages[count] = (struct iovec){.iov_base = to, .iov_len = words * UINT64_C(8)};
        header = seam_uniform_next(header);
        from += seam_uniform_stride(words * UINT64_C(8));
        to += words * UINT64_C(8);
    }
    return count;
}

/**
 * Copies messages to @p to, from record number @p sequence at @p position on, as long as they are
 * of @p size bytes. Whether they were whole is checked here.
 * @return how many
 */
static inline size_t seam_uniform_read(const struct seam_log *log, uint64_t position,
                                       uint64_t sequence, uint64_t size, uint8_t *to,
                                       struct iovec *ret_messages, size_t most)
{
    const uint8_t *from = seam_log_at(log, position);
    const uint64_t header = seam_header(sequence, size);
    /* However many pretend to be there: the ring is mapped no further. */
    const uint64_t room = log->capacity / seam_uniform_stride(size);
    most = most < room ? most : room;
    size_t count = size == 8    ? seam_uniform_read_words(from, header, to, ret_messages, most, 1)
                   : size == 16 ? seam_uniform_read_words(from, header, to, ret_messages, most, 2)
                   : size == 24 ? seam_uniform_read_words(from, header, to, ret_messages, most, 3)
                                : seam_uniform_read_words(from, header, to, ret_messages, most, 4);
    return seam_log_valid(log, position) ? count : 0;
}

#endif
