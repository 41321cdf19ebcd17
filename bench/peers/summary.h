/* SPDX-License-Identifier: MIT */
/* What came out, for people: tables, and a picture. */
#ifndef SEAM_BENCH_PEERS_SUMMARY_H
#define SEAM_BENCH_PEERS_SUMMARY_H

#include <stdio.h>

#include "duel.h"
#include "latest.h"

void summary_duels(FILE *to, const struct duel *duels, size_t count);

void summary_latest(FILE *to, const struct latest_duel *duels, size_t count);

/** Draws how many times faster seam is, cell by cell. Says on @p to where there is no gnuplot. */
void summary_draw(FILE *to, const char *svg, const struct duel *duels, size_t count);

#endif
