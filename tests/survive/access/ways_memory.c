/* SPDX-License-Identifier: MIT */
/* Ways to write through a mapping that is there, by what the kernel does for a process. */
#include "ways.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static uint8_t junk[64] = "what nobody but a writer may put here, and nobody has put here";

static bool protect(const struct access_target *t)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bool works = mprotect(t->base, page, PROT_READ | PROT_WRITE) == 0 ||
                 mprotect(t->base, t->bytes, PROT_WRITE) == 0;
#ifdef SYS_pkey_mprotect
    works = syscall(SYS_pkey_mprotect, t->base, page, PROT_READ | PROT_WRITE, -1) == 0 || works;
#endif
    return works;
}

/** An old size of 0 makes a second mapping of the same pages. */
static bool remap(const struct access_target *t)
{
    void *again = mremap(t->base, 0, t->bytes, MREMAP_MAYMOVE);
    if (again == MAP_FAILED) {
        return false;
    }
    bool works = mprotect(again, t->bytes, PROT_READ | PROT_WRITE) == 0;
    if (works) {
        memcpy(again, junk, sizeof(junk));
    }
    CHECK(munmap(again, t->bytes) == 0, "munmap");
    return works;
}

/** Some of these are allowed, and no more than hints then: the bytes are looked at afterwards. */
static bool advise(const struct access_target *t)
{
    static const int hints[] = {MADV_DONTNEED, MADV_FREE, MADV_DONTFORK, MADV_DOFORK, 20, 21};
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        (void)madvise(t->base, t->bytes, hints[i]); /* the last two: MADV_COLD, MADV_PAGEOUT */
    }
    return madvise(t->base, t->bytes, MADV_REMOVE) == 0 ||
           madvise(t->base, t->bytes, 23) == 0; /* MADV_POPULATE_WRITE */
}

static bool read_into(const struct access_target *t)
{
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0, "%s", strerror(errno));
    bool works = read(fd, t->base, 64) > 0;
    close(fd);
    /* The call itself: since glibc 2.41 getrandom() may fill in the bytes without the kernel. */
    return syscall(SYS_getrandom, t->base, 64, 0) > 0 || works;
}

static bool receive_into(const struct access_target *t)
{
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    CHECK(write(ends[0], junk, sizeof(junk)) == (ssize_t)sizeof(junk), "write");
    bool works = recv(ends[1], t->base, sizeof(junk), MSG_DONTWAIT) > 0;
    close(ends[0]);
    close(ends[1]);
    return works;
}

static bool own_memory(const struct access_target *t)
{
    int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    bool works = fd >= 0 && pwrite(fd, junk, sizeof(junk), (off_t)(uintptr_t)t->base) > 0;
    (void)close(fd);
    return works;
}

static bool own_vector(const struct access_target *t)
{
    struct iovec from = {.iov_base = junk, .iov_len = sizeof(junk)};
    struct iovec to = {.iov_base = t->base, .iov_len = sizeof(junk)};
    return process_vm_writev(getpid(), &from, 1, &to, 1, 0) > 0;
}

static int wait_to_be_traced(void *context)
{
    (void)context;
    for (;;) {
        (void)pause();
    }
    return 1;
}

/** A child has the same mapping; who traces it may even change its code. */
static bool traced_child(const struct access_target *t)
{
    pid_t child = test_spawn(wait_to_be_traced, NULL);
    bool works = false;
    int status;
    if (ptrace(PTRACE_ATTACH, child, NULL, NULL) == 0) {
        CHECK(waitpid(child, &status, 0) == child && WIFSTOPPED(status), "attach");
        works = ptrace(PTRACE_POKEDATA, child, t->base, (void *)junk) == 0;
    }
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child, "child");
    return works;
}

static bool futexes(const struct access_target *t)
{
    static uint32_t own;
    uint32_t *word = (uint32_t *)(void *)t->base;
    int set = FUTEX_OP(FUTEX_OP_SET, 99, FUTEX_OP_CMP_EQ, 0);
    return syscall(SYS_futex, &own, FUTEX_WAKE_OP, 1, (void *)1, word, set) >= 0 ||
           syscall(SYS_futex, word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0) == 0;
}

const struct access_way access_ways_by_memory[] = {
    {"mprotect", protect},
    {"mremap", remap},
    {"madvise", advise},
    {"read into it", read_into},
    {"recv into it", receive_into},
    {"/proc/self/mem", own_memory},
    {"process_vm_writev on itself", own_vector},
    {"PTRACE_POKEDATA on a child", traced_child},
    {"futex operations", futexes},
    {NULL, NULL},
};
