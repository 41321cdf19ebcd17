// SPDX-License-Identifier: MIT
// Queues whose element type and size are fixed when they are compiled: one for each message size,
// and some ring sizes, in memory that the processes share.
#ifndef SEAM_BENCH_PEERS_TYPED_HPP
#define SEAM_BENCH_PEERS_TYPED_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "../payload.h"
#include "peer.h"
#include "spin.h"

namespace typed
{

template <std::size_t Size> struct Message {
    unsigned char bytes[Size];
};

// A link whose queue is of one of many types; these are the functions of that type.
struct Link {
    void *queue;
    std::size_t bytes;
    int (*send)(void *queue, uint64_t first, uint64_t count);
    int (*recv)(void *queue, uint64_t first, uint64_t count);
};

// Queue has bool push(const T &) and bool pop(T &), which fail when it is full or empty.
template <class Queue, std::size_t Size> int send_all(void *memory, uint64_t first, uint64_t count)
{
    Queue *queue = static_cast<Queue *>(memory);
    static Message<Size> message;
    for (uint64_t i = 0; i < count; i++) {
        payload_write(message.bytes, Size, first + i);
        while (!queue->push(message)) {
            spin_once();
        }
    }
    return 0;
}

template <class Queue, std::size_t Size> int recv_all(void *memory, uint64_t first, uint64_t count)
{
    Queue *queue = static_cast<Queue *>(memory);
    static Message<Size> message;
    for (uint64_t i = 0; i < count; i++) {
        while (!queue->pop(message)) {
            spin_once();
        }
        if (!payload_is(message.bytes, Size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

template <class Queue, std::size_t Size> int make(Link *link)
{
    link->bytes = sizeof(Queue);
    link->queue = shared_new(link->bytes);
    if (link->queue == nullptr) {
        return -ENOMEM;
    }
    new (link->queue) Queue;
    link->send = send_all<Queue, Size>;
    link->recv = recv_all<Queue, Size>;
    return 0;
}

// Family<Size, Slots>::Queue is the queue of that many slots.
template <template <std::size_t, std::size_t> class Family, std::size_t Size>
int make_sized(Link *link, std::size_t ring_bytes)
{
    constexpr std::size_t least = 4;
    constexpr std::size_t small = (64 << 10) / Size, large = (1 << 20) / Size;
    constexpr std::size_t huge = (4 << 20) / Size;
    if (ring_bytes <= 256 << 10) {
        return make<typename Family<Size, (small < least ? least : small)>::Queue, Size>(link);
    }
    if (ring_bytes <= 1 << 20) {
        return make<typename Family<Size, (large < least ? least : large)>::Queue, Size>(link);
    }
    return make<typename Family<Size, huge>::Queue, Size>(link);
}

template <template <std::size_t, std::size_t> class Family>
int open(void *context, const struct peer_link *wish)
{
    Link *link = static_cast<Link *>(context);
    switch (wish->size) {
    case 8:
        return make_sized<Family, 8>(link, wish->ring_bytes);
    case 48:
        return make_sized<Family, 48>(link, wish->ring_bytes);
    case 100:
        return make_sized<Family, 100>(link, wish->ring_bytes);
    case 1024:
        return make_sized<Family, 1024>(link, wish->ring_bytes);
    case 65536:
        return make_sized<Family, 65536>(link, wish->ring_bytes);
    default:
        return -EMSGSIZE;
    }
}

inline int send(void *context, uint64_t first, uint64_t count)
{
    Link *link = static_cast<Link *>(context);
    return link->send(link->queue, first, count);
}

inline int recv(void *context, uint64_t first, uint64_t count)
{
    Link *link = static_cast<Link *>(context);
    return link->recv(link->queue, first, count);
}

inline void close(void *context)
{
    Link *link = static_cast<Link *>(context);
    shared_free(link->queue, link->bytes);
}

// What all of them have in common.
inline struct peer describe(const char *name, const char *title, const char *config,
                            int (*open_link)(void *, const struct peer_link *))
{
    struct peer peer = {};
    peer.name = name;
    peer.title = title;
    peer.config = config;
    peer.spins = true;
    peer.has_ring_size = true;
    peer.context_bytes = sizeof(Link);
    peer.open = open_link;
    peer.send = send;
    peer.recv = recv;
    peer.close = close;
    return peer;
}

} // namespace typed

#endif
