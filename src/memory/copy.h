/* SPDX-License-Identifier: MIT */
/*
 * Copies between private memory and a ring that another process may be writing at the same time.
 * A plain memcpy that races is undefined in C11, so words move as relaxed atomics or, in bulk on
 * x86-64, through opaque assembly. Whether the copy was whole is decided afterwards by the caller.
 *
 * Ring addresses are aligned to 8 bytes and records are padded to 8, so whole words are always in
 * bounds on the ring's side; on the private side exactly @p size bytes are touched.
 */
#ifndef SEAM_MEMORY_COPY_H
#define SEAM_MEMORY_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "memory/atomic.h"
#include "memory/copy_wide.h"

/* Relaxed is enough: the header's R1/A1 pair orders a committed copy, A3 a doubtful one. */
#if defined(SEAM_TSAN)
#define load_racy(p) load_acquire(p) /* TSAN1, pairs with TSAN2 in store_racy: see atomic.h */
#define store_racy(p, v) store_release(p, v) /* TSAN2, pairs with TSAN1 in load_racy */
#else
#define load_racy(p) load_relaxed(p)
#define store_racy(p, v) store_relaxed(p, v)
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the last bytes are shifted into a word");

/* From here on a copy is long enough for 16-byte registers to pay; for a call: SEAM_LONG_BYTES. */
#define SEAM_BULK_BYTES 128U
#define SEAM_LONG_BYTES 512U

#if defined(__x86_64__) && !defined(SEAM_TSAN)
/* SSE2 is part of x86-64. The "memory" clobber makes the copy opaque to the compiler. */
static inline void copy_bulk(uint8_t **to, const uint8_t **from, size_t blocks)
{
    __asm__ volatile("1:\n\t"
                     "movdqu (%1), %%xmm0\n\t"
                     "movdqu 16(%1), %%xmm1\n\t"
                     "movdqu 32(%1), %%xmm2\n\t"
                     "movdqu 48(%1), %%xmm3\n\t"
                     "movdqu %%xmm0, (%0)\n\t"
                     "movdqu %%xmm1, 16(%0)\n\t"
                     "movdqu %%xmm2, 32(%0)\n\t"
                     "movdqu %%xmm3, 48(%0)\n\t"
                     "add $64, %0\n\t"
                     "add $64, %1\n\t"
                     "dec %2\n\t"
                     "jnz 1b"
                     : "+r"(*to), "+r"(*from), "+r"(blocks)
                     :
                     : "xmm0", "xmm1", "xmm2", "xmm3", "cc", "memory");
}
#define SEAM_HAS_COPY_BULK 1
#else
#define SEAM_HAS_COPY_BULK 0
#endif

/** Moves 1 to 7 bytes in at most three steps: a memcpy of unknown length is a loop over bytes. */
static inline void copy_tail(uint8_t *to, const uint8_t *from, size_t size)
{
    if ((size & 4) != 0) {
        memcpy(to, from, 4);
        to += 4;
        from += 4;
    }
    if ((size & 2) != 0) {
        memcpy(to, from, 2);
        to += 2;
        from += 2;
    }
    if ((size & 1) != 0) {
        *to = *from;
    }
}

/**
 * Copies what is long by the widest registers there are, up to the last whole word.
 * @return the bytes copied, maybe none
 */
static inline size_t copy_long(seam_copy_fn *far, uint8_t *to, const uint8_t *from, size_t size)
{
#if defined(SEAM_TSAN)
    (void)far, (void)to, (void)from, (void)size;
    return 0; /* the sanitizer does not see into it */
#else
    (size < SEAM_FAR_BYTES ? seam_copier->either : far)(to, from, size & ~(size_t)7);
    return size & ~(size_t)7;
#endif
}

/** Copies @p size bytes out of the ring. */
static inline void copy_racy(void *to_private, const uint8_t *from_ring, size_t size)
{
    uint8_t *to = to_private;
    if (unlikely(size >= SEAM_LONG_BYTES)) {
        size_t done = copy_long(seam_copier->out, to, from_ring, size);
        to += done;
        from_ring += done;
        size -= done;
    }
#if SEAM_HAS_COPY_BULK
    if (size >= SEAM_BULK_BYTES) {
        copy_bulk(&to, &from_ring, size / 64);
        size %= 64;
    }
#endif
    if (unlikely(size < 8)) {
        if (size > 0) {
            uint64_t only = load_racy((const _Atomic uint64_t *)(const void *)from_ring);
            copy_tail(to, (const uint8_t *)&only, size);
        }
        return;
    }
    uint64_t word;
    size_t at = 0;
    do {
        word = load_racy((const _Atomic uint64_t *)(const void *)(from_ring + at));
        memcpy(to + at, &word, 8);
        at += 8;
    } while (at + 8 <= size);
    if (at < size) { /* the last 8 bytes, of which some are there already: one store */
        uint64_t last = load_racy((const _Atomic uint64_t *)(const void *)(from_ring + at));
        unsigned bits = 8 * (unsigned)(size - at);
        last = last << (64 - bits) | word >> bits;
        memcpy(to + size - 8, &last, 8);
    }
}

/* From here on a copy of what rests in one place is worth a call; see copy_resting. */
#define SEAM_CALL_BYTES 256U

/**
 * Copies @p size bytes that hardly ever change while they are copied, such as an array's: by the
 * C library's own routine, the widest this CPU has. Which function that is the compiler can't know
 * here, so it has no ground on which to reason about races; and whether the copy was whole, which
 * parts of it were read twice included, is decided afterwards by the caller. Messages, which move
 * from CPU to CPU, go through copy_racy.
 */
static inline void copy_resting(void *to, const uint8_t *from, size_t size)
{
#if !defined(SEAM_TSAN)
    if (size >= SEAM_CALL_BYTES) {
        void *(*copy)(void *, const void *, size_t) = memcpy;
        __asm__ volatile("" : "+r"(copy)::"memory");
        (void)copy(to, from, size);
        return;
    }
#endif
    copy_racy(to, from, size);
}

/** Moves 32-bit words within shared memory that others may be looking at; likewise. */
static inline void move_resting(uint8_t *to, const uint8_t *from, size_t words)
{
#if !defined(SEAM_TSAN)
    void *(*move)(void *, const void *, size_t) = memmove;
    __asm__ volatile("" : "+r"(move)::"memory");
    (void)move(to, from, words * 4);
#else
    for (size_t i = 0; i < words; i++) {
        size_t at = to < from ? i : words - 1 - i; /* not over what is still to be moved */
        uint32_t word = load_racy((const _Atomic uint32_t *)(const void *)from + at);
        store_racy((_Atomic uint32_t *)(void *)to + at, word);
    }
#endif
}

/** Copies @p size bytes into the ring; the padding of the last word becomes zero. */
static inline void copy_into_ring(uint8_t *to_ring, const void *from_private, size_t size)
{
    const uint8_t *from = from_private;
    if (unlikely(size >= SEAM_LONG_BYTES)) {
        size_t done = copy_long(seam_copier->in, to_ring, from, size);
        to_ring += done;
        from += done;
        size -= done;
    }
#if SEAM_HAS_COPY_BULK
    if (size >= SEAM_BULK_BYTES) {
        copy_bulk(&to_ring, &from, size / 64);
        size %= 64;
    }
#endif
    if (unlikely(size < 8)) {
        if (size > 0) {
            uint64_t only = 0;
            copy_tail((uint8_t *)&only, from, size);
            store_racy((_Atomic uint64_t *)(void *)to_ring, only);
        }
        return;
    }
    uint64_t word;
    size_t at = 0;
    do {
        memcpy(&word, from + at, 8);
        store_racy((_Atomic uint64_t *)(void *)(to_ring + at), word);
        at += 8;
    } while (at + 8 <= size);
    if (at < size) { /* the last 8 bytes, without those that are there already */
        memcpy(&word, from + size - 8, 8);
        word >>= 64 - 8 * (unsigned)(size - at);
        store_racy((_Atomic uint64_t *)(void *)(to_ring + at), word);
    }
}

#endif
