/* SPDX-License-Identifier: MIT */
/*
 * What the plain test programs share: a directory of their own on /dev/shm, messages whose every
 * byte can be checked, and children that are waited for.
 */
#ifndef SEAM_TESTS_SUPPORT_H
#define SEAM_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "seam/seam.h"

/** Exit status that meson takes for "skipped". */
#define TEST_SKIPPED 77

/** Fires only on a real hang, however loaded the machine is. */
#define TEST_HANG_S 300

/** Ends the process with a message unless @p condition holds. Never runs exit handlers. */
#define CHECK(condition, ...)                                                     \
    do {                                                                          \
        if (!(condition)) {                                                       \
            (void)fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
            (void)fprintf(stderr, __VA_ARGS__);                                   \
            (void)fputc('\n', stderr);                                            \
            _exit(1);                                                             \
        }                                                                         \
    } while (0)

/** Makes a new directory, puts it in SEAM_DIR, and arms an alarm against hangs. */
void test_begin(void);

/** Checks that the directory is empty again and removes it. */
void test_end(void);

/** The directory of test_begin. */
const char *test_dir(void);

/** Numbers that look random and are the same in every process: splitmix64 of @p x. */
uint64_t test_mix(uint64_t x);

/** Size of message @p number: mostly short, sometimes up to @p most bytes, sometimes many alike. */
size_t test_message_size(uint64_t number, size_t most);

/** Writes message @p number: all of its bytes follow from it. */
void test_message_fill(void *data, size_t size, uint64_t number);

/** @return the number in a message of at least 8 bytes */
uint64_t test_message_number(const void *data);

/** Whether all bytes are those of message @p number. */
bool test_message_is(const void *data, size_t size, uint64_t number);

/** Memory that children share with the test, zeroed. */
void *test_shared(size_t bytes);

/** Runs @p run in a child, which exits with its result. */
pid_t test_spawn(int (*run)(void *context), void *context);

/**
 * Kills a child and waits for it, or stops it for a while: as @p dice falls.
 * @return whether it was killed
 */
bool test_strike(pid_t child, uint64_t dice);

/** Ends a child: _exit, which a build that measures coverage must not be surprised by. */
_Noreturn void test_leave(int status);

/** Waits for a child. @return whether it exited with 0 */
bool test_join(pid_t child);

/** An anonymous channel; the test ends where it can't be had. */
struct seam_channel *test_create(const struct seam_channel_options *options);

/** One more handle on it, with nothing but a role. */
struct seam_channel *test_reopen(struct seam_channel *other, enum seam_role role);

/** Most descriptors that test_send_descriptors sends at once. */
#define TEST_DESCRIPTORS_MOST 200U

/** Sends @p count descriptors, or none, with one byte: as seam_*_pass does. */
void test_send_descriptors(int socket, const int *fds, size_t count);

/** Receives by peek and release, with ordinary accesses to the ring in between. */
ssize_t test_recv_in_place(struct seam_channel *channel, void *buffer);

/** One of the cases of a test program. */
struct test_case {
    const char *name;
    void (*run)(void);
};

/** Runs the case that the only argument names, between test_begin and test_end. */
int test_run_case(const struct test_case *cases, size_t count, int argc, char **argv);

#endif
