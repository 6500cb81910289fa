/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/helpers.h"

/* --- types ---------------------------------------------------------------- */

/* The types that were defined so far. Even a process that tries many parameters
   uses few sizes. */
enum { TYPES_MAX = 512 };
static pthread_mutex_t types_lock = PTHREAD_MUTEX_INITIALIZER;
static gc_type types[TYPES_MAX]; /* types_lock */
static unsigned type_count;      /* types_lock */

static bool type_matches(gc_type type, const struct gc_type_desc *wanted) {
  const struct gc_type_desc *known = gc_type_describe(type);
  return known->refs == wanted->refs && known->bytes == wanted->bytes &&
         known->tail == wanted->tail && known->finalize == wanted->finalize &&
         strcmp(known->name, wanted->name) == 0;
}

gc_type workload_type(const struct gc_type_desc *wanted) {
  pthread_mutex_lock(&types_lock);
  unsigned i = 0;
  while (i < type_count && !type_matches(types[i], wanted))
    i++;
  if (i == type_count) {
    gc_assert_always(type_count < TYPES_MAX);
    types[type_count++] = gc_type_define(wanted);
    gc_assert_always(types[i] != 0);
  }
  gc_type type = types[i];
  pthread_mutex_unlock(&types_lock);
  return type;
}

gc_type workload_table_type(void) {
  return workload_type(
      &(struct gc_type_desc){.name = "table", .tail = GC_REF_TAIL});
}

gc_type workload_bytes_type(void) {
  return workload_type(
      &(struct gc_type_desc){.name = "bytes", .tail = GC_BYTE_TAIL});
}

bool workload_checksums_are(const struct workload_thread *threads,
                            uint64_t expected) {
  for (unsigned i = 0; i < threads[0].setup->threads; i++)
    if (threads[i].figures.checksum != expected)
      return false;
  return true;
}

void workload_wait(gc_mutator *m) {
  gc_park(m);
  sched_yield();
  gc_unpark(m);
}

void *workload_shared_begin(struct workload_thread *t, size_t bytes) {
  struct workload_shared *shared = calloc(1, bytes);
  t->shared = shared;
  if (shared != NULL)
    gc_global_add(t->m->heap, &shared->root);
  return shared;
}

bool workload_shared_begin_plain(struct workload_thread *t) {
  return workload_shared_begin(t, sizeof(struct workload_shared)) != NULL;
}

void workload_shared_end(struct workload_thread *t) {
  struct workload_shared *shared = t->shared;
  if (shared == NULL)
    return;
  gc_global_remove(t->m, &shared->root);
  free(shared);
  t->shared = NULL;
}

/* --- stamped objects ------------------------------------------------------ */

gc_type workload_stamped_type(void) {
  return workload_type(&(struct gc_type_desc){
      .name = "stamped", .bytes = sizeof(struct workload_stamp)});
}

bool workload_stamped_table(gc_mutator *m, gc_root *global, size_t count,
                            size_t step) {
  gc_type type = workload_stamped_type();
  GC_FRAME(m, f, table, object);
  if (gc_new_array(m, &f.table, workload_table_type(), count * step) == NULL)
    return false;
  gc_global_set(m, global, gc_root_get(&f.table));
  for (size_t i = 0; i < count; i++) {
    if (workload_stamped_new(m, &f.object, type, i) == NULL)
      return false;
    gc_set_move(m, gc_root_get(&f.table), i * step, &f.object);
  }
  return true;
}

size_t workload_stamped_table_bytes(size_t count, size_t step) {
  return gc_size_for(workload_table_type(), count * step) +
         count * gc_size_for(workload_stamped_type(), 0);
}

/* --- chains --------------------------------------------------------------- */

gc_type workload_link_type(size_t bytes) {
  return workload_type(&(struct gc_type_desc){
      .name = "link", .refs = 1, .bytes = (uint32_t)bytes});
}

/* Walks at most WORKLOAD_STRIDE nodes; returns the node that it has reached. */
static gc_ref chain_stride(struct workload_chain *chain, gc_ref node,
                           gc_ref head, uint64_t most) {
  for (unsigned i = 0; i < WORKLOAD_STRIDE; i++) {
    if (node == NULL || chain->is_ring || chain->nodes == most)
      return NULL;
    chain->nodes++;
    chain->id_sum += *workload_number(node);
    node = gc_get(node, 0);
    chain->is_ring = node == head;
  }
  return node;
}

static void chain_go_on(gc_mutator *m, struct workload_chain *chain,
                        gc_ref node, const gc_root *head, uint64_t most) {
  GC_FRAME(m, f, cursor);
  while (node != NULL) {
    gc_root_set(m, &f.cursor, node);
    gc_safepoint(m);
    node = chain_stride(chain, gc_root_get(&f.cursor), gc_root_get(head), most);
  }
}

struct workload_chain workload_chain_walk(gc_mutator *m, const gc_root *head,
                                          uint64_t most) {
  struct workload_chain chain = {0};
  gc_ref first = gc_root_get(head);
  gc_ref node = chain_stride(&chain, first, first, most);
  if (node != NULL)
    chain_go_on(m, &chain, node, head, most);
  return chain;
}

/* --- perfect trees -------------------------------------------------------- */

uint64_t workload_tree_nodes(unsigned arity, unsigned depth) {
  uint64_t nodes = 0, layer = 1;
  for (unsigned i = 0; i <= depth; i++, layer *= arity)
    nodes += layer;
  return nodes;
}

static uint64_t count_below(gc_ref node, unsigned arity, unsigned depth) {
  if (node == NULL)
    return 0;
  uint64_t nodes = 1;
  for (unsigned i = 0; i < arity; i++) {
    gc_ref child = gc_get(node, i);
    if (depth > 0)
      nodes += count_below(child, arity, depth - 1);
    else if (child != NULL)
      nodes++; /* too deep: makes the number wrong */
  }
  return nodes;
}

uint64_t workload_tree_count(gc_mutator *m, gc_ref tree, unsigned arity,
                             unsigned depth) {
  if (tree == NULL || workload_tree_nodes(arity, depth) <= WORKLOAD_STRIDE)
    return count_below(tree, arity, depth);
  GC_FRAME(m, f, here);
  gc_root_set(m, &f.here, tree);
  uint64_t nodes = 1;
  for (unsigned i = 0; i < arity; i++) {
    gc_ref child = gc_get(gc_root_get(&f.here), i);
    nodes += workload_tree_count(m, child, arity, depth - 1);
    gc_safepoint(m);
  }
  return nodes;
}

/* --- numbers -------------------------------------------------------------- */

void workload_geometric(struct workload_random *random, unsigned percent,
                        uint8_t *table, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint8_t failures = 0;
    while (failures < UINT8_MAX &&
           workload_random_below(random, 100) >= percent)
      failures++;
    table[i] = failures;
  }
}

size_t workload_random_size(struct workload_random *random, size_t least,
                            size_t greatest) {
  uint64_t octaves = 0;
  while (least << (octaves + 1) <= greatest)
    octaves++;
  if (octaves == 0)
    return least / 8 * 8;
  size_t floor = least << workload_random_below(random, octaves);
  return (floor + workload_random_below(random, floor)) / 8 * 8;
}

size_t workload_random_even(struct workload_random *random, size_t least,
                            size_t greatest) {
  size_t span = greatest > least ? greatest - least + 1 : 1;
  return least + workload_random_below(random, span);
}

static const double zipf_skew = 0.99;

double workload_zipf_weight(uint64_t i) {
  return pow((double)(i + 1), -zipf_skew);
}

/* Gray, Sundaresan, Englert, Baclawski, Weinberger, "Quickly generating
   billion-record synthetic databases", 1994, section 3.2. */
struct workload_zipf workload_zipf_make(uint64_t n) {
  struct workload_zipf z = {.n = (double)n, .alpha = 1 / (1 - zipf_skew)};
  for (uint64_t i = 0; i < n; i++)
    z.zeta += workload_zipf_weight(i);
  z.first_two = 1 + workload_zipf_weight(1);
  z.eta = (1 - pow(2 / z.n, 1 - zipf_skew)) / (1 - z.first_two / z.zeta);
  return z;
}

uint64_t workload_zipf_next(const struct workload_zipf *z,
                            struct workload_random *random) {
  double u = (double)(workload_random_next(random) >> 11) * 0x1p-53;
  double scaled = u * z->zeta;
  if (scaled < 1)
    return 0;
  if (scaled < z->first_two)
    return 1;
  uint64_t i = (uint64_t)(z->n * pow(z->eta * u - z->eta + 1, z->alpha));
  return i < (uint64_t)z->n ? i : (uint64_t)z->n - 1;
}

/* Multiplying by an odd number, adding and xor-shifting are one to one on
   0 … 2^bits - 1. A result of n or more is mapped again until it is below n.
   This ends, because repeated mapping is a cycle that began below n. */
uint64_t workload_permute(uint64_t i, uint64_t n, uint64_t key) {
  unsigned bits = 0;
  while (n > UINT64_C(1) << bits)
    bits++;
  uint64_t mask = (UINT64_C(1) << bits) - 1;
  unsigned shift = bits / 2 + 1;
  do {
    i = (i * UINT64_C(0x9e3779b97f4a7c15) + key) & mask;
    i ^= i >> shift;
    i = i * UINT64_C(0xd1342543de82ef95) & mask;
    i ^= i >> shift;
  } while (i >= n);
  return i;
}
