/* SPDX-License-Identifier: MIT */
/*
 * The work queue: readers share one cursor. Each copies the message there and then claims it by
 * moving the cursor on; the writer waits for the cursor. Readers may be killed at every step.
 *
 * Models   src/channel/receive.c (seam_recv_shared), src/channel/recv_batch.c (recv_shared, which
 *          does the same for several), src/channel/cursors.h, src/channel/slots.h,
 *          src/channel/limit.c for a work queue, and what src/channel/log.h does when it sends (seam_log_commit_to).
 * Here     A ring of CAPACITY words that is full of words from before, one writer, two readers. A
 *          record is its header and no or one word of message, which looks like a header itself:
 *          like one (TRAP 1), or like one of an impossible size (TRAP 2). KILLS readers are killed
 *          at any step, and come again.
 * Checked  Messages are claimed one after another, each once; what was copied is the message,
 *          whole, that was claimed. All are claimed in the end. All have been received then but for
 *          those that a killed reader had just claimed: one at most for each that was killed. No
 *          reader finds damage or a message that is too long, where there is none.
 * Memory   The writer's stores are in order by R1, the readers' loads by Q1, A1 and Q2; where a
 *          mutant lacks one, the two are tried the other way round.
 * Left out the writer's death (takeover.pml), sleeping (wake.pml), batches, eviction of a cursor
 *          that somebody hostile has moved, giving up after so many attempts.
 */
#ifndef MESSAGES
#define MESSAGES 4
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef TRAP
#define TRAP 1
#endif
#define CAPACITY 4
#define READERS 2

#define HEADER(sequence, size) (4 * (sequence) + (size))
#define SIZE(header) ((header) % 4)
#define MESSAGE(sequence) (4 * (sequence) + TRAP)

byte ring[CAPACITY];
#define AT(position) ring[(position) % CAPACITY]
byte cursor; /* shared by the readers */

/* What the truth is. */
byte start[MESSAGES + 3];
bit size_of[MESSAGES + 3];
byte claimed;  /* so many messages */
byte received; /* so many have been given to the program */
byte taken;    /* so many went with their readers */
byte kills;
bit killed[READERS];

/* ---- the writer ---- */

proctype writer()
{
    byte at, sequence;
    bit size;
    sequence = 1;
    do
    :: sequence <= MESSAGES ->
        if
        :: size = 0
        :: size = 1
        fi;
        at + size + 2 <= cursor + CAPACITY; /* seam_cursors_limit: C2 */
#ifdef MUTANT_R1
        d_step { start[sequence] = at; size_of[sequence] = size; AT(at) = HEADER(sequence, size) }
#endif
        if
        :: size -> AT(at + 1) = MESSAGE(sequence)
        :: else
        fi;
#ifndef MUTANT_I1
        AT(at + 1 + size) = 0; /* I1 */
#endif
        d_step {
#ifndef MUTANT_R1
            start[sequence] = at;
            size_of[sequence] = size;
            AT(at) = HEADER(sequence, size); /* R1 */
#endif
            at = at + 1 + size;
            sequence++;
            size = 0
        }
    :: else -> break
    od
}

/* ---- readers ---- */

inline claim()
{
    d_step { /* Q2 */
        if
#ifdef MUTANT_Q2_SWAP
        :: true ->
#else
        :: cursor == at ->
#endif
            cursor = at + 1 + SIZE(header);
            claimed++;
            assert(claimed <= MESSAGES && at == start[claimed] &&
                   header == HEADER(claimed, size_of[claimed]));
#ifndef MUTANT_Q2
            assert(SIZE(header) == 0 || message == MESSAGE(claimed));
#endif
            mine = claimed
        :: else
        fi
    }
}

inline receive()
{
#ifdef MUTANT_Q1
    if /* the header before the cursor */
    :: guess = 0
    :: guess = 1
    :: guess = 2
    :: guess = 3
    fi;
    header = ring[guess];
    at = cursor;
    if
    :: at % CAPACITY != guess -> header = 0; goto again
    :: else
    fi;
#else
    at = cursor; /* Q1 */
#ifdef MUTANT_A1
    message = AT(at + 1);
#endif
    header = AT(at); /* A1 */
#endif
    if
    :: header != 0 && SIZE(header) <= 1 ->
#ifndef MUTANT_Q2
#ifndef MUTANT_A1
        if
        :: SIZE(header) -> message = AT(at + 1)
        :: else
        fi;
#endif
#endif
#ifdef MUTANT_Q2_SWAP
        if
        :: cursor == at -> claim()
        :: else
        fi;
#else
        claim();
#endif
#ifdef MUTANT_Q2
        if /* the copy ends behind it */
        :: mine && SIZE(header) ->
            message = AT(at + 1);
            assert(message == MESSAGE(mine))
        :: else
        fi;
#endif
        d_step {
            received = received + (mine != 0);
            mine = 0
        }
    :: else ->
#ifndef MUTANT_Q1_AGAIN
        if
        :: cursor == at -> /* Q1 once more */
#else
        if
        :: true ->
#endif
            assert(header == 0) /* else it answers -EMSGSIZE or -EBADMSG */
        :: cursor != at
        fi
    fi
}

proctype reader(byte me)
{
    byte at, header, message, mine;
#ifdef MUTANT_Q1
    byte guess;
#endif
again:
    {
        do
        :: claimed < MESSAGES && AT(cursor) != 0 -> /* seam_lane_readable */
            receive();
            d_step { at = 0; header = 0; message = 0 }
        :: claimed == MESSAGES -> goto done
        od
    } unless { killed[me] };
    skip;
    d_step {
        taken = taken + (mine != 0);
        at = 0; header = 0; message = 0; mine = 0; killed[me] = 0
    }
    goto again;
done:
    skip
}

proctype killer()
{
end:
    do
    :: d_step { kills < KILLS -> killed[0] = 1; kills++ }
    od
}

proctype end_of_it()
{
    claimed == MESSAGES && received + taken == MESSAGES; /* else somebody is stuck */
    assert(taken <= kills)
}

init
{
    atomic {
        ring[1] = MESSAGE(1);
        ring[2] = MESSAGE(2);
        ring[3] = MESSAGE(3);
        run end_of_it();
        run killer();
        run writer();
        run reader(0);
        run reader(1)
    }
}
