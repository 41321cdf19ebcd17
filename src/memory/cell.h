/* SPDX-License-Identifier: MIT */
/*
 * Filling a cell of 16 bytes at once: the one place of this tree where two words are written by a
 * single instruction. Each CPU has its own; a third kind of CPU needs one more here.
 */
#ifndef SEAM_MEMORY_CELL_H
#define SEAM_MEMORY_CELL_H

#include "memory/atomic.h"
#include "memory/layout.h"

/**
 * Makes an empty cell (both words zero) a filled one.
 * Order: as a compare-and-swap with acquire and release; the only user is Z1 in list_atomic.c.
 * @return false: it was filled before, and is as it was
 */
static inline bool fill_cell(struct seam_cell *cell, uint64_t bits)
{
#if defined(SEAM_TSAN)
    /* ThreadSanitizer does not see into assembly: this tells it what the instruction orders. */
    (void)add_acq_rel(&cell->filled, 0); /* Z1, pairs with Z2 in length_of */
#endif
#if defined(__x86_64__)
    uint64_t low = 0, high = 0;
    bool done;
    __asm__ volatile("lock cmpxchg16b (%[cell])"
                     : "=@ccz"(done), "+a"(low), "+d"(high)
                     : "b"(bits), "c"(UINT64_C(1)), [cell] "r"(cell)
                     : "memory");
    return done;
#elif defined(__aarch64__)
    uint64_t low, high;
    uint32_t again;
    /* A pair that is loaded and not stored may be torn; both words are zero only before. */
    __asm__ volatile("1: ldaxp %[low], %[high], [%[cell]]\n\t"
                     "orr %[low], %[low], %[high]\n\t"
                     "cbnz %[low], 2f\n\t"
                     "stlxp %w[again], %[bits], %[one], [%[cell]]\n\t"
                     "cbnz %w[again], 1b\n\t"
                     "b 3f\n\t"
                     "2: clrex\n\t"
                     "3:"
                     : [low] "=&r"(low), [high] "=&r"(high), [again] "=&r"(again)
                     : [bits] "r"(bits), [one] "r"(UINT64_C(1)), [cell] "r"(cell)
                     : "cc", "memory");
    return low == 0;
#else
#error "this CPU's way of writing 16 bytes at once is not known here yet"
#endif
}

#endif
