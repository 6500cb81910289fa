/* SPDX-License-Identifier: MIT */
/* A library that is preloaded into a program and makes one of its calls fail,
   as on a system that has run out of a resource. Environment variables select
   the call:
     REFUSE_IN     name of the program; child programs with other names are not
                   affected
     REFUSE_WHAT   name of the call, as in refuses("…") below
     REFUSE_CALL   which of these calls fails; 1: the first
     REFUSE_ERROR  the errno value of the failed call
     REFUSE_SIGN   file to create when the call has failed */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real function: the next one of this name in the search order of
   symbols. */
#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static const char *what = ""; /* "": nothing is refused */
static int error;
static _Atomic long calls_left;

__attribute__((constructor)) static void begin(void) {
  const char *in = getenv("REFUSE_IN");
  if (in == NULL || strcmp(in, program_invocation_short_name) != 0)
    return;
  calls_left = atol(getenv("REFUSE_CALL"));
  error = atoi(getenv("REFUSE_ERROR"));
  what = getenv("REFUSE_WHAT");
}

/* Uses system calls only, because this must not be refused itself. */
static void sign_leave(void) {
  long fd = syscall(SYS_open, getenv("REFUSE_SIGN"), O_WRONLY | O_CREAT, 0666);
  syscall(SYS_close, fd);
}

static bool refuses(const char *name) {
  if (strcmp(what, name) != 0 || --calls_left != 0)
    return false;
  sign_leave();
  errno = error;
  return true;
}

/* --- memory --------------------------------------------------------------- */

void *malloc(size_t bytes) {
  return refuses("memory") ? NULL : REAL(malloc)(bytes);
}

void *calloc(size_t count, size_t bytes) {
  return refuses("memory") ? NULL : REAL(calloc)(count, bytes);
}

void *realloc(void *block, size_t bytes) {
  return refuses("memory") ? NULL : REAL(realloc)(block, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  return refuses("memory") ? NULL : REAL(aligned_alloc)(alignment, bytes);
}

/* From jemalloc; no header here declares it. */
void *mallocx(size_t bytes, int flags);
void *mallocx(size_t bytes, int flags) {
  return refuses("mallocx") ? NULL : REAL(mallocx)(bytes, flags);
}

int mallctl(const char *, void *, size_t *, void *, size_t);
int mallctl(const char *name, void *old, size_t *old_size, void *new,
            size_t new_size) {
  return refuses("mallctl") ? error
                            : REAL(mallctl)(name, old, old_size, new, new_size);
}

/* Is the caller the program itself, not a library? */
static bool is_own(void *caller) {
  Dl_info program, info;
  return dladdr((void *)getauxval(AT_ENTRY), &program) != 0 &&
         dladdr(caller, &info) != 0 && info.dli_fbase == program.dli_fbase;
}

static bool is_of_library(void *caller, const char *name) {
  Dl_info info;
  return dladdr(caller, &info) != 0 && strstr(info.dli_fname, name) != NULL;
}

/* "mmap" refuses calls of the program itself, "gc_mmap" those of the library
   behind `bdw`. Calls of other libraries are not refused, because jemalloc 5.3
   crashes if mmap fails at the first allocation of a thread. */
void *mmap(void *at, size_t bytes, int protection, int flags, int fd,
           off_t offset) {
  void *caller = __builtin_return_address(0);
  bool is_refused =
      is_own(caller) ? refuses("mmap")
                     : is_of_library(caller, "/libgc.so") && refuses("gc_mmap");
  return is_refused ? MAP_FAILED
                    : REAL(mmap)(at, bytes, protection, flags, fd, offset);
}

int memfd_create(const char *name, unsigned flags) {
  return refuses("memfd_create") ? -1 : REAL(memfd_create)(name, flags);
}

/* --- processes and threads ------------------------------------------------ */

pid_t fork(void) {
  return refuses("fork") ? -1 : REAL(fork)();
}

int execvp(const char *file, char *const arguments[]) {
  return refuses("execvp") ? -1 : REAL(execvp)(file, arguments);
}

int dup2(int from, int to) {
  return refuses("dup2") ? -1 : REAL(dup2)(from, to);
}

pid_t waitpid(pid_t pid, int *status, int options) {
  return refuses("waitpid") ? -1 : REAL(waitpid)(pid, status, options);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*start)(void *), void *data) {
  return refuses("pthread_create")
             ? error
             : REAL(pthread_create)(thread, attributes, start, data);
}

/* --- files ---------------------------------------------------------------- */

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return refuses("open") ? -1 : REAL(open)(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode) {
  return refuses("open") ? NULL : REAL(fopen)(path, mode);
}

FILE *fdopen(int fd, const char *mode) {
  return refuses("open") ? NULL : REAL(fdopen)(fd, mode);
}

DIR *opendir(const char *path) {
  return refuses("open") ? NULL : REAL(opendir)(path);
}

struct dirent *readdir(DIR *folder) {
  return refuses("readdir") ? NULL : REAL(readdir)(folder);
}

int fstat(int fd, struct stat *out) {
  return refuses("stat") ? -1 : REAL(fstat)(fd, out);
}

int stat(const char *restrict path, struct stat *restrict out) {
  return refuses("stat") ? -1 : REAL(stat)(path, out);
}

int access(const char *path, int mode) {
  return refuses("access") ? -1 : REAL(access)(path, mode);
}

off_t lseek(int fd, off_t offset, int from) {
  return refuses("lseek") ? -1 : REAL(lseek)(fd, offset, from);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset) {
  return refuses("pread") ? -1 : REAL(pread)(fd, bytes, size, offset);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  return refuses("write") ? -1 : REAL(write)(fd, bytes, size);
}

int fsync(int fd) {
  return refuses("fsync") ? -1 : REAL(fsync)(fd);
}

int ftruncate(int fd, off_t size) {
  return refuses("ftruncate") ? -1 : REAL(ftruncate)(fd, size);
}

int flock(int fd, int operation) {
  return refuses("flock") ? -1 : REAL(flock)(fd, operation);
}

int mkdir(const char *path, mode_t mode) {
  return refuses("mkdir") ? -1 : REAL(mkdir)(path, mode);
}

int rename(const char *from, const char *to) {
  return refuses("rename") ? -1 : REAL(rename)(from, to);
}
