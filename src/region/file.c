/* SPDX-License-Identifier: MIT */
#include "region/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "region/error.h"
#include "region/test_hooks.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

/* What a transparent huge page is on x86-64, and on arm64 with pages of 4 KiB. */
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

bool seam_test_no_populate = false;

int seam_file_create_anonymous(const char *label, unsigned mode)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create(label, flags | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) {
        fd = memfd_create(label, flags);
    }
    if (fd < 0) {
        return seam_fail_errno("memfd_create");
    }
    /* Or everybody who is handed the descriptor read-only could reopen it for writing. */
    if (fchmod(fd, mode) != 0) {
        int error = seam_fail_errno("fchmod");
        close(fd);
        return error;
    }
    return fd;
}

int seam_file_reserve(int fd, uint64_t bytes)
{
    /*
     * Past the file-size limit the kernel sends SIGXFSZ to this thread, on top of the error. A
     * library must not kill its program by that, so the signal is held back and swallowed.
     */
    static const struct timespec at_once;
    sigset_t xfsz, before, pending;
    sigemptyset(&xfsz);
    sigaddset(&xfsz, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &xfsz, &before);
    sigpending(&pending);
    int error;
    do {
        error = posix_fallocate(fd, 0, (off_t)bytes);
    } while (error == EINTR);
    if (error != 0 && sigismember(&pending, SIGXFSZ) == 0) {
        (void)sigtimedwait(&xfsz, NULL, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0 ? 0 : seam_fail(error, "posix_fallocate");
}

int seam_file_seal(int fd, bool one_way)
{
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (one_way ? F_SEAL_FUTURE_WRITE : 0);
    return fcntl(fd, F_ADD_SEALS, seals) == 0 ? 0 : seam_fail_errno("fcntl(F_ADD_SEALS)");
}

int seam_file_check_sealed(int fd)
{
    int need = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & need) == need ? 0 : seam_fail(EPROTO, "seals");
}

int seam_file_reopen(int fd, int flags)
{
    char path[sizeof("/proc/self/fd/-2147483648")];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = (int)TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC));
    return again >= 0 ? again : seam_fail_errno("open");
}

int seam_file_map(int fd, size_t bytes, void **ret_base)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) {
        return seam_fail_errno("mmap");
    }
    *ret_base = base;
    return 0;
}

/** Addresses that nobody else gets, @p bytes from @p alignment on. @return MAP_FAILED: none */
static uint8_t *reserve_addresses(size_t bytes, size_t alignment)
{
    size_t slack = alignment - (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *base =
        mmap(NULL, bytes + slack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || slack == 0) {
        return base;
    }
    size_t before = -(uintptr_t)base & (alignment - 1);
    if (before > 0) {
        munmap(base, before);
    }
    if (slack > before) {
        munmap(base + before + bytes, slack - before);
    }
    return base + before;
}

/** Maps @p bytes of the file, from @p offset on, at an address that is reserved. */
static bool map_at(uint8_t *base, size_t bytes, bool writable, int fd, size_t offset)
{
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    return bytes == 0 ||
           mmap(base, bytes, protection, MAP_SHARED | MAP_FIXED, fd, (off_t)offset) != MAP_FAILED;
}

int seam_file_map_rings(int fd, size_t count, size_t header_bytes, size_t ring_bytes, bool writable,
                        size_t alignment, uint8_t **ret_base)
{
    size_t log_bytes = header_bytes + ring_bytes;
    size_t stride = log_bytes + ring_bytes;
    uint8_t *base = reserve_addresses(count * stride, alignment);
    if (base == MAP_FAILED) {
        return seam_fail_errno("mmap");
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = base + i * stride;
        size_t offset = i * log_bytes;
        if (!map_at(at, log_bytes, writable, fd, offset) ||
            !map_at(at + log_bytes, ring_bytes, writable, fd, offset + header_bytes)) {
            int error = seam_fail_errno("mmap");
            munmap(base, count * stride);
            return error;
        }
    }
    *ret_base = base;
    return 0;
}

uint64_t seam_file_page_bytes(int fd)
{
    struct statfs status;
    bool huge = TEMP_FAILURE_RETRY(fstatfs(fd, &status)) == 0 && status.f_type == HUGETLBFS_MAGIC;
    return huge ? (uint64_t)status.f_bsize : (uint64_t)sysconf(_SC_PAGESIZE);
}

size_t seam_file_alignment(uint64_t page_bytes, const struct seam_region_options *options)
{
    return options->huge_pages && page_bytes < HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : page_bytes;
}

/** Where the kernel can't do it at once: a look at each page has it mapped. */
static void touch(const uint8_t *base, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t at = 0; at < bytes; at += page) {
        (void)*(const volatile uint8_t *)(base + at);
    }
}

static int populate(void *base, size_t bytes, bool writable)
{
    int advice = writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
    if (!seam_test_no_populate && madvise(base, bytes, advice) == 0) {
        return 0;
    }
    if (!seam_test_no_populate && errno != EINVAL) {
        return seam_fail_errno("madvise");
    }
    touch(base, bytes);
    return 0;
}

int seam_file_advise(void *base, size_t bytes, bool writable,
                     const struct seam_region_options *options)
{
    if (options->huge_pages) {
        /*
         * The pages were reserved one by one, so they have to be moved together: now, where the
         * kernel can, else when it finds the time. What can't be had is no error.
         */
        (void)madvise(base, bytes, MADV_HUGEPAGE);
        (void)madvise(base, bytes, MADV_COLLAPSE);
    }
    int error = options->prefault ? populate(base, bytes, writable) : 0;
    if (error == 0 && options->lock_memory && mlock(base, bytes) != 0) {
        error = seam_fail_errno("mlock");
    }
    return error;
}
