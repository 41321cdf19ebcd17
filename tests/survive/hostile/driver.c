/* SPDX-License-Identifier: MIT */
/*
 * Feeds a fuzz target: with random inputs, in a child that is watched, or with files.
 *
 *     fuzz-TARGET COUNT [SEED]
 *     fuzz-TARGET FILE...
 *
 * Where libFuzzer is linked in its own main does that.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../../figure.h"
#include "../../support.h"
#include "fuzz.h"
#include "memory/atomic.h"
#include "watch.h"

#define INPUT_MOST 1024U

struct run {
    _Atomic uint64_t *done; /* inputs; outlives the child */
    _Atomic uint64_t *lies;
    uint64_t count, seed;
};

/** Input number @p number. @return its size */
static size_t make_input(const struct run *run, uint64_t number, uint8_t *ret_input)
{
    uint64_t dice = test_mix(run->seed ^ test_mix(number));
    size_t size = 6 + dice % (dice >> 32 & 1 ? 60 : INPUT_MOST - 6);
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = test_mix(dice + i);
        memcpy(ret_input + i, &word, size - i < 8 ? size - i : 8);
    }
    return size;
}

static int play(void *context)
{
    const struct run *run = context;
    uint8_t input[INPUT_MOST];
    (void)alarm(0); /* the parent watches */
    for (uint64_t i = 0; i < run->count; i++) {
        fuzz_one(input, make_input(run, i, input));
        store_relaxed(run->done, i + 1);
        store_relaxed(run->lies, oracle_lies());
    }
    fuzz_end();
    return 0;
}

static void blame(const struct run *run, int status)
{
    uint8_t input[INPUT_MOST];
    uint64_t number = load_relaxed(run->done);
    size_t size = make_input(run, number, input);
    printf("input %" PRIu64 " of seed %#" PRIx64 ": status %#x:", number, run->seed,
           (unsigned)status);
    for (size_t i = 0; i < size; i++) {
        printf("%02x", input[i]);
    }
    (void)puts("");
    (void)fflush(stdout);
}

static void run_random(struct run *run)
{
    _Atomic uint64_t *shared = test_shared(2 * sizeof(uint64_t));
    run->done = shared;
    run->lies = shared + 1;
    printf("seed %#" PRIx64 "\n", run->seed);
    (void)alarm(0);
    int status = watch_child(test_spawn(play, run), run->done);
    if (status != 0) {
        blame(run, status);
        for (size_t i = 0; i < (size_t)SCENE_PLOTS * SCENE_STATES; i++) {
            scene_unlink(scene_plot(i / SCENE_STATES), (enum scene_state)(i % SCENE_STATES));
        }
    }
    test_end();
    CHECK(status == 0, "%s", fuzz_target.name);
    CHECK(run->count < 100 || load_relaxed(run->lies) > run->count / 2, "the oracle is honest");
    char row[64];
    (void)snprintf(row, sizeof(row), "lying memory: %s", fuzz_target.name);
    test_figure(row, "%" PRIu64 " operations on it, %" PRIu64 " lies, 0 crashes or hangs",
                run->count, load_relaxed(run->lies));
}

static void run_files(char **files, int count)
{
    static uint8_t input[1 << 20];
    for (int i = 0; i < count; i++) {
        FILE *file = fopen(files[i], "re");
        CHECK(file != NULL, "%s: %s", files[i], strerror(errno));
        fuzz_one(input, fread(input, 1, sizeof(input), file));
        CHECK(fclose(file) == 0, "%s", strerror(errno));
    }
    fuzz_end();
    test_end();
}

int main(int argc, char **argv)
{
    CHECK(argc >= 2, "usage: %s COUNT [SEED] | FILE...", argv[0]);
    test_begin();
    if (isdigit((unsigned char)argv[1][0]) == 0) {
        run_files(argv + 1, argc - 1);
        return 0;
    }
    struct run run = {
        .count = strtoull(argv[1], NULL, 10),
        .seed = argc > 2 ? strtoull(argv[2], NULL, 0) : test_mix((uint64_t)seam_deadline_in_ns(0)),
    };
    run_random(&run);
    return 0;
}
