/* SPDX-License-Identifier: MIT */
#include "bench/runner/process.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* --- hardware counters --------------------------------------------------- */

static int counter_open(uint64_t what) {
  struct perf_event_attr attr = {
      .type = PERF_TYPE_HARDWARE,
      .size = sizeof attr,
      .config = what,
      .inherit = 1,
      .exclude_kernel = 1, /* otherwise the system can refuse */
      .exclude_hv = 1,
  };
  return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

struct process_counters process_counters_open(void) {
  return (struct process_counters){
      .instructions = counter_open(PERF_COUNT_HW_INSTRUCTIONS),
      .cycles = counter_open(PERF_COUNT_HW_CPU_CYCLES)};
}

static void counter_close(int *fd) {
  if (*fd >= 0)
    close(*fd);
  *fd = -1;
}

void process_counters_close(struct process_counters *counters) {
  counter_close(&counters->instructions);
  counter_close(&counters->cycles);
}

static uint64_t counter_read(int fd) {
  uint64_t value = 0;
  if (fd < 0 || read(fd, &value, sizeof value) != sizeof value)
    return 0;
  return value;
}

/* --- /proc --------------------------------------------------------------- */

/* The first line of `path` that begins with `start`. */
static bool line_find(const char *path, const char *start, char *out,
                      int size) {
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return false;
  bool is_found = false;
  while (!is_found && fgets(out, size, file) != NULL)
    is_found = strncmp(out, start, strlen(start)) == 0;
  fclose(file);
  return is_found;
}

/* "cpu user nice system idle iowait irq softirq steal guest guest_nice". The
   time of guests is already part of user and nice. */
static void ticks_read(struct process_snapshot *s) {
  enum { FIELDS = 8, IDLE = 3, IO_WAIT = 4, STEAL = 7 };
  unsigned long long tick[FIELDS];
  char line[512];
  if (!line_find("/proc/stat", "cpu ", line, sizeof line) ||
      sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &tick[0],
             &tick[1], &tick[2], &tick[3], &tick[4], &tick[5], &tick[6],
             &tick[STEAL]) != FIELDS)
    return;
  s->steal_ticks = tick[STEAL];
  for (int i = 0; i < FIELDS; i++)
    s->all_ticks += tick[i];
  s->busy_ticks = s->all_ticks - tick[IDLE] - tick[IO_WAIT] - tick[STEAL];
}

double process_tick_ns(void) {
  return 1e9 / (double)sysconf(_SC_CLK_TCK);
}

static bool psi_read(uint64_t *out) {
  char line[256];
  if (!line_find("/proc/pressure/cpu", "some ", line, sizeof line))
    return false;
  const char *total = strstr(line, "total=");
  unsigned long long us;
  if (total == NULL || sscanf(total, "total=%llu", &us) != 1)
    return false;
  *out = us;
  return true;
}

bool process_has_psi(void) {
  uint64_t us;
  return psi_read(&us);
}

double process_load(void) {
  char line[128];
  double load;
  if (!line_find("/proc/loadavg", "", line, sizeof line) ||
      sscanf(line, "%lf", &load) != 1)
    return -1;
  return load;
}

bool process_available_memory(uint64_t *out) {
  char line[128];
  unsigned long long kib;
  if (!line_find("/proc/meminfo", "MemAvailable:", line, sizeof line) ||
      sscanf(line, "MemAvailable: %llu", &kib) != 1)
    return false;
  *out = kib << 10;
  return true;
}

void process_cpu_model(char *out, int size) {
  char line[256];
  out[0] = '\0';
  if (!line_find("/proc/cpuinfo", "model name", line, sizeof line))
    return;
  const char *name = strchr(line, ':');
  if (name != NULL)
    snprintf(out, (size_t)size, "%.*s", (int)strcspn(name + 2, "\n"), name + 2);
}

/* --- snapshots ----------------------------------------------------------- */

static uint64_t timeval_ns(struct timeval t) {
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

static void read_machine(struct process_snapshot *s) {
  ticks_read(s);
  psi_read(&s->psi_cpu_us);
}

static void read_usage(struct process_snapshot *s) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  s->user_ns = timeval_ns(usage.ru_utime);
  s->sys_ns = timeval_ns(usage.ru_stime);
  s->minor_faults = (uint64_t)usage.ru_minflt;
  s->major_faults = (uint64_t)usage.ru_majflt;
  s->voluntary_switches = (uint64_t)usage.ru_nvcsw;
  s->involuntary_switches = (uint64_t)usage.ru_nivcsw;
}

static void read_clocks(struct process_snapshot *s,
                        const struct process_counters *counters) {
  struct timespec cpu;
  s->instructions = counter_read(counters->instructions);
  s->cycles = counter_read(counters->cycles);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  s->cpu_ns = (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec;
}

void process_snapshot_begin(struct process_snapshot *s,
                            const struct process_counters *counters) {
  *s = (struct process_snapshot){0};
  read_machine(s);
  read_usage(s);
  read_clocks(s, counters);
}

void process_snapshot_end(struct process_snapshot *s,
                          const struct process_counters *counters) {
  *s = (struct process_snapshot){0};
  read_clocks(s, counters);
  read_usage(s);
  read_machine(s);
}
