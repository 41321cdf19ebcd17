/* SPDX-License-Identifier: MIT */
/* What tests of the suites `survive` and `stress` have shown, as rows for survive/table.py. */
#ifndef SEAM_TESTS_FIGURE_H
#define SEAM_TESTS_FIGURE_H

/**
 * Prints "what: figure" and keeps it for the table, in the directory that SEAM_FIGURES names; the
 * row of an earlier run is replaced. To be called once all of it has been checked.
 * @param what    without '/'
 * @param format  as for printf; what was counted, in words that stand alone
 */
void test_figure(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
