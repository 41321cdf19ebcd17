/* SPDX-License-Identifier: MIT */
/* A user's program, in the words that C and C++ share: built against the installed library. */
#include <seam/seam.h>

#include <stdio.h>

int main(void)
{
    struct seam_channel *writer, *reader;
    char text[64];
    if (seam_channel_create(NULL, NULL, &writer) != 0 ||
        seam_channel_reopen(writer, NULL, &reader) != 0) {
        fprintf(stderr, "seam %s: %s\n", seam_version(), seam_error_detail());
        return 1;
    }
    if (seam_channel_send(writer, "Hello from shared memory!", 25) != 0) {
        return 1;
    }
    ssize_t size = seam_channel_recv(reader, text, sizeof(text));
    printf("%.*s\n", (int)size, text);
    seam_channel_close(reader);
    seam_channel_close(writer);
    return 0;
}
