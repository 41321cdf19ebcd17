/* SPDX-License-Identifier: MIT */
/* Creates a channel, sends one message, and waits until it has been received. README shows this. */
#include <seam/seam.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    struct seam_channel *channel;
    const struct seam_channel_options options = {.cursor = "reader"};
    int error = seam_channel_create("news", &options, &channel);
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", seam_error_detail(), strerror(-error));
        return 1;
    }
    error = seam_channel_send(channel, "Hello from shared memory!", 25);
    if (error == 0) {
        error = seam_channel_drain_until(channel, SEAM_FOREVER);
    }
    seam_channel_close(channel);
    return error != 0;
}
