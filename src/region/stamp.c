/* SPDX-License-Identifier: MIT */
#include "region/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "region/error.h"
#include "region/file.h"

/** The boot id as 16 bytes; zeros where /proc can't tell. */
static void read_boot_id(uint8_t ret_id[16])
{
    char text[64] = {0};
    memset(ret_id, 0, 16);
    int fd = (int)TEMP_FAILURE_RETRY(open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    if (fd < 0) {
        return;
    }
    ssize_t n = TEMP_FAILURE_RETRY(read(fd, text, sizeof(text) - 1));
    close(fd);
    int digits = 0;
    for (ssize_t i = 0; i < n && digits < 32; i++) {
        static const char hex[] = "0123456789abcdef";
        const char *digit = strchr(hex, text[i]);
        if (digit != NULL && *digit != '\0') {
            ret_id[digits / 2] = (uint8_t)(ret_id[digits / 2] << 4 | (digit - hex));
            digits++;
        }
    }
}

int seam_stamp_fill(struct seam_stamp *stamp, enum seam_kind kind)
{
    memcpy(stamp->magic, SEAM_LOG_MAGIC, sizeof(stamp->magic));
    stamp->layout_version = SEAM_LAYOUT_VERSION;
    stamp->byte_order = SEAM_BYTE_ORDER;
    stamp->word_bytes = sizeof(void *);
    stamp->kind = kind;
    read_boot_id(stamp->boot_id);
    if (TEMP_FAILURE_RETRY(getrandom(stamp->generation, sizeof(stamp->generation), 0)) !=
        (ssize_t)sizeof(stamp->generation)) {
        return seam_fail_errno("getrandom");
    }
    return 0;
}

/** The fields that make the others readable, in the order in which they can be told apart. */
static int check_identity(const struct seam_stamp *s, enum seam_kind kind)
{
    if (memcmp(s->magic, SEAM_LOG_MAGIC, sizeof(s->magic)) != 0) {
        return seam_fail(EPROTO, "magic");
    }
    if (s->byte_order != SEAM_BYTE_ORDER) {
        return seam_fail(EPROTO, "byte order");
    }
    if (s->layout_version != SEAM_LAYOUT_VERSION) {
        return seam_fail(EPROTO, "layout version");
    }
    if (s->word_bytes != sizeof(void *)) {
        return seam_fail(EPROTO, "word size");
    }
    if (kind != SEAM_KIND_ANY && s->kind != (uint32_t)kind) {
        return seam_fail(EPROTO, "kind");
    }
    return 0;
}

/** Whether it was made since the machine was started. */
static int check_age(const struct seam_stamp *s)
{
    static const uint8_t unknown[16];
    uint8_t boot_id[16];
    read_boot_id(boot_id);
    if (memcmp(s->boot_id, boot_id, 16) != 0 && memcmp(s->boot_id, unknown, 16) != 0 &&
        memcmp(boot_id, unknown, 16) != 0) {
        return seam_fail(ESTALE, "boot id");
    }
    return 0;
}

/**
 * Whether pages of the file are missing, so that touching them may be SIGBUS where the file system
 * is full. Elsewhere than on tmpfs fewer blocks mean nothing: they may be compressed.
 */
static bool has_holes(int fd, const struct stat *file)
{
    struct statfs status;
    return (uint64_t)file->st_blocks * 512 < (uint64_t)file->st_size &&
           (fstatfs(fd, &status) != 0 || status.f_type == TMPFS_MAGIC);
}

static int check_sizes(const struct seam_stamp *s, int log_fd, int desk_fd)
{
    struct stat log, desk;
    if (fstat(log_fd, &log) != 0 || fstat(desk_fd, &desk) != 0) {
        return seam_fail_errno("fstat");
    }
    if (s->page_bytes != seam_file_page_bytes(log_fd) ||
        s->page_bytes != seam_file_page_bytes(desk_fd)) {
        return seam_fail(EPROTO, "page size");
    }
    if (s->log_bytes != (uint64_t)log.st_size || s->log_bytes < s->page_bytes ||
        s->log_bytes % s->page_bytes != 0) {
        return seam_fail(EPROTO, "log size");
    }
    if (s->desk_bytes != (uint64_t)desk.st_size || s->desk_bytes < sizeof(struct seam_desk) ||
        s->desk_bytes % s->page_bytes != 0) {
        return seam_fail(EPROTO, "desk size");
    }
    if (has_holes(log_fd, &log)) {
        return seam_fail(EPROTO, "log has holes");
    }
    if (has_holes(desk_fd, &desk)) {
        return seam_fail(EPROTO, "desk has holes");
    }
    /* What follows from it is checked with the rest; but by this the log is mapped. */
    if (s->kind == SEAM_KIND_CHANNEL && (s->lanes == 0 || s->lanes > SEAM_LANES_MAX ||
                                         s->log_bytes % (s->lanes * s->page_bytes) != 0)) {
        return seam_fail(EPROTO, "lanes");
    }
    return 0;
}

/** Reads the first bytes of a file. @return 0; -EPROTO it has not as many, @p what; -EIO */
static int read_first(int fd, void *buffer, size_t bytes, const char *what)
{
    ssize_t n = TEMP_FAILURE_RETRY(pread(fd, buffer, bytes, 0));
    if (n < 0 && errno == EIO) {
        return seam_fail_errno("pread");
    }
    /* What can't be read so, a pipe or a directory, is no object, either. */
    return n >= 0 && (size_t)n == bytes ? 0 : seam_fail(EPROTO, what);
}

int seam_stamp_read(int log_fd, int desk_fd, enum seam_kind kind, struct seam_stamp *ret_stamp)
{
    struct seam_stamp stamp;
    uint8_t desk[offsetof(struct seam_desk, generation) + 16];
    int error = read_first(log_fd, &stamp, sizeof(stamp), "log size");
    if (error == 0) {
        error = check_identity(&stamp, kind);
    }
    if (error == 0) {
        error = check_sizes(&stamp, log_fd, desk_fd);
    }
    if (error == 0) {
        error = read_first(desk_fd, desk, sizeof(desk), "desk size");
    }
    if (error != 0) {
        return error;
    }
    if (memcmp(desk, SEAM_DESK_MAGIC, 8) != 0) {
        return seam_fail(EPROTO, "desk magic");
    }
    if (memcmp(desk + offsetof(struct seam_desk, generation), stamp.generation, 16) != 0) {
        return seam_fail(EPROTO, "generation");
    }
    *ret_stamp = stamp;
    return check_age(&stamp);
}
