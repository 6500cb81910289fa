/* SPDX-License-Identifier: MIT */
/* Runs programs. Each argument is a file, "corpus" for the whole corpus, "-"
   for standard input, or "random" for RANDOM_PROGRAMS times SWEEPSTAKES_SCALE
   random programs. "write N" writes random program N to standard output
   instead. The name of a program is printed before it runs, so the last name is
   the one that failed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { PROGRAM_MOST = 1 << 16, RANDOM_PROGRAMS = 600, RANDOM_BYTES = 1200 };

static uint64_t programs, steps;

static void run(const uint8_t *program, size_t size) {
  programs++;
  steps += fuzz_run(program, size);
}

static void run_stream(FILE *file) {
  static uint8_t program[PROGRAM_MOST];
  size_t size = fread(program, 1, sizeof program, file);
  /* A copy of exact size, so that a sanitizer sees accesses beyond its end. */
  uint8_t *copy = malloc(size + (size == 0));
  CHECK(copy != NULL);
  memcpy(copy, program, size);
  run(copy, size);
  free(copy);
}

static void run_file(const char *path) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  CHECK(file != NULL);
  printf("%s\n", path);
  fflush(stdout);
  run_stream(file);
  if (file != stdin)
    fclose(file);
}

static int is_visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static void run_folder(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, is_visible, alphasort);
  CHECK(count > 0);
  for (int i = 0; i < count; i++) {
    char name[4096];
    snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
    run_file(name);
    free(entries[i]);
  }
  free(entries);
}

/* Every second byte is small, like the codes of steps, so that programs use the
   same roots and slots again. */
static size_t random_program(uint64_t seed, uint8_t *program) {
  struct workload_random random = workload_random_make(seed, 0);
  size_t size = workload_random_below(&random, RANDOM_BYTES);
  for (size_t i = 0; i < size; i++)
    program[i] = (uint8_t)workload_random_below(&random, i % 2 ? 256 : 32);
  return size;
}

static void run_random(uint64_t seed) {
  static uint8_t program[RANDOM_BYTES];
  run(program, random_program(seed, program));
}

static void write_random(uint64_t seed) {
  static uint8_t program[RANDOM_BYTES];
  size_t size = random_program(seed, program);
  CHECK(fwrite(program, 1, size, stdout) == size);
}

static void run_random_ones(void) {
  /* Stress slows programs less than loops. */
  uint64_t count = test_scaled(RANDOM_PROGRAMS) * (test_is_stressed() ? 10 : 1);
  for (uint64_t i = 0; i < count; i++) {
    uint64_t seed = test_seed() * RANDOM_PROGRAMS + i;
    printf("\rrandom %llu", (unsigned long long)seed);
    fflush(stdout);
    run_random(seed);
  }
  printf("\n");
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "write") == 0) {
    write_random(strtoull(argv[2], NULL, 0));
    return 0;
  }
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "random") == 0)
      run_random_ones();
    else if (strcmp(argv[i], "corpus") == 0)
      run_folder(FUZZ_CORPUS);
    else
      run_file(argv[i]);
  printf("%llu programs, %llu steps\n", (unsigned long long)programs,
         (unsigned long long)steps);
  return 0;
}
