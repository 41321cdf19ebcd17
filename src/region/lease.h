/* SPDX-License-Identifier: MIT */
/*
 * Leases: who is alive, told by the kernel. A lease is an open-file-description lock on a byte of
 * the desk file: it vanishes with its holder however that ends, and needs no process id.
 *
 * Such a lock belongs to the open file description, which fork shares. So every handle opens one
 * of its own, and a fork handler closes the child's copy; otherwise a child would keep its dead
 * parent's leases alive.
 */
#ifndef SEAM_REGION_LEASE_H
#define SEAM_REGION_LEASE_H

#include <stdbool.h>
#include <stdint.h>

/** A descriptor that carries leases, known to the fork handler. */
struct seam_lease_fd {
    int fd;           /* -1: none, or closed by the fork handler */
    const void *user; /* see seam_lease_set_user */
    struct seam_lease_fd *next, *previous;
};

/** Grows by one in every child; a handle made under another number belongs to an ancestor. */
extern uint64_t seam_fork_generation;

/**
 * Opens a description of its own of the file @p fd; no fork can come in between.
 * @param spare  used instead where the file may not be opened again, and closed otherwise; or -1
 * @return 0 or -errno
 */
int seam_lease_open(struct seam_lease_fd *lease, int fd, int spare);

/** Closes it: every lease it carries is gone. */
void seam_lease_close(struct seam_lease_fd *lease);

/** Says what @p lease is used for; seam_lease_any_user finds it. NULL: for nothing any more. */
void seam_lease_set_user(struct seam_lease_fd *lease, const void *user);

/** Whether @p matches says so of any user in this process. It must not open or close anything. */
bool seam_lease_any_user(bool (*matches)(const void *user, void *context), void *context);

/** Takes the lease on @p byte. @return 0; -EBUSY somebody alive has it; others from fcntl */
int seam_lease_take(const struct seam_lease_fd *lease, int byte, bool exclusive);

/** Gives the lease on @p byte back. */
void seam_lease_drop(const struct seam_lease_fd *lease, int byte);

/** Whether somebody else has a lease on @p byte, shared or exclusive. */
bool seam_lease_held_by_others(const struct seam_lease_fd *lease, int byte);

#endif
