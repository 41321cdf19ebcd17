/* SPDX-License-Identifier: MIT */
/* Ways to write through a descriptor. */
#include "ways.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support.h"

/** Bytes that are not in any log. */
static uint8_t junk[64] = "what nobody but a writer may put here, and nobody has put here";

static struct iovec junk_vector(void)
{
    return (struct iovec){.iov_base = junk, .iov_len = sizeof(junk)};
}

/** A file with junk in it, open at its beginning. */
static int junk_file(void)
{
    int fd = memfd_create("junk", MFD_CLOEXEC);
    CHECK(fd >= 0 && pwrite(fd, junk, sizeof(junk), 0) == (ssize_t)sizeof(junk), "junk");
    return fd;
}

/* ---- mappings ---- */

/** Writes to it, if it can be had, and takes it down again. */
static bool scribble(void *base, size_t bytes)
{
    if (base == MAP_FAILED) {
        return false;
    }
    memcpy(base, junk, sizeof(junk));
    CHECK(munmap(base, bytes) == 0, "munmap");
    return true;
}

static bool map_shared(const struct access_target *t)
{
    return scribble(mmap(NULL, t->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0), t->bytes);
}

static bool map_validated(const struct access_target *t)
{
    int flags = MAP_SHARED_VALIDATE;
    return scribble(mmap(NULL, t->bytes, PROT_READ | PROT_WRITE, flags, t->fd, 0), t->bytes);
}

static bool map_write_only(const struct access_target *t)
{
    return scribble(mmap(NULL, t->bytes, PROT_WRITE, MAP_SHARED, t->fd, 0), t->bytes);
}

static bool map_and_protect(const struct access_target *t)
{
    void *base = mmap(NULL, t->bytes, PROT_READ, MAP_SHARED, t->fd, 0);
    CHECK(base != MAP_FAILED, "mmap");
    if (mprotect(base, t->bytes, PROT_READ | PROT_WRITE) == 0) {
        return scribble(base, t->bytes);
    }
    CHECK(munmap(base, t->bytes) == 0, "munmap");
    return false;
}

/** A private copy may be written; it must stay private, also when it is thrown away. */
static bool map_private(const struct access_target *t)
{
    void *base = mmap(NULL, t->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, t->fd, 0);
    CHECK(base != MAP_FAILED, "mmap");
    memset(base, 'x', t->bytes);
    bool works = madvise(base, t->bytes, MADV_REMOVE) == 0;
    (void)msync(base, t->bytes, MS_SYNC);
    CHECK(munmap(base, t->bytes) == 0, "munmap");
    return works;
}

static bool map_and_remove(const struct access_target *t)
{
    void *base = mmap(NULL, t->bytes, PROT_READ, MAP_SHARED, t->fd, 0);
    CHECK(base != MAP_FAILED, "mmap");
    bool works = madvise(base, t->bytes, MADV_REMOVE) == 0;
    CHECK(munmap(base, t->bytes) == 0, "munmap");
    return works;
}

/* ---- writing ---- */

static bool by_write(const struct access_target *t)
{
    return lseek(t->fd, 0, SEEK_SET) == 0 && write(t->fd, junk, sizeof(junk)) > 0;
}

static bool by_pwrite(const struct access_target *t)
{
    return pwrite(t->fd, junk, sizeof(junk), 128) > 0;
}

static bool by_writev(const struct access_target *t)
{
    struct iovec vector = junk_vector();
    return writev(t->fd, &vector, 1) > 0;
}

static bool by_pwritev2(const struct access_target *t)
{
    struct iovec vector = junk_vector();
    return pwritev2(t->fd, &vector, 1, 128, 0) > 0 ||
           pwritev2(t->fd, &vector, 1, -1, RWF_APPEND) > 0;
}

static bool by_flags(const struct access_target *t)
{
    (void)fcntl(t->fd, F_SETFL, O_RDWR | O_APPEND);
    bool works = write(t->fd, junk, sizeof(junk)) > 0;
    (void)fcntl(t->fd, F_SETFL, 0);
    return works;
}

static bool by_sendfile(const struct access_target *t)
{
    int fd = junk_file();
    bool works = sendfile(t->fd, fd, NULL, sizeof(junk)) > 0;
    close(fd);
    return works;
}

static bool by_splice(const struct access_target *t)
{
    int ends[2];
    loff_t at = 0;
    CHECK(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    CHECK(write(ends[1], junk, sizeof(junk)) == (ssize_t)sizeof(junk), "pipe");
    bool works = splice(ends[0], NULL, t->fd, &at, sizeof(junk), 0) > 0;
    close(ends[0]);
    close(ends[1]);
    return works;
}

static bool by_copy(const struct access_target *t)
{
    int fd = junk_file();
    loff_t from = 0, to = 0;
    bool works = copy_file_range(fd, &from, t->fd, &to, sizeof(junk), 0) > 0;
    works = ioctl(t->fd, FICLONE, fd) == 0 || works;
    close(fd);
    return works;
}

static bool by_aio(const struct access_target *t)
{
    aio_context_t context = 0;
    struct iocb block = {
        .aio_fildes = (uint32_t)t->fd,
        .aio_lio_opcode = IOCB_CMD_PWRITE,
        .aio_buf = (uintptr_t)junk,
        .aio_nbytes = sizeof(junk),
    };
    struct iocb *blocks[] = {&block};
    struct io_event event = {0};
    if (syscall(SYS_io_setup, 1, &context) != 0) {
        return false;
    }
    bool works = syscall(SYS_io_submit, context, 1, blocks) == 1 &&
                 syscall(SYS_io_getevents, context, 1, 1, &event, NULL) == 1 && event.res > 0;
    (void)syscall(SYS_io_destroy, context);
    return works;
}

/* ---- sizes and blocks ---- */

static bool by_truncating(const struct access_target *t)
{
    return ftruncate(t->fd, 0) == 0 || ftruncate(t->fd, (off_t)t->bytes - 1) == 0 ||
           ftruncate(t->fd, (off_t)t->bytes * 2) == 0;
}

static bool by_allocating(const struct access_target *t)
{
    static const int modes[] = {
        FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
        FALLOC_FL_ZERO_RANGE,
        FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
        FALLOC_FL_COLLAPSE_RANGE,
        FALLOC_FL_INSERT_RANGE,
        FALLOC_FL_UNSHARE_RANGE,
    };
    bool works = false;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        works = fallocate(t->fd, modes[i], 0, (off_t)t->bytes) == 0 || works;
        works = fallocate(t->fd, modes[i], 0, 64) == 0 || works;
    }
    /* What is there is allocated: only more than that would be a change. */
    (void)fallocate(t->fd, 0, 0, (off_t)t->bytes);
    return fallocate(t->fd, 0, 0, (off_t)t->bytes * 2) == 0 || works;
}

/** More seals could keep the writer from what it must do; fewer, let others write. */
static bool by_sealing(const struct access_target *t)
{
    return fcntl(t->fd, F_ADD_SEALS, F_SEAL_WRITE) == 0 || fcntl(t->fd, F_ADD_SEALS, 0) == 0;
}

const struct access_way access_ways_by_fd[] = {
    {"mmap", map_shared},
    {"mmap, validated", map_validated},
    {"mmap, write only", map_write_only},
    {"mmap and mprotect", map_and_protect},
    {"private mmap", map_private},
    {"mmap and MADV_REMOVE", map_and_remove},
    {"write", by_write},
    {"pwrite", by_pwrite},
    {"writev", by_writev},
    {"pwritev2", by_pwritev2},
    {"F_SETFL", by_flags},
    {"sendfile", by_sendfile},
    {"splice", by_splice},
    {"copy_file_range, FICLONE", by_copy},
    {"asynchronous write", by_aio},
    {"ftruncate", by_truncating},
    {"fallocate", by_allocating},
    {"seals", by_sealing},
    {NULL, NULL},
};
