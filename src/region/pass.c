/* SPDX-License-Identifier: MIT */
/*
 * Anonymous regions handed over a Unix socket: three descriptors with one byte. The third is an
 * open file description of the desk made for the receiver, who may not be allowed to reopen
 * the desk and needs one of its own for leases.
 * Who can reopen it does: the one that came is shared with the sender until that closes its copy.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "region/error.h"
#include "region/file.h"
#include "region/region.h"

enum { LOG, DESK, LEASE, FDS };

union control {
    char bytes[256]; /* room for what else a socket may tell */
    struct cmsghdr align;
};

static void close_all(const int *fds, int count)
{
    for (int i = 0; i < count; i++) {
        close(fds[i]);
    }
}

static int send_fds(int socket, const int fds[FDS])
{
    union control control = {{0}};
    char byte = 's';
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(FDS * sizeof(int)),
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(FDS * sizeof(int));
    memcpy(CMSG_DATA(header), fds, FDS * sizeof(int));
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == 1 ? 0 : seam_fail_errno("sendmsg");
}

int seam_region_pass(const struct seam_region *region, int socket, bool writable)
{
    if (seam_file_check_sealed(region->log_fd) != 0) {
        return seam_fail(ENOTSUP, "named");
    }
    if (writable && region->stamp.one_way != 0) {
        return seam_fail(EACCES, "one_way");
    }
    const int flags[FDS] = {writable ? O_RDWR : O_RDONLY, O_RDWR, O_RDWR};
    int fds[FDS];
    for (int i = 0; i < FDS; i++) {
        fds[i] = seam_file_reopen(i == LOG ? region->log_fd : region->desk_fd, flags[i]);
        if (fds[i] < 0) {
            int error = fds[i];
            close_all(fds, i);
            return error;
        }
    }
    int error = send_fds(socket, fds);
    close_all(fds, FDS);
    return error;
}

/** Takes the descriptors out of a message; what is too many is closed. @return how many came */
static int collect_fds(struct msghdr *message, int ret_fds[FDS])
{
    int count = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h != NULL; h = CMSG_NXTHDR(message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) {
            continue; /* such as the sender's credentials, if the socket is set to tell them */
        }
        size_t bytes = h->cmsg_len - CMSG_LEN(0);
        for (size_t at = 0; at + sizeof(int) <= bytes; at += sizeof(int), count++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + at, sizeof(fd));
            if (count < FDS) {
                ret_fds[count] = fd;
            } else {
                close(fd);
            }
        }
    }
    return count;
}

/** @return 0 with FDS descriptors in @p ret_fds, or -errno and none left open */
static int receive_fds(int socket, int ret_fds[FDS])
{
    union control control = {{0}};
    char byte;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    ssize_t received;
    do {
        received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0) {
        return seam_fail_errno("recvmsg");
    }
    int count = collect_fds(&message, ret_fds);
    if (count == FDS && (message.msg_flags & MSG_CTRUNC) == 0) {
        return 0;
    }
    close_all(ret_fds, count < FDS ? count : FDS);
    return received == 0 ? seam_fail(EPIPE, "recvmsg") : seam_fail(EPROTO, "descriptors");
}

/** Whether the descriptors are two sealed objects, the second one twice. */
static int check_fds(const int fds[FDS])
{
    struct stat desk, lease;
    int error = seam_file_check_sealed(fds[LOG]);
    if (error == 0) {
        error = seam_file_check_sealed(fds[DESK]);
    }
    if (error != 0) {
        return error;
    }
    if (fstat(fds[DESK], &desk) != 0 || fstat(fds[LEASE], &lease) != 0) {
        return seam_fail_errno("fstat");
    }
    if (desk.st_dev != lease.st_dev || desk.st_ino != lease.st_ino) {
        return seam_fail(EPROTO, "descriptors");
    }
    return 0;
}

int seam_region_take(int socket, const struct seam_region_options *options, enum seam_kind kind,
                     bool writable, struct seam_region *region)
{
    int fds[FDS] = {-1, -1, -1};
    int error = receive_fds(socket, fds);
    if (error != 0) {
        return error;
    }
    error = check_fds(fds);
    if (error != 0) {
        close_all(fds, FDS);
        return error;
    }
    return seam_region_adopt(fds[LOG], fds[DESK], fds[LEASE], options, kind, writable, region);
}
