/* SPDX-License-Identifier: MIT */
#include "memory/copy_wide.h"

#include <string.h>

#include "memory/atomic.h"

static bool is_always_usable(void)
{
    return true;
}

/* ---- words: everywhere ---- */

static void copy_words(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word;
        memcpy(&word, from + at, 8);
        memcpy(to + at, &word, 8);
        __asm__ volatile("" ::: "memory"); /* each word once, and no library call made of it */
    }
}

#if defined(__x86_64__)

/* ---- x86-64 ---- */

/*
 * Lines come from another CPU's cache, which takes longer than a CPU's own prefetchers look ahead:
 * so long copies ask for them 1 KiB ahead.
 */
#define TO_WRITE "prefetchw 1024(%0)\n\t"
#define TO_READ "prefetcht0 1024(%1)\n\t"

/* One register's worth, wherever it lies. */
#define COPY_ONE(move, reg, to, from)                                          \
    __asm__ volatile(move " (%1), %%" reg "0\n\t" move " %%" reg "0, (%0)\n\t" \
                     :                                                         \
                     : "r"(to), "r"(from)                                      \
                     : "xmm0", "memory")

/* Blocks of four registers; `to` is aligned. `hint` is there once for each line. */
#define COPY_FOUR(move, store, reg, width, hints, to, from, blocks)                            \
    __asm__ volatile("1:\n\t" hints move " (%1), %%" reg "0\n\t" move " " width "(%1), %%" reg \
                     "1\n\t" move " 2*" width "(%1), %%" reg "2\n\t" move " 3*" width          \
                     "(%1), %%" reg "3\n\t" store " %%" reg "0, (%0)\n\t" store " %%" reg      \
                     "1, " width "(%0)\n\t" store " %%" reg "2, 2*" width "(%0)\n\t" store     \
                     " %%" reg "3, 3*" width "(%0)\n\t"                                        \
                     "add $4*" width ", %0\n\t"                                                \
                     "add $4*" width ", %1\n\t"                                                \
                     "dec %2\n\t"                                                              \
                     "jnz 1b\n\t"                                                              \
                     : "+r"(to), "+r"(from), "+r"(blocks)                                      \
                     :                                                                         \
                     : "xmm0", "xmm1", "xmm2", "xmm3", "cc", "memory")

#define WRITE_LINES_2 TO_WRITE "prefetchw 1088(%0)\n\t"
#define READ_LINES_2 TO_READ "prefetcht0 1088(%1)\n\t"
#define WRITE_LINES_4 WRITE_LINES_2 "prefetchw 1152(%0)\n\tprefetchw 1216(%0)\n\t"
#define READ_LINES_4 READ_LINES_2 "prefetcht0 1152(%1)\n\tprefetcht0 1216(%1)\n\t"

/* The whole of a copy: what stands before the first boundary, blocks, registers, and the end. */
#define COPY_ALL(move, store, reg, width, bytes, hints, to, from, size)     \
    do {                                                                    \
        uint8_t *const end = (to) + (size);                                 \
        const uint8_t *const from_end = (from) + (size);                    \
        COPY_ONE(move, reg, to, from);                                      \
        size_t head = (bytes) - ((uintptr_t)(to) & ((bytes)-1));            \
        (to) += head;                                                       \
        (from) += head;                                                     \
        size_t blocks = (size_t)(end - (to)) / (4 * (size_t)(bytes));       \
        COPY_FOUR(move, store, reg, width, hints, to, from, blocks);        \
        for (; end - (to) >= (bytes); (to) += (bytes), (from) += (bytes)) { \
            COPY_ONE(move, reg, to, from);                                  \
        }                                                                   \
        COPY_ONE(move, reg, end - (bytes), from_end - (bytes));             \
    } while (0)

static void copy_sse2(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("movdqu", "movdqa", "xmm", "16", 16, "", to, from, size);
}

static void copy_in_sse2(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("movdqu", "movdqa", "xmm", "16", 16, TO_WRITE, to, from, size);
}

static void copy_out_sse2(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("movdqu", "movdqa", "xmm", "16", 16, TO_READ, to, from, size);
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static void copy_avx2(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("vmovdqu", "vmovdqa", "ymm", "32", 32, "", to, from, size);
    __asm__ volatile("vzeroupper" ::: "xmm0", "xmm1", "xmm2", "xmm3");
}

static void copy_in_avx2(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("vmovdqu", "vmovdqa", "ymm", "32", 32, WRITE_LINES_2, to, from, size);
    __asm__ volatile("vzeroupper" ::: "xmm0", "xmm1", "xmm2", "xmm3");
}

static void copy_out_avx2(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("vmovdqu", "vmovdqa", "ymm", "32", 32, READ_LINES_2, to, from, size);
    __asm__ volatile("vzeroupper" ::: "xmm0", "xmm1", "xmm2", "xmm3");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f");
}

static void copy_avx512(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("vmovdqu64", "vmovdqa64", "zmm", "64", 64, "", to, from, size);
    __asm__ volatile("vzeroupper" ::: "xmm0", "xmm1", "xmm2", "xmm3");
}

static void copy_in_avx512(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("vmovdqu64", "vmovdqa64", "zmm", "64", 64, WRITE_LINES_4, to, from, size);
    __asm__ volatile("vzeroupper" ::: "xmm0", "xmm1", "xmm2", "xmm3");
}

static void copy_out_avx512(uint8_t *to, const uint8_t *from, size_t size)
{
    COPY_ALL("vmovdqu64", "vmovdqa64", "zmm", "64", 64, READ_LINES_4, to, from, size);
    __asm__ volatile("vzeroupper" ::: "xmm0", "xmm1", "xmm2", "xmm3");
}

#elif defined(__aarch64__)

/* ---- arm64: all have the same registers ---- */

static void copy_pairs(uint8_t *to, const uint8_t *from, size_t size)
{
    size_t blocks = size / 64;
    __asm__ volatile("1: ldp q0, q1, [%1], #32\n\t"
                     "ldp q2, q3, [%1], #32\n\t"
                     "stp q0, q1, [%0], #32\n\t"
                     "stp q2, q3, [%0], #32\n\t"
                     "subs %2, %2, #1\n\t"
                     "b.ne 1b\n\t"
                     : "+r"(to), "+r"(from), "+r"(blocks)
                     :
                     : "v0", "v1", "v2", "v3", "cc", "memory");
    copy_words(to, from, size % 64);
}

#endif

const struct seam_copier seam_copiers[] = {
    {"words", is_always_usable, copy_words, copy_words, copy_words},
#if defined(__x86_64__)
    {"sse2", is_always_usable, copy_sse2, copy_in_sse2, copy_out_sse2},
    {"avx2", has_avx2, copy_avx2, copy_in_avx2, copy_out_avx2},
    {"avx512", has_avx512, copy_avx512, copy_in_avx512, copy_out_avx512},
#elif defined(__aarch64__)
    {"pairs", is_always_usable, copy_pairs, copy_pairs, copy_pairs},
#endif
};
const size_t seam_copier_count = sizeof(seam_copiers) / sizeof(seam_copiers[0]);
const struct seam_copier *seam_copier = &seam_copiers[0];

/** Before anybody can have a channel. */
__attribute__((constructor)) static void choose(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    for (size_t i = 0; i < seam_copier_count; i++) {
        if (seam_copiers[i].is_usable()) {
            seam_copier = &seam_copiers[i];
        }
    }
}
