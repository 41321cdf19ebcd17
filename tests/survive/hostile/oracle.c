/* SPDX-License-Identifier: MIT */
/*
 * The oracle of memory/oracle.h: lies about words in shared mappings, which it learns of by
 * standing in for mmap and munmap (the linker's --wrap).
 */
#include <string.h>
#include <sys/mman.h>

#include "../../support.h"
#include "fuzz.h"
#include "memory/atomic.h"

#define RANGES_MOST 1024U
#define HISTORY 16U
/* A control byte below that: the load and some after it are honest. */
#define HONEST 176U

/* The library's own threads, a notifier's, hear the truth: what they read is not the input's. */
static _Thread_local struct {
    struct fuzz_input *input; /* NULL: honest */
    const uint64_t *nasty;
    size_t nasty_count;
    unsigned honest;           /* so many loads more */
    uint64_t history[HISTORY]; /* what was read before */
    unsigned loads;
} oracle;

static uint64_t all_lies;

/* ---- where shared memory is ---- */

static struct {
    uintptr_t begin, end;
} ranges[RANGES_MOST];
static size_t range_count; /* none are in use from here on */

/* By either name, as the size of off_t has it. */
void *__real_mmap64(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset);
void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset);
void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset);
int __real_munmap(void *address, size_t bytes);
int __wrap_munmap(void *address, size_t bytes);

void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)
{
    void *at = __real_mmap64(address, bytes, protection, flags, fd, offset);
    if (at == MAP_FAILED || (flags & MAP_SHARED) == 0 || fd < 0) {
        return at;
    }
    size_t i = 0;
    while (i < range_count && ranges[i].end != 0) {
        i++;
    }
    CHECK(i < RANGES_MOST, "too many mappings");
    ranges[i].begin = (uintptr_t)at;
    ranges[i].end = (uintptr_t)at + bytes;
    range_count = i == range_count ? i + 1 : range_count;
    return at;
}

void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)
{
    return __wrap_mmap64(address, bytes, protection, flags, fd, offset);
}

int __wrap_munmap(void *address, size_t bytes)
{
    uintptr_t begin = (uintptr_t)address, end = begin + bytes;
    for (size_t i = 0; i < range_count; i++) {
        if (ranges[i].end != 0 && ranges[i].begin >= begin && ranges[i].end <= end) {
            ranges[i].end = 0;
        }
    }
    return __real_munmap(address, bytes);
}

static bool is_shared(const volatile void *at)
{
    static size_t last; /* mostly it is the same one again */
    for (size_t i = 0; i < range_count; i++) {
        size_t candidate = (last + i) % range_count;
        if ((uintptr_t)at >= ranges[candidate].begin && (uintptr_t)at < ranges[candidate].end) {
            last = candidate;
            return true;
        }
    }
    return false;
}

/* ---- what it says ---- */

uint64_t fuzz_take(struct fuzz_input *input, size_t bytes)
{
    uint64_t number = 0;
    size_t now = bytes < input->left ? bytes : input->left;
    memcpy(&number, input->at, now);
    input->at += now;
    input->left -= now;
    return number;
}

uint64_t fuzz_lie(struct fuzz_input *input, uint64_t honest)
{
    switch (fuzz_take(input, 1) % 8) {
    case 0:
        return fuzz_take(input, 8);
    case 1:
        return honest + (uint64_t)(int64_t)(int8_t)fuzz_take(input, 1);
    case 2:
        return honest ^ UINT64_C(1) << fuzz_take(input, 1) % 64;
    case 3:
        return oracle.history[fuzz_take(input, 1) % HISTORY];
    case 4:
        return (honest & ~UINT64_C(0xffff)) | fuzz_take(input, 2);
    case 5:
        return 0;
    default:
        return oracle.nasty_count == 0 ? UINT64_MAX
                                       : oracle.nasty[fuzz_take(input, 1) % oracle.nasty_count];
    }
}

void oracle_begin(struct fuzz_input *input, const uint64_t *nasty, size_t nasty_count)
{
    memset(&oracle, 0, sizeof(oracle));
    oracle.input = input;
    oracle.nasty = nasty;
    oracle.nasty_count = nasty_count;
}

void oracle_end(void)
{
    oracle.input = NULL;
}

uint64_t oracle_lies(void)
{
    return all_lies;
}

/** Whether the oracle lies this time. */
static bool lies(const volatile void *at)
{
    if (oracle.input == NULL || oracle.input->left == 0 || !is_shared(at)) {
        return false;
    }
    if (oracle.honest > 0) {
        oracle.honest--;
        return false;
    }
    uint64_t control = fuzz_take(oracle.input, 1);
    if (control < HONEST) {
        oracle.honest = (unsigned)control % 8;
        return false;
    }
    all_lies++;
    return true;
}

void seam_oracle_load(const volatile void *at, void *word, size_t bytes)
{
    uint64_t honest = 0;
    if (oracle.input == NULL) {
        return;
    }
    memcpy(&honest, word, bytes);
    if (lies(at)) {
        uint64_t lie = fuzz_lie(oracle.input, honest);
        memcpy(word, &lie, bytes);
    }
    oracle.history[oracle.loads++ % HISTORY] = honest;
}

enum seam_oracle_cas seam_oracle_cas(volatile void *at, void *expected, const void *desired,
                                     size_t bytes)
{
    uint64_t honest = 0;
    if (!lies(at)) {
        return SEAM_ORACLE_HONEST;
    }
    if (fuzz_take(oracle.input, 1) % 2 == 0) {
        memcpy((void *)(uintptr_t)at, desired, bytes);
        return SEAM_ORACLE_SUCCEEDS;
    }
    memcpy(&honest, expected, bytes);
    uint64_t lie = fuzz_lie(oracle.input, honest);
    memcpy(expected, &lie, bytes);
    return SEAM_ORACLE_FAILS;
}
