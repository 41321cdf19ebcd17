/* SPDX-License-Identifier: MIT */
/* What locks, values, arrays and lists have in common: names, rights, options, stamps, leavings. */
#include "unit.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "any.h"
#include "memory/layout.h"
#include "proc.h"

TestSuite(objects, .init = test_begin, .fini = test_end);

static const struct any_options reading = {.access = SEAM_READ_ONLY};

static void *must_create_any(enum any_kind kind, const char *name,
                             const struct any_options *options)
{
    void *object = NULL;
    int error = any_create(kind, name, options, &object);
    cr_assert_eq(error, 0, "%s: %s: %s", any_name(kind), seam_error_detail(), strerror(-error));
    return object;
}

static const char *path_of(const char *file)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", test_dir(), file);
    return path;
}

/** A change through @p one is seen through @p other. */
static void expect_shared(enum any_kind kind, void *one, void *other, int64_t number)
{
    int64_t seen = number;
    cr_expect_eq(any_change(kind, one, number), 0, "%s", any_name(kind));
    cr_expect_eq(any_read(kind, other, &seen), 0, "%s", any_name(kind));
    cr_expect_eq(seen, number, "%s", any_name(kind));
}

Test(objects, named_anonymous_and_once_more)
{
    EACH_KIND(kind)
    {
        void *first = must_create_any(kind, "x", NULL), *second = NULL, *third = NULL;
        cr_assert_eq(any_open(kind, "x", NULL, &second), 0, "%s", seam_error_detail());
        cr_assert_eq(any_reopen(kind, second, NULL, &third), 0, "%s", seam_error_detail());
        expect_shared(kind, first, second, 41);
        expect_shared(kind, third, first, -42);
        any_close(kind, first);
        expect_shared(kind, second, third, 43);
        cr_expect_eq(any_unlink(kind, "x", NULL), 0);
        expect_shared(kind, third, second, 44);
        any_close(kind, second);
        any_close(kind, third);
        first = must_create_any(kind, NULL, NULL);
        cr_assert_eq(any_reopen(kind, first, NULL, &second), 0, "%s", seam_error_detail());
        expect_shared(kind, first, second, 45);
        any_close(kind, first);
        any_close(kind, second);
        any_close(kind, NULL);
    }
}

Test(objects, names_and_who_has_them)
{
    EACH_KIND(kind)
    {
        void *object = must_create_any(kind, "x", NULL), *other = NULL;
        const struct any_options mine = {.region = {.dir = "/nonexistent"}};
        cr_expect_eq(any_create(kind, "x", NULL, &other), -EEXIST);
        cr_expect_eq(any_create(kind, "a/b", NULL, &other), -EINVAL);
        cr_expect_eq(any_open(kind, ".x", NULL, &other), -EINVAL);
        cr_expect_eq(any_unlink(kind, "", NULL), -EINVAL);
        cr_expect_eq(any_open(kind, "y", NULL, &other), -ENOENT);
        cr_expect_eq(any_unlink(kind, "y", NULL), -ENOENT);
        cr_expect_eq(any_create(kind, "x", &mine, &other), -ENOENT);
        cr_expect_eq(any_open(kind, "x", &mine, &other), -ENOENT);
        const uid_t somebody = geteuid() + 1;
        const struct any_options others = {.region = {.owner = &somebody}};
        cr_expect_eq(any_open(kind, "x", &others, &other), -EPERM);
        cr_expect_eq(any_unlink(kind, "x", &others.region), -EPERM);
        cr_expect_null(other, "outputs stay untouched");
        any_close(kind, object);
        cr_expect_eq(any_unlink(kind, "x", NULL), 0);
        cr_expect_eq(any_unlink(kind, "x", NULL), -ENOENT);
    }
}

Test(objects, kinds_are_not_mixed_up)
{
    const enum any_kind modeless[] = {ANY_LOCK, ANY_VALUE, ANY_ARRAY, ANY_LIST};
    struct seam_channel *channel = must_create("channel", NULL);
    seam_channel_close(channel);
    for (size_t i = 0; i < 4; i++) {
        void *object = must_create_any(modeless[i], "x", NULL), *other = NULL;
        cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPROTO);
        cr_expect_str_eq(seam_error_detail(), "kind");
        for (size_t k = 0; k < 4; k++) {
            if (k != i) {
                cr_expect_eq(any_open(modeless[k], "x", NULL, &other), -EPROTO, "%s as %s",
                             any_name(modeless[i]), any_name(modeless[k]));
                cr_expect_str_eq(seam_error_detail(), "kind");
            }
        }
        cr_expect_eq(any_open(modeless[i], "channel", NULL, &other), -EPROTO);
        cr_expect_str_eq(seam_error_detail(), "kind");
        any_close(modeless[i], object);
        cr_expect_eq(any_unlink(modeless[i], "x", NULL), 0);
    }
    cr_expect_eq(seam_channel_unlink("channel", NULL), 0);
}

Test(objects, options_out_of_range)
{
    EACH_KIND(kind)
    {
        void *object = must_create_any(kind, "x", NULL), *other = NULL;
        for (int i = 0; i < 8; i++) {
            struct any_options reserved = {.access = SEAM_READ_WRITE};
            reserved.reserved[i] = UINT64_C(1) << 63;
            cr_expect_eq(any_create(kind, NULL, &reserved, &other), -EINVAL);
            cr_expect_eq(any_open(kind, "x", &reserved, &other), -EINVAL);
            cr_expect_eq(any_reopen(kind, object, &reserved, &other), -EINVAL);
            cr_expect_str_eq(seam_error_detail(), "reserved");
        }
        const struct any_options wait = {.wait = (enum seam_wait)3};
        const struct any_options negative = {.wait = (enum seam_wait) - 1};
        cr_expect_eq(any_create(kind, NULL, &wait, &other), -EINVAL);
        cr_expect_eq(any_open(kind, "x", &negative, &other), -EINVAL);
        cr_expect_str_eq(seam_error_detail(), "wait");
        const struct any_options access = {.access = (enum seam_access)2};
        if (kind != ANY_LOCK) {
            cr_expect_eq(any_create(kind, NULL, &access, &other), -EINVAL);
            cr_expect_eq(any_open(kind, "x", &access, &other), -EINVAL);
            cr_expect_str_eq(seam_error_detail(), "access");
            cr_expect_eq(any_create(kind, NULL, &reading, &other), -EINVAL);
            cr_expect_str_eq(seam_error_detail(), "access", "who should write it?");
        }
        const struct any_options bits = {.region = {.mode = 04600}};
        cr_expect_eq(any_create(kind, "y", &bits, &other), -EINVAL);
        const struct any_options one_way = {.region = {.one_way = true}};
        cr_expect_eq(any_create(kind, "y", &one_way, &other), -EINVAL, "anonymous only");
        cr_expect_null(other, "outputs stay untouched");
        any_close(kind, object);
        cr_expect_eq(any_unlink(kind, "x", NULL), 0);
    }
}

Test(objects, who_only_reads_changes_nothing)
{
    EACH_KIND(kind)
    {
        if (kind == ANY_LOCK) {
            continue;
        }
        void *object = must_create_any(kind, NULL, NULL), *reader = NULL;
        int64_t number = 0;
        cr_assert_eq(any_reopen(kind, object, &reading, &reader), 0);
        expect_shared(kind, object, reader, 7);
        cr_expect_eq(any_change(kind, reader, 8), -EACCES, "%s", any_name(kind));
        cr_expect_eq(any_read(kind, object, &number), 0);
        cr_expect_eq(number, 7);
        any_close(kind, object);
        any_close(kind, reader);
    }
}

Test(objects, one_way_is_written_through_one_mapping)
{
    const struct any_options one_way = {.region = {.one_way = true}};
    EACH_KIND(kind)
    {
        void *object = must_create_any(kind, NULL, &one_way), *second = NULL, *reader = NULL;
        void *third = NULL;
        cr_assert_eq(any_reopen(kind, object, NULL, &second), 0, "its mapping is shared");
        expect_shared(kind, second, object, 7);
        if (kind != ANY_LOCK) {
            cr_assert_eq(any_reopen(kind, object, &reading, &reader), 0);
            cr_expect_eq(any_reopen(kind, reader, NULL, &third), -EACCES);
            cr_expect_str_eq(seam_error_detail(), "one_way");
        }
        cr_expect_eq(any_pass(kind, object, -1, SEAM_READ_WRITE), -EACCES);
        cr_expect_str_eq(seam_error_detail(), "one_way");
        any_close(kind, reader);
        any_close(kind, object);
        expect_shared(kind, second, second, 8);
        any_close(kind, second);
    }
}

Test(objects, last_one_out_removes_the_name)
{
    const struct any_options last = {.region = {.unlink_last = true}};
    EACH_KIND(kind)
    {
        void *first = must_create_any(kind, "x", &last), *second = NULL;
        cr_assert_eq(any_open(kind, "x", NULL, &second), 0);
        any_close(kind, second);
        cr_expect_eq(access(path_of("x"), F_OK), 0, "one is still there");
        cr_assert_eq(any_open(kind, "x", &last, &second), 0);
        any_close(kind, first);
        cr_expect_eq(access(path_of("x"), F_OK), 0, "one is still there");
        any_close(kind, second);
        cr_expect_neq(access(path_of("x"), F_OK), 0, "%s", any_name(kind));
    }
}

/** Becomes somebody else for a moment, where that is possible; else takes away rights. */
Test(objects, rights_are_those_of_the_file)
{
    const uid_t owner = geteuid();
    const uid_t somebody = owner == 0 ? 12345 : owner;
    const struct any_options readable = {.region = {.mode = owner == 0 ? 0644 : 0400}};
    const struct any_options writing = {.region = {.owner = &owner}};
    const struct any_options as_reader = {.region = {.owner = &owner}, .access = SEAM_READ_ONLY};
    cr_assert_eq(chmod(test_dir(), 0711), 0);
    EACH_KIND(kind)
    {
        struct stat log;
        void *object = must_create_any(kind, "x", &readable), *other = NULL;
        cr_expect_eq(stat(path_of("x/log"), &log), 0);
        cr_expect_eq(log.st_mode & 07777, readable.region.mode);
        cr_expect_eq(any_change(kind, object, 5), 0);
        cr_assert_eq(seteuid(somebody), 0);
        cr_expect_eq(any_open(kind, "x", &writing, &other), -EACCES, "%s", any_name(kind));
        if (kind != ANY_LOCK) {
            int64_t number = 0;
            int error = any_open(kind, "x", &as_reader, &other);
            cr_assert_eq(error, 0, "%s: %d", seam_error_detail(), error);
            cr_expect_eq(any_read(kind, other, &number), 0);
            cr_expect_eq(number, 5);
            cr_expect_eq(any_change(kind, other, 6), -EACCES);
            any_close(kind, other);
        }
        cr_assert_eq(seteuid(owner), 0);
        any_close(kind, object);
        cr_expect_eq(any_unlink(kind, "x", NULL), 0);
    }
}

static int open_descriptors(void)
{
    return (int)proc_descriptors(1024);
}

Test(objects, failures_leave_nothing)
{
    const struct any_options last = {.region = {.unlink_last = true}};
    const int before = open_descriptors();
    struct rlimit limit;
    EACH_KIND(kind)
    {
        void *object = NULL;
        (void)getrlimit(RLIMIT_NOFILE, &limit);
        for (int room = 0; room < 10; room++) {
            const struct rlimit few = {.rlim_cur = (rlim_t)(before + room),
                                       .rlim_max = limit.rlim_max};
            cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
            int error = any_create(kind, "x", &last, &object);
            if (error == 0) {
                any_close(kind, object);
            } else {
                cr_expect_eq(error, -EMFILE, "%d", error);
            }
            cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
            cr_expect_neq(access(path_of("x"), F_OK), 0, "with room for %d", room);
            cr_expect_eq(open_descriptors(), before, "with room for %d", room);
        }
        (void)getrlimit(RLIMIT_FSIZE, &limit);
        const struct rlimit small = {.rlim_cur = 2000, .rlim_max = limit.rlim_max};
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        cr_expect_eq(any_create(kind, NULL, NULL, &object), -EFBIG, "and no SIGXFSZ");
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        cr_expect_eq(open_descriptors(), before);
    }
}
