/* SPDX-License-Identifier: MIT */
/* Requests of `bdw` to its library fail in turn, like the requests of
   collectors to the system. */
#include "collectors/bdw/library.h"
#include "tests/heap/faults.h"

void __real_GC_generic_malloc_many(size_t, int, void **);
void __wrap_GC_generic_malloc_many(size_t, int, void **);
void __wrap_GC_generic_malloc_many(size_t bytes, int kind, void **list) {
  if (faults_due())
    *list = NULL;
  else
    __real_GC_generic_malloc_many(bytes, kind, list);
}

void *__real_GC_malloc_kind(size_t, int);
void *__wrap_GC_malloc_kind(size_t, int);
void *__wrap_GC_malloc_kind(size_t bytes, int kind) {
  return faults_due() ? NULL : __real_GC_malloc_kind(bytes, kind);
}

int __real_GC_register_long_link(void **, const void *);
int __wrap_GC_register_long_link(void **, const void *);
int __wrap_GC_register_long_link(void **link, const void *object) {
  return faults_due() ? GC_NO_MEMORY
                      : __real_GC_register_long_link(link, object);
}

/* Without memory, the library changes nothing and reports nothing. */
void __real_GC_register_finalizer_no_order(void *, GC_finalization_proc, void *,
                                           GC_finalization_proc *, void **);
void __wrap_GC_register_finalizer_no_order(void *, GC_finalization_proc, void *,
                                           GC_finalization_proc *, void **);
void __wrap_GC_register_finalizer_no_order(void *object,
                                           GC_finalization_proc run, void *data,
                                           GC_finalization_proc *earlier,
                                           void **earlier_data) {
  if (!faults_due())
    __real_GC_register_finalizer_no_order(object, run, data, earlier,
                                          earlier_data);
}

int __real_GC_expand_hp(size_t);
int __wrap_GC_expand_hp(size_t);
int __wrap_GC_expand_hp(size_t bytes) {
  return faults_due() ? 0 : __real_GC_expand_hp(bytes);
}
