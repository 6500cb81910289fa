/* SPDX-License-Identifier: MIT */
/* One chain of ephemerons, in which the value of each holds the key of the one
   before, as the program `ephemerons` of Whippet makes it
   (https://github.com/wingo/whippet, benchmarks/ephemerons.c). Only the key
   made last is held, so a collection finds the keys one after another. The
   chain is made and read, kept by one full collection, and dropped by the
   next.

   Usage: ephemerons-<collector> COUNT MULTIPLIER
   The limit is MULTIPLIER times the bytes of the chain; 0 means no limit. Each
   line is a name and a number; times are ns for each ephemeron. */
#include <stdio.h>
#include <stdlib.h>

#include "heap/sweepstakes.h"

static gc_type key_type, box_type, table_type;

/* --- the chain ------------------------------------------------------------ */

static bool chain_append(gc_mutator *m, const gc_root *table, gc_root *key,
                         size_t i) {
  GC_FRAME(m, f, box, ephemeron);
  if (gc_new(m, &f.box, box_type) == NULL)
    return false;
  gc_set_move(m, gc_root_get(&f.box), 0, key);
  if (gc_new(m, key, key_type) == NULL ||
      gc_ephemeron_new(m, &f.ephemeron, gc_root_get(key),
                       gc_root_get(&f.box)) == NULL)
    return false;
  gc_set_move(m, gc_root_get(table), i, &f.ephemeron);
  return true;
}

static bool chain_make(gc_mutator *m, gc_root *table, gc_root *key,
                       size_t count) {
  if (gc_new_array(m, table, table_type, count) == NULL ||
      gc_new(m, key, key_type) == NULL)
    return false;
  for (size_t i = 0; i < count; i++)
    if (!chain_append(m, table, key, i))
      return false;
  return true;
}

/* How many ephemerons still have their value, from the last to the first. */
static size_t chain_length(gc_mutator *m, const gc_root *table, size_t count) {
  GC_FRAME(m, f, box);
  size_t length = 0;
  for (size_t i = count; i-- > 0;) {
    gc_ref ephemeron = gc_get(gc_root_get(table), i);
    gc_ref box = gc_ephemeron_get(m, &f.box, ephemeron);
    length += box != NULL && gc_get(box, 0) != NULL;
  }
  return length;
}

static size_t chain_bytes(size_t count) {
  size_t each = gc_size_for(key_type, 0) + gc_size_for(box_type, 0) +
                gc_size_for(gc_ephemeron_type(), 0);
  return gc_size_for(table_type, count) + count * each;
}

/* --- the measurement ------------------------------------------------------ */

static void print_since(const char *name, uint64_t begun, size_t count) {
  printf("%s_ns %.3f\n", name, (double)(gc_now_ns() - begun) / (double)count);
}

static bool measure(gc_mutator *m, size_t count) {
  GC_FRAME(m, f, table, key);
  uint64_t begun = gc_now_ns(), at = begun;
  if (!chain_make(m, &f.table, &f.key, count))
    return false;
  print_since("make", at, count);
  bool ok = chain_length(m, &f.table, count) == count;
  at = gc_now_ns();
  gc_collect(m, GC_FULL);
  print_since("keep", at, count);
  ok = ok && chain_length(m, &f.table, count) == count;
  gc_root_set(m, &f.key, NULL);
  at = gc_now_ns();
  gc_collect(m, GC_FULL);
  print_since("drop", at, count);
  printf("left %zu\n", chain_length(m, &f.table, count));
  print_since("all", begun, count);
  return ok;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s COUNT MULTIPLIER\n", argv[0]);
    return 2;
  }
  size_t count = strtoull(argv[1], NULL, 10);
  gc_heap *heap;
  key_type = gc_type_define(&(struct gc_type_desc){.name = "key"});
  box_type = gc_type_define(&(struct gc_type_desc){.name = "box", .refs = 1});
  table_type = gc_type_define(
      &(struct gc_type_desc){.name = "table", .tail = GC_REF_TAIL});
  double limit = strtod(argv[2], NULL) * (double)chain_bytes(count);
  struct gc_options options = {.heap_bytes = (size_t)limit};
  if (gc_heap_create(&options, &heap) != 0)
    return 1;
  gc_mutator *m = gc_attach(heap);
  bool ok = m && measure(m, count);
  if (m)
    gc_detach(m);
  gc_heap_destroy(heap);
  if (!ok)
    fprintf(stderr, "ephemerons: memory ran out, or a value was lost\n");
  return ok ? 0 : 1;
}
