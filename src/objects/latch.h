/* SPDX-License-Identifier: MIT */
/*
 * Two copies and a sequence: readers always find one copy that is whole, whatever becomes of the
 * writer. (Source: seqcount_latch of the Linux kernel, by Mathieu Desnoyers and Peter Zijlstra;
 * here with one flip for each change in place of two.)
 *
 * Invariants, for sequence number s:
 *   B1  copy s & 1 is current and whole. Nobody writes to it while the sequence is s.
 *   B2  Only the holder of the lock writes: first to the other copy (the spare), then it flips
 *       the sequence to s + 1, then it brings the former current copy up to the new one.
 *   B3  Each write to a copy comes after the flip that made it the spare.
 * So a copy that was read is whole if the sequence is the same before and after.
 *
 *     writer (has the lock)                     reader
 *     change the spare: copy 1                  s = 0; read copy 0 ...
 *     flip: s = 1
 *     bring up copy 0: write to it              ... read on, torn
 *                                               s is 1: read again, from copy 1
 *
 * A writer that dies before the flip has changed nothing; after it, everything. In both cases the
 * next holder of the lock copies the current copy over the other.
 */
#ifndef SEAM_OBJECTS_LATCH_H
#define SEAM_OBJECTS_LATCH_H

#include "memory/atomic.h"
#include "memory/layout.h"

/** The latch of one object, as one handle sees it. */
struct seam_latch {
    _Atomic uint64_t *sequence;
    uint8_t *copies; /* two of them, one behind the other */
    uint64_t bytes;  /* of each; a multiple of 8 */
    uint64_t most;   /* bytes that a reader may ever have to copy */
    _Atomic uint32_t *quiet_wanted;
};

/** Attempts of a reader that were in vain; zero at first. */
struct seam_latch_tries {
    unsigned count;
    int64_t until_ns;
};

/** Bytes that a copy of @p bytes takes: no line belongs to both. */
static inline uint64_t seam_latch_stride(uint64_t bytes)
{
    return (bytes + SEAM_LINE_BYTES - 1) / SEAM_LINE_BYTES * SEAM_LINE_BYTES;
}

static inline uint8_t *seam_latch_copy(const struct seam_latch *latch, uint64_t sequence)
{
    return latch->copies + (sequence & 1) * seam_latch_stride(latch->bytes);
}

/* ---- reader ---- */

/** Begins to read: from the copy that @p ret_copy tells. @return the sequence */
static inline uint64_t seam_latch_look(const struct seam_latch *latch, const uint8_t **ret_copy)
{
    uint64_t sequence = load_acquire(latch->sequence); /* F2, pairs with F1 in seam_latch_flip */
    *ret_copy = seam_latch_copy(latch, sequence);
    return sequence;
}

/** Whether what was read since is whole. */
static inline bool seam_latch_is(const struct seam_latch *latch, uint64_t sequence)
{
    fence_acquire(); /* F4, pairs with F3 in seam_latch_flip: who saw a later write sees the flip */
    return load_relaxed(latch->sequence) == sequence;
}

/**
 * To be called after a reading in vain: asks writers for a pause if it happens again and again.
 * @param bytes  that the reading takes, about
 * @return false: it goes on for so long that something else than this library must be writing
 */
bool seam_latch_again(const struct seam_latch *latch, struct seam_latch_tries *tries,
                      uint64_t bytes);

/** To be called after a success: others need not wait any longer. */
static inline void seam_latch_done(const struct seam_latch *latch,
                                   const struct seam_latch_tries *tries)
{
    if (unlikely(tries->count > 0)) {
        store_relaxed(latch->quiet_wanted, 0); /* whoever else is not done raises it again */
    }
}

/* ---- writer: only with the lock ---- */

/** After taking the lock: puts right what a dead holder left, if @p owner_died. */
void seam_latch_enter(const struct seam_latch *latch, bool owner_died);

/** The copy that is to be changed. */
static inline uint8_t *seam_latch_spare(const struct seam_latch *latch)
{
    /* Relaxed: only who has the lock changes it. */
    return seam_latch_copy(latch, load_relaxed(latch->sequence) + 1);
}

/** Makes the spare the current copy. What follows may be written to the other one. */
static inline void seam_latch_flip(const struct seam_latch *latch)
{
    uint64_t sequence = load_relaxed(latch->sequence); /* as above */
    store_release(latch->sequence, sequence + 1);      /* F1, pairs with F2 in seam_latch_look */
    fence_release(); /* F3, pairs with F4 in seam_latch_is: the flip before the next write */
}

/**
 * Makes the spare equal to the current copy in @p bytes from @p offset on, both multiples of 8:
 * after a flip, and to take changes back before one.
 */
void seam_latch_level(const struct seam_latch *latch, uint64_t offset, uint64_t bytes);

#endif
