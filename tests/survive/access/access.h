/* SPDX-License-Identifier: MIT */
/*
 * What the tests of access share: other users, objects of every kind, and the count of what was
 * refused, to which children add.
 */
#ifndef SEAM_TESTS_ACCESS_H
#define SEAM_TESTS_ACCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "any.h"
#include "region/region.h"
#include "support.h"

/** One kind more than any.h has. */
#define ACCESS_CHANNEL ANY_KINDS
#define EACH_THING(kind) for (enum any_kind kind = ANY_LOCK; (kind) <= ACCESS_CHANNEL; (kind)++)

/** Who somebody is: one user, one group of its own, and one more group or none. */
struct access_user {
    uid_t uid;
    gid_t gid;
    gid_t also; /* 0: none */
};

/** A group that has some users in it, and users. */
#define ACCESS_GROUP ((gid_t)4242)
extern const struct access_user access_owner, access_member, access_stranger;

/**
 * As test_begin, with a directory that everybody may write, like /dev/shm. The only argument, if
 * there is one, is "brief": for emulators and sanitizers.
 */
void access_begin(int argc, char **argv);

/** Whether to do less. */
bool access_is_brief(void);

/** Whether to leave this kind out, for the sake of time: all but two are, if it is to be brief. */
bool access_leaves_out(enum any_kind kind);

/** As test_end, after the figure. */
void access_end(const char *variant);

/** Whether this process may become others. */
bool access_have_users(void);

/** Ends a program that needs several users, as skipped, where there is only one. */
void access_need_users(const char *what);

/** Runs @p run as another user, who could be traced and looked into by itself, in a child. */
pid_t access_spawn(const struct access_user *user, int (*run)(void *context), void *context);

/** The same, and waits: it must return 0. */
void access_as(const struct access_user *user, int (*run)(void *context), void *context);

/** Counts a refusal; fails unless it is @p expected and, if not NULL, names @p detail. */
void access_refused(int error, int expected, const char *detail, const char *what);

/** Counts a way to write to a log that was tried. */
void access_tried(void);

/** How many descriptors this process has. */
int access_descriptors(void);

/** A number that changes with any byte. */
uint64_t access_sum(const void *data, size_t bytes);

/** A path below the test's directory, good until the fourth call from here. */
const char *access_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- objects and channels by one set of calls; writable: to change it, or to send ---- */

const char *access_name(enum any_kind kind);
int access_create(enum any_kind kind, const char *name, const struct seam_region_options *region,
                  void **ret_thing);
int access_open(enum any_kind kind, const char *name, const struct seam_region_options *region,
                bool writable, void **ret_thing);
int access_pass(enum any_kind kind, const void *thing, int socket, bool writable);
int access_take(enum any_kind kind, int socket, bool writable, void **ret_thing);
int access_unlink(enum any_kind kind, const char *name, const struct seam_region_options *region);
void access_close(enum any_kind kind, void *thing);

/** Changes it: a number in it, or a message. @return 0 or an error */
int access_change(enum any_kind kind, void *thing, int64_t number);

/** @return 0 or an error; fails where it does not show what was changed last */
int access_look(enum any_kind kind, void *thing, int64_t number);

const struct seam_region *access_region(enum any_kind kind, const void *thing);

#endif
