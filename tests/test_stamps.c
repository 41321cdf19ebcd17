/* SPDX-License-Identifier: MIT */
/* Objects that this library can't have made, or can't use: the field is named. */
#include "named.h"

#include "any.h"

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

/* ---- channels ---- */

/** Overwrites bytes of a file and tells which field the next open stumbles over. */
static int open_changed(const char *file, off_t offset, const void *bytes, size_t count)
{
    struct seam_channel *channel;
    uint8_t before[64];
    int fd = open(path_of(file), O_RDWR | O_CLOEXEC);
    cr_assert_eq(pread(fd, before, count, offset), (ssize_t)count);
    cr_assert_eq(pwrite(fd, bytes, count, offset), (ssize_t)count);
    int error = seam_channel_open("x", NULL, &channel);
    cr_assert_eq(pwrite(fd, before, count, offset), (ssize_t)count);
    close(fd);
    return error;
}

Test(stamps, each_mismatch_of_a_channel_is_named)
{
    static const struct {
        const char *field;
        size_t offset, bytes;
        uint64_t value;
        int error;
    } cases[] = {
        {"magic", offsetof(struct seam_stamp, magic), 1, 'x', -EPROTO},
        {"byte order", offsetof(struct seam_stamp, byte_order), 4, 0x04030201, -EPROTO},
        {"layout version", offsetof(struct seam_stamp, layout_version), 4, 999, -EPROTO},
        {"word size", offsetof(struct seam_stamp, word_bytes), 4, 4, -EPROTO},
        {"kind", offsetof(struct seam_stamp, kind), 4, 77, -EPROTO},
        {"boot id", offsetof(struct seam_stamp, boot_id), 8, 1, -ESTALE},
        {"generation", offsetof(struct seam_stamp, generation), 8, 1, -EPROTO},
        {"page size", offsetof(struct seam_stamp, page_bytes), 8, 1 << 20, -EPROTO},
        {"log size", offsetof(struct seam_stamp, log_bytes), 8, UINT64_MAX, -EPROTO},
        {"desk size", offsetof(struct seam_stamp, desk_bytes), 8, UINT64_MAX, -EPROTO},
        {"policy", offsetof(struct seam_stamp, policy), 4, 9, -EPROTO},
        {"policy", offsetof(struct seam_stamp, policy), 4, 0, -EPROTO},
        {"mode", offsetof(struct seam_stamp, mode), 4, 9, -EPROTO},
        {"mode", offsetof(struct seam_stamp, many_writers), 4, 2, -EPROTO},
        {"capacity", offsetof(struct seam_stamp, capacity), 8, 12345, -EPROTO},
        {"capacity", offsetof(struct seam_stamp, capacity), 8, UINT64_C(1) << 63, -EPROTO},
        {"max_message", offsetof(struct seam_stamp, max_message), 8, UINT64_MAX, -EPROTO},
        {"max_readers", offsetof(struct seam_stamp, max_readers), 8, UINT64_MAX, -EPROTO},
        {"capacity", offsetof(struct seam_stamp, capacity), 8, 131072, -EPROTO},
        {"max_message", offsetof(struct seam_stamp, max_message), 8, 131072, -EPROTO},
        {"max_readers", offsetof(struct seam_stamp, max_readers), 8, 112, -EPROTO},
        {"max_readers", offsetof(struct seam_stamp, max_readers), 8, 0, -EPROTO},
        {"lanes", offsetof(struct seam_stamp, lanes), 8, 0, -EPROTO},
        {"lanes", offsetof(struct seam_stamp, lanes), 8, 65, -EPROTO},
        {"lanes", offsetof(struct seam_stamp, lanes), 8, 2,
         -EPROTO}, /* of an odd number of pages */
        {"capacity", offsetof(struct seam_stamp, lanes), 8, 3, -EPROTO},
        {"first position", offsetof(struct seam_stamp, first_position), 8, 3, -EPROTO},
    };
    seam_channel_close(must_create("x", NULL));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int error = open_changed("x/log", (off_t)cases[i].offset, &cases[i].value, cases[i].bytes);
        cr_expect_eq(error, cases[i].error, "%s", cases[i].field);
        cr_expect_str_eq(seam_error_detail(), cases[i].field);
    }
    const uint32_t one = 1;
    const struct seam_channel_options lanes = {.writers = 2};
    unlink_channel("x");
    seam_channel_close(must_create("x", &lanes));
    off_t offset = offsetof(struct seam_stamp, many_writers);
    cr_expect_eq(open_changed("x/log", offset, &one, 4), -EPROTO, "each has a lane of its own");
    cr_expect_str_eq(seam_error_detail(), "mode");
    cr_expect_eq(open_changed("x/desk", 0, "y", 1), -EPROTO);
    cr_expect_str_eq(seam_error_detail(), "desk magic");
    struct seam_channel *whole = must_open("x", NULL);
    seam_channel_close(whole);
    unlink_channel("x");
}

Test(stamps, truncated_files_are_errors_not_signals)
{
    const off_t sizes[] = {0, 64, 4096, 8192};
    struct seam_channel *channel;
    seam_channel_close(must_create("x", NULL));
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(truncate(path_of("x/log"), sizes[3 - i]), 0);
        cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPROTO);
        cr_expect_str_eq(seam_error_detail(), "log size");
    }
    unlink_channel("x");
    seam_channel_close(must_create("x", NULL));
    cr_assert_eq(truncate(path_of("x/desk"), 0), 0);
    cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPROTO);
    cr_expect_str_eq(seam_error_detail(), "desk size");
    unlink_channel("x");
}
