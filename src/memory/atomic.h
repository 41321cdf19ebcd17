/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary of shared words. The memory order stands in the name; every acquire, release,
 * fence and compare-and-swap in the tree carries a label and names its partner, which
 * tests/lint_labels.py checks. Only this file includes stdatomic.h.
 */
#ifndef SEAM_MEMORY_ATOMIC_H
#define SEAM_MEMORY_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define load_acquire(p) atomic_load_explicit((p), memory_order_acquire)
#define store_relaxed(p, v) atomic_store_explicit((p), (v), memory_order_relaxed)
#define store_release(p, v) atomic_store_explicit((p), (v), memory_order_release)
#define add_relaxed(p, v) atomic_fetch_add_explicit((p), (v), memory_order_relaxed)
#define or_relaxed(p, v) atomic_fetch_or_explicit((p), (v), memory_order_relaxed)
#define add_acq_rel(p, v) atomic_fetch_add_explicit((p), (v), memory_order_acq_rel)
#define sub_acq_rel(p, v) atomic_fetch_sub_explicit((p), (v), memory_order_acq_rel)
#define exchange_acq_rel(p, v) atomic_exchange_explicit((p), (v), memory_order_acq_rel)
#define cas_acq_rel(p, expected, v)                                                     \
    atomic_compare_exchange_strong_explicit((p), (expected), (v), memory_order_acq_rel, \
                                            memory_order_acquire)

#if defined(SEAM_LOAD_ORACLE)
#include "memory/oracle.h"
#endif

#if defined(__SANITIZE_THREAD__)
#define SEAM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SEAM_TSAN 1
#endif
#endif

/*
 * ThreadSanitizer does not know standalone fences (and gcc warns about them): under it the racy
 * copies order each word themselves, see copy.h, and the full fence is an exchange.
 */
#if defined(SEAM_TSAN)
static inline void fence_acquire(void)
{
}
static inline void fence_release(void)
{
}
static inline void fence_seq_cst(void)
{
    static _Atomic uint32_t word;
    (void)atomic_exchange_explicit(&word, 0, memory_order_seq_cst);
}
#else
#define fence_acquire() atomic_thread_fence(memory_order_acquire)
#define fence_release() atomic_thread_fence(memory_order_release)
#define fence_seq_cst() atomic_thread_fence(memory_order_seq_cst)
#endif

/** Keeps the compiler, not the CPU, from moving accesses across. */
#define fence_compiler() atomic_signal_fence(memory_order_seq_cst)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define SEAM_COLD __attribute__((noinline, cold))

/** Tells the CPU that this is a spin loop. The portable twin does nothing but is correct. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#else
    fence_compiler();
#endif
}

/** Asks for the cache line of @p p in a state that can be written. Only a hint. */
static inline void prefetch_own(const void *p)
{
#if defined(__x86_64__)
    /* The compiler's builtin needs -mprfchw for this; CPUs without it ignore the instruction. */
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)p));
#else
    __builtin_prefetch(p, 1, 3);
#endif
}

#endif
