/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Where shared objects live and who may reach them.
 *
 * A named object is a directory of two files, `log` and `desk`, below /dev/shm, below the
 * directory in the environment variable SEAM_DIR, or below one given here. It is built aside and
 * renamed into place, so a name is either absent or complete. An anonymous object (name NULL) is
 * two sealed memfds, inherited by fork or passed over a Unix socket.
 */
#ifndef SEAM_REGION_H
#define SEAM_REGION_H

#include <stdbool.h>
#include <sys/types.h>

#include "seam/attrs.h"

SEAM_BEGIN_DECLS

/** Longest name in bytes. A name is not empty, has no '/' and does not begin with '.'. */
#define SEAM_NAME_MAX 200

/** Zero in every member is the default. */
struct seam_region_options {
    /** Directory below which the name lives. NULL: $SEAM_DIR, else /dev/shm. */
    const char *dir;
    /**
     * Permission bits of a new object, applied exactly: umask neither widens nor narrows them.
     * 0: 0600. Whoever gets `r` can read messages and hold a cursor; whoever gets `rw` can
     * write messages too. Whoever may open a named object can also truncate what all write, and so
     * end others by SIGBUS: an anonymous one can't be. Set-id, sticky and execute bits are refused.
     */
    mode_t mode;
    /** User id that must own an object to be opened. NULL: the effective user of the caller. */
    const uid_t *owner;
    /** Closing also removes the name when no other handle, in any process, has it open. */
    bool unlink_last;
    /**
     * Anonymous only: after creation nobody can map the log for writing any more, whatever
     * descriptor they hold. Only the creator and children that inherit its handle by fork can
     * write. The creator must be a writer. (Without it, who was passed a read-only log and is of
     * the same user, or root, can still open that for writing by way of /proc: the kernel knows
     * rights of users, not of processes.)
     */
    bool one_way;

    /**
     * Named only, and not for writing: opens also what is from before the machine's last start,
     * as a directory on a disk keeps it. It is as if all who had it open had been killed; but if
     * the machine itself crashed, some pages may be older than others.
     */
    bool after_restart;

    /* These concern the caller's own mappings: every handle asks for itself, also when it opens,
     * reopens or takes. A child does not inherit what they did. */

    /**
     * All pages are there and mapped when the call returns, so that no message pays for being the
     * first on its page. (Before Linux 5.14 the pages are read once. On a disk, the first write to
     * each still costs something then; on tmpfs and hugetlbfs it does not.)
     */
    bool prefault;
    /**
     * Keeps the pages in memory, as mlock does, until the handle is closed. A ring is mapped twice
     * and counts twice against RLIMIT_MEMLOCK: where that is too low, the call fails with -ENOMEM
     * (-EPERM where it is zero), and seam_error_detail is "mlock".
     */
    bool lock_memory;
    /**
     * Asks for huge pages of 2 MiB, in place of those reserved before; a hint that may come to
     * nothing. For rings, arrays and lists of several MiB. Whoever creates had best ask: others can
     * then ask at no cost. Names in a directory on hugetlbfs always have pages of its size, and
     * need no hint: header and desk take one each.
     */
    bool huge_pages;
};

/**
 * What the calling thread's last failed create, open, take, pass or unlink stumbled over: the
 * name of a system call ("posix_fallocate") or of the field that did not match ("layout
 * version"). Never NULL; a constant string that need not be freed.
 */
SEAM_PUBLIC const char *seam_error_detail(void);

SEAM_END_DECLS

#endif
