/* SPDX-License-Identifier: MIT */
/* Ways in which one who may only read could try to write to a log. None may work. */
#ifndef SEAM_TESTS_ACCESS_WAYS_H
#define SEAM_TESTS_ACCESS_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What is tried to be written to. */
struct access_target {
    int fd;               /* of the log, in this process */
    uint8_t *base;        /* its mapping in this process */
    size_t bytes;         /* of both */
    const char *path;     /* NULL: it has no name */
    pid_t writer;         /* who may write */
    uint8_t *writer_base; /* its mapping there */
    int writer_fd;        /* its descriptor there */
};

struct access_way {
    const char *what;
    bool (*works)(const struct access_target *target); /* tries it; the less it can do the better */
};

/* Ended by one without a name. The last are only for other users than the writer. */
extern const struct access_way access_ways_by_fd[], access_ways_by_memory[];
extern const struct access_way access_ways_as_another[];

#endif
