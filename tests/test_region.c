/* SPDX-License-Identifier: MIT */
/* Regions: names, rights, and what failed calls leave behind. */
#include "named.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include "proc.h"
#include "region/file.h"

TestSuite(region, .init = test_begin, .fini = test_end);

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
    int fd = seam_file_create_anonymous("short", 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(seam_file_reserve(fd, page), 0);
    cr_assert_eq(seam_file_map(fd, 2 * page, &base), 0);
    cr_expect_eq(seam_file_advise(base, page, true, &options), 0);
    cr_expect_lt(seam_file_advise(base, 2 * page, true, &options), 0);
    cr_expect_str_eq(seam_error_detail(), "madvise");
    munmap(base, 2 * page);
    close(fd);
}
