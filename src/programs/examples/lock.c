/* SPDX-License-Identifier: MIT */
/* A lock that is held for the length of a block, however the block is left. */
#include <seam/seam.h>
#include <stdio.h>

int main(void)
{
    struct seam_lock *printer;
    if (seam_lock_create("printer", NULL, &printer) != 0) { /* others: seam_lock_open */
        return 1;
    }
    {
        SEAM_LOCK_SCOPE(scope, printer); /* held to the end of the block, however it is left */
        puts(scope.error == -EOWNERDEAD ? "its last owner died" : "the printer is mine");
    }
    seam_lock_close(printer);
    return seam_lock_unlink("printer", NULL) != 0;
}
