/* SPDX-License-Identifier: MIT */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "support.h"

size_t proc_sum(const char *file, const char *key, const char *path)
{
    char line[4096 + 128];
    size_t sum = 0;
    bool wanted = path == NULL;
    FILE *stream = fopen(file, "re");
    CHECK(stream != NULL, "%s: %s", file, strerror(errno));
    while (fgets(line, sizeof(line), stream) != NULL) {
        bool begins = line[strspn(line, "0123456789abcdef")] == '-'; /* addresses: a new file */
        if (path != NULL && begins) {
            wanted = strstr(line, path) != NULL;
        } else if (wanted && strncmp(line, key, strlen(key)) == 0) {
            sum += strtoul(line + strlen(key), NULL, 10);
        }
    }
    (void)fclose(stream);
    return sum;
}

size_t proc_mappings(const char *path)
{
    char line[4096 + 128];
    size_t count = 0;
    FILE *stream = fopen("/proc/self/maps", "re");
    CHECK(stream != NULL, "%s", strerror(errno));
    while (fgets(line, sizeof(line), stream) != NULL) {
        count += path == NULL || strstr(line, path) != NULL;
    }
    (void)fclose(stream);
    return count;
}

bool proc_is_mapped(const char *path)
{
    return proc_mappings(path) > 0;
}

size_t proc_descriptors(int end)
{
    size_t count = 0;
    for (int fd = 0; fd < end; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}
