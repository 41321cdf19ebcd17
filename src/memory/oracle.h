/* SPDX-License-Identifier: MIT */
/*
 * For tests only: the vocabulary of atomic.h with an oracle in between, which may answer anything
 * to a load from shared memory. So two loads of one word differ, as when somebody hostile writes
 * just then, and what relies on them to be the same is found out. A build of the library with
 * SEAM_LOAD_ORACLE has it; in every other this file is not included.
 */
#ifndef SEAM_MEMORY_ORACLE_H
#define SEAM_MEMORY_ORACLE_H

#include <stddef.h>

/** What was read at @p at, which may be private memory; the oracle may put another @p word. */
void seam_oracle_load(const volatile void *at, void *word, size_t bytes);

/** What has become of a compare-and-swap. */
enum seam_oracle_cas {
    SEAM_ORACLE_HONEST,  /* nothing yet: it is to be done */
    SEAM_ORACLE_FAILS,   /* another value was there: it is at @p expected now */
    SEAM_ORACLE_SUCCEEDS /* what was expected had just been put there: it is done */
};
enum seam_oracle_cas seam_oracle_cas(volatile void *at, void *expected, const void *desired,
                                     size_t bytes);

#define SEAM_ORACLE_LOAD(p, honest)                               \
    __extension__({                                               \
        __auto_type oracle_word = (honest);                       \
        seam_oracle_load((p), &oracle_word, sizeof(oracle_word)); \
        oracle_word;                                              \
    })

#undef load_relaxed
#undef load_acquire
#undef add_relaxed
#undef or_relaxed
#undef add_acq_rel
#undef sub_acq_rel
#undef exchange_acq_rel
#undef cas_acq_rel
#define load_relaxed(p) SEAM_ORACLE_LOAD(p, atomic_load_explicit((p), memory_order_relaxed))
#define load_acquire(p) SEAM_ORACLE_LOAD(p, atomic_load_explicit((p), memory_order_acquire))
#define add_relaxed(p, v) \
    SEAM_ORACLE_LOAD(p, atomic_fetch_add_explicit((p), (v), memory_order_relaxed))
#define or_relaxed(p, v) \
    SEAM_ORACLE_LOAD(p, atomic_fetch_or_explicit((p), (v), memory_order_relaxed))
#define add_acq_rel(p, v) \
    SEAM_ORACLE_LOAD(p, atomic_fetch_add_explicit((p), (v), memory_order_acq_rel))
#define sub_acq_rel(p, v) \
    SEAM_ORACLE_LOAD(p, atomic_fetch_sub_explicit((p), (v), memory_order_acq_rel))
#define exchange_acq_rel(p, v) \
    SEAM_ORACLE_LOAD(p, atomic_exchange_explicit((p), (v), memory_order_acq_rel))
#define cas_acq_rel(p, expected, v)                                                               \
    __extension__({                                                                               \
        __typeof__(*(expected)) oracle_desired = (v);                                             \
        enum seam_oracle_cas oracle_says =                                                        \
            seam_oracle_cas((p), (expected), &oracle_desired, sizeof(oracle_desired));            \
        oracle_says == SEAM_ORACLE_HONEST                                                         \
            ? atomic_compare_exchange_strong_explicit((p), (expected), oracle_desired,            \
                                                      memory_order_acq_rel, memory_order_acquire) \
            : oracle_says == SEAM_ORACLE_SUCCEEDS;                                                \
    })

#endif
