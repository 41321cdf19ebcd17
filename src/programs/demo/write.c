/* SPDX-License-Identifier: MIT */
#include "demo/write.h"

#include "demo/open.h"
#include "demo/send.h"

enum demo_status demo_write(const struct demo_options *options)
{
    struct seam_channel *channel;
    if (!demo_open(options, SEAM_WRITER, &channel)) {
        return DEMO_FAILED;
    }
    enum demo_status status = demo_send_strings(options, channel);
    if (status == DEMO_OK && !options->overwrite) {
        demo_note(options, "writer: waiting until all is read");
        status = demo_send_wait(options, channel);
    }
    seam_channel_close(channel);
    demo_note(options, "writer: closed channel \"%s\"; the last one removes it", options->name);
    return status;
}
