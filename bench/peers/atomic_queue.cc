// SPDX-License-Identifier: MIT
// atomic_queue's queue of any elements for one producer and one consumer.
#include <atomic_queue/atomic_queue.h>

#include "roster.h"
#include "typed.hpp"

namespace
{

template <std::size_t Size, std::size_t Slots> struct Family {
    using Element = typed::Message<Size>;
    struct Queue {
        atomic_queue::AtomicQueue2<Element, Slots, true, true, false, true> queue;
        bool push(const Element &element)
        {
            return queue.try_push(element);
        }
        bool pop(Element &element)
        {
            return queue.try_pop(element);
        }
    };
};

} // namespace

extern "C" const struct peer peer_atomic_queue =
    typed::describe("atomic_queue", "atomic_queue", "AtomicQueue2, SPSC", typed::open<Family>);
