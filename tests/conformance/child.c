/* SPDX-License-Identifier: MIT */
/* Runs a part of these tests in a child process. It executes this program
   again: a mere fork would copy heaps and locks of other tests. */
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

extern char **environ;

static void read_all(int from, char *text, size_t size) {
  size_t length = 0;
  ssize_t got = 1;
  while (got > 0 && length < size - 1) {
    got = read(from, text + length, size - 1 - length);
    if (got > 0)
      length += (size_t)got;
  }
  text[length] = '\0';
}

int child_run(const char *name, char *text, size_t size) {
  char program[] = "/proc/self/exe", option[] = "--child", copy[100];
  char *arguments[] = {program, option, copy, NULL};
  posix_spawn_file_actions_t actions;
  int ends[2], status;
  pid_t child;
  strncpy(copy, name, sizeof copy - 1);
  copy[sizeof copy - 1] = '\0';
  /* Some children fork. Then jemalloc takes all its locks, more than the thread
     sanitizer's deadlock detector can handle. */
  assert_int_equal(setenv("TSAN_OPTIONS", "detect_deadlocks=0", 0), 0);
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  assert_int_equal(
      posix_spawn(&child, program, &actions, NULL, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  read_all(ends[0], text, size);
  close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}
