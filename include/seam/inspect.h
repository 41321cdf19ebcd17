/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Looking at named objects from outside, for tools: what there is, and who is at it.
 *
 * Looking changes nothing: these calls open nothing for writing, map nothing, hold no lease and
 * wait for nobody; so who looks is not the last one out, either. Each word they tell is what was
 * there at some moment of the call, and different words may be of different moments. Process ids
 * are what processes have noted themselves, for people to read; who is alive, the kernel says.
 * (But to tell what is left unfinished from what is just being made, that is locked for a moment.)
 */
#ifndef SEAM_INSPECT_H
#define SEAM_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "seam/attrs.h"
#include "seam/channel.h"
#include "seam/object.h"
#include "seam/region.h"

SEAM_BEGIN_DECLS

/** What has become of a name. */
enum seam_state {
    SEAM_STATE_IN_USE = 1, /**< somebody alive has it open */
    SEAM_STATE_IDLE = 2,   /**< nobody has; what is in it waits for the next one */
    SEAM_STATE_STALE = 3,  /**< from before the machine's last start; see region.after_restart */
    SEAM_STATE_UNFINISHED = 4, /**< left by somebody killed while he made or removed it */
    SEAM_STATE_REFUSED = 5,    /**< can't be opened, see error */
};

/** What can be told about a name without opening it. */
struct seam_object_info {
    char name[SEAM_NAME_MAX + 1]; /**< ends in a zero byte */
    enum seam_state state;        /**< what has become of it */
    int error;                    /**< SEAM_STATE_STALE, _REFUSED: what an open returns; else 0 */
    const char *detail;           /**< what that stumbled over, see seam_error_detail; else NULL */
    uid_t owner;                  /**< user it belongs to */
    gid_t group;                  /**< group of its files */
    mode_t permissions;           /**< of the log, 0666 at most */
    int64_t created_ns;           /**< since 1970; 0: this file system does not know */
    uint64_t memory_bytes;        /**< of its files */
    enum seam_kind kind; /**< 0: not known, or refused; then all that follows is zero, too */
    enum seam_mode mode; /**< how operations exclude each other */
    pid_t holder;        /**< last holder of its lock, while that is held; else 0 */
    bool holder_is_dead; /**< the next one who wants the lock will be told */

    /* Channels. */
    struct seam_channel_info channel; /**< fixed properties */
    enum seam_writer writer;          /**< what has become of it */
    uint64_t writers_so_far;          /**< how often somebody has opened it as a writer */
    uint64_t published;               /**< messages sent, or just being sent, by all writers */
    uint64_t published_bytes;         /**< bytes of these */
    uint64_t lost;    /**< messages that readers were too slow for, of all readers that ever were */
    unsigned readers; /**< cursors in use, and durable ones; observers have none */
    bool reader_sleeps; /**< at least one has asked to be woken */
    bool writer_sleeps; /**< likewise */

    /* Values, arrays, lists. */
    enum seam_type type;    /**< of each element */
    uint64_t length;        /**< elements that there is room for */
    uint64_t element_bytes; /**< of each, or of the longest */
};

/** One of those who are at a channel. */
struct seam_party {
    enum seam_role role;   /**< SEAM_WRITER or SEAM_READER */
    bool is_alive;         /**< has the channel open */
    pid_t pid;             /**< the last that noted it; 0: nobody has */
    unsigned lane;         /**< writers: which of the lanes */
    char cursor[32];       /**< name of a durable cursor; else empty */
    uint64_t lag_messages; /**< readers: not received yet, in all lanes */
    uint64_t lag_bytes;    /**< bytes of the rings that these take */
};

/**
 * Tells about one name. Blocks for file-system calls only.
 * @return 0, also for what is stale or refused; -ENOENT no such name; -EINVAL; -EPROTO something
 *         else than an object has the name; others from the system calls
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_object_inspect(const char *name,
                                                   const struct seam_region_options *region,
                                                   struct seam_object_info *ret_info);

/**
 * Tells about each name in a directory, in no order; whoever owns them, unless region->owner says
 * whose are wanted. What is nobody's object is passed over.
 * @param visit  called for each; another result than 0 ends the call
 * @return 0; what @p visit returned; others from the system calls
 */
SEAM_PUBLIC SEAM_NODISCARD int
seam_object_visit(const struct seam_region_options *region,
                  int (*visit)(const struct seam_object_info *info, void *context), void *context);

/**
 * Tells who is at a channel: first its writers, but for those who have closed it, then its readers
 * with their cursors. Writers that take turns are told as one, the last that came. The
 * readers of a work queue are one, too: alive while anybody has it open. Readers that no writer
 * waits for have no cursor, and are not told.
 * @param ret_parties  room for @p most
 * @return how many there are, be it more than @p most; -EPROTO it is no channel, or can't be used;
 *         -ESTALE it is from before the machine's last start; -ENOMEM; else as seam_object_inspect
 */
SEAM_PUBLIC SEAM_NODISCARD ssize_t seam_channel_parties(const char *name,
                                                        const struct seam_region_options *region,
                                                        struct seam_party *ret_parties,
                                                        size_t most);

/**
 * Looks whether what must hold does: the stamp, and of a channel its newest message, the messages
 * in the ring, and the cursors. Writers may go on meanwhile. Blocks as long as reading the ring
 * takes, ten times at most.
 * @param ret_wrong  NULL: all is well; else what is not, a constant string
 * @return 0, whatever was found; else as seam_object_inspect
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_object_check(const char *name,
                                                 const struct seam_region_options *region,
                                                 const char **ret_wrong);

/**
 * Removes a name that nobody alive has open, or what is left of one: never one that is in use.
 * @return 0; -EBUSY somebody has it open; else as seam_channel_unlink
 */
SEAM_PUBLIC SEAM_NODISCARD int seam_object_collect(const char *name,
                                                   const struct seam_region_options *region);

SEAM_END_DECLS

#endif
