/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What shared objects have in common: modes, types, access, and how handles come and go.
 *
 * A lock, a value, an array or a list is a shared object of its own, named or anonymous like a
 * channel (region.h), and these calls are the same for each of them:
 *
 * - create makes the object and opens it. The memory is reserved here: a full file system is an
 *   error now, never SIGBUS later. -EEXIST the name is taken; -EINVAL an option is out of range;
 *   -ENOSPC, -ENOMEM or -EFBIG no room of that size; -EACCES, -ENOENT, -EMFILE and others from the
 *   system calls
 * - open finds a named one. -ENOENT no such name; -EPROTO not an object of this kind, or not of the
 *   type, length or mode asked for; -EPERM another user's; -ESTALE from before the machine's last
 *   start; -EACCES no permission; -EUSERS, when writers take turns and there are too many; others
 *   from the system calls
 * - reopen makes another handle on the same object: for another thread, or in a child after fork.
 *   Errors as open
 * - pass sends an anonymous one over a connected Unix socket, which may block. -ENOTSUP it has a
 *   name; -EACCES it is one_way and can't be passed for writing; others from sendmsg
 * - take receives it on the other side, which may block. Errors as open; -EPROTO what came is none;
 *   -EPIPE the socket was closed
 * - close frees the handle, never blocks for long; NULL is ignored
 * - unlink removes the name, whichever of these objects or channel has it; those who have it open
 *   keep it. -ENOENT; -EPROTO there is something else under the name; -EPERM another user's
 *
 * After a failure seam_error_detail() names the system call or the field. A NULL options pointer
 * means the default in every member.
 *
 * A handle is used by one thread at a time. In a child after fork the parent's handle answers
 * -EPERM to everything but reopen, info and close. No call returns -EINTR.
 */
#ifndef SEAM_OBJECT_H
#define SEAM_OBJECT_H

#include <stddef.h>

#include "seam/attrs.h"

SEAM_BEGIN_DECLS

/** What an object is. */
enum seam_kind {
    SEAM_KIND_CHANNEL = 1, /**< see channel.h */
    SEAM_KIND_LOCK = 2,    /**< see lock.h */
    SEAM_KIND_VALUE = 3,   /**< see value.h */
    SEAM_KIND_ARRAY = 4,   /**< see array.h */
    SEAM_KIND_LIST = 5,    /**< see list.h */
};

/** How operations exclude each other. Fixed when an object is created. */
enum seam_mode {
    SEAM_MODE_DEFAULT = 0, /**< create: lock-free; open: whatever the object has */
    SEAM_LOCK_FREE = 1,    /**< nobody ever waits for a lock */
    SEAM_LOCKED = 2,       /**< channels: every operation under one lock, which readers take, too.
                                Arrays and lists: writers take turns under a lock, readers never wait */
    SEAM_RAW = 3,          /**< values only: no synchronisation at all; changes get lost */
};

/** What an element is. */
enum seam_type {
    SEAM_TYPE_DEFAULT = 0, /**< create: SEAM_INT64; open: whatever the object has */
    SEAM_INT8 = 1,         /**< int8_t */
    SEAM_INT16 = 2,        /**< int16_t */
    SEAM_INT32 = 3,        /**< int32_t */
    SEAM_INT64 = 4,        /**< int64_t */
    SEAM_UINT8 = 5,        /**< uint8_t */
    SEAM_UINT16 = 6,       /**< uint16_t */
    SEAM_UINT32 = 7,       /**< uint32_t */
    SEAM_UINT64 = 8,       /**< uint64_t */
    SEAM_FLOAT = 9,        /**< float */
    SEAM_DOUBLE = 10,      /**< double */
    SEAM_BYTES = 11,       /**< a fixed number of bytes, which the object knows */
};

/** What a handle may do. */
enum seam_access {
    SEAM_READ_WRITE = 0, /**< needs permission to write */
    SEAM_READ_ONLY = 1,  /**< shared data is mapped read-only; changes answer -EACCES */
};

/** Bytes of an element of @p type; 0 for SEAM_BYTES and what is no type. */
SEAM_PUBLIC size_t seam_type_bytes(enum seam_type type);

SEAM_END_DECLS

#endif
