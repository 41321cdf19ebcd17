/* SPDX-License-Identifier: MIT */
/* Moves 50 from one account to another: all or nothing, even if killed in between. */
#include <seam/seam.h>
#include <stdio.h>

int main(void)
{
    const struct seam_array_options options = {.mode = SEAM_LOCKED, .length = 2};
    const int64_t less = -50, more = 50;
    int64_t both[2];
    struct seam_array *accounts;
    if (seam_array_create("accounts", &options, &accounts) != 0) { /* others: seam_array_open */
        return 1;
    }
    int error = seam_array_begin(accounts);
    if (error == 0) {
        error = seam_array_add(accounts, 0, &less, NULL) + seam_array_add(accounts, 1, &more, NULL);
        error += seam_array_commit(accounts); /* all or nothing, even if we are killed here */
    }
    error += seam_array_snapshot(accounts, 0, 2, both);
    printf("%d and %d\n", (int)both[0], (int)both[1]);
    seam_array_close(accounts);
    return error != 0 || seam_array_unlink("accounts", NULL) != 0;
}
