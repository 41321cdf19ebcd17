/* SPDX-License-Identifier: MIT */
/* Huge pages: made of ordinary ones, and those of hugetlbfs. Skipped where the machine has none. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "proc.h"
#include "support.h"

#define NAME "huge"
#define HUGE ((size_t)2 << 20)

static char buffer[65536];

/* ---- transparent ones ---- */

static struct seam_channel *create(const char *name, bool huge, size_t capacity)
{
    struct seam_channel *channel;
    const struct seam_channel_options options = {
        .region = {.huge_pages = huge, .prefault = true},
        .policy = SEAM_OVERWRITE,
        .capacity = capacity,
        .max_message = sizeof(buffer),
    };
    int error = seam_channel_create(name, &options, &channel);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

/** Whether this machine, now, makes a huge page of ordinary ones when it is asked to. */
static bool can_collapse(void)
{
    size_t bytes = 4 * HUGE;
    int fd = memfd_create("seam control", MFD_CLOEXEC);
    CHECK(fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0, "%s", strerror(errno));
    uint8_t *base = mmap(NULL, bytes + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(base != MAP_FAILED, "%s", strerror(errno));
    base += -(uintptr_t)base & (HUGE - 1);
    CHECK(mmap(base, bytes, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == base, "map");
    (void)madvise(base, bytes, MADV_HUGEPAGE);
    bool can = madvise(base, bytes, 25 /* MADV_COLLAPSE */) == 0 &&
               proc_sum("/proc/self/smaps", "ShmemPmdMapped:", "seam control") == bytes / 1024;
    CHECK(munmap(base, bytes) == 0 && close(fd) == 0, "unmap");
    return can;
}

static void expect_huge(const char *name, const char *path)
{
    const size_t ring = 4 * HUGE;
    struct seam_channel *channel = create(name, true, ring);
    /* The first page of the second view lies in a huge page whose beginning is not there. */
    size_t kib = proc_sum("/proc/self/smaps", "ShmemPmdMapped:", path);
    CHECK(kib == (2 * ring - HUGE) / 1024, "%s: %zu KiB in huge pages", path, kib);
    for (size_t sent = 0; sent < 3 * ring; sent += sizeof(buffer)) {
        CHECK(seam_channel_try_send(channel, buffer, sizeof(buffer)) == 0, "send");
    }
    CHECK(proc_is_mapped(path), "else the last check would say nothing");
    seam_channel_close(channel);
    CHECK(!proc_is_mapped(path), "no mapping stays");
}

static void case_transparent(void)
{
    seam_channel_close(create(NULL, false, 0));
    size_t before = proc_sum("/proc/self/status", "VmSize:", NULL);
    for (int i = 0; i < 4; i++) { /* less than one page: no error */
        seam_channel_close(create(NULL, true, 0));
        size_t after = proc_sum("/proc/self/status", "VmSize:", NULL);
        CHECK(after == before, "%zu KiB of addresses after %zu", after, before);
    }
    if (!can_collapse()) {
        printf("no huge pages in shared memory here\n");
        test_end();
        exit(TEST_SKIPPED);
    }
    expect_huge(NULL, "memfd:seam log");
    expect_huge(NAME, "/log");
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "unlink");
}

/* ---- hugetlbfs ---- */

/* Seven are used at once. */
#define POOL 8

static bool mount_hugetlbfs(void)
{
    return proc_sum("/proc/meminfo", "HugePages_Free:", NULL) >= POOL &&
           proc_sum("/proc/meminfo", "Hugepagesize:", NULL) == HUGE / 1024 &&
           unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", test_dir(), "hugetlbfs", 0, "pagesize=2M,size=16M") == 0;
}

static int read_laps(void *context)
{
    struct seam_channel *reader;
    uint64_t laps = *(uint64_t *)context;
    const struct seam_channel_options options = {.cursor = "c"};
    CHECK(seam_channel_open(NAME, &options, &reader) == 0, "%s", seam_error_detail());
    for (uint64_t i = 0; i < laps; i++) {
        ssize_t size = seam_channel_recv(reader, buffer, sizeof(buffer));
        CHECK(size == (ssize_t)sizeof(buffer) && test_message_is(buffer, sizeof(buffer), i),
              "message %lu", (unsigned long)i);
    }
    seam_channel_close(reader);
    return 0;
}

/** By name, between processes, in a ring of two huge pages. */
static void use_huge_channel(void)
{
    struct seam_channel *channel, *second;
    uint64_t messages = 300;
    struct seam_channel_options options = {
        .region = {.prefault = true, .lock_memory = true, .huge_pages = true},
        .capacity = 2 * HUGE,
        .max_message = sizeof(buffer),
        .cursor = "c", /* the writer waits for the reader that comes */
    };
    struct seam_channel_info info;
    int error = seam_channel_create(NAME, &options, &channel);
    CHECK(error == 0, "%s: %s", seam_error_detail(), strerror(-error));
    CHECK(seam_channel_info(channel, &info) == 0 && info.memory_bytes == 4 * HUGE, "%zu bytes",
          info.memory_bytes);
    options.capacity = 8 * HUGE;
    CHECK(seam_channel_create("second", &options, &second) == -ENOSPC, "%s", seam_error_detail());

    pid_t child = test_spawn(read_laps, &messages);
    CHECK(proc_sum("/proc/self/smaps", "Shared_Hugetlb:", "/log") > 0, "huge pages");
    for (uint64_t i = 0; i < messages; i++) {
        test_message_fill(buffer, sizeof(buffer), i);
        CHECK(seam_channel_send(channel, buffer, sizeof(buffer)) == 0, "send");
    }
    CHECK(test_join(child), "reader");
    seam_channel_close(channel);
    CHECK(seam_channel_unlink(NAME, NULL) == 0, "unlink");
}

static void use_huge_array(void)
{
    struct seam_array *array, *same;
    const struct seam_array_options options = {
        .type = SEAM_BYTES, .element_bytes = 1000, .length = 100, .mode = SEAM_LOCKED};
    CHECK(seam_array_create(NAME, &options, &array) == 0, "%s", seam_error_detail());
    CHECK(seam_array_set(array, 99, buffer) == 0, "set");
    CHECK(seam_array_open(NAME, NULL, &same) == 0, "%s", seam_error_detail());
    CHECK(seam_array_get(same, 99, buffer) == 0, "get");
    seam_array_close(same);
    seam_array_close(array);
    CHECK(seam_array_unlink(NAME, NULL) == 0, "unlink");
}

static int in_hugetlbfs(void *context)
{
    (void)context;
    if (!mount_hugetlbfs()) {
        printf("needs root and %d free huge pages\n", POOL);
        (void)fflush(stdout);
        return TEST_SKIPPED;
    }
    use_huge_array();
    use_huge_channel();
    CHECK(rmdir(test_dir()) != 0 && errno == EBUSY, "nothing is left but the mount");
    return 0;
}

static void case_hugetlbfs(void)
{
    int status;
    pid_t child = test_spawn(in_hugetlbfs, NULL);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status), "status %x", (unsigned)status);
    test_end();
    _exit(WEXITSTATUS(status));
}

static const struct test_case cases[] = {
    {"transparent", case_transparent},
    {"hugetlbfs", case_hugetlbfs},
};

int main(int argc, char **argv)
{
    return test_run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
