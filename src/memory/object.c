/* SPDX-License-Identifier: MIT */
#include "memory/object.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "memory/error.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

int seam_object_create_anonymous(const char *label, unsigned mode)
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

int seam_object_reserve(int fd, uint64_t bytes)
{
    /*
     * Past the file-size limit the kernel sends SIGXFSZ to this thread, on top of the error. A
     * library must not kill its program by that, so the signal is held back and swallowed.
     */
    static const struct timespec at_once;
    sigset_t xfsz, before, pending;
    sigemptyset(&xfsz);
    sigaddset(&xfsz, SIGXFSZ);
    int error = pthread_sigmask(SIG_BLOCK, &xfsz, &before);
    if (error != 0) {
        return seam_fail(error, "pthread_sigmask");
    }
    sigpending(&pending);
    do {
        error = posix_fallocate(fd, 0, (off_t)bytes);
    } while (error == EINTR);
    if (error != 0 && sigismember(&pending, SIGXFSZ) == 0) {
        (void)sigtimedwait(&xfsz, NULL, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0 ? 0 : seam_fail(error, "posix_fallocate");
}

int seam_object_seal(int fd, bool one_way)
{
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (one_way ? F_SEAL_FUTURE_WRITE : 0);
    return fcntl(fd, F_ADD_SEALS, seals) == 0 ? 0 : seam_fail_errno("fcntl(F_ADD_SEALS)");
}

int seam_object_check_sealed(int fd)
{
    int need = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & need) == need ? 0 : seam_fail(EPROTO, "seals");
}

int seam_object_reopen(int fd, int flags)
{
    char path[sizeof("/proc/self/fd/-2147483648")];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, flags | O_CLOEXEC);
    return again >= 0 ? again : seam_fail_errno("open");
}

int seam_object_map(int fd, size_t bytes, void **ret_base)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) {
        return seam_fail_errno("mmap");
    }
    *ret_base = base;
    return 0;
}

int seam_object_map_ring(int fd, size_t header_bytes, size_t ring_bytes, bool writable,
                         uint8_t **ret_base)
{
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    size_t log_bytes = header_bytes + ring_bytes;
    size_t bytes = log_bytes + ring_bytes;
    uint8_t *base =
        mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        return seam_fail_errno("mmap");
    }
    if (mmap(base, log_bytes, protection, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED ||
        (ring_bytes > 0 && mmap(base + log_bytes, ring_bytes, protection, MAP_SHARED | MAP_FIXED,
                                fd, (off_t)header_bytes) == MAP_FAILED)) {
        int error = seam_fail_errno("mmap");
        munmap(base, bytes);
        return error;
    }
    *ret_base = base;
    return 0;
}
