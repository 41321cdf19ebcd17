/* SPDX-License-Identifier: MIT */
/* A number that every change of is atomic; others can sleep until it changes. */
#include <seam/seam.h>
#include <stdio.h>

int main(void)
{
    struct seam_value *visitors;
    int64_t before;
    if (seam_value_create("visitors", NULL, &visitors) != 0) { /* others: seam_value_open */
        return 1;
    }
    seam_value_add(visitors, 1, &before); /* others: seam_value_wait(visitors, 0, &now) */
    printf("%d came before\n", (int)before);
    seam_value_close(visitors);
    return seam_value_unlink("visitors", NULL) != 0;
}
