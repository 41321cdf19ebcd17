/* SPDX-License-Identifier: MIT */
/* Strings in a list; readers and writers may be any number of processes. */
#include <seam/seam.h>
#include <stdio.h>

int main(void)
{
    const struct seam_list_options options = {
        .mode = SEAM_LOCKED, .capacity = 100, .element_bytes = 64};
    char name[64];
    struct seam_list *names;
    if (seam_list_create("names", &options, &names) != 0) { /* others: seam_list_open */
        return 1;
    }
    if (seam_list_append_text(names, "Grace") == 0 && seam_list_insert_text(names, 0, "Ada") == 0 &&
        seam_list_get_text(names, SEAM_LAST, name, sizeof(name)) > 0) {
        printf("%d names, the last is %s\n", (int)seam_list_length(names), name);
    }
    seam_list_close(names);
    return seam_list_unlink("names", NULL) != 0;
}
