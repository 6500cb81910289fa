/* SPDX-License-Identifier: MIT */
/* Lists as in Lisp, for the programs that were published in Scheme: cells with
   a first value and a rest. Values are references, immediates for numbers and
   names, and NULL, the empty list. */
#ifndef WORKLOAD_LISP_H
#define WORKLOAD_LISP_H

#include "workloads/helpers.h"

enum { LISP_FIRST, LISP_REST };

/* A thread's cells. */
struct lisp {
  gc_mutator *m;
  gc_type type;
  uint64_t cells; /* made so far */
  bool is_out_of_memory;
};

static inline gc_type lisp_type(void) {
  return workload_type(&(struct gc_type_desc){.name = "cell", .refs = 2});
}

static inline size_t lisp_size(void) {
  return gc_size_for(lisp_type(), 0);
}

static inline struct lisp lisp_make(gc_mutator *m) {
  return (struct lisp){.m = m, .type = lisp_type()};
}

static inline gc_ref lisp_first(gc_ref cell) {
  return gc_get(cell, LISP_FIRST);
}

static inline gc_ref lisp_rest(gc_ref cell) {
  return gc_get(cell, LISP_REST);
}

/* Makes a cell of two values, which are moved into it. *out must be another
   root. False: out of memory. Inline, as a call costs 5 % of nboyer. */
GC_INLINE bool lisp_cell(struct lisp *lisp, gc_root *out, gc_root *first,
                         gc_root *rest) {
  gc_ref cell = gc_new(lisp->m, out, lisp->type);
  if (GC_UNLIKELY(cell == NULL)) {
    lisp->is_out_of_memory = true;
    return false;
  }
  gc_set_move(lisp->m, cell, LISP_FIRST, first);
  gc_set_move(lisp->m, cell, LISP_REST, rest);
  lisp->cells++;
  return true;
}

/* Adds a value, which is moved, to the front of *list. */
static inline bool lisp_push(struct lisp *lisp, gc_root *list, gc_root *first) {
  GC_FRAME(lisp->m, f, cell);
  if (!lisp_cell(lisp, &f.cell, first, list))
    return false;
  gc_root_move(lisp->m, list, &f.cell);
  return true;
}

/* The figures of a thread that has made nothing but its cells and, besides,
   this many objects, bytes and stores. */
static inline void lisp_figures(const struct lisp *lisp,
                                struct workload_figures *figures,
                                uint64_t objects, uint64_t bytes,
                                uint64_t stores) {
  figures->alloc_objects = lisp->cells + objects;
  figures->alloc_bytes = lisp->cells * lisp_size() + bytes;
  figures->ref_stores = 2 * lisp->cells + stores;
}

#endif
