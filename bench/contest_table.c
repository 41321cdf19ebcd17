/* SPDX-License-Identifier: MIT */
#include "contest_table.h"

#include "show.h"

/* From here on a ratio is better told the other way round. */
#define MUCH_FASTER 0.1

/** How a ratio stands to the one: "1.05 x", or "58 x faster". */
static const char *show_ratio(char text[SHOW_CELL], double ratio)
{
    if (ratio > 0 && ratio < MUCH_FASTER) {
        (void)snprintf(text, SHOW_CELL, "%.0f x faster", 1 / ratio);
        return text;
    }
    return show_times(text, true, ratio);
}

static const char *show_quartiles(char text[SHOW_CELL], const struct spread *ratio)
{
    if (ratio->median < MUCH_FASTER) {
        (void)snprintf(text, SHOW_CELL, "(%.0f to %.0f)", 1 / ratio->q3, 1 / ratio->q1);
    } else {
        (void)snprintf(text, SHOW_CELL, "(%.2f to %.2f)", ratio->q1, ratio->q3);
    }
    return text;
}

static void print_goal(FILE *to, double goal, double ratio)
{
    const char *holds = ratio <= goal ? "holds" : "MISSED";
    if (goal < MUCH_FASTER) {
        (void)fprintf(to, "  at least %.0f x faster: %s", 1 / goal, holds);
    } else {
        (void)fprintf(to, "  at most %.2f x: %s", goal, holds);
    }
}

static void print_row(FILE *to, const struct contest *contest)
{
    const struct contest_result *result = &contest->result;
    const double goal = contest->rival->goal;
    char c[4][SHOW_CELL];
    (void)fprintf(to, "%-36s %10s | ", contest->group->what,
                  show_ns(c[0], true, result->seam_ns.median));
    if (result->missing != NULL) {
        (void)fprintf(to, "%-22s %10s | %s\n", contest->rival->title, "-", result->missing);
        return;
    }
    const char *remark = contest_remark(contest);
    (void)fprintf(to, "%-22s %10s | %13s %-16s", contest->rival->title,
                  show_ns(c[0], true, result->rival_ns), show_ratio(c[1], result->ratio.median),
                  show_quartiles(c[2], &result->ratio));
    if (goal > 0) {
        print_goal(to, goal, result->ratio.median);
    }
    if (result->seam_per_s > 0) {
        (void)fprintf(to, "  sets meanwhile: %s, %s", show_rate(c[2], true, result->seam_per_s),
                      show_rate(c[3], result->rival_per_s > 0, result->rival_per_s));
    }
    (void)fprintf(to, "%s%s\n", remark != NULL ? "  " : "", remark != NULL ? remark : "");
}

void contest_table(FILE *to, const struct contest *contests, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        if (!contests[i].result.measured) {
            continue;
        }
        if (!begun) {
            (void)fprintf(
                to,
                "\nWhat an operation costs, measured in turn with the same done otherwise\n"
                "%-36s %10s | %-22s %10s | %13s %-16s  %s\n",
                "", "seam", "the other", "", "seam / other", "(quartiles)", "goal");
            begun = true;
        }
        print_row(to, &contests[i]);
    }
}
