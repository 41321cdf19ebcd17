/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "show.h"

static void roundtrip_line(FILE *to, const struct roundtrip_row *row)
{
    const struct roundtrip_result *free = &row->lock_free.result, *locked = &row->locked.result;
    bool both = free->measured && locked->measured;
    char c[7][SHOW_CELL];
    (void)fprintf(to, "%-8s %7zu B | %10s %10s %9s | %10s %10s | %10s %10s\n",
                  wait_name(row->lock_free.wait), row->lock_free.size,
                  show_ns(c[0], free->measured, free->p50_ns),
                  show_ns(c[1], locked->measured, locked->p50_ns),
                  show_times(c[2], both, both ? locked->p50_ns / free->p50_ns : 0),
                  show_times(c[3], free->measured, free->ratio),
                  show_times(c[4], locked->measured, locked->ratio),
                  show_ns(c[5], free->measured, free->p99_9_ns),
                  show_ns(c[6], locked->measured, locked->p99_9_ns));
}

void table_roundtrips(FILE *to, const struct roundtrip_row *rows, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].lock_free.result.measured && !rows[i].locked.result.measured) {
            continue;
        }
        if (!begun) {
            (void)fprintf(to,
                          "\nRound trip between two processes\n"
                          "%-8s %9s | %31s | %21s | %21s\n"
                          "%-8s %9s | %10s %10s %9s | %10s %10s | %10s %10s\n",
                          "", "", "half of them are faster than", "times the limit (1)",
                          "1 in 1000 is slower than", "waiting", "message", "lock-free", "locked",
                          "gain", "lock-free", "locked", "lock-free", "locked");
            begun = true;
        }
        roundtrip_line(to, &rows[i]);
    }
    if (begun) {
        (void)fprintf(to,
                      "(1) spin, adaptive: one empty cache line there and back; sleep: two bare "
                      "futex wake-ups\n    (measured in turn with it; median of the blocks)\n");
    }
}

static void onesided_line(FILE *to, const struct onesided_row *row)
{
    static const char *const titles[] = {
        [PUBLISH_IDLE] = "publish, nobody reads",
        [PUBLISH_BUSY] = "publish, read all the time",
        [LATEST_NONE] = "latest: nothing new",
        [LATEST_OWN] = "publish and read it back",
        [LATEST_BUSY] = "latest, written all the time",
    };
    const struct onesided_result *free = &row->lock_free.result, *locked = &row->locked.result;
    bool both = free->measured && locked->measured;
    bool reads = row->lock_free.kind == PUBLISH_BUSY || row->lock_free.kind == LATEST_BUSY;
    char c[5][SHOW_CELL];
    (void)fprintf(to, "%-28s %5zu B | %10s %10s %9s | %11s %11s\n", titles[row->lock_free.kind],
                  row->lock_free.size, show_ns(c[0], free->measured, free->ns),
                  show_ns(c[1], locked->measured, locked->ns),
                  show_times(c[2], both, both ? locked->ns / free->ns : 0),
                  reads ? show_rate(c[3], free->measured, free->reads_per_s) : "",
                  reads ? show_rate(c[4], locked->measured, locked->reads_per_s) : "");
}

void table_onesided(FILE *to, const struct onesided_row *rows, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].lock_free.result.measured && !rows[i].locked.result.measured) {
            continue;
        }
        if (!begun) {
            (void)fprintf(to,
                          "\nOne side, waiting for nobody\n"
                          "%-36s | %31s | %23s\n%-28s %7s | %10s %10s %9s | %11s %11s\n",
                          "", "time for each", "different messages read", "", "message",
                          "lock-free", "locked", "gain", "lock-free", "locked");
            begun = true;
        }
        onesided_line(to, &rows[i]);
    }
}
