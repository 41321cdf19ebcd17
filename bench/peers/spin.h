/* SPDX-License-Identifier: MIT */
/* The CPU's pause, for peers that are looked at again and again; and shared memory for them. */
#ifndef SEAM_BENCH_PEERS_SPIN_H
#define SEAM_BENCH_PEERS_SPIN_H

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline void spin_once(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

/** Zeroed memory that children share, touched once. @return NULL: there is none */
static inline void *shared_new(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED ? memset(memory, 0, bytes) : NULL;
}

static inline void shared_free(void *memory, size_t bytes)
{
    if (memory != NULL) {
        (void)munmap(memory, bytes);
    }
}

/** The largest power of two of slots that fit in @p bytes, at least @p least. */
static inline size_t slots_for(size_t bytes, size_t slot_bytes, size_t least)
{
    size_t slots = least;
    while (slots * 2 * slot_bytes <= bytes) {
        slots *= 2;
    }
    return slots;
}

#ifdef __cplusplus
}
#endif

#endif
