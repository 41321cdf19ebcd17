/* SPDX-License-Identifier: MIT */
/* Waits for several things at once: a message, or a value that changes. */
#include <seam/seam.h>
#include <stdio.h>

int main(void)
{
    struct seam_channel *writer, *reader;
    struct seam_value *stop; /* here all in one process; elsewhere, opened by name */
    struct seam_waitable things[2];
    char text[64];
    if (seam_channel_create(NULL, NULL, &writer) != 0 ||
        seam_value_create(NULL, NULL, &stop) != 0 ||
        seam_channel_reopen(writer, NULL, &reader) != 0 ||
        seam_channel_send(writer, "news", 5) != 0 ||
        seam_channel_readable(reader, &things[0]) != 0 ||
        seam_value_changed(stop, 0, &things[1]) != 0) {
        return 1;
    }
    while (seam_wait_any(things, 2, SEAM_FOREVER) > 0 && !things[1].ready) {
        if (seam_channel_recv(reader, text, sizeof(text)) < 0) {
            return 1; /* -EPIPE: the writer is gone */
        }
        puts(text);
        seam_value_store(stop, 1);
    }
    seam_channel_close(reader);
    seam_channel_close(writer);
    seam_value_close(stop);
    return 0;
}
