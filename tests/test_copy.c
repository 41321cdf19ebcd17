/* SPDX-License-Identifier: MIT */
/* Every way to copy that this CPU has, compared byte by byte, with guard pages around. */
#include "unit.h"

#include <sys/mman.h>

#include "memory/copy.h"

#define ROOM 131072U
#define MOST 70000U

/** Memory of ROOM bytes between two pages that nobody may touch. */
static uint8_t *guarded(void)
{
    uint8_t *base = mmap(NULL, ROOM + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(base != MAP_FAILED);
    cr_assert_eq(mprotect(base + 4096, ROOM, PROT_READ | PROT_WRITE), 0);
    return base + 4096;
}

static uint8_t byte_of(size_t i)
{
    return (uint8_t)(test_mix(i / 8) >> 8 * (i % 8));
}

static void fill(uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        data[i] = byte_of(i);
    }
}

/** @p count bytes from the pattern's @p from on, and 0x5a before and behind. */
static bool is_copied(const uint8_t *to, size_t count)
{
    bool right = to[-1] == 0x5a;
    for (size_t i = 0; i < count; i++) {
        right = right && to[i] == byte_of(i);
    }
    return right;
}

/** In the ring, at words; private, anywhere. Both ends of the guarded memory are tried. */
static void try_size(const uint8_t *private_from, uint8_t *ring, uint8_t *private_to, size_t size,
                     size_t shift)
{
    size_t padded = (size + 7) & ~(size_t)7;
    uint8_t *in_ring = ring + ROOM - padded - 8 * (shift % 9);
    memset(in_ring - 8, 0x5a, padded + 8);
    uint8_t behind = shift % 9 > 0 ? in_ring[padded] : 0;
    copy_into_ring(in_ring, private_from, size);
    cr_assert(is_copied(in_ring, size), "in, %zu bytes", size);
    for (size_t i = size; i < padded; i++) {
        cr_assert_eq(in_ring[i], 0, "padding, %zu bytes", size);
    }
    cr_assert(shift % 9 == 0 || in_ring[padded] == behind, "behind, %zu bytes", size);

    uint8_t *out = private_to + ROOM - size - shift;
    memset(out - 1, 0x5a, size + 1 + shift);
    copy_racy(out, in_ring, size);
    cr_assert(is_copied(out, size), "out, %zu bytes", size);
    for (size_t i = 0; i < shift; i++) {
        cr_assert_eq(out[size + i], 0x5a, "beyond, %zu bytes", size);
    }
}

Test(copy, every_way_copies_every_size_to_the_byte)
{
    uint8_t *ring = guarded(), *from = guarded(), *to = guarded();
    const struct seam_copier *chosen = seam_copier;
    for (size_t k = 0; k < seam_copier_count; k++) {
        if (!seam_copiers[k].is_usable()) {
            continue;
        }
        seam_copier = &seam_copiers[k];
        for (size_t size = 0; size < 1500; size++) {
            for (size_t shift = 0; shift < 67; shift += 1 + size / 40) {
                uint8_t *source = from + ROOM - size - shift % 64;
                fill(source, size);
                try_size(source, ring, to, size, shift);
            }
        }
        for (size_t i = 0; i < 200; i++) {
            size_t size = test_mix(i) % MOST, shift = test_mix(~i) % 64;
            uint8_t *source = from + ROOM - size - shift;
            fill(source, size);
            try_size(source, ring, to, size, shift);
        }
    }
    seam_copier = chosen;
}

Test(copy, the_widest_usable_is_chosen)
{
    const struct seam_copier *widest = NULL;
    for (size_t i = 0; i < seam_copier_count; i++) {
        widest = seam_copiers[i].is_usable() ? &seam_copiers[i] : widest;
    }
    cr_expect_eq(seam_copier, widest);
}

Test(copy, the_shortest_are_copied_from_and_to_every_word)
{
    uint8_t *from = guarded(), *to = guarded();
    fill(from, 1024);
    for (size_t k = 0; k < seam_copier_count; k++) {
        const struct seam_copier *way = &seam_copiers[k];
        seam_copy_fn *const each[] = {way->either, way->in, way->out};
        for (size_t i = 0; way->is_usable() && i < 24; i++) {
            uint8_t *target = to + ROOM - SEAM_WIDE_BYTES - 8 * (i / 3);
            memset(target - 1, 0x5a, (size_t)(to + ROOM - target) + 1);
            each[i % 3](target, from, SEAM_WIDE_BYTES);
            cr_expect(is_copied(target, SEAM_WIDE_BYTES), "%s", way->name);
            cr_expect(i / 3 == 0 || target[SEAM_WIDE_BYTES] == 0x5a, "%s: beyond", way->name);
        }
    }
}
