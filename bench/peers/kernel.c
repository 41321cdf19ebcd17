/* SPDX-License-Identifier: MIT */
/* What the kernel has: pipe, Unix socket, POSIX message queue. Payloads go through its copies. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

/* Room for this many messages, as far as the kernel lets an ordinary user have them. */
#define PIPE_BYTES (1 << 20)
#define SOCKET_BYTES (1 << 20)
#define QUEUE_MESSAGES 10

struct link {
    struct peer_link wish;
    int in, out; /* descriptors; the queue has one */
    char name[64];
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

/** After a call in vain: whether to try again. */
static bool may_repeat(void)
{
    spin_once();
    return errno == EAGAIN || errno == EINTR;
}

/* ---- pipe: a stream of bytes; messages have one size ---- */

static int open_pipe(void *context, const struct peer_link *wish)
{
    struct link *link = context;
    int ends[2];
    link->wish = *wish;
    if (pipe2(ends, O_CLOEXEC | (wish->wait == PEER_SPIN ? O_NONBLOCK : 0)) != 0) {
        return -errno;
    }
    link->in = ends[0];
    link->out = ends[1];
    (void)fcntl(link->out, F_SETPIPE_SZ, PIPE_BYTES); /* less will do */
    return 0;
}

static int write_all(struct link *link)
{
    for (size_t done = 0; done < link->wish.size;) {
        ssize_t n = write(link->out, link->buffer + done, link->wish.size - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (!may_repeat()) {
            return -errno;
        }
    }
    return 0;
}

static int read_all(struct link *link)
{
    for (size_t done = 0; done < link->wish.size;) {
        ssize_t n = read(link->in, link->buffer + done, link->wish.size - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || !may_repeat()) {
            return n == 0 ? -EPIPE : -errno;
        }
    }
    return 0;
}

static int send_pipe(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    int error = 0;
    for (uint64_t i = 0; error == 0 && i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        error = write_all(link);
    }
    return error;
}

static int recv_pipe(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    int error = 0;
    for (uint64_t i = 0; error == 0 && i < count; i++) {
        error = read_all(link);
        if (error == 0 && !payload_is(link->buffer, link->wish.size, first + i)) {
            error = -EBADMSG;
        }
    }
    return error;
}

static void close_link(void *context)
{
    struct link *link = context;
    if (link->in > 0) {
        close(link->in);
    }
    if (link->out > 0 && link->out != link->in) {
        close(link->out);
    }
}

const struct peer peer_pipe = {
    .name = "pipe",
    .title = "pipe",
    .config = "1 MiB; polled: non-blocking",
    .spins = true,
    .sleeps = true,
    .context_bytes = sizeof(struct link),
    .open = open_pipe,
    .send = send_pipe,
    .recv = recv_pipe,
    .close = close_link,
};

/* ---- Unix socket that keeps messages ---- */

static int open_seqpacket(void *context, const struct peer_link *wish)
{
    struct link *link = context;
    const int bytes = SOCKET_BYTES;
    int ends[2], type = SOCK_SEQPACKET | SOCK_CLOEXEC;
    link->wish = *wish;
    if (socketpair(AF_UNIX, type | (wish->wait == PEER_SPIN ? SOCK_NONBLOCK : 0), 0, ends) != 0) {
        return -errno;
    }
    link->in = ends[0];
    link->out = ends[1];
    (void)setsockopt(link->out, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    (void)setsockopt(link->in, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    return 0;
}

/** One whole message by write() or read(), which keep its boundaries. */
static int move_whole(struct link *link, bool out)
{
    for (;;) {
        ssize_t n = out ? write(link->out, link->buffer, link->wish.size)
                        : read(link->in, link->buffer, sizeof(link->buffer));
        if (n == (ssize_t)link->wish.size) {
            return 0;
        }
        if (n >= 0 || !may_repeat()) {
            return n >= 0 ? -EBADMSG : -errno;
        }
    }
}

static int send_seqpacket(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    int error = 0;
    for (uint64_t i = 0; error == 0 && i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        error = move_whole(link, true);
    }
    return error;
}

static int recv_seqpacket(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    int error = 0;
    for (uint64_t i = 0; error == 0 && i < count; i++) {
        error = move_whole(link, false);
        if (error == 0 && !payload_is(link->buffer, link->wish.size, first + i)) {
            error = -EBADMSG;
        }
    }
    return error;
}

const struct peer peer_seqpacket = {
    .name = "seqpacket",
    .title = "Unix socket, SEQPACKET",
    .config = "1 MiB; polled: non-blocking",
    .spins = true,
    .sleeps = true,
    .context_bytes = sizeof(struct link),
    .open = open_seqpacket,
    .send = send_seqpacket,
    .recv = recv_seqpacket,
    .close = close_link,
};

/* ---- POSIX message queue ---- */

static int open_queue(void *context, const struct peer_link *wish)
{
    static unsigned number;
    struct link *link = context;
    struct mq_attr attributes = {.mq_maxmsg = QUEUE_MESSAGES, .mq_msgsize = (long)wish->size};
    int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    link->wish = *wish;
    (void)snprintf(link->name, sizeof(link->name), "/seam-bench-%d-%u", (int)getpid(), number++);
    flags |= wish->wait == PEER_SPIN ? O_NONBLOCK : 0;
    link->in = link->out = mq_open(link->name, flags, 0600, &attributes);
    if (link->in < 0) {
        return errno == EINVAL ? -EMSGSIZE : -errno;
    }
    (void)mq_unlink(link->name); /* the child inherits it */
    return 0;
}

static int send_queue(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        while (mq_send(link->out, (const char *)link->buffer, link->wish.size, 0) != 0) {
            if (!may_repeat()) {
                return -errno;
            }
        }
    }
    return 0;
}

static int recv_queue(void *context, uint64_t first, uint64_t count)
{
    struct link *link = context;
    for (uint64_t i = 0; i < count; i++) {
        while (mq_receive(link->in, (char *)link->buffer, link->wish.size, NULL) < 0) {
            if (!may_repeat()) {
                return -errno;
            }
        }
        if (!payload_is(link->buffer, link->wish.size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

const struct peer peer_mqueue = {
    .name = "mqueue",
    .title = "POSIX message queue",
    .config = "10 messages; polled: non-blocking",
    .spins = true,
    .sleeps = true,
    .context_bytes = sizeof(struct link),
    .open = open_queue,
    .send = send_queue,
    .recv = recv_queue,
    .close = close_link,
};
