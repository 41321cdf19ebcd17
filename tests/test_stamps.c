/* SPDX-License-Identifier: MIT */
/* Stamps of objects that this library can't have made, or can't use: the field is named. */
#include "unit.h"

#include <fcntl.h>

#include "any.h"
#include "memory/layout.h"

TestSuite(stamps, .init = test_begin, .fini = test_end);

static const struct {
    enum any_kind kind;
    const char *field;
    size_t offset, bytes;
    uint64_t value;
} stamps[] = {
    {ANY_LOCK, "mode", offsetof(struct seam_stamp, mode), 4, SEAM_LOCK_FREE},
    {ANY_LOCK, "sizes", offsetof(struct seam_stamp, one_way), 4, 2},
    {ANY_VALUE, "mode", offsetof(struct seam_stamp, mode), 4, SEAM_LOCKED},
    {ANY_VALUE, "mode", offsetof(struct seam_stamp, mode), 4, 0},
    {ANY_VALUE, "type", offsetof(struct seam_stamp, type), 8, SEAM_INT32},
    {ANY_VALUE, "type", offsetof(struct seam_stamp, type), 8, (UINT64_C(1) << 32) + SEAM_INT64},
    {ANY_ARRAY, "mode", offsetof(struct seam_stamp, mode), 4, SEAM_RAW},
    {ANY_ARRAY, "type", offsetof(struct seam_stamp, type), 8, 0},
    {ANY_ARRAY, "type", offsetof(struct seam_stamp, type), 8, 12},
    {ANY_ARRAY, "type", offsetof(struct seam_stamp, type), 8, (UINT64_C(1) << 32) + SEAM_INT64},
    {ANY_ARRAY, "mode", offsetof(struct seam_stamp, type), 8, SEAM_BYTES},
    {ANY_ARRAY, "element_bytes", offsetof(struct seam_stamp, type), 8, SEAM_INT8},
    {ANY_ARRAY, "element_bytes", offsetof(struct seam_stamp, element_bytes), 8, 4},
    {ANY_ARRAY, "length", offsetof(struct seam_stamp, length), 8, 0},
    {ANY_ARRAY, "length", offsetof(struct seam_stamp, length), 8, UINT64_MAX},
    {ANY_ARRAY, "length", offsetof(struct seam_stamp, length), 8, UINT64_C(1) << 61},
    {ANY_ARRAY, "sizes", offsetof(struct seam_stamp, length), 8, 100000},
    {ANY_ARRAY_LOCKED, "sizes", offsetof(struct seam_stamp, length), 8, 300},
    {ANY_LIST, "mode", offsetof(struct seam_stamp, mode), 4, SEAM_RAW},
    {ANY_LIST, "element_bytes", offsetof(struct seam_stamp, element_bytes), 8, 0},
    {ANY_LIST, "element_bytes", offsetof(struct seam_stamp, element_bytes), 8, 16},
    {ANY_LIST, "capacity", offsetof(struct seam_stamp, length), 8, 0},
    {ANY_LIST, "capacity", offsetof(struct seam_stamp, length), 8, UINT64_MAX},
    {ANY_LIST, "sizes", offsetof(struct seam_stamp, length), 8, 300},
    {ANY_LIST_LOCKED, "element_bytes", offsetof(struct seam_stamp, element_bytes), 8, 1 << 21},
    {ANY_LIST_LOCKED, "capacity", offsetof(struct seam_stamp, length), 8, UINT64_C(1) << 60},
    {ANY_LIST_LOCKED, "sizes", offsetof(struct seam_stamp, element_bytes), 8, 4096},
    {ANY_LIST_LOCKED, "desk size", offsetof(struct seam_stamp, desk_bytes), 8, 8192},
    {ANY_LIST_LOCKED, "log size", offsetof(struct seam_stamp, log_bytes), 8, 4096},
    {ANY_LIST_LOCKED, "page size", offsetof(struct seam_stamp, page_bytes), 8, 8192},
};

/** Opens an object whatever it is: without a wish. */
static int open_any(enum any_kind kind)
{
    struct seam_lock *lock;
    struct seam_value *value;
    struct seam_array *array;
    struct seam_list *list;
    switch (kind) {
    case ANY_LOCK:
        return seam_lock_open("x", NULL, &lock);
    case ANY_VALUE:
    case ANY_VALUE_RAW:
        return seam_value_open("x", NULL, &value);
    case ANY_ARRAY:
    case ANY_ARRAY_LOCKED:
        return seam_array_open("x", NULL, &array);
    default:
        return seam_list_open("x", NULL, &list);
    }
}

Test(stamps, each_mismatch_is_named)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/x/log", test_dir());
    for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
        void *object = NULL;
        cr_assert_eq(any_create(stamps[i].kind, "x", NULL, &object), 0);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        cr_assert_eq(pwrite(fd, &stamps[i].value, stamps[i].bytes, (off_t)stamps[i].offset),
                     (ssize_t)stamps[i].bytes);
        close(fd);
        cr_expect_eq(open_any(stamps[i].kind), -EPROTO, "%zu: %s", i, stamps[i].field);
        cr_expect_str_eq(seam_error_detail(), stamps[i].field, "%zu: %s", i, seam_error_detail());
        any_close(stamps[i].kind, object);
        cr_expect_eq(any_unlink(stamps[i].kind, "x", NULL), 0);
    }
}
