/* SPDX-License-Identifier: MIT */
#include "figure.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "support.h"

static void keep(const char *directory, const char *what, const char *figure)
{
    char path[512], aside[528];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, what);
    (void)snprintf(aside, sizeof(aside), "%s.%d", path, (int)getpid());
    CHECK(mkdir(directory, 0777) == 0 || errno == EEXIST, "%s: %s", directory, strerror(errno));
    FILE *file = fopen(aside, "we");
    CHECK(file != NULL, "%s: %s", aside, strerror(errno));
    CHECK(fputs(figure, file) >= 0 && fclose(file) == 0, "%s: %s", aside, strerror(errno));
    CHECK(rename(aside, path) == 0, "%s: %s", path, strerror(errno));
}

void test_figure(const char *what, const char *format, ...)
{
    char figure[512];
    va_list arguments;
    va_start(arguments, format);
    /* A file that is built for several programs is checked several times, and then so mistaken. */
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
    (void)vsnprintf(figure, sizeof(figure), format, arguments);
    va_end(arguments);
    printf("%s: %s\n", what, figure);
    (void)fflush(stdout);
    const char *directory = getenv("SEAM_FIGURES");
    if (directory != NULL) {
        keep(directory, what, figure);
    }
}
