/* SPDX-License-Identifier: MIT */
/* A fuzz target for libFuzzer: what driver.c is without it. */
#include <inttypes.h>

#include "../../figure.h"
#include "../../support.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t inputs;
static pid_t owner;

/** When all went well. */
static void finish(void)
{
    if (getpid() != owner) {
        return;
    }
    fuzz_end();
    test_end();
    char row[64];
    (void)snprintf(row, sizeof(row), "lying memory: %s", fuzz_target.name);
    test_figure(row, "%" PRIu64 " operations on it, %" PRIu64 " lies, 0 crashes or hangs", inputs,
                oracle_lies());
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    test_begin();
    (void)alarm(0); /* libFuzzer has its own */
    owner = getpid();
    return atexit(finish);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_one(data, size);
    inputs++;
    return 0;
}
