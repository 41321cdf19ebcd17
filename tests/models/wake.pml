/* SPDX-License-Identifier: MIT */
/*
 * Sleeping and waking: publishers that publish often and pay no fence for it, sleepers that pay for
 * both with membarrier, and a thief who takes sleepers off their futex.
 *
 * Models   src/wait/flag.h, src/wait/flag.c, src/wait/waiter.c (sleep_once), src/wait/barrier.h,
 *          src/wait/barrier.c, src/wait/futex.c; seam_announce_data and seam_announce_slowly of
 *          src/channel/handle.h, src/channel/handle.c.
 * Here     A publisher with MESSAGES messages, maybe a second one with one, and two sleepers who
 *          want all of them. Configurations (defines): PUBLISHERS; OUTSIDE_PUBLISHER: the first
 *          publisher has no membarrier; OUTSIDE_SLEEPER: the first sleeper has none; THEFTS: so
 *          often somebody requeues a sleeper to another futex; KILLS: so many publishers are
 *          killed, at any step. PACED: no message before both have taken the last.
 * Checked  Every sleeper gets all there is; none sleeps for ever. A slice of sleep ends by time
 *          only where nothing else can happen any more (Promela's timeout); if there is news then,
 *          its wake-up was lost: that is allowed once for each theft or kill, and once where a
 *          publisher has not seen yet that a sleeper has no membarrier; else never. So without a
 *          thief no wake-up is lost even if a slice is for ever.
 * Memory   A publisher's stores wait in a store buffer, in order (TSO; for what this protocol
 *          needs, a store before a load, weaker machines are the same). Atomic read-modify-writes
 *          and the futex calls empty it. Membarrier empties those of registered processes, one
 *          after another. A sleeper's S1 and S3 are in order by S2; where a mutant lacks it, not.
 * Left out spinning; adaptive times; what is published (takeover.pml); finding out that a publisher
 *          is dead: sleepers know what there is to come; futex_waitv; wrap of the count of
 *          wake-ups, which has 31 bits.
 */
#ifndef PUBLISHERS
#define PUBLISHERS 1
#endif
#ifndef MESSAGES
#define MESSAGES 2
#endif
#ifndef THEFTS
#define THEFTS 0
#endif
#ifndef KILLS
#define KILLS 0
#endif
#define SLEEPERS 2

#define WANTED 1
/* The second publisher has one. */
#define MESSAGES_OF(p) ((p) == 0 -> MESSAGES : 1)

byte flag;              /* lowest bit: wanted; the others count */
bit fences;             /* set by who has no membarrier */
byte news[PUBLISHERS];  /* as memory has it */
byte buffered[PUBLISHERS]; /* so many stores of news are still in the store buffer */
bit gone[PUBLISHERS];   /* has sent all, or was killed */
bit killed[PUBLISHERS];
byte kills, thefts;

/* The futex's queue: who is on it, or has been moved to another one. */
mtype = { AWAKE, ASLEEP, MOVED };
mtype place[SLEEPERS];
byte had[SLEEPERS * PUBLISHERS]; /* messages that each has taken from each */
#define HAD(s, p) had[(s) * PUBLISHERS + (p)]
byte lost[SLEEPERS];  /* slices that ended by time */
byte taken[SLEEPERS]; /* thefts from it */

#ifdef OUTSIDE_PUBLISHER
#define IS_REGISTERED(p) ((p) != 0)
#else
#define IS_REGISTERED(p) true
#endif
#ifdef OUTSIDE_SLEEPER
#define HAS_MEMBARRIER(s) ((s) != 0)
#else
#define HAS_MEMBARRIER(s) true
#endif

/* ---- store buffers ---- */

inline drain(p)
{
    news[p] = news[p] + buffered[p];
    buffered[p] = 0
}

proctype buffer(byte me)
{
end:
    do
    :: d_step { buffered[me] > 0 -> buffered[me]--; news[me]++ }
    od
}

/* ---- publishers ---- */

inline wake_all()
{
    raised = flag | WANTED;
    d_step { /* a locked instruction: the buffer is empty behind it */
        drain(me);
#ifdef MUTANT_U1
        flag = raised + 1;
#else
        if /* U1 */
#ifdef MUTANT_U1_COUNT
        :: flag == raised -> flag = raised - 1
#else
        :: flag == raised -> flag = raised + 1
#endif
        :: else
        fi;
#endif
        raised = 0
    }
    d_step { /* futex wake */
        for (i : 0 .. SLEEPERS - 1) {
            if
            :: place[i] == ASLEEP -> place[i] = AWAKE
            :: else
            fi
        }
        i = 0
    }
}

/* seam_announce_data: one look at both words, then more slowly */
inline announce()
{
    d_step { looked = flag & WANTED; fence = fences };
#ifdef MUTANT_P2
    buffered[me]++; /* the news after the look */
#endif
    if
    :: looked || fence ->
#ifndef MUTANT_P2_SLOWLY
        if
        :: fences -> d_step { drain(me) } /* P2 in seam_announce_slowly */
        :: else
        fi;
#endif
        if
        :: flag & WANTED -> wake_all() /* P3 */
        :: else
        fi
    :: else
    fi;
    d_step { looked = 0; fence = 0 }
}

proctype publisher(byte me)
{
    byte sent, raised, i;
    bit looked, fence;
    {
        do
        :: sent < MESSAGES_OF(me) ->
#ifdef PACED
            HAD(0, me) == sent && HAD(1, me) == sent;
#endif
            sent++;
#ifndef MUTANT_P2
            buffered[me]++; /* P1 */
#endif
            announce()
        :: else -> break
        od
    } unless { killed[me] };
    skip;
    d_step { sent = 0; raised = 0; i = 0; looked = 0; fence = 0; killed[me] = 0; gone[me] = 1 }
}

proctype killer()
{
end:
    do
    :: d_step { kills < KILLS && !gone[0] && !killed[0] -> killed[0] = 1; kills++ }
    od
}

/* ---- sleepers ---- */

inline look(ret)
{
    d_step {
        ret = 0;
        for (i : 0 .. PUBLISHERS - 1) {
            if
            :: news[i] > HAD(me, i) -> ret = 1
            :: else
            fi
        }
        i = 0
    }
}

/* S2 */
inline heavy_barrier()
{
#ifndef MUTANT_S2_MEMBARRIER
    if
    :: HAS_MEMBARRIER(me) ->
        do
        :: i < PUBLISHERS ->
            d_step {
                if
                :: IS_REGISTERED(i) -> drain(i)
                :: else
                fi;
                i++
            }
        :: else -> i = 0; break
        od
    :: else ->
#ifndef MUTANT_S2_FENCES
        fences = 1
#else
        skip
#endif
    fi
#else
    skip
#endif
}

inline sleep_once()
{
#ifdef MUTANT_S2
    look(ready);
#endif
    d_step { flag = flag | WANTED; raised = flag }; /* S1 */
    heavy_barrier();
#ifdef MUTANT_S3
    ready = 0;
#else
#ifndef MUTANT_S2
    look(ready); /* S3 */
#endif
#endif
    if
    :: ready
    :: else ->
        d_step {
            if
            :: flag == raised -> place[me] = ASLEEP
            :: else
            fi;
            raised = 0
        }
        if
        :: place[me] == AWAKE
        :: timeout -> /* the slice */
            place[me] = AWAKE;
            look(ready);
            d_step {
                lost[me] = lost[me] + ready;
                assert(lost[me] <= taken[me] + kills + !HAS_MEMBARRIER(me))
            }
        fi
    fi;
    d_step { ready = 0; raised = 0 }
}

#define HAS_ALL(p)                     \
    (HAD(me, p) == MESSAGES_OF(p) ||   \
     (gone[p] && buffered[p] == 0 && HAD(me, p) == news[p]))

proctype sleeper(byte me)
{
    byte raised, i;
    bit ready;
    do
    :: HAS_ALL(0) && HAS_ALL(PUBLISHERS - 1) -> break
    :: else ->
        look(ready);
        if
        :: ready ->
            d_step {
                for (i : 0 .. PUBLISHERS - 1) {
                    HAD(me, i) = news[i]
                }
                i = 0;
                ready = 0
            }
        :: else -> sleep_once()
        fi
    od
}

/* ---- somebody who may only read, but knows the futex ---- */

proctype thief()
{
    byte who;
end:
    do
    :: thefts < THEFTS ->
        if
        :: who = 0
        :: who = 1
        fi;
        d_step {
            if
            :: place[who] == ASLEEP -> place[who] = MOVED; taken[who]++
            :: else
            fi;
            thefts++;
            who = 0
        }
    od
}

init
{
    atomic {
        place[0] = AWAKE;
        place[1] = AWAKE;
#ifdef OUTSIDE_PUBLISHER
#ifndef MUTANT_P2_FENCES
        fences = 1; /* set where it opens the channel */
#endif
#endif
        run buffer(0);
        run publisher(0);
#if PUBLISHERS > 1
        run buffer(1);
        run publisher(1);
#endif
        run killer();
        run thief();
        run sleeper(0);
        run sleeper(1)
    }
}
