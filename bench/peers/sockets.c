/* SPDX-License-Identifier: MIT */
/* ZeroMQ and nng over their ipc transports. Who attaches first binds. */
#include <stdio.h>
#include <unistd.h>

#include "../payload.h"
#include "peer.h"
#include "roster.h"
#include "spin.h"

/** A name for a link that its two processes know; sockets of that kind leave no file. */
static void name_link(char name[64], const char *scheme)
{
    static unsigned number;
    (void)snprintf(name, 64, "%sseam-bench-%d-%u", scheme, (int)getpid(), number++);
}

#if defined(HAVE_ZMQ)
#include <zmq.h>

struct zmq_link {
    struct peer_link wish;
    void *library, *socket;
    pid_t opener;
    char name[64];
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_zmq(void *context, const struct peer_link *wish)
{
    struct zmq_link *link = context;
    link->wish = *wish;
    link->opener = getpid();
    name_link(link->name, "ipc://@");
    return 0;
}

static int attach_zmq(void *context, enum peer_end end)
{
    struct zmq_link *link = context;
    const int most = 1000;
    link->library = zmq_ctx_new();
    link->socket = link->library != NULL
                       ? zmq_socket(link->library, end == PEER_SENDER ? ZMQ_PUSH : ZMQ_PULL)
                       : NULL;
    if (link->socket == NULL ||
        zmq_setsockopt(link->socket, ZMQ_SNDHWM, &most, sizeof(most)) != 0 ||
        zmq_setsockopt(link->socket, ZMQ_RCVHWM, &most, sizeof(most)) != 0) {
        return -errno;
    }
    int error = getpid() != link->opener ? zmq_bind(link->socket, link->name)
                                         : zmq_connect(link->socket, link->name);
    return error == 0 ? 0 : -errno;
}

static int send_zmq(void *context, uint64_t first, uint64_t count)
{
    struct zmq_link *link = context;
    const int flags = link->wish.wait == PEER_SPIN ? ZMQ_DONTWAIT : 0;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        while (zmq_send(link->socket, link->buffer, link->wish.size, flags) < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                return -errno;
            }
            spin_once();
        }
    }
    return 0;
}

static int recv_zmq(void *context, uint64_t first, uint64_t count)
{
    struct zmq_link *link = context;
    const int flags = link->wish.wait == PEER_SPIN ? ZMQ_DONTWAIT : 0;
    for (uint64_t i = 0; i < count; i++) {
        int got;
        while ((got = zmq_recv(link->socket, link->buffer, sizeof(link->buffer), flags)) < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                return -errno;
            }
            spin_once();
        }
        if ((size_t)got != link->wish.size ||
            !payload_is(link->buffer, link->wish.size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

static void close_zmq(void *context)
{
    struct zmq_link *link = context;
    const int at_once = 0;
    if (link->socket != NULL) {
        (void)zmq_setsockopt(link->socket, ZMQ_LINGER, &at_once, sizeof(at_once));
        (void)zmq_close(link->socket);
    }
    if (link->library != NULL) {
        (void)zmq_ctx_term(link->library);
    }
}

const struct peer peer_zmq = {
    .name = "zmq",
    .title = "ZeroMQ ipc",
    .config = "PUSH and PULL, 1000 messages; polled: DONTWAIT",
    .spins = true,
    .sleeps = true,
    .context_bytes = sizeof(struct zmq_link),
    .open = open_zmq,
    .attach = attach_zmq,
    .send = send_zmq,
    .recv = recv_zmq,
    .close = close_zmq,
};
#endif

#if defined(HAVE_NNG)
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>

struct nng_link {
    struct peer_link wish;
    nng_socket socket;
    bool is_open;
    pid_t opener;
    char name[64];
    _Alignas(64) unsigned char buffer[PAYLOAD_MAX];
};

static int open_nng(void *context, const struct peer_link *wish)
{
    struct nng_link *link = context;
    link->wish = *wish;
    link->opener = getpid();
    name_link(link->name, "abstract://");
    return 0;
}

static int attach_nng(void *context, enum peer_end end)
{
    struct nng_link *link = context;
    (void)end;
    if (nng_pair0_open(&link->socket) != 0) {
        return -ENOMEM;
    }
    link->is_open = true;
    (void)nng_socket_set_int(link->socket, NNG_OPT_SENDBUF, 128);
    (void)nng_socket_set_int(link->socket, NNG_OPT_RECVBUF, 128);
    int error = getpid() != link->opener ? nng_listen(link->socket, link->name, NULL, 0)
                                         : nng_dial(link->socket, link->name, NULL, 0);
    return error == 0 ? 0 : -ECONNREFUSED;
}

static int send_nng(void *context, uint64_t first, uint64_t count)
{
    struct nng_link *link = context;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        if (nng_send(link->socket, link->buffer, link->wish.size, 0) != 0) {
            return -EPIPE;
        }
    }
    return 0;
}

static int recv_nng(void *context, uint64_t first, uint64_t count)
{
    struct nng_link *link = context;
    for (uint64_t i = 0; i < count; i++) {
        size_t got = sizeof(link->buffer);
        if (nng_recv(link->socket, link->buffer, &got, 0) != 0 || got != link->wish.size ||
            !payload_is(link->buffer, link->wish.size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

static void close_nng(void *context)
{
    struct nng_link *link = context;
    if (link->is_open) {
        (void)nng_close(link->socket);
    }
}

const struct peer peer_nng = {
    .name = "nng",
    .title = "nng ipc",
    .config = "pair0, 128 messages; it always sleeps",
    .spins = true,
    .sleeps = true,
    .own_process = true,
    .context_bytes = sizeof(struct nng_link),
    .open = open_nng,
    .attach = attach_nng,
    .send = send_nng,
    .recv = recv_nng,
    .close = close_nng,
};
#endif
