/* SPDX-License-Identifier: MIT */
/*
 * Directories of regions: opened without following links, locked while somebody works in them.
 * The lock is a flock, so it ends with its holder.
 */
#ifndef SEAM_REGION_DIRECTORY_H
#define SEAM_REGION_DIRECTORY_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

/** Whether @p name below @p base_fd still is the directory @p dir_fd. */
bool seam_directory_is(int base_fd, const char *name, int dir_fd);

/** Unlocks before closing: a child forked meanwhile may share the open file description. */
void seam_directory_unlock_close(int dir_fd);

/**
 * Opens the directory @p name, without following a link.
 * @param access  O_RDONLY, or O_PATH where another user's directory may only be searched
 * @return a descriptor; -ENOENT; -EPROTO something else; -EPERM another user's
 */
int seam_directory_open(int base_fd, const char *name, int access, uid_t owner);

/** As seam_directory_open, and takes its lock. @return also -EAGAIN: in use or just vanished, look
 * again */
int seam_directory_open_locked(int base_fd, const char *name, uid_t owner);

/** Opens what is in the directory @p dir_fd, for readdir. @return NULL: see errno */
DIR *seam_directory_open_entries(int dir_fd);

/** Gives us back what umask took from our own directory @p name. @return 0 or -errno */
int seam_directory_unmask(int base_fd, const char *name);

/** Whether nothing but the files of a region is in it, as far as can be told. @return 0; -EPROTO */
int seam_directory_check_region(int dir_fd);

/**
 * Opens a file of a region, refusing anything but one plain file of the right owner.
 * @return a descriptor; -EPROTO something else; -EPERM another user's; others from open
 */
int seam_directory_open_file(int dir_fd, const char *file, int flags, uid_t owner);

/** Whether there is nothing but what `log` and `desk` may be. @return 0; -EPROTO; -errno */
int seam_directory_check_strangers(int dir_fd);

/** Empties the locked directory @p dir_fd, removes it under @p name, and closes it. */
int seam_directory_remove(int base_fd, const char *name, int dir_fd);

#endif
