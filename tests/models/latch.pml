/* SPDX-License-Identifier: MIT */
/*
 * The latch of locked arrays and lists: two copies and a sequence, written under a lock by
 * processes that may be killed at every step, read without one.
 *
 * Models   src/objects/latch.h, src/objects/latch.c; transactions of src/objects/array_locked.c.
 * Here     Two words in each copy. Whoever has the lock changes the first or both, and commits or
 *          takes the change back; then it is the next one's turn. It may be killed at every step:
 *          the next one learns of that with the lock, and repairs. One reader reads, at any time.
 * Checked  What the reader takes for whole is exactly what was current under that sequence number:
 *          all of a transaction or nothing of it. A turn begins with two equal copies (B1, B2).
 * Memory   Stores are seen as in stores.inc. The reader's loads are in order where F2 and F4 keep
 *          them; where a mutant does not, they are also tried the other way round.
 * Left out the lock itself (mutex.pml): turns never overlap, so one process plays them all;
 *          quiet_wanted, which only delays; the sequence's wrap; a reader's second attempt, which
 *          is like the first.
 */
#ifndef TURNS
#define TURNS 3
#endif
#ifndef KILLS
#define KILLS 1
#endif

#define SEQUENCE 0
#define COPY(sequence, word) (1 + 2 * ((sequence) & 1) + (word))
#define PLACES 5
#define WORD(place) (place)
#define STORES_MOST 4
#define WHEN_SEEN(place, value) skip
#include "stores.inc"

byte kills, turn;
bit killed;
byte was0[TURNS + 1], was1[TURNS + 1]; /* what was current under each sequence number */

/* seam_latch_level, for one word: the spare becomes what the current copy is. */
#define level(word) \
    store_relaxed(COPY(now[SEQUENCE] + 1, word), now[COPY(now[SEQUENCE], word)])

inline enter()
{
#ifndef MUTANT_F3_ENTER
    fence_release(); /* F3 in seam_latch_enter */
#endif
    if
    :: died ->
#ifndef MUTANT_B2_REPAIR
        level(0);
        level(1)
#else
        skip
#endif
    :: else
    fi;
    d_step {
        died = 0;
        turn++;
        assert(now[COPY(0, 0)] == now[COPY(1, 0)] && now[COPY(0, 1)] == now[COPY(1, 1)])
    }
}

inline change()
{
    if
    :: low = 1 /* the other one alone is the same in the mirror */
    :: d_step { low = 1; high = 1 }
    fi;
    if
    :: low -> store_relaxed(COPY(now[SEQUENCE] + 1, 0), turn)
    :: else
    fi;
    if
    :: high -> store_relaxed(COPY(now[SEQUENCE] + 1, 1), turn)
    :: else
    fi
}

inline flip()
{
    d_step {
        was0[now[SEQUENCE] + 1] = now[COPY(now[SEQUENCE] + 1, 0)];
        was1[now[SEQUENCE] + 1] = now[COPY(now[SEQUENCE] + 1, 1)]
    }
#ifdef MUTANT_F1
    store_relaxed(SEQUENCE, now[SEQUENCE] + 1);
#else
    store_release(SEQUENCE, now[SEQUENCE] + 1); /* F1 */
#endif
#ifndef MUTANT_F3_FLIP
    fence_release() /* F3 in seam_latch_flip */
#else
    skip
#endif
}

inline level_changed()
{
#ifndef MUTANT_B2_LEVEL
    if
    :: low -> level(0)
    :: else
    fi;
    if
    :: high -> level(1)
    :: else
    fi
#else
    skip
#endif
}

active proctype writers()
{
    bit died, low, high;
again:
    {
        do
        :: turn < TURNS ->
            enter();
            change();
            if
            :: flip()
            :: skip /* seam_array_abort */
            fi;
            level_changed();
            d_step { low = 0; high = 0 }
        :: else -> goto done
        od
    } unless { killed }
    d_step { killed = 0; low = 0; high = 0; died = 1 }
    goto again;
done:
    skip
}

active proctype killer()
{
end:
    do
    :: d_step { kills < KILLS && !killed -> killed = 1; kills++ }
    od
}

inline read_words(copy)
{
    if /* they are copied in any order */
    :: first = seen[COPY(copy, 0)]; second = seen[COPY(copy, 1)]
    :: second = seen[COPY(copy, 1)]; first = seen[COPY(copy, 0)]
    fi
}

active proctype reader()
{
    byte sequence, again, first, second;
#ifdef MUTANT_F2
    bit guess;
    if /* the words before the sequence that tells where they are */
    :: guess = 0
    :: guess = 1
    fi;
    read_words(guess);
    sequence = seen[SEQUENCE];
    if
    :: (sequence & 1) != guess -> goto end_otherwise
    :: else
    fi;
#else
    sequence = seen[SEQUENCE]; /* F2 */
#ifdef MUTANT_F4
    again = seen[SEQUENCE]; /* before the words have been read */
#endif
    read_words(sequence);
#endif
#ifndef MUTANT_F4
    again = seen[SEQUENCE]; /* behind F4 */
#endif
    assert(again != sequence || (first == was0[sequence] && second == was1[sequence]));
end_otherwise:
    skip
}
