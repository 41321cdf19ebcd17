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

/* Who has to see each word that is read: assembly and library calls are no way then. */
#if defined(SEAM_TSAN) || defined(SEAM_LOAD_ORACLE)
#define SEAM_WORD_BY_WORD 1
#endif

/* Relaxed is enough: the header's R1/A1 pair orders a committed copy, A3 a doubtful one. */
#if defined(SEAM_TSAN)
#define load_racy(p) load_acquire(p) /* TSAN1, pairs with TSAN2 in store_racy: see atomic.h */
#define store_racy(p, v) store_release(p, v) /* TSAN2, pairs with TSAN1 in load_racy */
#else
#define load_racy(p) load_relaxed(p)
#define store_racy(p, v) store_relaxed(p, v)
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a word holds its first byte lowest");

/*
 * From here on a copy is long enough for 16-byte registers to pay; for a call: SEAM_LONG_BYTES.
 * Short messages go by words, and their last bytes by parts of a word that nothing else is read or
 * written with: the program has just stored its members, or will load them at once, and a load
 * that spans two recent stores has to wait until both are in the cache.
 */
#define SEAM_BULK_BYTES 64U
#define SEAM_LONG_BYTES 512U
_Static_assert(SEAM_LONG_BYTES >= SEAM_WIDE_BYTES, "what the wide copies rely on");

#if defined(__x86_64__) && !defined(SEAM_WORD_BY_WORD)
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

/** The first @p size bytes at @p from, 1 to 7, as a word with zeros behind them. */
static inline uint64_t gather_tail(const uint8_t *from, size_t size)
{
    uint64_t word = 0;
    unsigned bits = 0;
    if ((size & 4) != 0) {
        uint32_t four;
        memcpy(&four, from, 4);
        word = four;
        bits = 32;
        from += 4;
    }
    if ((size & 2) != 0) {
        uint16_t two;
        memcpy(&two, from, 2);
        word |= (uint64_t)two << bits;
        bits += 16;
        from += 2;
    }
    if ((size & 1) != 0) { /* as a ?: gcc 14 loads in any case: see src/README.md */
        word |= (uint64_t)*from << bits;
    }
    return word;
}

/** The other way round. */
static inline void scatter_tail(uint8_t *to, uint64_t word, size_t size)
{
    if ((size & 4) != 0) {
        uint32_t four = (uint32_t)word;
        memcpy(to, &four, 4);
        word >>= 32;
        to += 4;
    }
    if ((size & 2) != 0) {
        uint16_t two = (uint16_t)word;
        memcpy(to, &two, 2);
        word >>= 16;
        to += 2;
    }
    if ((size & 1) != 0) {
        *to = (uint8_t)word;
    }
}

/**
 * Copies what words are too narrow for: most of a long copy of @p size bytes, a multiple of 8.
 * @param far  seam_copier's way for what is very long
 * @return how many bytes it has copied
 */
static inline size_t copy_blocks(uint8_t *to, const uint8_t *from, size_t size, seam_copy_fn *far)
{
#if !defined(SEAM_WORD_BY_WORD)
    if (size >= SEAM_LONG_BYTES) {
        (size < SEAM_FAR_BYTES ? seam_copier->either : far)(to, from, size);
        return size;
    }
#endif
#if SEAM_HAS_COPY_BULK
    copy_bulk(&to, &from, size / 64);
    return size & ~(size_t)63;
#else
    (void)to, (void)from, (void)size, (void)far;
    return 0;
#endif
}

/** Copies @p size bytes out of the ring. */
static inline void copy_racy(void *to_private, const uint8_t *from_ring, size_t size)
{
    uint8_t *to = to_private;
    size_t whole = size & ~(size_t)7, at = 0;
    if (unlikely(size >= SEAM_BULK_BYTES)) {
        at = copy_blocks(to, from_ring, whole, seam_copier->out);
    }
    for (; at < whole; at += 8) {
        uint64_t word = load_racy((const _Atomic uint64_t *)(const void *)(from_ring + at));
        memcpy(to + at, &word, 8);
    }
    if (whole != size) {
        uint64_t last = load_racy((const _Atomic uint64_t *)(const void *)(from_ring + whole));
        scatter_tail(to + whole, last, size - whole);
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
#if !defined(SEAM_WORD_BY_WORD)
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
#if !defined(SEAM_WORD_BY_WORD)
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
    size_t whole = size & ~(size_t)7, at = 0;
    if (unlikely(size >= SEAM_BULK_BYTES)) {
        at = copy_blocks(to_ring, from, whole, seam_copier->in);
    }
    for (; at < whole; at += 8) {
        uint64_t word;
        memcpy(&word, from + at, 8);
        store_racy((_Atomic uint64_t *)(void *)(to_ring + at), word);
    }
    if (whole != size) {
        store_racy((_Atomic uint64_t *)(void *)(to_ring + whole),
                   gather_tail(from + whole, size - whole));
    }
}

#endif
