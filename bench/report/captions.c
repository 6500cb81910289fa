/* SPDX-License-Identifier: MIT */
/* What charts are called, and how to read them. */
#include <string.h>

#include "bench/report/page.h"

static const struct caption {
  const char *name, *title, *subject, *how;
} captions[] = {
    {"lbo-wall", "", "overhead against heap size",
     "Wall time over a lower bound of what the program costs without any "
     "collector. A curve that falls to the right trades memory for time."},
    {"lbo-cpu", "", "",
     "The same for processor time, which also counts work on other cores."},
    {"forest", "Forest", "ratios between collectors",
     "Each mark is a ratio to the base with its interval; left of 1 is "
     "faster. An interval that crosses 1 decides nothing."},
    {"heat", "Heat map", "",
     "Ratios of wall time to the base. Blue is faster, red is slower, the "
     "deeper the more; an empty square has no completed run."},
    {"pauses", "", "single pauses (pauses.csv)",
     "The share of pauses that are at most so long. A curve further left has "
     "shorter pauses; a collector without a curve never stopped the world."},
    {"mmu-system", "", "utilisation",
     "The least share of processor time that the program had in any window of "
     "this length. Higher is better."},
    {"mmu-worst", "", "",
     "The same for the thread that had the least. Higher is better."},
    {"latency", "", "latencies of requests (latency.csv)",
     "The latency that a share of the requests stays within; each nine has the "
     "same width. Lower is better; the right end is the tail."},
    {"footprint", "", "memory over time (timeline.csv)",
     "Memory over one run. The area below a curve is what the run occupied."},
    {"scaling", "", "throughput against threads",
     "Operations a second with more threads. A level line gains nothing from "
     "them."},
    {"cost", "", "where the time goes",
     "Wall time, divided into phases of pauses and the rest."},
    {"time-wall", "", "", "Wall time under each heap limit. Lower is better."},
    {"time-cpu", "", "",
     "Processor time under each heap limit. Lower is better."},
    {"pareto", "", "time against memory",
     "Time against peak memory, one mark for each heap limit. Nothing is "
     "better in both than a mark on the grey line."},
    {"sweep", "", "", "Times against a parameter of the workload."},
    {"sweep-pauses", "", "",
     "Pauses against a parameter of the workload. A level line does not depend "
     "on it."},
    {"tuning", "", "", "Time against memory for each tuning of a collector."},
};

static const struct caption *caption_find(const struct chart *c) {
  static const struct caption unknown = {"", "", "", ""};
  for (size_t i = 0; i < sizeof captions / sizeof *captions; i++) {
    if (strcmp(captions[i].name, c->name) == 0)
      return &captions[i];
  }
  return &unknown;
}

const char *caption_how(const struct chart *c) {
  return caption_find(c)->how;
}

const char *caption_title(const struct page *p, const struct chart *c) {
  const char *kind = caption_find(c)->title;
  return *kind != '\0' ? pool_format(p->view->pool, "%s: %s", kind, c->title)
                       : c->title;
}

const char *caption_subject(const struct chart *c) {
  return caption_find(c)->subject;
}

static size_t place_of(const char *name) {
  size_t i = 0;
  while (i < sizeof captions / sizeof *captions &&
         strcmp(captions[i].name, name) != 0)
    i++;
  return i;
}

int caption_compare(const void *left, const void *right) {
  size_t a = place_of(((const struct chart *)left)->name);
  size_t b = place_of(((const struct chart *)right)->name);
  return (a > b) - (a < b);
}
