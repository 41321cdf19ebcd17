/* SPDX-License-Identifier: MIT */
/*
 * The log: a writer that may be killed at every step of sending, its successor that rolls forward,
 * and a reader that may be overtaken at every step of reading.
 *
 * Models   src/channel/log.h, src/channel/batch.h, src/channel/log.c (seam_log_announce, seam_log_commit_to,
 *          seam_log_commit_batch, seam_log_own_lines, seam_log_extend, seam_log_recover,
 *          seam_log_look, seam_log_newest, seam_log_valid), src/channel/send.c, src/channel/reserve.c, src/channel/writer.c;
 *          readers: src/channel/recv.c, src/channel/recv_batch.c, src/channel/uniform.h,
 *          src/channel/peek.c; invariants of src/memory/layout.h.
 * Here     A ring of CAPACITY words that has been written once round. A record is its header and no
 *          or one word of message. Writers send, reserve a word and commit none, or commit two
 *          records by one store. What users write looks like a header that will be expected in that
 *          very place. The writer may be killed at every step; the next one recovers. The reader
 *          looks once: for the newest record and what is behind it, or at any cursor that a reader
 *          can have.
 * Checked  A successor finds the true tail: nothing committed is lost, nothing else is seen.
 *          Whatever a reader takes for a record is one, was committed, and has its own message. No
 *          reader finds damage. When readers see a commit, the word behind it reads zero (I1). No
 *          word at or past `prepared` is touched (I2). `newest` is announced before the commit,
 *          `previous` is committed (I4). The newest record can be read whoever is killed, and is
 *          none that is older than what anybody else can have read before.
 * Memory   Stores are seen as in stores.inc. The reader's loads are in order where A1, A2 and A3
 *          keep them; where a mutant does not, they are also tried the other way round.
 * Left out the wrap of positions and numbers; messages longer than a word; newest_sequence and
 *          published_bytes, which are hints; waypoints (waypoint.pml); the lease itself, but
 *          for the fence that the kernel executes where it changes hands; many
 *          writers under a lock, who recover likewise; an evil writer.
 */
#define OLD 3 /* records that are there at the beginning, and with them RECORDS in all */
#ifndef RECORDS
#define RECORDS 5
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef LURE
#define LURE 5
#endif
#define CAPACITY 6
#define CHUNK 1
#define NOWHERE 255

#define HEADER(sequence, size) (2 * (sequence) + (size))
#define SEQUENCE(header) ((header) / 2)
#define SIZE(header) ((header) % 2)

/* A place is a position in the log, or one of these; a sequence number stands for start[] of it. */
#define PREPARED 100
#define NEWEST 101
#define PREVIOUS 102
#define WORD(place) ((place) < PREPARED -> (place) % CAPACITY : (place) - PREPARED + CAPACITY)
#define PLACES (CAPACITY + 3)
#define STORES_MOST 4
#define WHEN_SEEN(place, value) check_seen(place, value)

/* What the truth is: records whose R1 has been executed, and whose R1 readers have seen. */
byte committed, visible;
byte start[RECORDS + 4]; /* by sequence number; also of the one that comes next */
bit size_of[RECORDS + 4];
byte leads_to[RECORDS + 4]; /* the last of the records that its R1 commits */
byte says[RECORDS + 4]; /* the message, if it has one */
byte kills;
bit killed;

inline check_seen(spot, what)
{
    if
    :: spot == NEWEST -> assert(what == visible + 1 || what == visible) /* I4 */
    :: spot == PREVIOUS -> assert(what == visible) /* I4 */
    :: spot < PREPARED -> assert(spot < seen[WORD(PREPARED)]) /* I2 */
    :: else
    fi;
    if
    :: spot < PREPARED && SEQUENCE(what) > visible && SEQUENCE(what) <= committed &&
            spot == start[SEQUENCE(what)] && leads_to[SEQUENCE(what)] != 0 ->
        assert(seen[WORD(NEWEST)] == visible + 1 && seen[WORD(PREVIOUS)] == visible); /* I4 */
        visible = leads_to[SEQUENCE(what)];
        assert(seen[WORD(start[visible + 1])] == 0) /* I1 */
    :: else
    fi
}

#include "stores.inc"

/* ---- writers ---- */

inline recover()
{
    d_step {
        fence_release(); /* the kernel's, where the lease changes hands */
        sequence = now[WORD(NEWEST)];
        if
        :: now[WORD(start[sequence])] == 0 -> sequence = now[WORD(PREVIOUS)]
        :: else
        fi;
        at = start[sequence] + 1 + SIZE(now[WORD(start[sequence])]);
        sequence++;
#ifndef MUTANT_I4_ROLL
        do
        :: SEQUENCE(now[WORD(at)]) == sequence ->
            at = at + 1 + SIZE(now[WORD(at)]);
            sequence++
        :: else -> break
        od;
#endif
        assert(sequence == committed + 1 && at == start[sequence]);
        shared = now[WORD(PREPARED)];
        zeroed = NOWHERE
    }
}

inline extend(end)
{
    if
    :: end > shared ->
        d_step {
            shared = end + CHUNK;
            /* The newest record stays, whoever is killed. */
            assert(committed == 0 || shared <= start[committed] + CAPACITY)
        }
#ifndef MUTANT_W1
        store_relaxed(PREPARED, shared); /* W1 */
#endif
#ifndef MUTANT_W2
        fence_release() /* W2 */
#else
        skip
#endif
    :: else
    fi
}

/* W3, and for a batch all but the first header. */
inline write_records()
{
    if
    :: room -> store_relaxed(at + 1, says[sequence])
    :: else
    fi;
#ifndef MUTANT_I1_RESERVE
    if
    :: zeroed < at + 1 + room -> zeroed = NOWHERE /* in reserve_now */
    :: else
    fi;
#endif
    d_step { next = at + 1 + size; last = sequence };
    if
    :: next + 2 <= shared && sequence < RECORDS && room == size -> /* seam_log_add */
        if
        :: next + 3 <= shared ->
            size_of[sequence + 1] = 1;
            store_relaxed(next + 1, says[sequence + 1]);
        :: size_of[sequence + 1] = 0
        fi;
        store_relaxed(next, HEADER(sequence + 1, size_of[sequence + 1]));
        d_step {
            start[sequence + 1] = next;
            next = next + 1 + size_of[sequence + 1];
            last = sequence + 1;
            zeroed = NOWHERE /* seam_log_commit_batch always zeroes the next header */
        }
    :: skip
    fi
}

inline announce()
{
#ifdef MUTANT_R4
    store_relaxed(PREVIOUS, sequence - 1);
#else
    store_release(PREVIOUS, sequence - 1); /* R4 */
#endif
#ifdef MUTANT_R2
    store_relaxed(NEWEST, sequence)
#else
    store_release(NEWEST, sequence) /* R2 */
#endif
}

inline commit()
{
#ifndef MUTANT_I1_ZERO
    if
    :: zeroed != next -> store_relaxed(next, 0) /* I1 */
    :: else
    fi;
#endif
#ifndef MUTANT_I4_ANNOUNCE
    announce();
#endif
    d_step {
        on_way < STORES_MOST -> committed = last;
        size_of[sequence] = size;
        leads_to[sequence] = last;
        start[sequence] = at;
        start[last + 1] = next;
#ifdef MUTANT_R1
        issue_now(at, HEADER(sequence, size), 0)
#else
        issue_now(at, HEADER(sequence, size), 1) /* R1 */
#endif
    }
#ifdef MUTANT_I4_ANNOUNCE
    announce();
#endif
    if
    :: last != sequence -> store_release(NEWEST, last) /* R2 in seam_log_commit_batch */
    :: else
    fi;
#ifdef MUTANT_W1
    store_relaxed(PREPARED, shared);
#endif
    d_step { at = next; sequence = last + 1; next = 0; last = 0; size = 0; room = 0 }
}

/* A word ahead may be zeroed, as if the next message were as long as this one, or any. */
inline prepare_ahead()
{
    if
    :: at + 2 <= shared -> store_relaxed(at + 1, 0); zeroed = at + 1
    :: at + 3 <= shared -> store_relaxed(at + 2, 0); zeroed = at + 2
    :: skip
    fi
}

proctype writers()
{
    byte at, sequence, shared, zeroed, next, last;
    bit size, room;
again:
    {
        recover();
        do
        :: sequence <= RECORDS ->
            if
            :: size = 0; room = 0
            :: size = 1; room = 1
            :: size = 0; room = 1 /* reserved, not used */
            fi;
            extend(at + 2 + room);
            write_records();
            commit();
            prepare_ahead()
        :: else -> goto done
        od
    } unless { killed }
    d_step {
        killed = 0;
        at = 0; sequence = 0; shared = 0; zeroed = 0; next = 0; last = 0; size = 0; room = 0
    }
    goto again;
done:
    skip;
    d_step {
        at = 0; sequence = 0; shared = 0; zeroed = 0; next = 0; last = 0; size = 0; room = 0
    }
}

proctype killer()
{
end:
    do
    :: d_step { kills < KILLS && !killed -> killed = 1; kills++ }
    od
}

/* ---- a reader ---- */

#define IS_WHOLE (limit <= position + CAPACITY) /* A4 */
#define AT(p) seen[(p) % CAPACITY]

inline read_prepared()
{
    limit = seen[WORD(PREPARED)]
}

inline check_record(sequence)
{
    assert(sequence <= visible && position == start[sequence] &&
           SIZE(header) == size_of[sequence]);
    assert(SIZE(header) == 0 || message == says[sequence])
}

/* One message at the cursor. */
inline follow()
{
#ifdef MUTANT_A3
    read_prepared();
#endif
#ifdef MUTANT_A1
    message = AT(position + 1);
    header = AT(position);
#else
    header = AT(position); /* A1 */
    if
    :: SEQUENCE(header) == number && SIZE(header) -> message = AT(position + 1)
    :: else
    fi;
#endif
#ifndef MUTANT_A3
    read_prepared(); /* behind A3 */
#endif
#ifdef MUTANT_A4
    limit = 0;
#endif
    d_step {
        if
        :: !IS_WHOLE /* overtaken */
        :: IS_WHOLE && SEQUENCE(header) == number ->
            check_record(number);
            position = position + 1 + SIZE(header);
            number++
        :: else -> assert(header == 0) /* else it is damaged */
        fi;
        header = 0; message = 0; limit = 0
    }
}

/* seam_log_newest, and then its message */
inline latest()
{
    floor = visible;
#ifdef MUTANT_A2
    limit = seen[WORD(PREVIOUS)];
#endif
    number = seen[WORD(NEWEST)]; /* A2 */
    position = start[number];
    header = AT(position); /* A1 */
    if
    :: header != 0
    :: else -> /* announced only */
#ifdef MUTANT_A2
        number = limit;
        position = start[number];
        header = AT(position);
#else
#ifdef MUTANT_A7
        number = floor + 1;
        position = start[number];
        header = AT(position);
        if
        :: number != seen[WORD(PREVIOUS)] -> number = 0; goto done
        :: else
        fi;
#else
        number = seen[WORD(PREVIOUS)]; /* A7 */
        position = start[number];
        header = AT(position);
#endif
#endif
    fi;
    number = 0;
    read_prepared(); /* behind A3 */
    if
    :: !IS_WHOLE -> goto done
    :: else -> number = SEQUENCE(header)
    fi;
    assert(number > 0 && number <= visible && position == start[number]);
    assert(number >= floor || leads_to[number] >= floor); /* seam_log_roll_on */
    if
    :: SIZE(header) -> message = AT(position + 1)
    :: else
    fi;
    read_prepared(); /* behind A3 */
    if
    :: !IS_WHOLE -> goto done
    :: else
    fi;
    d_step {
        check_record(number);
        position = position + 1 + SIZE(header);
        number++;
        header = 0; message = 0; limit = 0; floor = 0
    }
}

proctype reader()
{
    byte position, number, header, message, limit, floor;
    if
    :: latest()
    :: atomic {
           number = OLD - 1; /* older ones would be lost likewise */
           do
           :: number <= visible -> number++
           :: position = start[number]; break
           od
       }
    fi;
    follow();
done:
    skip
}

/* The ring as it is after three records: positions 0 to 4, the tail is 5. */
inline begin()
{
    says[1] = HEADER(LURE, 0); /* where the fifth, or the sixth, may begin later */
    says[2] = HEADER(6, 0);
    for (kills : OLD + 1 .. RECORDS + 3) {
        says[kills] = HEADER(kills + 1, 0)
    }
    start[2] = 2;
    start[3] = 4;
    start[4] = 5;
    size_of[1] = 1;
    size_of[2] = 1;
    now[0] = HEADER(1, 1);
    now[1] = says[1];
    now[2] = HEADER(2, 1);
    now[3] = says[2];
    now[4] = HEADER(3, 0);
    now[5] = 0;
    now[WORD(PREPARED)] = 6;
    now[WORD(NEWEST)] = OLD;
    now[WORD(PREVIOUS)] = OLD - 1;
    committed = OLD;
    visible = OLD;
    for (kills : 0 .. PLACES - 1) {
        seen[kills] = now[kills]
    }
    kills = 0
}

init
{
    atomic {
        begin();
        run writers();
        run killer();
        run reader()
    }
}
