/* SPDX-License-Identifier: MIT */
#include "tracer.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "support.h"

/* ---- what differs between CPUs ---- */

typedef struct user_regs_struct registers;

#if defined(__x86_64__)
#define BREAKPOINT_BYTES 1U
#define PASSED_BYTES 1U /* by which the address is past a breakpoint that was hit */

static uint64_t get_address(const registers *r)
{
    return r->rip;
}

static void set_address(registers *r, uint64_t address)
{
    r->rip = address;
}

static long get_call(const registers *r)
{
    return (long)r->orig_rax;
}

static uint64_t get_argument(const registers *r)
{
    return r->rsi;
}

static void set_result(registers *r, long result)
{
    r->rax = (uint64_t)result;
}
#elif defined(__aarch64__)
#define BREAKPOINT_BYTES 4U
#define PASSED_BYTES 0U

static uint64_t get_address(const registers *r)
{
    return r->pc;
}

static void set_address(registers *r, uint64_t address)
{
    r->pc = address;
}

static long get_call(const registers *r)
{
    return (long)r->regs[8];
}

static uint64_t get_argument(const registers *r)
{
    return r->regs[1];
}

static void set_result(registers *r, long result)
{
    r->regs[0] = (uint64_t)result;
}
#endif

static registers get_registers(pid_t pid)
{
    registers r;
    struct iovec vector = {.iov_base = &r, .iov_len = sizeof(r)};
    CHECK(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector) == 0, "%s", strerror(errno));
    return r;
}

static void set_registers(pid_t pid, registers *r)
{
    struct iovec vector = {.iov_base = r, .iov_len = sizeof(*r)};
    CHECK(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &vector) == 0, "%s", strerror(errno));
}

/** Has the system call on the way into which the child is not made. */
static void skip_call(pid_t pid)
{
#if defined(__x86_64__)
    registers r = get_registers(pid);
    r.orig_rax = UINT64_MAX;
    set_registers(pid, &r);
#else
    int number = -1;
    struct iovec vector = {.iov_base = &number, .iov_len = sizeof(number)};
    CHECK(ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &vector) == 0, "%s", strerror(errno));
#endif
}

/* ---- starting and ending ---- */

bool tracer_works(void)
{
    int status;
    pid_t pid = fork();
    CHECK(pid >= 0, "%s", strerror(errno));
    if (pid == 0) {
        _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : 1);
    }
    CHECK(waitpid(pid, &status, 0) == pid, "%s", strerror(errno));
    return status == 0;
}

static void halt_prepared(void (*prepare)(void *context), void *context)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)alarm(TEST_HANG_S);
    prepare(context);
    CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0, "%s", strerror(errno));
    (void)raise(SIGSTOP);
}

struct tracee tracer_start(const struct library *library, void (*prepare)(void *context),
                           int (*perform)(void *context), void *context)
{
    int status;
    char path[64];
    struct tracee tracee = {.library = library, .pid = fork()};
    CHECK(tracee.pid >= 0, "%s", strerror(errno));
    if (tracee.pid == 0) {
        halt_prepared(prepare, context);
        status = perform(context);
        if (library != NULL) {
            _exit(status); /* what test_leave may do first would be halted at, too */
        }
        test_leave(status);
    }
    CHECK(waitpid(tracee.pid, &status, 0) == tracee.pid, "%s", strerror(errno));
    CHECK(WIFSTOPPED(status), "the child gave up with status %x", (unsigned)status);
    CHECK(ptrace(PTRACE_SETOPTIONS, tracee.pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) ==
              0,
          "%s", strerror(errno));
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)tracee.pid);
    tracee.memory = open(path, O_RDWR | O_CLOEXEC);
    CHECK(tracee.memory >= 0, "%s: %s", path, strerror(errno));
    return tracee;
}

/** Lets the child go on by @p request, to its next halt or its end. */
static void go_on(struct tracee *tracee, enum __ptrace_request request)
{
    int status;
    pid_t waited;
    CHECK(ptrace(request, tracee->pid, NULL, NULL) == 0, "%s", strerror(errno));
    do {
        waited = waitpid(tracee->pid, &status, 0);
    } while (waited < 0 && errno == EINTR);
    CHECK(waited == tracee->pid, "%s", strerror(errno));
    tracee->at = 0;
    if (!WIFSTOPPED(status)) {
        tracee->ended = true;
        tracee->exit_status = status;
        return;
    }
    CHECK((WSTOPSIG(status) & 0x7f) == SIGTRAP, "signal %d", WSTOPSIG(status));
}

void tracer_finish(struct tracee *tracee)
{
    tracer_disarm(tracee);
    while (!tracee->ended) {
        go_on(tracee, PTRACE_CONT);
    }
    tracee->in_call = false;
}

void tracer_kill(struct tracee *tracee)
{
    if (!tracee->ended) {
        CHECK(kill(tracee->pid, SIGKILL) == 0, "%s", strerror(errno));
        CHECK(waitpid(tracee->pid, &tracee->exit_status, 0) == tracee->pid, "%s", strerror(errno));
        tracee->ended = true;
    }
    (void)close(tracee->memory);
}

/* ---- instructions ---- */

static void write_code(const struct tracee *tracee, const uint8_t *image, uint64_t address,
                       size_t bytes)
{
    const uint8_t *from = image + (address - tracee->library->begin);
    CHECK(pwrite(tracee->memory, from, bytes, (off_t)address) == (ssize_t)bytes, "%s",
          strerror(errno));
}

void tracer_arm_all(struct tracee *tracee)
{
    write_code(tracee, tracee->library->armed, tracee->library->begin, tracee->library->bytes);
}

void tracer_arm(struct tracee *tracee, uint64_t address)
{
    write_code(tracee, tracee->library->armed, address, BREAKPOINT_BYTES);
}

void tracer_disarm(struct tracee *tracee)
{
    if (!tracee->ended && tracee->library != NULL) {
        write_code(tracee, tracee->library->original, tracee->library->begin,
                   tracee->library->bytes);
    }
}

bool tracer_next(struct tracee *tracee)
{
    uint64_t passed = tracee->at;
    go_on(tracee, PTRACE_CONT);
    if (tracee->ended) {
        return false;
    }
    registers r = get_registers(tracee->pid);
    tracee->at = get_address(&r) - PASSED_BYTES;
    CHECK(tracee->at - tracee->library->begin < tracee->library->bytes, "halted at %" PRIx64,
          tracee->at);
    /* The instruction itself, in place of its breakpoint; which stands there again after it. */
    write_code(tracee, tracee->library->original, tracee->at, BREAKPOINT_BYTES);
    if (passed != 0 && passed != tracee->at) {
        tracer_arm(tracee, passed);
    }
    set_address(&r, tracee->at);
    set_registers(tracee->pid, &r);
    return true;
}

/* ---- system calls ---- */

bool tracer_next_call(struct tracee *tracee)
{
    if (tracee->in_call) {
        go_on(tracee, PTRACE_SYSCALL); /* out of it */
        tracee->in_call = false;
    }
    if (!tracee->ended) {
        go_on(tracee, PTRACE_SYSCALL);
    }
    if (tracee->ended) {
        return false;
    }
    registers r = get_registers(tracee->pid);
    tracee->in_call = true;
    tracee->call = get_call(&r);
    tracee->argument = get_argument(&r);
    return true;
}

void tracer_fail_call(struct tracee *tracee, int error)
{
    CHECK(tracee->in_call, "not in a system call");
    if (tracee->call != SYS_close) {
        skip_call(tracee->pid);
    }
    go_on(tracee, PTRACE_SYSCALL);
    CHECK(!tracee->ended, "ended in a system call");
    tracee->in_call = false;
    registers r = get_registers(tracee->pid);
    set_result(&r, -error);
    set_registers(tracee->pid, &r);
}
