/* SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "bench/plot/plot.h"

/* Writes a report of a campaign to `path`, as one self-contained page. It
   includes the charts from the folder `plots`. Exit code. */
int report_write(const struct view *, const char *plots,
                 const struct plot_drawn *, const char *path);

#endif
