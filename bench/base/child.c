/* SPDX-License-Identifier: MIT */
#include "bench/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The exit status for a program that does not exist, as in a shell. */
enum { STATUS_NO_EXEC = 127 };

/* Signals that ask the front end to stop; empty until they are held. */
static sigset_t stop_signals;
static bool signals_held, stop_seen;

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void child_signals_hold(void) {
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGINT);
  sigaddset(&stop_signals, SIGTERM);
  /* Under nohup, a hang-up must not stop the program. */
  struct sigaction hangup;
  if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    sigaddset(&stop_signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &stop_signals, NULL);
  signals_held = true;
}

bool child_asked_to_stop(void) {
  const struct timespec at_once = {0, 0};
  if (signals_held && sigtimedwait(&stop_signals, NULL, &at_once) > 0)
    stop_seen = true;
  return stop_seen;
}

/* In the new process: prints why the program could not be started. */
_Noreturn static void become_nothing(const struct child *child) {
  if (child->err != STDERR_FILENO)
    dprintf(STDERR_FILENO, "it cannot be started: %s\n", strerror(errno));
  _exit(STATUS_NO_EXEC);
}

static void descriptor_use(const struct child *child, int from, int to) {
  if (from < 0)
    from = open("/dev/null", to == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  if (from < 0 || dup2(from, to) < 0)
    become_nothing(child);
}

/* In the new process. */
_Noreturn static void program_become(const struct child *child, pid_t parent) {
  setpgid(0, 0);
  /* A front end that is killed outright cannot kill its child itself. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(STATUS_NO_EXEC);
  descriptor_use(child, child->err,
                 STDERR_FILENO); /* first: later errors are reported there */
  descriptor_use(child, -1, STDIN_FILENO);
  descriptor_use(child, child->out, STDOUT_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(child->arguments[0], (char *const *)child->arguments);
  become_nothing(child);
}

/* Sleeps until a signal arrives, at most `seconds`. */
static void signal_await(const sigset_t *signals, double seconds) {
  struct timespec limit = {.tv_sec = (time_t)seconds};
  limit.tv_nsec = (long)(1e9 * (seconds - (double)limit.tv_sec));
  int signal = sigtimedwait(signals, NULL, &limit);
  if (signal > 0 && signal != SIGCHLD)
    stop_seen = true;
}

/* Waits for the end of the process. True: it has ended by itself. */
static bool child_await(const struct child *child, pid_t pid, double deadline,
                        int *status, enum child_end *end) {
  sigset_t awaited = stop_signals;
  sigaddset(&awaited, SIGCHLD);
  /* Each tick wakes a core that the run may need, so there are none without a
     need. */
  double tick = child->tick != NULL ? 1 : 3600;
  while (waitpid(pid, status, WNOHANG) == 0) {
    double left = deadline - now_seconds();
    *end = stop_seen ? CHILD_INTERRUPTED : CHILD_TIMED_OUT;
    if (stop_seen || left <= 0)
      return false;
    signal_await(&awaited, left < tick ? left : tick);
    if (child->tick != NULL)
      child->tick(child->data);
  }
  return true;
}

static struct child_result process_await(const struct child *child, pid_t pid) {
  double begun = now_seconds();
  struct child_result result = {0};
  int status = 0;
  if (!child_await(child, pid, begun + child->seconds, &status, &result.end)) {
    kill(-pid, SIGKILL);
    waitpid(pid, &status, 0);
  } else if (WIFSIGNALED(status)) {
    result.end = CHILD_SIGNALLED;
    result.code = WTERMSIG(status);
  } else {
    result.code = WEXITSTATUS(status);
    result.end =
        result.code == STATUS_NO_EXEC ? CHILD_NOT_STARTED : CHILD_EXITED;
  }
  result.seconds = now_seconds() - begun;
  return result;
}

struct child_result child_run(const struct child *child) {
  /* Held back, so that it stays pending for signal_await. */
  sigset_t ended, before;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &ended, &before);
  signal(SIGCHLD, SIG_DFL); /* if ignored, it would not report the end */
  pid_t parent = getpid(), pid = fork();
  if (pid == 0)
    program_become(child, parent);
  struct child_result result = {CHILD_NOT_STARTED, errno, 0};
  if (pid > 0) {
    setpgid(pid, pid); /* parent and child both do this; the first wins */
    result = process_await(child, pid);
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  return result;
}

const char *child_refusal(const struct child_result *result) {
  return result->code == STATUS_NO_EXEC ? "it cannot be started"
                                        : strerror(result->code);
}
