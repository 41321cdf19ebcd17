/* SPDX-License-Identifier: MIT */
/*
 * A way to hand messages from one process to another, as bench/peers compares them.
 *
 * A link goes one way; a round trip uses two. Each is opened in the parent before it forks, then
 * attached in either process. Messages all have the size of the link. The payload is written by
 * the sender with payload_write and checked by the receiver with payload_is (payload.h), in place
 * where the peer hands out its own memory, else in a buffer of the peer's context that is copied
 * from or to. The loop over messages is inside send() and recv(), so that a peer of inline
 * functions is not charged with a call for each message.
 */
#ifndef SEAM_BENCH_PEERS_PEER_H
#define SEAM_BENCH_PEERS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How the receiver, and a sender without room, wait. */
enum peer_wait {
    PEER_SPIN,  /* look again and again, with the CPU's pause */
    PEER_SLEEP, /* in the kernel */
};

/** What a link is to be like. */
struct peer_link {
    size_t size;       /* bytes of every message */
    size_t ring_bytes; /* about how much memory it may use for messages; each peer rounds its own
                          way */
    enum peer_wait wait;
    bool
        bursts; /* send() may publish its messages in bursts of up to PEER_BURST; recv() likewise */
};

#define PEER_BURST 64U

enum peer_end { PEER_SENDER, PEER_RECEIVER };

/** One way to do it. All functions but close return 0 or a negative errno. */
struct peer {
    const char *name;    /* for names of benchmarks: "pipe" */
    const char *title;   /* for people: "pipe" */
    const char *config;  /* what its best configuration is: "non-blocking, 1 MiB" */
    bool spins, sleeps;  /* which ways of waiting it has; at least one */
    bool bursts;         /* whether `bursts` makes a difference */
    bool has_ring_size;  /* whether ring_bytes makes a difference */
    bool own_process;    /* its library can't be begun again after a fork: each duel has its own */
    const char *missing; /* NULL; else why it isn't there: "not installed" */

    size_t context_bytes; /* zeroed by the caller, aligned to 64 bytes */
    /** In the parent, before the fork. -EMSGSIZE: it can't carry messages of that size. */
    int (*open)(void *context, const struct peer_link *link);
    /** In either process after the fork. NULL: there is nothing to do. */
    int (*attach)(void *context, enum peer_end end);
    /** Sends @p count messages, numbered from @p first on. */
    int (*send)(void *context, uint64_t first, uint64_t count);
    /** Receives as many. -EBADMSG: one was lost, twice there, out of order or damaged. */
    int (*recv)(void *context, uint64_t first, uint64_t count);
    /**
     * In place of the calls above but open: does it all elsewhere, @p count messages one way, or
     * there and back. @param ret_ns  what one cost
     */
    int (*elsewhere)(void *context, bool back, uint64_t count, double *ret_ns);
    /** In the parent; after open, whatever it said. The other process is gone by then. */
    void (*close)(void *context);
};

/**
 * A newest value of PEER_LATEST_BYTES: one thread writes as fast as it can, another one of the same
 * process reads as fast as it can.
 */
struct latest_peer {
    const char *name, *title, *config;
    const char *missing;

    size_t context_bytes;
    int (*open)(void *context);
    /** In either thread, before and after it writes or reads. NULL: there is nothing to do. */
    void (*enter)(void *context);
    void (*leave)(void *context);
    /** Writes versions first, first + 1, ... */
    int (*write)(void *context, uint64_t first, uint64_t count);
    /**
     * Tries once to read the newest version; must not wait for the writer without bound.
     * @return 1 a whole version, then *ret_version is its number (the same one again counts, too);
     *         0 the attempt failed; -EBADMSG it was torn
     */
    int (*read)(void *context, uint64_t *ret_version);
    void (*close)(void *context);
};

#define PEER_LATEST_BYTES 100

#ifdef __cplusplus
}
#endif

#endif
