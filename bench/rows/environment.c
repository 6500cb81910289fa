/* SPDX-License-Identifier: MIT */
#include "bench/rows/environment.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/child.h"
#include "bench/base/json.h"
#include "bench/base/say.h"
#include "bench/base/text.h"

/* git on a slow disk; after that the commit stays unknown. */
enum { COMMAND_SECONDS = 10 };

/* --- asking the system --------------------------------------------------- */

static const char *file_text(struct pool *pool, int fd) {
  off_t size = lseek(fd, 0, SEEK_END);
  char *text = pool_alloc(pool, (size_t)size + 1);
  return pread(fd, text, (size_t)size, 0) == size ? text : NULL;
}

/* What a program prints, or NULL if it fails or is not there. */
static const char *command_read(struct pool *pool,
                                const char *const *arguments) {
  FILE *out = tmpfile();
  if (out == NULL)
    return NULL;
  struct child child = {.arguments = arguments,
                        .out = fileno(out),
                        .err = -1,
                        .seconds = COMMAND_SECONDS};
  struct child_result result = child_run(&child);
  const char *text = NULL;
  if (result.end == CHILD_EXITED && result.code == 0)
    text = file_text(pool, fileno(out));
  fclose(out);
  return text;
}

/* The first line that begins with `prefix`, without it; NULL: there is none.
   Closes the file. */
static const char *line_of(struct pool *pool, FILE *in, const char *prefix) {
  char *line = NULL;
  const char *found = NULL;
  size_t capacity = 0, skipped = strlen(prefix);
  while (found == NULL && text_line(&line, &capacity, in) > 0) {
    if (strncmp(line, prefix, skipped) == 0)
      found = pool_copy(pool, line + skipped, strcspn(line + skipped, "\n"));
  }
  free(line);
  fclose(in);
  return found;
}

/* The system may refuse to show some files: what they say is unknown then. */
static const char *line_read(struct pool *pool, const char *path,
                             const char *prefix) {
  FILE *in = fopen(path, "re");
  return in != NULL ? line_of(pool, in, prefix) : NULL;
}

static const char *cpu_model(struct pool *pool) {
  const char *model = line_read(pool, "/proc/cpuinfo", "model name");
  return model != NULL ? model + strspn(model, " \t:") : NULL;
}

static long cores_allowed(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

struct environment_commit environment_commit(struct pool *pool,
                                             const char *bin_dir) {
  /* A build folder lies in its tree; an installed one lies in none, or in
     one that is not ours. */
  const char *const ours[] = {
      "git", "-C", bin_dir, "cat-file", "-e", "HEAD:heap/sweepstakes.h", NULL};
  const char *const id[] = {"git", "-C", bin_dir, "rev-parse", "HEAD", NULL};
  /* Without a lock on the index, which would outlive us if we were killed. */
  const char *const changes[] = {
      "git",         "--no-optional-locks",  "-C", bin_dir, "status",
      "--porcelain", "--untracked-files=no", NULL};
  struct environment_commit commit = {0};
  const char *line =
      command_read(pool, ours) != NULL ? command_read(pool, id) : NULL;
  if (line == NULL)
    return commit;
  commit.id = pool_copy(pool, line, strcspn(line, "\n"));
  const char *changed = command_read(pool, changes);
  if (changed != NULL)
    commit.dirty = *changed != '\0' ? "1" : "0";
  return commit;
}

const char *environment_time(struct pool *pool) {
  char text[32];
  time_t now = time(NULL);
  struct tm utc;
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  return pool_copy(pool, text, strlen(text));
}

/* --- its parts ----------------------------------------------------------- */

static void machine_write(struct json *j, const struct settings *s) {
  struct utsname system;
  bool named = uname(&system) == 0;
  json_open(j, "machine", '{');
  json_text(j, "name", s->machine);
  json_text(j, "cpu", cpu_model(j->pool));
  json_count(j, "cores", sysconf(_SC_NPROCESSORS_ONLN));
  json_count(j, "cores_allowed", cores_allowed());
  json_count(j, "memory_bytes",
             (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
  json_count(j, "page_bytes", sysconf(_SC_PAGESIZE));
  json_text(j, "architecture", named ? system.machine : NULL);
  json_text(j, "kernel", named ? system.release : NULL);
  json_text(
      j, "huge_pages",
      line_read(j->pool, "/sys/kernel/mm/transparent_hugepage/enabled", ""));
  json_text(j, "governor",
            line_read(j->pool,
                      "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                      ""));
  json_text(j, "clock_source",
            line_read(j->pool,
                      "/sys/devices/system/clocksource/clocksource0/"
                      "current_clocksource",
                      ""));
  json_close(j, '}');
}

/* What the machine gave to every run. */
static void conditions_write(struct json *j, const struct settings *s) {
  json_open(j, "conditions", '{');
  json_text(j, "huge_pages", s->huge_pages);
  json_text(j, "pin", s->pin);
  json_text(j, "prefault", s->prefault);
  json_close(j, '}');
}

/* No limit is written as null. */
static void limit_write(struct json *j, const char *name, int resource) {
  struct rlimit limit;
  bool limited =
      getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  json_count(j, name, limited ? (long long)limit.rlim_cur : -1);
}

static void limits_write(struct json *j) {
  json_open(j, "limits", '{');
  limit_write(j, "address_space_bytes", RLIMIT_AS);
  limit_write(j, "stack_bytes", RLIMIT_STACK);
  limit_write(j, "threads", RLIMIT_NPROC);
  limit_write(j, "cpu_seconds", RLIMIT_CPU);
  json_text(j, "cgroup_memory_max",
            line_read(j->pool, "/sys/fs/cgroup/memory.max", ""));
  json_text(j, "cgroup_cpu_max",
            line_read(j->pool, "/sys/fs/cgroup/cpu.max", ""));
  json_text(j, "overcommit_memory",
            line_read(j->pool, "/proc/sys/vm/overcommit_memory", ""));
  json_close(j, '}');
}

/* Debian knows the versions of what the runners load; elsewhere the list has
   the C library alone. */
static void libraries_write(struct json *j) {
  static const char *const packages[] = {
      "dpkg-query",
      "-W",
      "-f=${db:Status-Status} ${Package} ${Version}\n",
      "libbenchmark1*",
      "libjemalloc2",
      "libgc1",
      NULL};
  json_open(j, "libraries", '{');
  json_text(j, "libc", gnu_get_libc_version());
  const char *text = command_read(j->pool, packages);
  char **line = text_split(j->pool, text != NULL ? text : "", '\n');
  for (; *line != NULL; line++) {
    char **word = text_split(j->pool, *line, ' ');
    if (strcmp(word[0], "installed") == 0 && word[1] != NULL)
      json_text(j, word[1], word[2]);
  }
  json_close(j, '}');
}

static void collectors_write(struct json *j, const struct catalog *catalog) {
  json_open(j, "collectors", '[');
  for (size_t i = 0; i < catalog->collector_count; i++) {
    const struct catalog_collector *c = &catalog->collectors[i];
    json_open(j, NULL, '{');
    json_text(j, "name", c->name);
    json_text(j, "compiler", c->compiler);
    json_text(j, "build", c->build_type);
    json_text(j, "assert_level", c->assert_level);
    json_text(j, "statistics", c->statistics);
    json_close(j, '}');
  }
  json_close(j, ']');
}

static void all_write(struct json *j, const struct settings *s,
                      const struct environment_commit *commit, size_t planned) {
  json_open(j, NULL, '{');
  json_text(j, "schema", SCHEMA_VERSION);
  json_text(j, "campaign", s->campaign);
  json_text(j, "started_utc", environment_time(j->pool));
  json_text(j, "commit", commit->id);
  json_text(j, "dirty", commit->dirty);
  json_count(j, "planned_runs", (long long)planned);
  json_count(j, "reruns", (long long)s->reruns);
  machine_write(j, s);
  conditions_write(j, s);
  limits_write(j);
  libraries_write(j);
  collectors_write(j, &s->catalog);
  json_close(j, '}');
  fputc('\n', j->out);
}

int environment_write(const struct campaign *campaign, const struct settings *s,
                      const struct environment_commit *commit, size_t planned) {
  if (access(campaign_path(s->pool, campaign->folder, ENVIRONMENT_FILE),
             F_OK) == 0)
    return EXIT_FINE;
  struct text text;
  text_begin(&text);
  struct json j = {.out = text.out, .pool = s->pool};
  all_write(&j, s, commit, planned);
  text_end(&text);
  int code =
      campaign_write_file(campaign, ENVIRONMENT_FILE, text.bytes, text.size);
  text_free(&text);
  return code;
}

/* A number as json_count wrote it, with its name and what is before it. */
static long number_read(struct pool *pool, const char *folder,
                        const char *prefix) {
  FILE *in = text_open(campaign_path(pool, folder, ENVIRONMENT_FILE));
  const char *number = in != NULL ? line_of(pool, in, prefix) : NULL;
  return number != NULL ? strtol(number, NULL, 10) : 0;
}

struct settled_plan environment_plan(struct pool *pool, const char *folder) {
  long planned = number_read(pool, folder, "  \"planned_runs\": ");
  long reruns = number_read(pool, folder, "  \"reruns\": ");
  return (struct settled_plan){
      .planned = planned > 0 && planned < INT32_MAX ? (size_t)planned : 0,
      .reruns_max = reruns > 0 ? (size_t)reruns : 0};
}

long environment_cores(struct pool *pool, const char *folder) {
  return number_read(pool, folder, "    \"cores\": ");
}
