/* SPDX-License-Identifier: MIT */
/*
 * Readers that join a lossless channel while its writer runs, leave it, or are killed; the writer
 * that waits for them, and puts away the cursors of those who are gone.
 *
 * Models   src/channel/cursors.h, src/channel/slots.h, src/channel/cursors.c (place_cursor,
 *          seam_cursors_leave), src/channel/limit.c, src/channel/writable.c (look_at_cursors),
 *          src/channel/log.c (seam_log_extend); an invariant of src/memory/layout.h.
 * Here     A ring of CAPACITY records, all alike, and one writer that sends MESSAGES more than have
 *          been sent. One reader at a time: another one could only hold up the writer. It takes the
 *          slot by its lease, joins at any place that it may find to start from, reads, leaves or
 *          is killed at any step, and comes again, LIVES times. At first there may be anything in
 *          the slot, as from somebody before.
 * Checked  No reader that has joined is ever overtaken: what it has yet to read is not prepared for
 *          writing (I3). No reader's cursor is put away while it lives. The writer is not held up
 *          by the dead, and waits for nothing else than for a reader that has something to read.
 * Memory   The writer's tail and the readers' cursors wait in store buffers (TSO; what this
 *          protocol needs is a store before a load). Fences, compare-and-swaps and system calls
 *          empty them. A reader's reads end before C1; where a mutant lacks it, not.
 * Left out messages and headers (takeover.pml); durable cursors; lanes; the search for the tail and
 *          for waypoints, which here find any place that they might; hostile changes while a reader
 *          holds its slot; sleeping (wake.pml); giving up after so many attempts.
 */
#ifndef MESSAGES
#define MESSAGES 7
#endif
#ifndef LIVES
#define LIVES 3
#endif
#ifndef QUARTER
#define QUARTER 1 /* capacity / SEAM_LOOK_EVERY */
#endif
#define CAPACITY (4 * QUARTER)
#define FURTHEST (CAPACITY - QUARTER)
#define BEGIN CAPACITY /* the tail at first: the ring has been written once */
#define END (BEGIN + MESSAGES)
#define NOWHERE 255

byte tail = BEGIN;     /* as memory has it */
byte prepared = BEGIN; /* as the writer has it: the furthest that it may have touched */
bit ended;
byte lives;

byte cursor = NOWHERE;
#define NOTHING 254
byte coming = NOTHING; /* a store to it that is still in the store buffer */
byte lease; /* nobody, the reader, or the writer for a moment */
#define THE_READER 1
#define THE_WRITER 2
bit joined;
byte needs;  /* the next that it will read, or is reading: as the reader has it */
bit killed;

#define SAFE (!joined || prepared <= needs + CAPACITY)

/* ---- store buffers ---- */

inline flush()
{
    if
    :: coming != NOTHING -> cursor = coming; coming = NOTHING
    :: else
    fi
}

proctype buffers()
{
end:
    do
    :: d_step { coming != NOTHING -> flush() }
    od
}

/* The writer's buffer: it has committed up to `position`, readers see `tail`. */
byte position = BEGIN;

proctype commits()
{
end:
    do
    :: d_step { tail < position -> tail++ }
    od
}

/* ---- the writer ---- */

#define IS_POSSIBLE(c) ((c) <= position && position <= (c) + CAPACITY)

inline look_at_slot()
{
    at = cursor; /* evict: C2 */
    if
    :: at != NOWHERE && !IS_POSSIBLE(at) ->
#ifdef MUTANT_L4
        cursor = NOWHERE
#else
        d_step { /* L4 */
            if
            :: cursor == at -> cursor = NOWHERE; assert(!joined)
            :: else
            fi
        }
#endif
    :: else
    fi;
    d_step {
        at = cursor; /* C2 */
        if
        :: at != NOWHERE && IS_POSSIBLE(at) && at < slowest -> slowest = at
        :: else
        fi;
        at = 0
    }
}

/* seam_cursors_limit */
inline look_at_cursors()
{
#ifndef MUTANT_L2
    d_step { tail = position }; /* L1, L2 */
#endif
    slowest = position;
    look_at_slot();
    d_step {
        limit = slowest + CAPACITY;
#ifndef MUTANT_L3
        if
        :: limit > position + QUARTER -> limit = position + QUARTER
        :: else
        fi;
#endif
        slowest = 0
    }
}

inline reap()
{
#ifdef MUTANT_C1_REAP
    if
    :: lease == 0 -> cursor = NOWHERE /* it has looked, but does not hold the slot */
    :: else
    fi
#else
    if
    :: d_step { lease == 0 && cursor != NOWHERE -> lease = THE_WRITER };
        cursor = NOWHERE; /* C1 */
        lease = 0
    :: else
    fi
#endif
}

/* Something that the writer waits for: room, or somebody to be put away. */
#define HOLDS_UP \
    (cursor != NOWHERE && IS_POSSIBLE(cursor) && position + 1 > cursor + CAPACITY)
#define MAY_LOOK (!HOLDS_UP || lease == 0)

proctype writer()
{
    byte limit, slowest, at;
    limit = BEGIN;
    do
    :: position < END ->
        do
        :: limit > position -> break
        :: limit <= position ->
            MAY_LOOK;
            look_at_cursors();
            if
            :: limit <= position -> reap(); look_at_cursors()
            :: else
            fi
        od;
        skip;
        d_step { /* seam_log_extend, at most up to the limit; then all of it may be touched */
            prepared = limit;
            assert(SAFE); /* I3 */
            position++
        }
    :: else -> break
    od;
    ended = 1
}

/* ---- readers ---- */

/* place_cursor; `from` is what seam_log_find_tail and seam_log_find_oldest found */
inline join()
{
    seen = tail;
    do
    ::
        if
        :: from = seen
        :: from = seen - 1
        :: from = seen - FURTHEST
        fi;
        coming == NOTHING;
        coming = from; /* J1 */
#ifndef MUTANT_J2
        d_step { flush() }; /* J2 */
#endif
#ifndef MUTANT_J3
        seen = tail; /* J3 */
#endif
        d_step { /* J4: a compare-and-swap */
#ifdef MUTANT_J4
            if
            :: true ->
#else
            flush();
            if
            :: seen <= from + FURTHEST && cursor == from ->
#endif
                joined = 1;
                needs = from;
                assert(SAFE)
            :: else
            fi
        }
        if
        :: joined -> break
        :: else
        fi
    od;
    skip;
    d_step { seen = 0; from = 0 }
}

inline read_one()
{
#ifdef MUTANT_C1
    coming == NOTHING;
    coming = needs + 1;
    needs++
#else
    needs++; /* has been read */
    coming == NOTHING;
    coming = needs /* C1 */
#endif
}

proctype reader()
{
    byte seen, from;
again:
    {
        d_step { lease == 0 -> lease = THE_READER }
        join();
        do
        :: needs < tail -> read_one()
        :: break
        od;
        joined = 0;
        coming == NOTHING;
        coming = NOWHERE; /* C1 */
        skip
    } unless { killed };
    skip;
    d_step { /* the lease is dropped by the kernel: what was stored is seen */
        flush();
        joined = 0;
        if
        :: lease == THE_READER -> lease = 0
        :: else
        fi;
        killed = 0;
        needs = 0;
        seen = 0;
        from = 0
    }
    if
    :: d_step { lives < LIVES -> lives++ };
        goto again
    :: true
    fi
}

proctype killer()
{
end:
    do
    :: d_step { lease == THE_READER && !killed -> killed = 1 }
    od
}

init
{
    atomic {
        if
        :: cursor = NOWHERE
        :: cursor = 0
        :: cursor = 1
        :: cursor = 3
        fi;
        lives = 1;
        run buffers();
        run commits();
        run killer();
        run reader();
        run writer()
    }
}
