/* SPDX-License-Identifier: MIT */
/*
 * The lock: a word that names its holder, a lease that tells whether that one lives, and a flag of
 * those who sleep. Holders and waiters may be killed at every step.
 *
 * Models   src/wait/mutex.h, src/wait/mutex.c (seam_mutex_enter_slowly, seam_mutex_recheck,
 *          seam_mutex_take_from, seam_mutex_leave, seam_mutex_close), src/wait/flag.h,
 *          src/wait/flag.c, src/wait/waiter.c (sleep_once), src/wait/barrier.h.
 * Here     HANDLES handles, each of which takes the lock once, gives it back, closes; so its id is
 *          free then, and nobody has its lease. KILLS of them are killed, at any step.
 * Checked  Never two have the lock. Who gets it learns that its holder died if and only if it did.
 *          Everybody gets it. A sleeper's slice ends in vain only where somebody was killed: at
 *          most once for each; else no wake-up is lost.
 * Memory   The store of K1 waits in a store buffer (TSO). Compare-and-swaps, system calls and death
 *          empty it; membarrier empties all of them, one after another. A sleeper's S1 and S3 are
 *          in order by S2; where a mutant lacks it, not.
 * Left out processes without membarrier (wake.pml), time-outs, try_enter, a thread that locks
 *          twice, spinning, courtesy to others, an id that is given again (after a billion).
 */
#ifndef HANDLES
#define HANDLES 3
#endif
#ifndef KILLS
#define KILLS 1
#endif
#define WANTED 1
#define NOBODY 0 /* ids begin at 1 */

byte holder;               /* as memory has it */
bit leaving[HANDLES + 1];  /* the store of nobody is still in this one's buffer */
bit lease[HANDLES + 1];    /* the kernel's: it lives */
byte flag;                 /* lowest bit: wanted; the others count */
bit asleep[HANDLES + 1];
byte lost[HANDLES + 1];
bit killed[HANDLES + 1];
byte kills;

byte inside;   /* who has the lock, in truth */
bit left_dead; /* it was killed inside, and nobody knows yet */

inline flush(who)
{
    if
    :: leaving[who] -> leaving[who] = 0; holder = NOBODY
    :: else
    fi
}

proctype buffers()
{
    byte i;
end:
    do
    :: d_step { leaving[1] -> flush(1) }
    :: d_step { leaving[2] -> flush(2) }
    :: d_step { leaving[HANDLES] -> flush(HANDLES) }
    od
}

/* seam_mutex_take_from: a compare-and-swap */
inline take_from(whom)
{
#ifdef MUTANT_K2
    ready = holder == whom; /* a look, and then a store */
#endif
    d_step {
        flush(me);
        if
#ifdef MUTANT_K2
        :: ready ->
#else
#ifdef MUTANT_K1_FROM
        :: holder == whom || whom != NOBODY -> /* whoever has it now */
#else
        :: holder == whom -> /* K2 */
#endif
#endif
            holder = me;
            assert(inside == NOBODY);
            assert(left_dead == (whom != NOBODY));
            inside = me;
            left_dead = 0;
            got = 1
        :: else
        fi
    }
}

inline wake_all()
{
    d_step { /* U1 and the futex call */
        flush(me);
        if
        :: flag & WANTED -> flag++
        :: else
        fi;
        for (i : 1 .. HANDLES) {
            asleep[i] = 0
        }
        i = 0
    }
}

/* seam_mutex_recheck: the holder as it is now, and whether that one is dead */
inline ask_for_death()
{
    dead = holder;
    if
    :: dead == NOBODY
    :: dead != NOBODY && !lease[dead] -> take_from(dead)
    :: dead != NOBODY && lease[dead] -> flag = flag | WANTED
    fi;
    dead = NOBODY;
    ready = 0
}

inline sleep_once()
{
#ifdef MUTANT_S2
    ready = holder == NOBODY;
#endif
    d_step { flag = flag | WANTED; raised = flag }; /* S1 */
#ifndef MUTANT_S2_MEMBARRIER
    do /* S2 */
    :: i < HANDLES -> d_step { i++; flush(i) }
    :: else -> i = 0; break
    od;
#endif
#ifndef MUTANT_S2
    ready = holder == NOBODY; /* S3 */
#endif
#ifdef MUTANT_S3
    ready = 0;
#endif
    if
    :: ready -> skip
    :: else ->
        ask_for_death();
        if
        :: got -> skip
        :: else ->
            d_step {
                if
                :: flag == raised -> asleep[me] = 1
                :: else
                fi;
                raised = 0
            }
            if
            :: !asleep[me]
            :: timeout -> /* the slice */
                d_step {
                    asleep[me] = 0;
                    lost[me]++;
                    assert(lost[me] <= kills)
                }
            fi;
            if
            :: holder == NOBODY
            :: else -> ask_for_death()
            fi
        fi
    fi;
    d_step { ready = 0; raised = 0 }
}

inline enter()
{
    take_from(NOBODY);
    do
    :: got -> break
    :: else ->
        if
        :: holder == NOBODY -> take_from(NOBODY)
        :: else -> sleep_once()
        fi
    od
}

inline leave()
{
#ifdef MUTANT_K1
    leaving[me] = 1; /* before what was done inside */
    inside = NOBODY;
#else
    d_step { inside = NOBODY; leaving[me] = 1 } /* K1 */
#endif
    if
#ifdef MUTANT_P2
    :: looked -> wake_all()
#else
    :: flag & WANTED -> wake_all() /* P3 */
#endif
    :: else
    fi;
    got = 0
}

proctype handle(byte me)
{
    byte raised, dead, i;
    bit got, ready;
#ifdef MUTANT_P2
    bit looked;
#endif
    {
        enter();
#ifdef MUTANT_P2
        looked = flag & WANTED; /* the compiler moved it up */
#endif
        leave();
#ifdef MUTANT_K1_CLOSE
        lease[me] = 0; /* with the store still on its way */
#else
        d_step { flush(me); lease[me] = 0 } /* seam_mutex_close: a system call */
#endif
    } unless { killed[me] };
    skip;
    d_step {
        flush(me);
        lease[me] = 0;
        asleep[me] = 0;
        if
        :: inside == me -> inside = NOBODY; left_dead = 1
        :: else
        fi;
        killed[me] = 0; raised = 0; dead = 0; i = 0; got = 0; ready = 0
    }
}

proctype killer()
{
end:
    do
    :: d_step { kills < KILLS && lease[1] -> killed[1] = 1; kills++ }
    :: d_step { kills < KILLS && lease[2] -> killed[2] = 1; kills++ }
    od
}

init
{
    atomic {
        lease[1] = 1;
        lease[2] = 1;
        lease[HANDLES] = 1;
        run buffers();
        run killer();
        run handle(1);
        run handle(2);
#if HANDLES > 2
        run handle(3)
#endif
    }
}
