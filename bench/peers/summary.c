/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <stdlib.h>

#include "../show.h"
#include "roster.h"

static const char *title_of(const struct duel *duel)
{
    if (duel->peer != NULL) {
        return duel->seam_by_default ? "seam, default ring" : duel->peer->title;
    }
    return duel->cell->against_memcpy      ? "limit: memcpy of as much"
           : duel->cell->wait == PEER_SPIN ? "limit: the bare line"
                                           : "limit: bare futexes";
}

/** What a message costs, or how many there are in a second. */
static const char *show(char text[SHOW_CELL], const struct cell *cell, double ns)
{
    return cell->work == WORK_TRIP ? show_ns(text, ns > 0, ns) : show_rate(text, ns > 0, 1e9 / ns);
}

static void print_row(FILE *to, const struct duel *duel)
{
    const struct duel_result *result = &duel->result;
    char peer[SHOW_CELL], seam[SHOW_CELL], ring[SHOW_CELL] = "";
    if (result->missing != NULL) {
        (void)fprintf(to, "  %-30s %s\n", title_of(duel), result->missing);
        return;
    }
    if (result->peer_ring != 0) {
        (void)snprintf(ring, sizeof(ring), "%zu KiB", result->peer_ring >> 10);
    }
    double factor = result->faster.median;
    (void)fprintf(to, "  %-30s %12s %12s   seam is %6.2f times %s  %s\n", title_of(duel),
                  show(peer, duel->cell, result->peer_ns.median),
                  show(seam, duel->cell, result->seam_ns.median), factor >= 1 ? factor : 1 / factor,
                  factor >= 1 ? "faster" : "slower", ring);
}

void summary_duels(FILE *to, const struct duel *duels, size_t count)
{
    const struct duel *before = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!duels[i].result.measured && duels[i].result.missing == NULL) {
            continue;
        }
        const struct cell *cell = duels[i].cell;
        if (before == NULL || before->cell != cell) {
            (void)fprintf(to, "\n%s; seam's ring: %zu KiB\n", cell->title, cell->seam_ring >> 10);
            (void)fprintf(to, "  %-30s %12s %12s\n", "", "this one", "seam beside");
        }
        print_row(to, &duels[i]);
        before = &duels[i];
    }
}

static void print_latest(FILE *to, const char *title, const struct latest_rates *rates)
{
    char cells[4][SHOW_CELL];
    (void)fprintf(to, "  %-30s %12s %12s %12s %9.3f %% %12s\n", title,
                  show_rate(cells[0], true, rates->writes), show_rate(cells[1], true, rates->reads),
                  show_rate(cells[2], true, rates->distinct), rates->failed_percent,
                  show_rate(cells[3], true, rates->idle_reads));
}

void summary_latest(FILE *to, const struct latest_duel *duels, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        if (!duels[i].measured && duels[i].missing == NULL) {
            continue;
        }
        if (!begun) {
            (void)fprintf(to,
                          "\nthe newest value, %d B, both as fast as they can\n  %-30s %12s %12s "
                          "%12s %11s %12s\n",
                          PEER_LATEST_BYTES, "", "writes", "reads", "distinct", "failed",
                          "writer idle");
            begun = true;
        }
        if (duels[i].missing != NULL) {
            (void)fprintf(to, "  %-30s %s\n", duels[i].peer->title, duels[i].missing);
            continue;
        }
        print_latest(to, duels[i].peer->title, &duels[i].rates);
        print_latest(to, "  seam beside it", &duels[i].seam);
    }
}

/* ---- the picture ---- */

static void plot_cell(FILE *gnuplot, const struct duel *duels, size_t count)
{
    (void)fprintf(gnuplot, "set title '%s'\n$data << EOD\n", duels[0].cell->title);
    for (size_t i = 0; i < count && duels[i].cell == duels[0].cell; i++) {
        if (duels[i].result.measured && !duels[i].seam_by_default) {
            (void)fprintf(gnuplot, "\"%s\" %g\n", title_of(&duels[i]),
                          duels[i].result.faster.median);
        }
    }
    (void)fprintf(gnuplot,
                  "EOD\nplot $data using (1):0:(1):2:($0-0.35):($0+0.35):ytic(1) with boxxyerror "
                  "notitle\n");
}

void summary_draw(FILE *to, const char *svg, const struct duel *duels, size_t count)
{
    size_t drawn = 0;
    /* A fixed command. NOLINTNEXTLINE(cert-env33-c) */
    FILE *gnuplot = popen("gnuplot 2>/dev/null", "w");
    if (gnuplot == NULL) {
        (void)fprintf(to, "no picture: gnuplot can't be started\n");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        drawn += duels[i].result.measured && (i == 0 || duels[i].cell != duels[i - 1].cell);
    }
    (void)fprintf(gnuplot,
                  "set terminal svg size 1200,%zu font 'sans,11' background 'white'\n"
                  "set output '%s'\nset multiplot layout %zu,2 title 'How many times faster seam "
                  "is (1: as fast), in turn in one run'\n"
                  "set logscale x 2\nset style fill solid 0.6 noborder\nset yrange [:] reverse\n"
                  "set xtics nomirror\nset ytics nomirror\nset grid xtics\n"
                  "set arrow from 1, graph 0 to 1, graph 1 nohead lw 2\n",
                  ((drawn + 1) / 2) * 330 + 60, svg, (drawn + 1) / 2);
    for (size_t i = 0; i < count; i++) {
        if (duels[i].result.measured && (i == 0 || duels[i].cell != duels[i - 1].cell)) {
            plot_cell(gnuplot, &duels[i], count - i);
        }
    }
    if (pclose(gnuplot) != 0) {
        (void)fprintf(to, "no picture: gnuplot is not installed, or failed\n");
    }
}
