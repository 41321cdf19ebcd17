/* SPDX-License-Identifier: MIT */
/* Regions: names, rights, stamps that do not fit, and what failed calls leave behind. */
#include "unit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "memory/layout.h"
#include "memory/object.h"
#include "proc.h"

TestSuite(region, .init = test_begin, .fini = test_end);

static char *path_of(const char *file)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", test_dir(), file);
    return path;
}

static void unlink_channel(const char *name)
{
    cr_assert_eq(seam_channel_unlink(name, NULL), 0, "%s", seam_error_detail());
}

Test(region, names_are_checked)
{
    char longest[SEAM_NAME_MAX + 2];
    memset(longest, 'n', sizeof(longest));
    longest[SEAM_NAME_MAX + 1] = '\0';
    const char *bad[] = {"", ".", "..", ".hidden", "a/b", "/a", longest};
    struct seam_channel *channel = NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(seam_channel_create(bad[i], NULL, &channel), -EINVAL, "%s", bad[i]);
        cr_expect_eq(seam_channel_open(bad[i], NULL, &channel), -EINVAL, "%s", bad[i]);
        cr_expect_eq(seam_channel_unlink(bad[i], NULL), -EINVAL, "%s", bad[i]);
    }
    cr_expect_null(channel, "outputs stay untouched");
    longest[SEAM_NAME_MAX] = '\0';
    seam_channel_close(must_create(longest, NULL));
    unlink_channel(longest);
}

static mode_t mode_of(const char *file)
{
    struct stat status;
    cr_assert_eq(stat(path_of(file), &status), 0, "%s", file);
    return status.st_mode & 07777;
}

Test(region, mode_is_exact_whatever_the_umask)
{
    const mode_t masks[] = {0, 077, 0777};
    for (size_t i = 0; i < 3; i++) {
        mode_t before = umask(masks[i]);
        const struct seam_channel_options open_to_group = {.region = {.mode = 0640}};
        seam_channel_close(must_create("plain", NULL));
        seam_channel_close(must_create("group", &open_to_group));
        (void)umask(before);
        cr_expect_eq(mode_of("plain"), 0700);
        cr_expect_eq(mode_of("plain/log"), 0600);
        cr_expect_eq(mode_of("plain/desk"), 0600);
        cr_expect_eq(mode_of("group"), 0710);
        cr_expect_eq(mode_of("group/log"), 0640);
        cr_expect_eq(mode_of("group/desk"), 0660, "who reads needs the desk");
        unlink_channel("plain");
        unlink_channel("group");
    }
    const struct seam_channel_options set_id = {.region = {.mode = 04600}};
    struct seam_channel *channel;
    cr_expect_eq(seam_channel_create("x", &set_id, &channel), -EINVAL);
}

Test(region, memory_is_capacity_and_three_pages_at_most)
{
    long page = sysconf(_SC_PAGESIZE);
    for (size_t capacity = (size_t)page; capacity <= 1 << 20; capacity *= 4) {
        const struct seam_channel_options options = {
            .capacity = capacity, .max_message = 100, .max_readers = 112};
        struct seam_channel *channel = must_create("x", &options);
        struct seam_channel_info info;
        struct stat log, desk;
        (void)seam_channel_info(channel, &info);
        (void)stat(path_of("x/log"), &log);
        (void)stat(path_of("x/desk"), &desk);
        cr_expect_eq(info.capacity, capacity);
        cr_expect_eq(info.memory_bytes, (size_t)(log.st_size + desk.st_size));
        cr_expect_leq((size_t)(log.st_blocks + desk.st_blocks) * 512, capacity + 3 * (size_t)page);
        seam_channel_close(channel);
        unlink_channel("x");
    }
}

Test(region, taken_names)
{
    struct seam_channel *channel;
    seam_channel_close(must_create("x", NULL));
    cr_expect_eq(seam_channel_create("x", NULL, &channel), -EEXIST);
    unlink_channel("x");
    cr_expect_eq(seam_channel_open("x", NULL, &channel), -ENOENT);
    cr_expect_eq(seam_channel_unlink("x", NULL), -ENOENT);

    close(open(path_of("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_expect_eq(seam_channel_create("file", NULL, &channel), -EEXIST);
    cr_expect_eq(seam_channel_open("file", NULL, &channel), -EPROTO);
    cr_expect_eq(seam_channel_unlink("file", NULL), -EPROTO, "not ours to remove");
    cr_expect_eq(unlink(path_of("file")), 0);

    cr_assert_eq(mkdir(path_of("dir"), 0700), 0);
    cr_expect_eq(seam_channel_create("dir", NULL, &channel), -EEXIST);
    cr_expect_eq(seam_channel_open("dir", NULL, &channel), -EPROTO, "half-made");
    cr_expect_str_eq(seam_error_detail(), "log or desk is missing");
    cr_expect_eq(seam_channel_unlink("dir", NULL), -EPROTO);
    close(open(path_of("dir/log"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close(open(path_of("dir/mine"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_expect_eq(seam_channel_unlink("dir", NULL), -EPROTO, "somebody's own files");
    cr_expect_eq(unlink(path_of("dir/mine")), 0);
    int fd = open(path_of("dir/log"), O_WRONLY | O_CLOEXEC);
    cr_expect_eq(write(fd, "my diary of 2026", 16), 16);
    close(fd);
    cr_expect_eq(seam_channel_unlink("dir", NULL), -EPROTO, "somebody's own log");
    cr_expect_eq(unlink(path_of("dir/log")), 0);
    cr_expect_eq(rmdir(path_of("dir")), 0);
}

Test(region, planted_things_are_refused)
{
    struct seam_channel *channel;
    seam_channel_close(must_create("x", NULL));
    char target[256];
    (void)snprintf(target, sizeof(target), "%s/x", test_dir());
    cr_assert_eq(symlink(target, path_of("link")), 0);
    cr_expect_eq(seam_channel_open("link", NULL, &channel), -EPROTO, "symbolic link");
    cr_expect_eq(unlink(path_of("link")), 0);

    const uid_t other = geteuid() + 1;
    const struct seam_channel_options others = {.region = {.owner = &other}};
    cr_expect_eq(seam_channel_open("x", &others, &channel), -EPERM, "owner");
    cr_expect_eq(seam_channel_unlink("x", &others.region), -EPERM);

    (void)snprintf(target, sizeof(target), "%s/x/log", test_dir());
    cr_assert_eq(link(target, path_of("hard")), 0);
    cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPROTO, "hard link");
    cr_expect_eq(unlink(path_of("hard")), 0);

    if (geteuid() == 0) {
        cr_assert_eq(chown(path_of("x/desk"), 12345, (gid_t)-1), 0);
        cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPERM, "another owner's desk");
        cr_assert_eq(chown(path_of("x/desk"), 0, (gid_t)-1), 0);
    }

    char aside[256];
    (void)snprintf(aside, sizeof(aside), "%s", path_of("aside"));
    cr_assert_eq(rename(target, aside), 0);
    cr_assert_eq(symlink(aside, target), 0);
    cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPROTO, "symbolic link in it");
    cr_assert_eq(unlink(target), 0);
    cr_assert_eq(mkfifo(target, 0600), 0);
    cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPROTO, "a FIFO, and no waiting");
    cr_assert_eq(rename(aside, target), 0);

    cr_assert_eq(unlink(path_of("x/desk")), 0);
    cr_assert_eq(mkfifo(path_of("x/desk"), 0600), 0);
    cr_expect_eq(seam_channel_open("x", NULL, &channel), -EPROTO, "FIFO");
    unlink_channel("x");
}

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

Test(region, each_mismatch_is_named)
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

Test(region, truncated_files_are_errors_not_signals)
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

Test(region, leavings_of_a_killed_creator_are_cleared)
{
    cr_assert_eq(mkdir(path_of(".seam-x"), 0700), 0);
    close(open(path_of(".seam-x/log"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    seam_channel_close(must_create("x", NULL));
    cr_expect_neq(access(path_of(".seam-x"), F_OK), 0);
    cr_assert_eq(mkdir(path_of(".seam-x"), 0700), 0);
    unlink_channel("x");
    cr_expect_neq(access(path_of(".seam-x"), F_OK), 0);
}

Test(region, what_is_planted_aside_stops_nobody)
{
    close(open(path_of(".seam-x"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    seam_channel_close(must_create("x", NULL));
    unlink_channel("x");
    cr_expect_eq(unlink(path_of(".seam-x")), 0);
}

Test(region, last_one_out_removes_the_name)
{
    const struct seam_channel_options options = {.region = {.unlink_last = true}};
    struct seam_channel *writer = must_create("x", &options);
    struct seam_channel *reader = must_open("x", &options);
    seam_channel_close(writer);
    cr_expect_eq(access(path_of("x"), F_OK), 0, "one is still there");
    seam_channel_close(reader);
    cr_expect_neq(access(path_of("x"), F_OK), 0);
}

Test(region, who_was_refused_does_not_remove_the_name)
{
    seam_channel_close(must_create("x", NULL));
    const struct seam_channel_options wrong = {.region = {.unlink_last = true},
                                               .mode = SEAM_LOCKED};
    struct seam_channel *channel;
    cr_expect_eq(seam_channel_open("x", &wrong, &channel), -EPROTO);
    cr_expect_eq(access(path_of("x"), F_OK), 0);
    unlink_channel("x");
}

Test(region, a_second_handle_may_remove_what_the_first_would_not)
{
    const struct seam_channel_options options = {.region = {.unlink_last = true}};
    struct seam_channel *writer = must_create("x", NULL);
    struct seam_channel *reader = must_reopen(writer, &options);
    seam_channel_close(writer);
    seam_channel_close(reader);
    cr_expect_neq(access(path_of("x"), F_OK), 0);
}

Test(region, removing_leaves_a_successor_of_the_name_alone)
{
    const struct seam_channel_options options = {.region = {.unlink_last = true}};
    struct seam_channel *old = must_create("x", &options);
    unlink_channel("x");
    struct seam_channel *new = must_create("x", NULL);
    seam_channel_close(old);
    cr_expect_eq(access(path_of("x"), F_OK), 0, "the name is another channel's now");
    seam_channel_close(new);
    unlink_channel("x");
}

static int open_descriptors(void)
{
    return (int)proc_descriptors(1024);
}

static int descriptors_kept_over_exec(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        count += flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
    return count;
}

Test(region, descriptors_close_on_exec_and_do_not_leak)
{
    int before = open_descriptors(), kept = descriptors_kept_over_exec();
    struct seam_channel *named = must_create("x", NULL);
    struct seam_channel *anonymous = must_create(NULL, NULL);
    struct seam_channel *again = must_reopen(anonymous, NULL);
    cr_expect_gt(open_descriptors(), before);
    cr_expect_eq(descriptors_kept_over_exec(), kept);
    seam_channel_close(again);
    seam_channel_close(anonymous);
    seam_channel_close(named);
    unlink_channel("x");
    cr_expect_eq(open_descriptors(), before);
}

Test(region, failures_leave_nothing)
{
    struct seam_channel *channel;
    int before = open_descriptors();
    struct rlimit limit;
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    cr_expect_eq(seam_channel_create("x", NULL, &channel), -EFBIG, "and no SIGXFSZ");
    cr_expect_eq(seam_channel_create(NULL, NULL, &channel), -EFBIG);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    const struct seam_channel_options last = {.region = {.unlink_last = true}};
    for (int room = 0; room < 10; room++) {
        const struct rlimit few = {.rlim_cur = (rlim_t)(before + room), .rlim_max = limit.rlim_max};
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
        int error = seam_channel_create("x", &last, &channel);
        if (error == 0) {
            seam_channel_close(channel); /* still under the limit */
        } else {
            cr_expect_eq(error, -EMFILE, "%d", error);
        }
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        cr_expect_neq(access(path_of("x"), F_OK), 0, "with room for %d", room);
        cr_expect_eq(open_descriptors(), before);
    }
    const struct seam_channel_options nowhere = {.region = {.dir = "/nonexistent"}};
    cr_expect_eq(seam_channel_create("x", &nowhere, &channel), -ENOENT);
}

/** Behind the end of a file: else the first touch would be a signal. */
Test(region, pages_that_are_not_there_can_not_be_had_in_advance)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const struct seam_region_options options = {.prefault = true};
    void *base;
    int fd = seam_object_create_anonymous("short", 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(seam_object_reserve(fd, page), 0);
    cr_assert_eq(seam_object_map(fd, 2 * page, &base), 0);
    cr_expect_eq(seam_object_furnish(base, page, true, &options), 0);
    cr_expect_lt(seam_object_furnish(base, 2 * page, true, &options), 0);
    cr_expect_str_eq(seam_error_detail(), "madvise");
    munmap(base, 2 * page);
    close(fd);
}
