/* SPDX-License-Identifier: MIT */
/* Objects of any kind by one set of calls, for tests of what is the same for all of them. */
#ifndef SEAM_TESTS_ANY_H
#define SEAM_TESTS_ANY_H

#include "seam/seam.h"

/** What is made; below, channels are there only to be mixed up with. */
enum any_kind {
    ANY_LOCK,
    ANY_VALUE,
    ANY_VALUE_RAW,
    ANY_ARRAY,
    ANY_ARRAY_LOCKED,
    ANY_LIST,
    ANY_LIST_LOCKED,
    ANY_KINDS, /* how many there are */
};

#define EACH_KIND(kind) for (enum any_kind kind = ANY_LOCK; (kind) < ANY_KINDS; (kind)++)

/** What the options of all kinds have; locks have no access. */
struct any_options {
    struct seam_region_options region;
    enum seam_access access;
    enum seam_wait wait;
    uint64_t reserved[8];
};

const char *any_name(enum any_kind kind);

/** Arrays and lists have room for 8 elements of 8 bytes. */
int any_create(enum any_kind kind, const char *name, const struct any_options *options,
               void **ret_object);
int any_open(enum any_kind kind, const char *name, const struct any_options *options,
             void **ret_object);
int any_reopen(enum any_kind kind, const void *other, const struct any_options *options,
               void **ret_object);
int any_pass(enum any_kind kind, const void *object, int socket, enum seam_access access);
int any_take(enum any_kind kind, int socket, const struct any_options *options, void **ret_object);
void any_close(enum any_kind kind, void *object);
int any_unlink(enum any_kind kind, const char *name, const struct seam_region_options *region);

/** Makes a change that any_read shows: an append, or the first element becomes @p number. */
int any_change(enum any_kind kind, void *object, int64_t number);

/** @return 0 or an error; what was changed last, in @p ret_number; a lock has none */
int any_read(enum any_kind kind, const void *object, int64_t *ret_number);

/* ---- one of each kind, for plain test programs: these end the process where they fail ---- */

/** Anonymous objects, each with 10 in it; there is room for ANY_KINDS. */
void any_create_all(void **objects, const struct any_options *options);

/** What was changed last in each must be @p number. */
void any_expect_all(void **objects, int64_t number);

void any_close_all(void **objects);

#endif
