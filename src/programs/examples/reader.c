/* SPDX-License-Identifier: MIT */
/* Prints what comes on the channel until its writer has closed it. README shows this, too. */
#include <seam/seam.h>
#include <stdio.h>

int main(void)
{
    struct seam_channel *channel;
    const struct seam_channel_options options = {.cursor = "reader"};
    char text[4096];
    ssize_t size;
    if (seam_channel_open("news", &options, &channel) != 0) {
        return 1;
    }
    while ((size = seam_channel_recv(channel, text, sizeof(text))) >= 0) {
        printf("%.*s\n", (int)size, text);
    }
    seam_channel_close(channel);
    return seam_channel_unlink("news", NULL) != 0;
}
