// SPDX-License-Identifier: MIT
// Boost: Interprocess' message_queue, and Lockfree's spsc_queue in memory that processes share.
#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstdio>
#include <unistd.h>

#include "roster.h"
#include "typed.hpp"

namespace
{

template <std::size_t Size, std::size_t Slots> struct Family {
    using Element = typed::Message<Size>;
    using Queue = boost::lockfree::spsc_queue<Element, boost::lockfree::capacity<Slots>>;
};

// ---- message_queue ----

using boost::interprocess::message_queue;

struct Link {
    struct peer_link wish;
    message_queue *queue;
    char name[64];
    unsigned char buffer[PAYLOAD_MAX];
};

int open_queue(void *context, const struct peer_link *wish)
{
    static unsigned number;
    Link *link = static_cast<Link *>(context);
    link->wish = *wish;
    std::snprintf(link->name, sizeof(link->name), "seam-bench-%d-%u", static_cast<int>(getpid()),
                  number++);
    try {
        link->queue = new message_queue(boost::interprocess::create_only, link->name,
                                        slots_for(wish->ring_bytes, wish->size, 4), wish->size);
    } catch (const boost::interprocess::interprocess_exception &) {
        return -ENOSPC;
    }
    message_queue::remove(link->name); // the child inherits the mapping
    return 0;
}

int send_queue(void *context, uint64_t first, uint64_t count)
{
    Link *link = static_cast<Link *>(context);
    for (uint64_t i = 0; i < count; i++) {
        payload_write(link->buffer, link->wish.size, first + i);
        if (link->wish.wait == PEER_SLEEP) {
            link->queue->send(link->buffer, link->wish.size, 0);
        } else {
            while (!link->queue->try_send(link->buffer, link->wish.size, 0)) {
                spin_once();
            }
        }
    }
    return 0;
}

int recv_queue(void *context, uint64_t first, uint64_t count)
{
    Link *link = static_cast<Link *>(context);
    message_queue::size_type size = 0;
    unsigned priority = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (link->wish.wait == PEER_SLEEP) {
            link->queue->receive(link->buffer, sizeof(link->buffer), size, priority);
        } else {
            while (!link->queue->try_receive(link->buffer, sizeof(link->buffer), size, priority)) {
                spin_once();
            }
        }
        if (size != link->wish.size || !payload_is(link->buffer, size, first + i)) {
            return -EBADMSG;
        }
    }
    return 0;
}

void close_queue(void *context)
{
    delete static_cast<Link *>(context)->queue;
}

struct peer describe_queue()
{
    struct peer peer = typed::describe("boost-mq", "Boost message_queue",
                                       "one priority; polled: try_send, try_receive", open_queue);
    peer.sleeps = true;
    peer.context_bytes = sizeof(Link);
    peer.send = send_queue;
    peer.recv = recv_queue;
    peer.close = close_queue;
    return peer;
}

} // namespace

extern "C" const struct peer peer_boost_spsc = typed::describe(
    "boost-spsc", "Boost spsc_queue", "capacity known at compile time", typed::open<Family>);
extern "C" const struct peer peer_boost_mq = describe_queue();
