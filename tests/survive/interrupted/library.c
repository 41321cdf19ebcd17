/* SPDX-License-Identifier: MIT */
/* The library's code and where its instructions begin. */
#include <errno.h>
#include <string.h>

#include "support.h"
#include "tracer.h"

#if defined(__x86_64__)
static const uint8_t breakpoint[] = {0xcc}; /* int3 */
#else
static const uint8_t breakpoint[] = {0x00, 0x00, 0x20, 0xd4}; /* brk #0 */
#endif

/** Where the code is mapped, and from which file. @return its offset in the file */
static uint64_t find_mapping(struct library *library, char path[4096])
{
    char line[4096 + 128];
    uint64_t found_offset = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    CHECK(maps != NULL, "%s", strerror(errno));
    while (fgets(line, sizeof(line), maps) != NULL) {
        char *at; /* BEGIN-END RIGHTS OFFSET DEVICE INODE PATH */
        uint64_t begin = strtoull(line, &at, 16);
        uint64_t end = strtoull(at + 1, &at, 16);
        bool is_code = strncmp(at, " r-x", 4) == 0;
        uint64_t offset = strtoull(at + 6, NULL, 16);
        const char *file = strchr(at, '/');
        if (is_code && file != NULL && strstr(file, "/libseam.so") != NULL) {
            CHECK(library->bytes == 0, "libseam's code is in two pieces");
            library->begin = begin;
            library->bytes = end - begin;
            found_offset = offset;
            (void)snprintf(path, 4096, "%.*s", (int)strcspn(file, "\n"), file);
        }
    }
    (void)fclose(maps);
    CHECK(library->bytes != 0, "libseam is not a shared object here");
    return found_offset;
}

/** Takes the addresses from what objdump says. */
static void read_addresses(struct library *library, const char *path, uint64_t offset)
{
    char line[4096], command[4096 + 64];
    (void)snprintf(command, sizeof(command), "objdump -d --no-show-raw-insn '%s'", path);
    FILE *dump = popen(command, "re"); // NOLINT(cert-env33-c): the path is that of our own library
    CHECK(dump != NULL, "%s", strerror(errno));
    while (fgets(line, sizeof(line), dump) != NULL) {
        char *end;
        /* In the file, the beginning of which would be mapped at begin - offset. */
        uint64_t address = strtoull(line, &end, 16);
        if (line[0] == ' ' && *end == ':' && strstr(line, "(bad)") == NULL) {
            CHECK(address >= offset && address < offset + library->bytes, "%s", line);
            library->addresses[library->instructions++] = library->begin - offset + address;
        }
    }
    CHECK(pclose(dump) == 0 && library->instructions > 1000, "%s", command);
}

struct library tracer_read_library(void)
{
    char path[4096] = "";
    struct library library = {0};
    uint64_t offset = find_mapping(&library, path);
    library.original = malloc(library.bytes);
    library.armed = malloc(library.bytes);
    library.addresses = malloc(library.bytes * sizeof(uint64_t));
    CHECK(library.original != NULL && library.armed != NULL && library.addresses != NULL, "memory");
    memcpy(library.original, (const void *)library.begin, library.bytes);
    memcpy(library.armed, library.original, library.bytes);
    read_addresses(&library, path, offset);
    for (size_t i = 0; i < library.instructions; i++) {
        memcpy(library.armed + (library.addresses[i] - library.begin), breakpoint,
               sizeof(breakpoint));
    }
    return library;
}

void tracer_free_library(struct library *library)
{
    free(library->original);
    free(library->armed);
    free(library->addresses);
}
