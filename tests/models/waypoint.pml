/* SPDX-License-Identifier: MIT */
/*
 * A waypoint: a position and a sequence number that belong together, stored as two words by a
 * writer that may be killed at every step, and read by whoever looks for the oldest record.
 *
 * Models   src/channel/log.c (set_waypoint, read_waypoint, and who calls set_waypoint).
 * Here     One waypoint that is set PAIRS times, by one writer or its successor. One reader, which
 *          reads at any time.
 * Checked  A pair that the reader takes belongs together, and in the end there is one.
 * Memory   Stores are seen as in stores.inc. The reader's loads are in order where A6 and A5 keep
 *          them; where a mutant does not, they are also tried the other way round.
 * Left out whether the record is still there (takeover.pml); the choice among waypoints.
 */
#define PAIRS 4
#ifndef KILLS
#define KILLS 2
#endif

#define POSITION 0
#define SEQUENCE 1
#define NOWHERE 255
#define POSITION_OF(sequence) (10 * (sequence))

#define PLACES 2
#define WORD(place) (place)
#define STORES_MOST 4
#define WHEN_SEEN(place, value) skip
#include "stores.inc"

byte kills, attempts;
bit killed;

proctype writers()
{
again:
    {
        do
        :: attempts < PAIRS || now[POSITION] == NOWHERE ->
            attempts++;
#ifndef MUTANT_W4_MARK
            store_relaxed(POSITION, NOWHERE);
#endif
#ifndef MUTANT_W4
            fence_release(); /* W4 */
#endif
            store_relaxed(SEQUENCE, attempts);
#ifdef MUTANT_R3
            store_relaxed(POSITION, POSITION_OF(attempts))
#else
            store_release(POSITION, POSITION_OF(attempts)) /* R3 */
#endif
        :: else -> goto done
        od
    } unless { killed };
    killed = 0;
    goto again;
done:
    assert(now[POSITION] == POSITION_OF(now[SEQUENCE]))
}

proctype killer()
{
end:
    do
    :: d_step { kills < KILLS && !killed -> killed = 1; kills++ }
    od
}

proctype reader()
{
    byte position, sequence, again;
#ifdef MUTANT_A6
    sequence = seen[SEQUENCE];
#endif
    position = seen[POSITION]; /* A6 */
#ifdef MUTANT_A5
    again = seen[POSITION];
#endif
#ifndef MUTANT_A6
    sequence = seen[SEQUENCE];
#endif
#ifndef MUTANT_A5
    again = seen[POSITION]; /* behind A5 */
#endif
    assert(position == NOWHERE || again != position || position == POSITION_OF(sequence))
}

init
{
    atomic {
        now[POSITION] = NOWHERE;
        seen[POSITION] = NOWHERE;
        run writers();
        run killer();
        run reader()
    }
}
