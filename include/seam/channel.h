/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Channels: messages from a writer to readers in other processes, through one log in a ring.
 *
 * The writer appends; every reader follows with a cursor of its own. What differs between a
 * queue, a broadcast and a newest value is only who waits for whom (enum seam_policy) and which
 * call reads (seam_channel_recv, seam_channel_recv_latest).
 *
 *     seam_channel_create("news", NULL, &channel);   a writer
 *     seam_channel_send(channel, "hello", 5);
 *     seam_channel_close(channel);
 *
 *     seam_channel_open("news", NULL, &channel);     a reader
 *     size = seam_channel_recv(channel, buffer, sizeof(buffer));
 *     seam_channel_close(channel);
 *
 * A handle belongs to one role in one process and is used by one thread at a time; another
 * thread, or a child after fork, makes its own with seam_channel_reopen. In a child the parent's
 * handle answers -EPERM to everything but reopen, info and close. Calls for the other role answer
 * -EBADF. (Children made by clone or _Fork, which run no fork handlers, must not touch it.)
 *
 * Every call comes in three forms: plain (waits as long as it takes), try_ (never waits, never
 * enters the kernel but to wake a sleeper or to take a lock that others fight for: -EAGAIN), and
 * _until (waits to an absolute deadline: -ETIMEDOUT). No call returns -EINTR: waiting goes on after
 * a signal. A program that must look at a flag set by its signal handler waits in slices with
 * _until.
 *
 * Where there is a lock (locked mode; many writers, when writing) any call can also return
 * -EDEADLK: this thread holds it, between reserve and commit. Where something else than this
 * library wrote to the log, any call can return -EBADMSG.
 */
#ifndef SEAM_CHANNEL_H
#define SEAM_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "seam/attrs.h"
#include "seam/object.h"
#include "seam/region.h"
#include "seam/wait.h"

SEAM_BEGIN_DECLS

/** An open end of a channel; private to the process. */
struct seam_channel;

/** What the handle is for. */
enum seam_role {
    SEAM_ROLE_DEFAULT = 0, /**< writer when creating, reader when opening */
    SEAM_WRITER = 1,       /**< sends */
    SEAM_READER = 2,       /**< receives; on a lossless channel the writer waits for it */
    SEAM_OBSERVER = 3,     /**< receives, but no writer ever waits for it: it can be overtaken */
};

/** Who waits for whom. Fixed when the channel is created. */
enum seam_policy {
    SEAM_POLICY_DEFAULT = 0, /**< create: lossless; open: whatever the channel has */
    SEAM_LOSSLESS = 1,       /**< the writer waits for the slowest reader's cursor */
    SEAM_OVERWRITE = 2,  /**< the writer never waits; overtaken readers count what they missed */
    SEAM_WORK_QUEUE = 3, /**< readers share one cursor: each message goes to one of them */
};

/** Where a new cursor starts. A durable cursor that exists already goes on where it stopped. */
enum seam_start {
    SEAM_FROM_OLDEST = 0, /**< the oldest message still in the ring */
    SEAM_FROM_NEXT = 1,   /**< the first message sent from now on */
};

/** Zero in every member is the default, so `{0}` and a NULL pointer both mean "the usual". */
struct seam_channel_options {
    struct seam_region_options region; /**< where it lives, and who may reach it */
    /**
     * Longest message in bytes. Create: 0 means 4096. Open: a channel that takes less is refused
     * with -EMSGSIZE.
     */
    size_t max_message;
    /**
     * Create: bytes of the ring, rounded up to a power of two of at least one page and of at
     * least four of the longest messages. 0: room for 32 of these, but at least 512 KiB and no more
     * than 4 MiB unless four need it. Memory in all is this, for each lane, and at most three
     * pages. At most 16 GiB.
     */
    size_t capacity;
    /** Create: how many cursors the table has room for, at most 112. 0: 16. */
    unsigned max_readers;
    enum seam_role role;     /**< what this handle is for */
    enum seam_policy policy; /**< who waits for whom; open: what it must be */
    enum seam_mode mode;     /**< SEAM_LOCK_FREE or SEAM_LOCKED; open: what it must be */
    enum seam_start start;   /**< readers: where a new cursor starts */
    enum seam_wait wait;     /**< what this handle does while it has to wait */
    /**
     * Lossless channels: name of a durable cursor, 1 to 31 bytes. A reader takes it or makes it;
     * it outlives the reader, and the writer waits for it meanwhile, until
     * seam_channel_forget. Whoever creates the channel, to write or to observe, may name one to be
     * made with it, so that nothing is lost before its reader comes. (Without, a reader that comes
     * late is shown at most the last three quarters of the ring, and is waited for from its open
     * on.)
     */
    const char *cursor;
    /** Create: any number of writers may be open at once; they take turns under a robust lock. */
    bool many_writers;
    /**
     * Create: up to so many writers, at most 64, may be open at once, without a lock: each has a
     * lane, which is a ring of its own of `capacity` bytes. A reader receives from all lanes;
     * what one writer sent comes in order, what different ones sent does not, and no more than 64
     * messages from one lane come before another that has some. recv_latest looks at the lanes
     * in turn. In locked mode the writers take turns, as with many_writers. 0 and 1: one writer.
     */
    unsigned writers;
    /** Reader: wait for the next writer instead of returning -EPIPE when the last one is gone. */
    bool follow;
    /**
     * Writer on a lossless channel: do not wait for cursors, let readers count what they
     * miss, as on a channel made with SEAM_OVERWRITE.
     */
    bool overwrite;
    /**
     * Reader on a lossless channel: what it has received is left behind only by
     * seam_channel_acknowledge. What it was killed with comes again, to whoever goes on with its
     * durable cursor: at least once, where it would else be at most once. The writer waits for
     * it meanwhile, so a reader that waits for more than the ring has room for waits for ever.
     */
    bool acknowledge;
    /** Must be zero. */
    uint64_t reserved[8];
};

/** What has become of the writer. */
enum seam_writer {
    SEAM_WRITER_NONE = 0,  /**< the channel has never had one */
    SEAM_WRITER_ALIVE = 1, /**< at least one has the channel open */
    SEAM_WRITER_ENDED = 2, /**< the last one closed the channel */
    SEAM_WRITER_DEAD = 3,  /**< the last one died without closing it */
};

/** Counts since the channel was created (the first two) or since this handle was opened. */
struct seam_channel_stats {
    uint64_t published;       /**< messages sent, or just being sent, by all writers */
    uint64_t published_bytes; /**< bytes of these, without what a writer was killed in */
    uint64_t received;        /**< messages this handle received */
    uint64_t received_bytes;  /**< bytes of these messages */
    uint64_t lost;            /**< messages this handle was overtaken by, exactly */
    uint64_t skipped;         /**< messages recv_latest passed over on its way to the newest */
    uint64_t sleeps;          /**< times this handle slept in the kernel */
    uint64_t wakeups;         /**< times this handle woke sleepers */
    uint64_t retries; /**< copies thrown away because the writer or another reader was faster */
};

/** Fixed properties of an open channel. */
struct seam_channel_info {
    size_t max_message;      /**< longest message in bytes */
    size_t capacity;         /**< bytes of a writer's ring */
    size_t memory_bytes;     /**< bytes of shared memory in all */
    unsigned max_readers;    /**< cursors that there is room for */
    enum seam_policy policy; /**< who waits for whom */
    enum seam_mode mode;     /**< SEAM_LOCK_FREE or SEAM_LOCKED */
    unsigned writers;        /**< how many may be open at once; 0: any number */
    bool many_writers;       /**< they take turns under a lock */
};

/* ---- making, finding and leaving a channel: any thread; may block in file-system calls ---- */

/**
 * Makes a channel and opens it. The memory is reserved here: a full file system is an error now,
 * never SIGBUS later.
 * @param name     NULL for an anonymous channel, else see SEAM_NAME_MAX
 * @param options  NULL for the defaults
 * @return 0; -EEXIST the name is taken; -EINVAL an option is out of range; -ENOSPC, -ENOMEM or
 *         -EFBIG no room of that size; -EACCES, -ENOENT, -EMFILE and others from the system calls
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_create(const char *name,
                                                   const struct seam_channel_options *options,
                                                   struct seam_channel **ret_channel);

/**
 * Opens a named channel.
 * @return 0; -ENOENT no such name; -EBUSY a live writer has it (many_writers: never), or the
 *         durable cursor is in use; -EPROTO not a channel that this library can use, or not of the
 *         policy or mode asked for; -EPERM it belongs to another user; -ESTALE it is from
 *         before the machine's last start; -EMSGSIZE its messages are shorter than asked for;
 *         -EUSERS no free cursor, or no free lane; -EAGAIN the writer was faster than this
 *         reader could join; others from the system calls. See seam_error_detail. Blocks while a
 *         stopped process has the lock of a channel in locked mode or, for a writer, with many
 *         writers.
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_open(const char *name,
                                                 const struct seam_channel_options *options,
                                                 struct seam_channel **ret_channel);

/**
 * A second handle on the channel of @p other: for another role or thread, or in a child after
 * fork. @p other stays as it is.
 * @return as seam_channel_open
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_reopen(const struct seam_channel *other,
                                                   const struct seam_channel_options *options,
                                                   struct seam_channel **ret_channel);

/**
 * Sends an anonymous channel itself over a connected Unix socket, for seam_channel_take on the
 * other side. Blocks while the socket is full. (A named channel is opened by its name.)
 * @param role  SEAM_WRITER passes the right to write; any other passes a read-only log
 * @return 0; -ENOTSUP the channel has a name; -EACCES the channel is one_way and @p role is
 *         SEAM_WRITER; others from sendmsg
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_pass(const struct seam_channel *channel, int socket,
                                                 enum seam_role role);

/**
 * Receives a channel that seam_channel_pass sent, and opens it. It must be sealed against
 * shrinking and growing, and its sizes must be those its header says. Blocks until something is on
 * the socket.
 * @return as seam_channel_open; -EPROTO what came is no channel; -EPIPE the socket was closed
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_take(int socket,
                                                 const struct seam_channel_options *options,
                                                 struct seam_channel **ret_channel);

/**
 * Closes the handle and frees it; NULL is ignored. Ends a reservation (as cancel) or a look (the
 * message stays unread). Never blocks for long; sleeping peers are told.
 */
SEAM_PUBLIC void seam_channel_close(struct seam_channel *channel);

/**
 * Removes the name; those who have the channel open keep it.
 * @param region  NULL or where to look and which owner to accept
 * @return 0; -ENOENT; -EPROTO there is something else under the name; -EPERM another user's
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_unlink(const char *name,
                                                   const struct seam_region_options *region);

/**
 * Removes a durable cursor, so that the writer waits for it no longer.
 * @return 0; -ENOENT no such cursor; -EBUSY a live reader holds it
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_forget(struct seam_channel *channel,
                                                   const char *cursor);

/* ---- writer: one thread per handle ---- */

/**
 * Sends one message: a copy of @p size bytes at @p data (NULL allowed when size is 0). When it
 * returns 0 the message is published, whatever becomes of this process.
 * @return 0; -EMSGSIZE longer than max_message, nothing written; -EALREADY a message is reserved;
 *         try_: -EAGAIN no room, or another writer is busy; _until: -ETIMEDOUT; -EPERM, -EBADF see
 *         above. Readers that died are found out within a tenth of a second of having no room.
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_send(struct seam_channel *channel, const void *data,
                                                 size_t size);
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_try_send(struct seam_channel *channel, const void *data,
                                                     size_t size);
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_send_until(struct seam_channel *channel,
                                                       const void *data, size_t size,
                                                       int64_t deadline_ns);

/**
 * Sends several messages, in order, with one look at whoever sleeps: each is one member of
 * @p messages, as for writev(2). What a reader waits for appears as a whole, up to some KiB at a
 * time; a writer killed in it leaves a beginning of the batch.
 * @return how many were sent: all of them, or, where something came between after the first, those
 *         before it (the next call says what it was); else, with not one sent, as seam_channel_send
 */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_send_batch(struct seam_channel *channel,
                                                           const struct iovec *messages,
                                                           size_t count);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_try_send_batch(struct seam_channel *channel,
                                                               const struct iovec *messages,
                                                               size_t count);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_send_batch_until(struct seam_channel *channel,
                                                                 const struct iovec *messages,
                                                                 size_t count, int64_t deadline_ns);

/**
 * Room for one message of up to @p size bytes inside the ring, to be filled in place and then
 * committed or cancelled. One reservation at a time (-EALREADY). In locked mode and
 * with many writers the lock is held meanwhile, by this thread.
 * @param ret_data  where to write; aligned to 8 bytes; its old contents are unspecified
 * @return as seam_channel_send
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_reserve(struct seam_channel *channel, size_t size,
                                                    void **ret_data);
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_try_reserve(struct seam_channel *channel, size_t size,
                                                        void **ret_data);
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_reserve_until(struct seam_channel *channel, size_t size,
                                                          void **ret_data, int64_t deadline_ns);

/**
 * Publishes the first @p size bytes of what was reserved.
 * @return 0; -EINVAL nothing is reserved; -EMSGSIZE more than was reserved (it stays reserved)
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_commit(struct seam_channel *channel, size_t size);

/** Gives the reservation up: no message appears. @return 0; -EINVAL nothing is reserved */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_cancel(struct seam_channel *channel);

/**
 * Waits until every cursor that exists has taken everything sent so far (with none: at once); where
 * writers have lanes, everything that this one has sent.
 * @return 0; -ETIMEDOUT
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_drain_until(struct seam_channel *channel,
                                                        int64_t deadline_ns);

/* ---- reader: one thread per handle ---- */

/**
 * Receives the next message by copying it to @p buffer.
 * @return its size in bytes (0 is an empty message); -EMSGSIZE longer than @p buffer_size, it stays
 *         unread (peek tells its size); -EOVERFLOW the writer overtook this reader: the number of
 *         messages missed has been added to stats.lost, and the next call goes on with the oldest
 *         message there is; -EPIPE all is read and no writer is left (see options.follow);
 *         -EBADMSG the log is damaged at the cursor, reading goes on behind the newest message;
 *         try_: -EAGAIN nothing there (never -EPIPE: see seam_channel_writer); _until:
 *         -ETIMEDOUT. On failure the buffer's contents are unspecified.
 */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_recv(struct seam_channel *channel, void *buffer,
                                                     size_t buffer_size);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_try_recv(struct seam_channel *channel, void *buffer,
                                                         size_t buffer_size);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_recv_until(struct seam_channel *channel,
                                                           void *buffer, size_t buffer_size,
                                                           int64_t deadline_ns);

/**
 * Receives as many messages as are there, 1 to @p count, by copying them to @p buffer one behind
 * the other, each at a multiple of 8 bytes from its beginning. Waits only for the first one.
 * @param ret_messages  address in @p buffer and size of each
 * @return how many; -EINVAL @p count is 0; else as seam_channel_recv for the first of them
 */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_recv_batch(struct seam_channel *channel,
                                                           struct iovec *ret_messages, size_t count,
                                                           void *buffer, size_t buffer_size);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_try_recv_batch(struct seam_channel *channel,
                                                               struct iovec *ret_messages,
                                                               size_t count, void *buffer,
                                                               size_t buffer_size);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_recv_batch_until(struct seam_channel *channel,
                                                                 struct iovec *ret_messages,
                                                                 size_t count, void *buffer,
                                                                 size_t buffer_size,
                                                                 int64_t deadline_ns);

/**
 * Receives the newest message, if this handle has not had it yet, and passes over those before it
 * (stats.skipped). Not for work queues (-ENOTSUP).
 * @return as seam_channel_recv, but never -EOVERFLOW
 */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_recv_latest(struct seam_channel *channel,
                                                            void *buffer, size_t buffer_size);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_try_recv_latest(struct seam_channel *channel,
                                                                void *buffer, size_t buffer_size);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_recv_latest_until(struct seam_channel *channel,
                                                                  void *buffer, size_t buffer_size,
                                                                  int64_t deadline_ns);

/**
 * Shows the next message in place, without copying; it stays unread until seam_channel_release.
 * Looking again shows the same message. Not for work queues (-ENOTSUP).
 * @param ret_data  the message in the ring, read-only, aligned to 8 bytes. A cursor that the writer
 *                  waits for keeps it unchanged; otherwise it may change while it is read, and
 *                  release tells whether it did. From a peer that is not trusted: read each byte
 *                  once.
 * @return its size in bytes; else as seam_channel_recv
 */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_peek(struct seam_channel *channel,
                                                     const void **ret_data);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_try_peek(struct seam_channel *channel,
                                                         const void **ret_data);
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_peek_until(struct seam_channel *channel,
                                                           const void **ret_data,
                                                           int64_t deadline_ns);

/**
 * Marks the message shown by peek as read.
 * @return 0: it was whole all the time; -EOVERFLOW: the writer overtook it meanwhile, what was
 *         read of it must be thrown away (counted in stats.lost); -EINVAL nothing is shown
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_release(struct seam_channel *channel);

/**
 * Leaves behind all messages that were received, or released, by a reader with
 * options.acknowledge. Never blocks.
 * @return 0; -EINVAL the reader was opened without; -EPERM in a child after fork; -EBADF no reader
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_acknowledge(struct seam_channel *channel);

/* ---- several channels at once: never blocks; see seam_wait_any ---- */

/** Something to receive, or to learn: -EOVERFLOW, -EPIPE. @return 0; -EPERM, -EBADF see above */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_readable(struct seam_channel *channel,
                                                     struct seam_waitable *ret_thing);

/** Room for a message of @p size bytes. @return 0; -EMSGSIZE; -EPERM, -EBADF see above */
SEAM_PUBLIC SEAM_NODISCARD int seam_channel_writable(struct seam_channel *channel, size_t size,
                                                     struct seam_waitable *ret_thing);

/* ---- either: never blocks ---- */

/** Counts so far. @return 0; -EPERM in a child of the process that opened the handle */
SEAM_PUBLIC int seam_channel_stats(const struct seam_channel *channel,
                                   struct seam_channel_stats *ret_stats);

/** Tells the fixed properties, after fork in the child, too. @return 0 */
SEAM_PUBLIC int seam_channel_info(const struct seam_channel *channel,
                                  struct seam_channel_info *ret_info);

/**
 * What has become of the writer.
 * @return an enum seam_writer; -EPERM in a child of the process that opened the handle
 */
SEAM_PUBLIC int seam_channel_writer(const struct seam_channel *channel);

SEAM_END_DECLS

#endif
