/* SPDX-License-Identifier: MIT */
#include "bench/race/machine.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"

/* Shares of time, and a load average, that are no disturbance. */
static const double STEAL_MOST = 0.01, STALL_MOST = 1, LOAD_MOST = 0.5;

struct look {
  struct pool *pool;
  const char *root;
};

/* The first line of a file that begins with `start`, without it. NULL: the file
   or the line is not there. */
static const char *line_read(const struct look *l, const char *path,
                             const char *start) {
  FILE *in = text_open(pool_format(l->pool, "%s%s", l->root, path));
  char *line = NULL;
  const char *found = NULL;
  size_t capacity = 0, skipped = strlen(start);
  while (in != NULL && found == NULL && text_line(&line, &capacity, in) > 0) {
    if (strncmp(line, start, skipped) == 0)
      found = pool_copy(l->pool, line + skipped, strcspn(line + skipped, "\n"));
  }
  free(line);
  if (in != NULL)
    fclose(in);
  return found;
}

static enum machine_verdict verdict_of(bool is_quiet) {
  return is_quiet ? MACHINE_QUIET : MACHINE_LOUD;
}

static void governor_look(const struct look *l, struct machine_trait *t) {
  t->now =
      line_read(l, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "");
  t->change = "cpupower frequency-set -g performance";
  if (t->now != NULL)
    t->verdict = verdict_of(strcmp(t->now, "performance") == 0);
}

/* Two drivers, which say the opposite of each other. */
static void turbo_look(const struct look *l, struct machine_trait *t) {
  const char *off =
      line_read(l, "/sys/devices/system/cpu/intel_pstate/no_turbo", "");
  const char *on = line_read(l, "/sys/devices/system/cpu/cpufreq/boost", "");
  t->change = off != NULL
                  ? "echo 1 >/sys/devices/system/cpu/intel_pstate/no_turbo"
                  : "echo 0 >/sys/devices/system/cpu/cpufreq/boost";
  if (off == NULL && on == NULL)
    return;
  bool is_off = off != NULL ? *off == '1' : *on == '0';
  t->now = is_off ? "off" : "on";
  t->verdict = verdict_of(is_off);
}

static void smt_look(const struct look *l, struct machine_trait *t) {
  const char *active = line_read(l, "/sys/devices/system/cpu/smt/active", "");
  t->change = "echo off >/sys/devices/system/cpu/smt/control";
  if (active == NULL)
    return;
  t->now = *active == '0' ? "off" : "on";
  t->verdict = verdict_of(*active == '0');
}

static void steal_look(const struct look *l, struct machine_trait *t) {
  enum { FIELDS = 8, STEAL = 7 };
  double tick[FIELDS] = {0}, all = 0;
  const char *line = line_read(l, "/proc/stat", "cpu ");
  t->change = "rent a machine whose cores are not shared";
  if (line == NULL || sscanf(line, "%lf %lf %lf %lf %lf %lf %lf %lf", &tick[0],
                             &tick[1], &tick[2], &tick[3], &tick[4], &tick[5],
                             &tick[6], &tick[STEAL]) != FIELDS)
    return;
  for (int i = 0; i < FIELDS; i++)
    all += tick[i];
  if (all == 0) /* a system that only looks like Linux */
    return;
  double share = tick[STEAL] / all;
  t->now = pool_format(l->pool, "%.1f %% since boot", 100 * share);
  t->verdict = verdict_of(share <= STEAL_MOST);
}

/* Kibibytes; negative: unknown. */
static double memory_read(const struct look *l, const char *name) {
  const char *line = line_read(l, "/proc/meminfo", name);
  return line != NULL ? strtod(line, NULL) : -1;
}

static void swap_look(const struct look *l, struct machine_trait *t) {
  double total = memory_read(l, "SwapTotal:");
  double left = memory_read(l, "SwapFree:");
  t->change = "swapoff -a";
  if (total < 0 || left < 0)
    return;
  t->now = total > 0
               ? pool_format(l->pool, "%.0f MiB in use", (total - left) / 1024)
               : "none";
  t->verdict = verdict_of(total <= left);
}

/* The setting is the word in brackets. */
static void huge_pages_look(const struct look *l, struct machine_trait *t) {
  const char *line =
      line_read(l, "/sys/kernel/mm/transparent_hugepage/enabled", "");
  const char *setting = line != NULL ? strchr(line, '[') : NULL;
  t->change = "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled";
  if (setting == NULL)
    return;
  t->now = pool_copy(l->pool, setting + 1, strcspn(setting + 1, "]"));
  t->verdict = verdict_of(strcmp(t->now, "always") != 0);
}

static void layout_look(const struct look *l, struct machine_trait *t) {
  const char *line = line_read(l, "/proc/sys/kernel/randomize_va_space", "");
  t->change = "echo 0 >/proc/sys/kernel/randomize_va_space";
  if (line == NULL)
    return;
  t->now = *line == '0' ? "off" : "on";
  t->verdict = verdict_of(*line == '0');
}

static const char others_command[] = "ps -eo pcpu,comm --sort=-pcpu | head";

static void load_look(const struct look *l, struct machine_trait *t) {
  const char *line = line_read(l, "/proc/loadavg", "");
  t->change = others_command;
  if (line == NULL)
    return;
  t->now = pool_copy(l->pool, line, strcspn(line, " "));
  t->verdict = verdict_of(strtod(line, NULL) <= LOAD_MOST);
}

static void pressure_look(const struct look *l, struct machine_trait *t) {
  const char *line = line_read(l, "/proc/pressure/cpu", "some ");
  const char *mean = line != NULL ? strstr(line, "avg60=") : NULL;
  t->change = others_command;
  if (mean == NULL)
    return;
  double share = strtod(mean + strlen("avg60="), NULL);
  t->now = pool_format(l->pool, "%.1f %% of the time", share);
  t->verdict = verdict_of(share <= STALL_MOST);
}

static const struct {
  const char *name;
  void (*look)(const struct look *, struct machine_trait *);
} traits[MACHINE_TRAITS] = {
    {"governor", governor_look}, {"turbo", turbo_look},
    {"SMT", smt_look},           {"steal", steal_look},
    {"swap", swap_look},         {"huge pages", huge_pages_look},
    {"ASLR", layout_look},       {"load", load_look},
    {"PSI, cpu", pressure_look},
};

void machine_look(struct pool *pool, const char *root,
                  struct machine_trait out[MACHINE_TRAITS]) {
  const struct look look = {pool, root};
  for (size_t i = 0; i < MACHINE_TRAITS; i++) {
    out[i] = (struct machine_trait){.name = traits[i].name};
    traits[i].look(&look, &out[i]);
  }
}
