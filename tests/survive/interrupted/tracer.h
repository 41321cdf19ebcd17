/* SPDX-License-Identifier: MIT */
/*
 * A child that is halted at instructions of the library, or at its system calls: see ptrace(2). It
 * is halted by breakpoints and not by single steps, which virtual machines make dear, and which
 * would also go through what the library calls.
 */
#ifndef SEAM_TESTS_SURVIVE_TRACER_H
#define SEAM_TESTS_SURVIVE_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** libseam's code, as it is in this process and, at the same addresses, in its children. */
struct library {
    uint64_t begin;      /* address of the first byte */
    size_t bytes;        /* of code */
    uint8_t *original;   /* the code, */
    uint8_t *armed;      /* and the same with a breakpoint in place of each instruction */
    uint64_t *addresses; /* where instructions begin, ascending */
    size_t instructions;
};

struct tracee {
    const struct library *library;
    pid_t pid;
    int memory;        /* /proc/PID/mem */
    uint64_t at;       /* address of the next instruction; 0: not halted at one of the library's */
    bool in_call;      /* halted on the way into a system call */
    long call;         /* number of that system call */
    uint64_t argument; /* its second one */
    bool ended;
    int exit_status; /* then: as waitpid says */
};

/** Whether processes can be traced here: emulators and some containers don't. */
bool tracer_works(void);

/** Finds libseam.so, by help of objdump. */
struct library tracer_read_library(void);
void tracer_free_library(struct library *library);

/**
 * Starts a child that runs @p prepare and is halted then; what comes then, @p perform, is under
 * control. The child exits with what perform returns.
 * @param library  NULL where the child is only to be halted at system calls
 */
struct tracee tracer_start(const struct library *library, void (*prepare)(void *context),
                           int (*perform)(void *context), void *context);

/** Has the child halted at each instruction, or only at the one at @p address. */
void tracer_arm_all(struct tracee *tracee);
void tracer_arm(struct tracee *tracee, uint64_t address);

/** Has it halted nowhere any more. */
void tracer_disarm(struct tracee *tracee);

/** Lets the child go on to the next armed instruction. @return false: it has ended before */
bool tracer_next(struct tracee *tracee);

/** Lets the child go on to its next system call. @return false: it has ended before */
bool tracer_next_call(struct tracee *tracee);

/**
 * Makes the system call at which the child is halted fail with @p error, without being made. A
 * close is made all the same: see its manual page.
 */
void tracer_fail_call(struct tracee *tracee, int error);

/** Lets the child go on to its end. */
void tracer_finish(struct tracee *tracee);

/** Kills the child, as SIGKILL from anybody would, and waits for it; also where it has ended. */
void tracer_kill(struct tracee *tracee);

#endif
