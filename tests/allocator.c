/* SPDX-License-Identifier: MIT */
#include "allocator.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define UNLIMITED INT64_MAX

/* The C library's own, by names that it keeps for this. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

static _Atomic int64_t left = UNLIMITED; /* allocations before the one that is refused */
static _Atomic bool refuses_on;
static _Atomic int64_t refusals, live;

void allocator_refuse(int64_t before, bool on)
{
    refuses_on = on;
    refusals = 0;
    left = before;
}

int64_t allocator_relent(void)
{
    left = UNLIMITED;
    return refusals;
}

int64_t allocator_live(void)
{
    return live;
}

/* ---- what there is in place of the C library's ---- */

static bool is_refused(void)
{
    if (left == UNLIMITED || left-- > 0) {
        return false;
    }
    left = refuses_on ? 0 : UNLIMITED;
    refusals++;
    errno = ENOMEM;
    return true;
}

static void *count(void *memory)
{
    live += memory != NULL;
    return memory;
}

void *malloc(size_t size)
{
    return is_refused() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t nmemb, size_t size)
{
    return is_refused() ? NULL : count(__libc_calloc(nmemb, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return is_refused() ? NULL : count(__libc_memalign(alignment, size));
}

void *realloc(void *ptr, size_t size)
{
    if (is_refused()) {
        return NULL;
    }
    live -= ptr != NULL;
    return count(__libc_realloc(ptr, size));
}

void free(void *ptr)
{
    live -= ptr != NULL;
    __libc_free(ptr);
}
