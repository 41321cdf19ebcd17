/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>

static char directory[] = "/dev/shm/seam-test-XXXXXX";

void test_begin(void)
{
    CHECK(mkdtemp(directory) != NULL, "%s", strerror(errno));
    CHECK(setenv("SEAM_DIR", directory, 1) == 0, "%s", strerror(errno));
    (void)alarm(TEST_HANG_S);
}

void test_end(void)
{
    CHECK(rmdir(directory) == 0, "%s: %s", directory, strerror(errno));
}

const char *test_dir(void)
{
    return directory;
}

uint64_t test_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

size_t test_message_size(uint64_t number, size_t most)
{
    uint64_t random = test_mix(~number), stretch = number / 32;
    if (stretch % 4 == 0) {
        return 8 + 8 * (stretch / 4 % 4); /* see channel/uniform.h */
    }
    size_t range = random % 64 == 0 ? most : (random % 8 == 0 ? 512 : 96);
    size_t size = 8 + (size_t)(random >> 32) % range;
    return size < most ? size : most;
}

void test_message_fill(void *data, size_t size, uint64_t number)
{
    uint8_t *bytes = data;
    uint64_t word = number;
    for (size_t i = 0; i < size; i += 8) {
        memcpy(bytes + i, &word, size - i < 8 ? size - i : 8);
        word = test_mix(number) + i;
    }
}

uint64_t test_message_number(const void *data)
{
    uint64_t number;
    memcpy(&number, data, sizeof(number));
    return number;
}

bool test_message_is(const void *data, size_t size, uint64_t number)
{
    const uint8_t *bytes = data;
    uint64_t word = number;
    for (size_t i = 0; i < size; i += 8) {
        if (memcmp(bytes + i, &word, size - i < 8 ? size - i : 8) != 0) {
            return false;
        }
        word = test_mix(number) + i;
    }
    return true;
}

void *test_shared(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED, "%s", strerror(errno));
    return memory;
}

#if defined(TEST_COVERAGE)
extern void __gcov_dump(void); /* NOLINT: the compiler's name */
#endif

void test_leave(int status)
{
#if defined(TEST_COVERAGE)
    __gcov_dump();
#endif
    _exit(status);
}

pid_t test_spawn(int (*run)(void *context), void *context)
{
    pid_t parent = getpid();
    pid_t child = fork();
    CHECK(child >= 0, "%s", strerror(errno));
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)alarm(TEST_HANG_S); /* fork does not hand the parent's on */
        test_leave(getppid() == parent ? run(context) : 1);
    }
    return child;
}

bool test_strike(pid_t child, uint64_t dice)
{
    int status;
    (void)alarm(TEST_HANG_S); /* a long run is no hang: everything goes on up to here */
    if (dice % 8 == 0) {
        CHECK(kill(child, SIGSTOP) == 0, "stop");
        (void)usleep((useconds_t)(dice >> 8) % 3000);
        CHECK(kill(child, SIGCONT) == 0, "continue");
        return false;
    }
    CHECK(kill(child, SIGKILL) == 0, "kill");
    CHECK(waitpid(child, &status, 0) == child, "wait");
    CHECK(WIFSIGNALED(status), "a child gave up with status %x", (unsigned)status);
    return true;
}

bool test_join(pid_t child)
{
    int status;
    pid_t joined;
    do {
        joined = waitpid(child, &status, 0);
    } while (joined < 0 && errno == EINTR);
    return joined == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct seam_channel *test_create(const struct seam_channel_options *options)
{
    struct seam_channel *channel;
    int error = seam_channel_create(NULL, options, &channel);
    CHECK(error == 0, "create: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

struct seam_channel *test_reopen(struct seam_channel *other, enum seam_role role)
{
    struct seam_channel *channel;
    const struct seam_channel_options options = {.role = role};
    int error = seam_channel_reopen(other, &options, &channel);
    CHECK(error == 0, "reopen: %s: %s", seam_error_detail(), strerror(-error));
    return channel;
}

void test_send_descriptors(int socket, const int *fds, size_t count)
{
    union {
        char bytes[CMSG_SPACE(TEST_DESCRIPTORS_MOST * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    char byte = 'x';
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    CHECK(count <= TEST_DESCRIPTORS_MOST, "%zu", count);
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    }
    CHECK(sendmsg(socket, &message, 0) == 1, "sendmsg: %s", strerror(errno));
}

ssize_t test_recv_in_place(struct seam_channel *channel, void *buffer)
{
    const void *data;
    ssize_t size = seam_channel_peek(channel, &data);
    if (size >= 0) {
        memcpy(buffer, data, (size_t)size);
        CHECK(seam_channel_release(channel) == 0, "release");
    }
    return size;
}

int test_run_case(const struct test_case *cases, size_t count, int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < count; i++) {
        if (strcmp(argv[1], cases[i].name) == 0) {
            test_begin();
            cases[i].run();
            test_end();
            return 0;
        }
    }
    CHECK(false, "usage: %s CASE", argv[0]);
}
