/* SPDX-License-Identifier: MIT */
/* Channels handed over by sockets that do other things, too, or do not do that at all. */
#include "unit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "channel/handle.h"
#include "proc.h"

TestSuite(passing, .init = test_begin, .fini = test_end);

#define DESCRIPTORS 64

static void connect_pair(int ret_sockets[2])
{
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_sockets), 0);
}

static void close_pair(const int sockets[2])
{
    (void)close(sockets[0]);
    (void)close(sockets[1]);
}

/** Lets this process have @p more descriptors than it has. */
static void allow(int more)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = more < 0 ? limit.rlim_max : proc_descriptors(DESCRIPTORS) + (rlim_t)more;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void expect_refusal(int socket, int expected, const char *detail)
{
    struct seam_channel *channel = NULL;
    size_t before = proc_descriptors(DESCRIPTORS);
    cr_expect_eq(seam_channel_take(socket, NULL, &channel), expected, "%s", detail);
    cr_expect_str_eq(seam_error_detail(), detail);
    cr_expect_null(channel);
    cr_expect_eq(proc_descriptors(DESCRIPTORS), before, "%s", detail);
}

Test(passing, what_else_a_socket_tells_is_passed_over)
{
    int sockets[2];
    const int on = 1;
    struct seam_channel *taken = NULL;
    struct seam_channel *writer = must_create(NULL, NULL);
    connect_pair(sockets);
    cr_assert_eq(setsockopt(sockets[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
    cr_assert_eq(seam_channel_pass(writer, sockets[0], SEAM_READER), 0);
    cr_assert_eq(seam_channel_take(sockets[1], NULL, &taken), 0, "%s", seam_error_detail());
    must_send(writer, "credentials came along");
    must_recv(taken, "credentials came along");
    seam_channel_close(taken);
    seam_channel_close(writer);
    close_pair(sockets);
}

/** The internet hands no descriptors over, but it tells other things in the same way. */
Test(passing, another_kind_of_socket)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0 &&
        sendto(fd, "x", 1, 0, (struct sockaddr *)&address, size) == 1) {
        expect_refusal(fd, -EPROTO, "descriptors");
    }
    (void)close(fd);
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    expect_refusal(fd, -ENOTSOCK, "recvmsg");
    (void)close(fd);
}

Test(passing, nobody_is_at_the_other_end)
{
    int sockets[2];
    struct seam_channel *writer = must_create(NULL, NULL);
    connect_pair(sockets);
    (void)close(sockets[1]);
    size_t before = proc_descriptors(DESCRIPTORS);
    cr_expect_eq(seam_channel_pass(writer, sockets[0], SEAM_READER), -EPIPE, "and no SIGPIPE");
    cr_expect_str_eq(seam_error_detail(), "sendmsg");
    cr_expect_eq(proc_descriptors(DESCRIPTORS), before);
    expect_refusal(sockets[0], -EPIPE, "recvmsg");
    (void)close(sockets[0]);
    seam_channel_close(writer);
}

Test(passing, descriptors_run_out)
{
    int sockets[2];
    struct seam_channel *writer = must_create(NULL, NULL);
    const int fds[] = {writer->region.log_fd, writer->region.desk_fd, writer->region.desk_fd, 0};
    connect_pair(sockets);
    size_t before = proc_descriptors(DESCRIPTORS);
    for (int room = 0; room < 3; room++) {
        allow(room);
        cr_expect_eq(seam_channel_pass(writer, sockets[0], SEAM_READER), -EMFILE, "%d", room);
        cr_expect_eq(proc_descriptors(DESCRIPTORS), before);
        allow(-1);
    }
    for (int room = 0; room < 4; room++) { /* with 3, just as many come as there should be */
        test_send_descriptors(sockets[0], fds, 4);
        allow(room);
        expect_refusal(sockets[1], -EPROTO, "descriptors");
        allow(-1);
    }
    seam_channel_close(writer);
    close_pair(sockets);
}

/** A log, and a desk of pages of another size. */
Test(passing, pages_of_two_sizes)
{
    int sockets[2];
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    struct seam_channel *writer = must_create(NULL, NULL);
    int desk = memfd_create("desk", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);
    connect_pair(sockets);
    if (desk >= 0 && ftruncate(desk, 1 << 21) == 0 && fcntl(desk, F_ADD_SEALS, seals) == 0) {
        const int fds[] = {writer->region.log_fd, desk, desk};
        test_send_descriptors(sockets[0], fds, 3);
        expect_refusal(sockets[1], -EPROTO, "page size");
    }
    (void)close(desk);
    seam_channel_close(writer);
    close_pair(sockets);
}
