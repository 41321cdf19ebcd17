/* SPDX-License-Identifier: MIT */
/* Where regions are: the default directory, names that somebody holds, other file systems. */
#include "unit.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "channel/handle.h"

TestSuite(places, .init = test_begin, .fini = test_end);

Test(places, without_a_name_nothing_is_found)
{
    struct seam_channel *channel = NULL;
    cr_expect_eq(seam_channel_open(NULL, NULL, &channel), -EINVAL);
    cr_expect_eq(seam_channel_unlink(NULL, NULL), -EINVAL);
    cr_expect_null(channel);
}

Test(places, an_empty_directory_is_none)
{
    char name[64], path[128];
    const char *const empty = "";
    const struct seam_channel_options options = {.region = {.dir = empty}};
    (void)snprintf(name, sizeof(name), "%s-empty", strrchr(test_dir(), '/') + 1);
    (void)snprintf(path, sizeof(path), "/dev/shm/%s", name);
    cr_assert_eq(setenv("SEAM_DIR", empty, 1), 0);
    for (int i = 0; i < 3; i++) {
        seam_channel_close(must_create(name, i == 0 ? &options : NULL));
        cr_expect_eq(access(path, F_OK), 0, "%s", path);
        cr_expect_eq(seam_channel_unlink(name, NULL), 0);
        cr_assert_eq(unsetenv("SEAM_DIR"), 0);
    }
}

Test(places, the_mode_is_that_of_anonymous_ones_too)
{
    struct stat log, desk;
    const struct seam_channel_options options = {.region = {.mode = 0640}};
    struct seam_channel *channel = must_create(NULL, &options);
    cr_assert_eq(fstat(channel->region.log_fd, &log), 0);
    cr_assert_eq(fstat(channel->region.desk_fd, &desk), 0);
    cr_expect_eq(log.st_mode & 07777, 0640);
    cr_expect_eq(desk.st_mode & 07777, 0660, "who reads needs the desk");
    seam_channel_close(channel);
}

Test(places, a_name_that_somebody_holds_is_busy)
{
    char path[256];
    seam_channel_close(must_create("x", NULL));
    (void)snprintf(path, sizeof(path), "%s/x", test_dir());
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(flock(fd, LOCK_EX), 0);
    cr_expect_eq(seam_channel_unlink("x", NULL), -EBUSY, "as if it were just being removed");
    cr_expect_str_eq(seam_error_detail(), "flock");
    seam_channel_close(must_open("x", NULL));
    cr_assert_eq(close(fd), 0);
    cr_expect_eq(seam_channel_unlink("x", NULL), 0);
}

/** Has the file system take pages of a file back. @return whether it can */
static bool punch(const char *directory)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/x/log", directory);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    bool done = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 65536, 65536) == 0;
    cr_assert_eq(close(fd), 0);
    return done;
}

/** Elsewhere than on tmpfs they may be compressed, or there without having been written. */
Test(places, missing_blocks_matter_on_tmpfs_alone)
{
    struct statfs status;
    struct seam_channel *channel;
    char here[] = "./seam-test-XXXXXX";
    const char *directories[] = {test_dir(), mkdtemp(here)};
    for (size_t i = 0; i < 2 && directories[i] != NULL; i++) {
        const struct seam_channel_options options = {.region = {.dir = directories[i]}};
        cr_assert_eq(statfs(directories[i], &status), 0);
        seam_channel_close(must_create("x", &options));
        if (punch(directories[i])) {
            bool is_refused = seam_channel_open("x", &options, &channel) != 0;
            cr_expect_eq(is_refused, status.f_type == TMPFS_MAGIC, "%s", directories[i]);
            seam_channel_close(is_refused ? NULL : channel);
        }
        cr_expect_eq(seam_channel_unlink("x", &options.region), 0);
    }
    (void)rmdir(here);
}

Test(places, a_signal_that_was_pending_stays)
{
    sigset_t xfsz, pending;
    struct rlimit limit;
    struct seam_channel *channel;
    const struct timespec at_once = {0};
    (void)sigemptyset(&xfsz);
    (void)sigaddset(&xfsz, SIGXFSZ);
    cr_assert_eq(sigprocmask(SIG_BLOCK, &xfsz, NULL), 0);
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = limit.rlim_max};
    for (int is_pending = 0; is_pending < 2; is_pending++) {
        if (is_pending) {
            cr_assert_eq(raise(SIGXFSZ), 0);
        }
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        cr_expect_eq(seam_channel_create(NULL, NULL, &channel), -EFBIG);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        cr_assert_eq(sigpending(&pending), 0);
        cr_expect_eq(sigismember(&pending, SIGXFSZ), is_pending, "the library's own is swallowed");
    }
    cr_expect_eq(sigtimedwait(&xfsz, NULL, &at_once), SIGXFSZ);
}
