/* SPDX-License-Identifier: MIT */
/*
 * What comes over a socket and is no object: every combination of seals, other kinds of
 * descriptors, wrong sizes and counts, parts of two objects. It is refused, and nothing of it
 * stays open.
 */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "memory/layout.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

#define SEALS_NEEDED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/** log, desk, and the desk once more, as seam_*_pass sends them. */
enum { LOG, DESK, LEASE, FDS };

/** Both ends in this process, and an object of which copies are sent. */
struct post {
    int sockets[2];
    enum any_kind kind;
    void *thing;
    int fds[FDS]; /* of it */
};

/** Sends @p fds; taking them must fail with @p expected, 0: with any error, whoever takes. */
static void refuse(const struct post *p, const int *fds, size_t count, int expected,
                   const char *what)
{
    for (int writable = 0; writable < 2; writable++) {
        void *taken = NULL;
        int before = access_descriptors();
        test_send_descriptors(p->sockets[0], fds, count);
        int error = access_take(p->kind, p->sockets[1], writable, &taken);
        access_refused(error, expected != 0 || error == 0 ? expected : error, NULL, what);
        CHECK(error < 0 && taken == NULL, "%s, %s", access_name(p->kind), what);
        CHECK(access_descriptors() == before, "%s, %s: descriptors stay open", access_name(p->kind),
              what);
    }
}

/** Sends @p fds; the object is there, and goes again. */
static void admit(const struct post *p, const int *fds, bool writable, const char *what)
{
    void *taken = NULL;
    int before = access_descriptors();
    test_send_descriptors(p->sockets[0], fds, FDS);
    int error = access_take(p->kind, p->sockets[1], writable, &taken);
    CHECK(error == 0, "%s, %s: %s: %s", access_name(p->kind), what, seam_error_detail(),
          strerror(-error));
    access_close(p->kind, taken);
    CHECK(access_descriptors() == before, "%s, %s", access_name(p->kind), what);
}

/* ---- copies of an object ---- */

/** A memfd with the bytes of @p fd, with @p size bytes in all, and sealed. */
static int copy_of(int fd, off_t size, int seals)
{
    struct stat file;
    int copy = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CHECK(copy >= 0 && fstat(fd, &file) == 0 && posix_fallocate(copy, 0, size) == 0, "%s",
          strerror(errno));
    size_t bytes = (size_t)(size < file.st_size ? size : file.st_size);
    void *buffer = malloc(bytes);
    CHECK(buffer != NULL && pread(fd, buffer, bytes, 0) == (ssize_t)bytes &&
              pwrite(copy, buffer, bytes, 0) == (ssize_t)bytes,
          "%s", strerror(errno));
    free(buffer);
    CHECK(seals == 0 || fcntl(copy, F_ADD_SEALS, seals) == 0, "%s", strerror(errno));
    return copy;
}

static off_t size_of(int fd)
{
    struct stat file;
    CHECK(fstat(fd, &file) == 0, "%s", strerror(errno));
    return file.st_size;
}

/** Copies of both, of other sizes if @p more is not 0. */
static void copy_both(const struct post *p, off_t more_log, off_t more_desk, int ret_fds[FDS])
{
    ret_fds[LOG] = copy_of(p->fds[LOG], size_of(p->fds[LOG]) + more_log, SEALS_NEEDED);
    ret_fds[DESK] = copy_of(p->fds[DESK], size_of(p->fds[DESK]) + more_desk, SEALS_NEEDED);
    ret_fds[LEASE] = ret_fds[DESK];
}

static void close_both(const int fds[FDS])
{
    close(fds[LOG]);
    close(fds[DESK]);
}

/* ---- seals ---- */

/** What keeps the kernel from mapping it as the taker must. */
static bool blocks(int log_seals, int desk_seals, bool writable)
{
    int no_writing = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
    return (desk_seals & no_writing) != 0 || (writable && (log_seals & no_writing) != 0);
}

static void try_seals(const struct post *p, int log_seals, int desk_seals)
{
    int log = copy_of(p->fds[LOG], size_of(p->fds[LOG]), log_seals);
    int desk = copy_of(p->fds[DESK], size_of(p->fds[DESK]), desk_seals);
    const int three[FDS] = {log, desk, desk};
    bool sealed = (log_seals & desk_seals & SEALS_NEEDED) == SEALS_NEEDED;
    if (!sealed) {
        refuse(p, three, FDS, -EPROTO, "seals");
    } else if (blocks(log_seals, desk_seals, p->kind == ANY_LOCK)) { /* nobody only reads a lock */
        refuse(p, three, FDS, 0, "seals against writing");
    } else {
        admit(p, three, !blocks(log_seals, desk_seals, true), "sealed");
    }
    close_both(three);
}

static void every_seal(const struct post *p)
{
    for (int seals = 0; seals < 32; seals++) { /* the five seals are the five lowest bits */
        try_seals(p, seals, SEALS_NEEDED);
        try_seals(p, SEALS_NEEDED, seals);
        try_seals(p, seals, seals);
    }
}

/* ---- other descriptors ---- */

static int other_descriptors(int ret_fds[16])
{
    int count = 0, pair[2];
    CHECK(pipe2(pair, O_CLOEXEC) == 0, "%s", strerror(errno));
    ret_fds[count++] = pair[0];
    ret_fds[count++] = pair[1];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0, "%s", strerror(errno));
    ret_fds[count++] = pair[0];
    ret_fds[count++] = pair[1];
    ret_fds[count++] = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ret_fds[count++] = open(test_dir(), O_PATH | O_CLOEXEC);
    ret_fds[count++] = open("/dev/null", O_RDWR | O_CLOEXEC);
    ret_fds[count++] = open("/dev/zero", O_RDWR | O_CLOEXEC);
    ret_fds[count++] = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ret_fds[count++] = eventfd(0, EFD_CLOEXEC);
    ret_fds[count++] = memfd_create("empty", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CHECK(fcntl(ret_fds[count - 1], F_ADD_SEALS, SEALS_NEEDED) == 0, "%s", strerror(errno));
    for (int i = 0; i < count; i++) {
        CHECK(ret_fds[i] >= 0, "%d: %s", i, strerror(errno));
    }
    return count;
}

static void other_kinds(const struct post *p)
{
    int others[16];
    int count = other_descriptors(others);
    for (int i = 0; i < count; i++) {
        const int wrong[][FDS] = {
            {others[i], p->fds[DESK], p->fds[DESK]}, {p->fds[LOG], others[i], others[i]},
            {p->fds[LOG], others[i], p->fds[DESK]},  {p->fds[LOG], p->fds[DESK], others[i]},
            {others[i], others[i], others[i]},       {others[i], others[i], p->fds[DESK]},
        };
        for (size_t j = 0; j < sizeof(wrong) / sizeof(wrong[0]); j++) {
            refuse(p, wrong[j], FDS, -EPROTO, "other descriptors");
        }
    }
    for (int i = 0; i < count; i++) {
        close(others[i]);
    }
}

/** The same object through descriptors that can't do what they must. */
static void lesser_descriptors(const struct post *p)
{
    char path[64];
    int fds[FDS];
    copy_both(p, 0, 0, fds);
    admit(p, fds, true, "a copy");
    const int flags[] = {O_PATH, O_WRONLY};
    for (int which = LOG; which <= DESK; which++) {
        for (int i = 0; i < 2; i++) {
            (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[which]);
            int lesser = open(path, flags[i] | O_CLOEXEC);
            CHECK(lesser >= 0, "%s", strerror(errno));
            const int three[FDS] = {which == LOG ? lesser : fds[LOG],
                                    which == DESK ? lesser : fds[DESK],
                                    which == DESK ? lesser : fds[DESK]};
            refuse(p, three, FDS, -EPROTO, "lesser descriptors");
            close(lesser);
        }
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[DESK]);
    int readable = open(path, O_RDONLY | O_CLOEXEC);
    const int three[FDS] = {fds[LOG], readable, readable};
    refuse(p, three, FDS, -EACCES, "a desk to be read only");
    close(readable);
    close_both(fds);
}

/* ---- counts, order, parts ---- */

static void wrong_counts(const struct post *p)
{
    int many[TEST_DESCRIPTORS_MOST];
    for (size_t i = 0; i < TEST_DESCRIPTORS_MOST; i++) {
        many[i] = p->fds[i % FDS];
    }
    for (size_t count = 0; count <= 8; count++) {
        if (count != FDS) {
            refuse(p, many, count, -EPROTO, "count");
        }
    }
    refuse(p, many, 60, -EPROTO, "as many as there is room for");
    if (!access_is_brief()) { /* an emulator may keep what there is no room for */
        refuse(p, many, 61, -EPROTO, "one more");
        refuse(p, many, TEST_DESCRIPTORS_MOST, -EPROTO, "far too many");
    }
}

static void wrong_order(const struct post *p)
{
    for (int order = 0; order < 27; order++) {
        const int three[FDS] = {p->fds[order % 3], p->fds[order / 3 % 3], p->fds[order / 9]};
        bool right = order % 3 == LOG && order / 3 % 3 != LOG && order / 9 != LOG;
        if (right) {
            admit(p, three, false, "in order");
        } else {
            refuse(p, three, FDS, -EPROTO, "order");
        }
    }
}

static void wrong_parts(const struct post *p)
{
    void *other = NULL;
    CHECK(access_create(p->kind, NULL, NULL, &other) == 0, "%s", seam_error_detail());
    const struct seam_region *region = access_region(p->kind, other);
    const int mixed[][FDS] = {
        {p->fds[LOG], region->desk_fd, region->desk_fd},
        {region->log_fd, p->fds[DESK], p->fds[DESK]},
        {p->fds[LOG], p->fds[DESK], region->desk_fd},
        {p->fds[LOG], region->desk_fd, p->fds[DESK]},
        {region->log_fd, region->log_fd, region->log_fd},
    };
    for (size_t i = 0; i < sizeof(mixed) / sizeof(mixed[0]); i++) {
        refuse(p, mixed[i], FDS, -EPROTO, "parts of two");
    }
    access_close(p->kind, other);
}

static void wrong_sizes(const struct post *p)
{
    off_t page = sysconf(_SC_PAGESIZE), log = size_of(p->fds[LOG]), desk = size_of(p->fds[DESK]);
    const off_t more[] = {-1, 1, page, 16 * page, -page / 2};
    int fds[FDS];
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        copy_both(p, more[i], 0, fds);
        refuse(p, fds, FDS, -EPROTO, "size of the log");
        close_both(fds);
        copy_both(p, 0, more[i], fds);
        refuse(p, fds, FDS, -EPROTO, "size of the desk");
        close_both(fds);
    }
    /* Sizes to which the stamp is made to fit, up to what would take up all addresses. */
    for (int bits = 0; bits < 16; bits++) {
        copy_both(p, 0, 0, fds);
        int sparse = memfd_create("sparse", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        off_t size = log + (page << (bits * 3));
        struct seam_stamp stamp;
        CHECK(pread(p->fds[LOG], &stamp, sizeof(stamp), 0) == (ssize_t)sizeof(stamp), "stamp");
        stamp.log_bytes = (uint64_t)size;
        bool made = size > 0 && ftruncate(sparse, size) == 0;
        CHECK(pwrite(sparse, &stamp, sizeof(stamp), 0) == (ssize_t)sizeof(stamp), "stamp");
        CHECK(fcntl(sparse, F_ADD_SEALS, SEALS_NEEDED) == 0, "%s", strerror(errno));
        const int three[FDS] = {sparse, fds[DESK], fds[DESK]};
        refuse(p, three, FDS, made ? -EPROTO : 0, "a log with holes");
        close(sparse);
        close_both(fds);
    }
    CHECK(log == size_of(p->fds[LOG]) && desk == size_of(p->fds[DESK]), "sizes");
}

static void receive(enum any_kind kind)
{
    struct post p = {.kind = kind};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p.sockets) == 0, "socketpair");
    CHECK(access_create(kind, NULL, NULL, &p.thing) == 0, "%s", seam_error_detail());
    const struct seam_region *region = access_region(kind, p.thing);
    p.fds[LOG] = region->log_fd;
    p.fds[DESK] = p.fds[LEASE] = region->desk_fd;
    every_seal(&p);
    other_kinds(&p);
    lesser_descriptors(&p);
    wrong_counts(&p);
    wrong_order(&p);
    wrong_parts(&p);
    wrong_sizes(&p);
    admit(&p, p.fds, true, "after all that");
    access_close(kind, p.thing);
    close(p.sockets[0]);
    close(p.sockets[1]);
}

int main(int argc, char **argv)
{
    access_begin(argc, argv);
    int before = access_descriptors();
    EACH_THING(kind)
    {
        receive(kind);
    }
    CHECK(access_descriptors() == before, "descriptors stay open");
    access_end("received");
    return 0;
}
