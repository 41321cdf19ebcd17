/* SPDX-License-Identifier: MIT */
/*
 * Every byte of shared memory. Nothing else in the tree knows an offset.
 *
 *     log   | stamp | writer's lines | waypoints | write lock | ... page | ring: capacity bytes |
 *           written by writers only; readers map it read-only. Several lanes: the same once more
 *           for each, without the stamp; a lane has one writer, and is a log of its own
 *     desk  | magic | sleep flags | lock | cursor table of each lane ... whole pages          |
 *           written by everybody; nothing in it is believed, but whoever may write it can also
 *           hold its leases: keep others from coming in, or from being told that a peer is gone
 *
 * That is a channel. A lock, value, array or list has other things in its log:
 *
 *     log   | stamp | lock | number | sequence | length ... page | elements ... whole pages       |
 *
 *           array, lock-free  element ...                  each a word of its own, 1 to 8 bytes
 *           array, locked     copy 0 | copy 1              see objects/latch.h
 *           list, lock-free   struct seam_cell ...
 *           list, locked      index 0 | index 1 | slots    see objects/list_index.h
 *
 * Positions are byte offsets into the endless log; they only grow, and position & (capacity - 1) is
 * the place in the ring. They are compared by signed difference, so that even their wrap is no
 * event. A record is one header word and the message, padded to 8 bytes, and to the end of a cache
 * line where the message is longer than half of one:
 *
 *     header = sequence number's low 32 bits << 32 | (message bytes + 1)      never zero
 *
 * Invariants, whoever dies when:
 *   I1  The word at the tail reads zero until the record there is committed, by one release
 *       store of its header (R1). The word at the next tail is zeroed before that. So whoever
 *       rolls forward over committed headers always finds the true tail.
 *   I2  `prepared` is stored before any byte at or past its old value is touched. So what a reader
 *       copied from `position` was whole if prepared - capacity <= position afterwards.
 *   I3  On a lossless channel prepared <= slowest cursor + capacity, unless its writer overwrites.
 *   I4  `newest` is announced: stored before its record is committed, and after `previous`, which
 *       always is a committed one: the one before. So nobody can have received a record later than
 *       `newest`, and where that is not committed yet, `previous` is the newest one. Of a batch,
 *       whose records are committed by one store, the first is announced, with the last one's
 *       number in `newest_sequence`; then the last is `newest`. So up to SEAM_BATCH_MOST records
 *       can be behind it, for as long as its writer takes, or for ever, if that dies.
 *
 * Capacity and the other geometry are read from the stamp once, checked, and kept privately.
 */
#ifndef SEAM_MEMORY_LAYOUT_H
#define SEAM_MEMORY_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "seam/object.h"

#define SEAM_LAYOUT_VERSION 4U
#define SEAM_BYTE_ORDER 0x01020304U

/** First bytes of the log; written before the region has a name, constant afterwards. */
struct seam_stamp {
    uint8_t magic[8];        /* SEAM_LOG_MAGIC */
    uint32_t layout_version; /* SEAM_LAYOUT_VERSION */
    uint32_t byte_order;     /* SEAM_BYTE_ORDER as the creator writes it */
    uint32_t word_bytes;     /* sizeof(void *) of the creator */
    uint32_t kind;           /* enum seam_kind */
    uint32_t policy;         /* enum seam_policy */
    uint32_t mode;           /* enum seam_mode */
    uint32_t many_writers;   /* 0 or 1 */
    uint32_t one_way;        /* 0 or 1 */
    uint8_t boot_id[16];     /* of the kernel that runs; zero where it can't be known */
    uint8_t generation[16];  /* random; the desk has the same */
    uint64_t page_bytes;     /* the ring, or the elements, begin here */
    uint64_t log_bytes;      /* size of the log file */
    uint64_t desk_bytes;     /* size of the desk file */
    union {
        struct {                     /* channel */
            uint64_t capacity;       /* bytes of the ring, a power of two */
            uint64_t max_message;    /* bytes */
            uint64_t max_readers;    /* entries of the cursor table */
            uint64_t first_position; /* where the log begins: 0 outside tests */
            uint64_t first_sequence; /* number of the first message: 1 outside tests */
            uint64_t lanes;          /* logs that the region has */
        };
        struct {                    /* value, array, list */
            uint64_t type;          /* enum seam_type; list: 0 */
            uint64_t length;        /* elements that there is room for */
            uint64_t element_bytes; /* of each, or of the longest */
        };
    };
};

#define SEAM_LOG_MAGIC "seam log"
#define SEAM_DESK_MAGIC "seamdesk"

/** Granule of padding; about a cache line. */
#define SEAM_LINE_BYTES UINT64_C(64)

/** Number of waypoints: one for each sixteenth of the ring. */
#define SEAM_WAYPOINTS 16U

/** Never a position (those are multiples of 8): no record, no waypoint, no cursor. */
#define SEAM_NOWHERE UINT64_C(1)

/** A record's start with its full sequence number. Writer: owner of the log. Readers: any. */
struct seam_waypoint {
    _Atomic uint64_t position; /* SEAM_NOWHERE while the pair is being changed */
    _Atomic uint64_t sequence;
};

/** A lock among processes, see wait/mutex.h. Written by everybody who may take it. */
struct seam_mutex_line {
    _Atomic uint32_t holder;  /* id of the handle that has it; 0: nobody */
    _Atomic uint32_t wanted;  /* raised by a waiter, cleared by who wakes it; see waiter.h */
    _Atomic uint32_t pid;     /* of the last holder; for people to read */
    _Atomic uint32_t last_id; /* given to a handle; the next one tries the next */
};

/** A log's first page. Written by the writer (many writers: by the one with the lock). */
struct seam_log_head {
    struct seam_stamp stamp;
    /* Line of I2: changes once per chunk, validating readers load it after every copy. */
    _Alignas(128) _Atomic uint64_t prepared;
    /* Line of I4: changes with every message; read by recv_latest, joiners and successors. */
    _Alignas(128) _Atomic uint64_t newest; /* position of the newest record or SEAM_NOWHERE */
    _Atomic uint64_t newest_sequence;      /* of that, or the last of the batch that it begins */
    _Atomic uint64_t previous;             /* position of the record before, or SEAM_NOWHERE */
    /* Line of the writers' comings and goings; read by readers that wait. */
    _Alignas(128) _Atomic uint32_t epoch; /* writers that have opened the channel so far */
    _Atomic uint32_t ended;               /* epoch at which the last one closed it in order */
    _Atomic uint32_t writer_pid;          /* of the last that opened it; for people to read */
    _Atomic uint64_t opened; /* first lane: a bit for each lane that ever had a writer */
    _Alignas(128) struct seam_waypoint waypoints[SEAM_WAYPOINTS];
    /* Line of the writers: serialises them where there may be many. Others don't look at it. */
    _Alignas(128) struct seam_mutex_line write_lock;
    _Atomic uint64_t published_bytes; /* stored after each commit: no reader may want this line */
};

/** The first page of a lock, value, array or list. Written by those who may write. */
struct seam_object_head {
    struct seam_stamp stamp;
    _Alignas(128) struct seam_mutex_line lock; /* the lock itself; locked mode: of the writers */
    _Alignas(128) _Atomic uint64_t number;     /* value: its bits */
    _Alignas(128) _Atomic uint64_t sequence;   /* locked mode: see objects/latch.h */
    _Alignas(128) _Atomic uint64_t length;     /* lock-free list: elements in it */
};

/** An element of a lock-free list; both words are written at once, when it is appended. */
struct seam_cell {
    _Alignas(16) _Atomic uint64_t bits;
    _Atomic uint64_t filled; /* 0 or 1 */
};

/** What a slot of the cursor table is used for; meaningless while its cursor is SEAM_NOWHERE. */
enum seam_slot_kind {
    SEAM_SLOT_EPHEMERAL = 0, /* freed by whoever finds that its reader died */
    SEAM_SLOT_DURABLE = 1,   /* kept by name */
};

#define SEAM_CURSOR_NAME_BYTES 32U

/** One reader's cursor: written by the holder of the slot's lease, evicted by writers. */
struct seam_slot {
    _Atomic uint64_t cursor;   /* everything before it is consumed; SEAM_NOWHERE: slot is free */
    _Atomic uint64_t sequence; /* of the record at the cursor; stored before it */
    _Atomic uint32_t kind;     /* enum seam_slot_kind */
    _Atomic uint32_t pid;      /* for people to read */
    _Atomic uint64_t name[SEAM_CURSOR_NAME_BYTES / 8]; /* of a durable cursor, zero-padded */
    uint64_t unused;
};

/**
 * The desk's first lines; the cursor tables follow, one for each lane. A reader has the same slot
 * in all of them, by one lease; whether it is durable, the first one says. A work queue's cursor is
 * in the first slot of each, changed by compare-and-swap.
 */
struct seam_desk {
    uint8_t magic[8]; /* SEAM_DESK_MAGIC */
    uint8_t generation[16];
    union {
        struct {
            /* Raised by a sleeping reader, cleared by the writer that wakes it; see waiter.h. */
            _Alignas(128) _Atomic uint32_t data_wanted;
            /* Set by a process that has no membarrier: from then on writers and readers fence. */
            _Atomic uint32_t fences;
        };
        _Atomic uint64_t data_wanted_and_fences; /* for one look at both */
    };
    /* Raised by a sleeping writer, cleared by the reader that wakes it; likewise. */
    _Alignas(128) _Atomic uint32_t space_wanted;
    /* When sleepers of either kind were woken last, by CLOCK_MONOTONIC: see seam_wake. */
    _Alignas(128) _Atomic uint64_t woken_ns;
    _Alignas(128) struct seam_mutex_line lock; /* locked mode: around every operation */
    /* Locked arrays and lists: KiB that a reader copies whom writers overtake all the time; or 0.
     */
    _Alignas(128) _Atomic uint32_t quiet_wanted;
    /* Messages that readers were too slow for, of all that ever were; for people to read. */
    _Alignas(128) _Atomic uint64_t lost;
    _Alignas(128) struct seam_slot slots[];
};

#define SEAM_READERS_MAX 112U
#define SEAM_LANES_MAX 64U

/* Byte ranges of the desk file that carry leases (OFD locks); they need not exist as bytes. */
enum seam_lease {
    SEAM_LEASE_WRITER = 0,       /* exclusive: the writer; shared: one of several */
    SEAM_LEASE_PRESENCE = 1,     /* shared: every handle; exclusive: whoever removes the region */
    SEAM_LEASE_TABLE = 2,        /* exclusive: making or forgetting a durable cursor */
    SEAM_LEASE_SLOT = 16,        /* exclusive, plus the slot's index: the reader of that slot */
    SEAM_LEASE_LANE = 256,       /* exclusive, plus the lane's number: its writer */
    SEAM_LEASE_HOLDER = 1 << 20, /* exclusive, plus an id: the handle that locks under that id */
};

_Static_assert(sizeof(struct seam_stamp) == 144, "stamp");
_Static_assert(offsetof(struct seam_log_head, prepared) == 256, "log: prepared");
_Static_assert(offsetof(struct seam_log_head, newest) == 384, "log: newest");
_Static_assert(offsetof(struct seam_log_head, epoch) == 512, "log: epoch");
_Static_assert(offsetof(struct seam_log_head, waypoints) == 640, "log: waypoints");
_Static_assert(offsetof(struct seam_log_head, write_lock) == 896, "log: write lock");
_Static_assert(sizeof(struct seam_log_head) == 1024, "log head");
_Static_assert(offsetof(struct seam_object_head, lock) == 256, "object: lock");
_Static_assert(offsetof(struct seam_object_head, number) == 384, "object: number");
_Static_assert(offsetof(struct seam_object_head, sequence) == 512, "object: sequence");
_Static_assert(offsetof(struct seam_object_head, length) == 640, "object: length");
_Static_assert(sizeof(struct seam_object_head) == 768, "object head");
_Static_assert(sizeof(struct seam_cell) == 16, "cell");
_Static_assert(sizeof(struct seam_slot) == 64, "slot");
_Static_assert(offsetof(struct seam_desk, data_wanted) == 128, "desk: data_wanted");
_Static_assert(offsetof(struct seam_desk, space_wanted) == 256, "desk: space_wanted");
_Static_assert(offsetof(struct seam_desk, woken_ns) == 384, "desk: woken_ns");
_Static_assert(offsetof(struct seam_desk, lock) == 512, "desk: lock");
_Static_assert(offsetof(struct seam_desk, quiet_wanted) == 640, "desk: quiet_wanted");
_Static_assert(offsetof(struct seam_desk, lost) == 768, "desk: lost");
_Static_assert(offsetof(struct seam_desk, slots) == 896, "desk: slots");
_Static_assert(sizeof(void *) == 8, "a ring is mapped twice: 64 bits of addresses");
_Static_assert(sizeof(struct seam_mutex_line) <= 64, "a lock is on one line");
_Static_assert(sizeof(_Atomic uint64_t) == 8 && __GCC_ATOMIC_LLONG_LOCK_FREE == 2,
               "64-bit atomics are lock-free words");
_Static_assert(sizeof(_Atomic uint32_t) == 4 && __GCC_ATOMIC_INT_LOCK_FREE == 2,
               "32-bit atomics are lock-free words");

#endif
