/* SPDX-License-Identifier: MIT */
/* Paul Havlak, "Nesting of Reducible and Irreducible Loops", TOPLAS 19 (4),
   1997, which extends Tarjan's "Testing Flow Graph Reducibility", 1974. The
   steps a to e are those of the paper. */
#include "workloads/programs/havlak.h"

/* What the finder knows of a block, in the order of the depth-first search.
   UP leads to the node that stands for the loop which the block is in, or to
   the node itself. BACK and FORWARD are vectors of numbers of nodes: sources of
   edges from below and from elsewhere. */
enum { NODE_UP, NODE_BLOCK, NODE_LOOP, NODE_BACK, NODE_FORWARD, NODE_SLOTS };

enum kind { NO_HEADER, REDUCIBLE, IRREDUCIBLE, SELF };

struct node_data {
  uint64_t number, last; /* its own, and the last one below it */
  uint64_t above, edge;  /* of the search: the node above, the next edge */
  enum kind kind;
};

static const intptr_t unvisited = -1;

/* `nodes` is a table, `numbers` maps the names of blocks to numbers of nodes.
 */
struct finder {
  const struct havlak *h;
  gc_mutator *m;
  const gc_root *blocks, *loops, *nodes, *numbers;
  size_t size;
};

gc_type finder_node_type(void) {
  return workload_type(
      &(struct gc_type_desc){.name = "loop finder node",
                             .refs = NODE_SLOTS,
                             .bytes = sizeof(struct node_data)});
}

/* In the graphs of the benchmark, nearly every block has a few edges into it,
   and a third of the blocks are headers. */
size_t finder_live_bytes(const struct havlak *h, size_t blocks) {
  const struct containers *c = &h->c;
  size_t small = vector_bytes(c, 1);
  return gc_size_for(c->table, blocks) + map_bytes(c, blocks) +
         blocks * (gc_size_for(h->node, 0) + 2 * small) +
         4 * vector_bytes(c, blocks / 4);
}

/* Tables of vectors and of the map double until they are large enough, and each
   block has a pool and a list of work of its own. */
size_t finder_alloc_bytes(const struct havlak *h, size_t blocks) {
  return 2 * finder_live_bytes(h, blocks) +
         blocks * 4 * vector_bytes(&h->c, VECTOR_LEAST);
}

static struct node_data *data_of(gc_ref node) {
  return gc_bytes(node);
}

static gc_ref node_at(const struct finder *f, size_t number) {
  return gc_get(gc_root_get(f->nodes), number);
}

static bool is_below(gc_ref top, uint64_t number) {
  return data_of(top)->number <= number && number <= data_of(top)->last;
}

static gc_ref number_entry(const struct finder *f, gc_ref block) {
  uint64_t name = *workload_number(block);
  return map_find(gc_root_get(f->numbers), name, NULL, NULL);
}

/* --- steps a and b: numbers, and kinds of edges --------------------------- */

static bool node_make(const struct finder *finder, size_t number) {
  const struct havlak *h = finder->h;
  GC_FRAME(finder->m, f, node, vector);
  if (!counted_new(&h->c, &f.node, h->node))
    return false;
  for (size_t slot = NODE_BACK; slot <= NODE_FORWARD; slot++) {
    if (!vector_new(&h->c, &f.vector))
      return false;
    counted_set_move(&h->c, gc_root_get(&f.node), slot, &f.vector);
  }
  data_of(gc_root_get(&f.node))->number = number;
  counted_set_move(&h->c, gc_root_get(finder->nodes), number, &f.node);
  return true;
}

static bool number_make(const struct finder *finder, size_t i) {
  GC_FRAME(finder->m, f, block, number);
  gc_ref block = vector_at(gc_root_get(finder->blocks), i);
  gc_root_set(finder->m, &f.block, block);
  gc_root_set(finder->m, &f.number, gc_immediate(unvisited));
  return map_add(&finder->h->c, finder->numbers, *workload_number(block),
                 &f.block, &f.number);
}

static bool all_make(const struct finder *f) {
  for (size_t i = 0; i < f->size; i++)
    if (!node_make(f, i) || !number_make(f, i))
      return false;
  return true;
}

/* Gives the block of this entry the next number. */
static void visit(const struct finder *f, gc_ref entry, size_t number,
                  size_t above) {
  const struct containers *c = &f->h->c;
  gc_ref node = node_at(f, number);
  counted_set(c, entry, ENTRY_VALUE, gc_immediate((intptr_t)number));
  counted_set(c, node, NODE_UP, node);
  counted_set(c, node, NODE_BLOCK, gc_get(entry, ENTRY_KEY));
  data_of(node)->above = above;
}

/* Looks at one edge out of node `at`, and returns the node to look at next: a
   new one, the same one, or the one above if there is no other edge. */
static size_t search_step(const struct finder *f, size_t at, size_t *last) {
  gc_ref node = node_at(f, at);
  gc_ref edges = gc_get(gc_get(node, NODE_BLOCK), BLOCK_OUT);
  if (data_of(node)->edge == vector_size(edges)) {
    data_of(node)->last = *last;
    return data_of(node)->above;
  }
  gc_ref entry = number_entry(f, vector_at(edges, data_of(node)->edge++));
  if (gc_immediate_number(gc_get(entry, ENTRY_VALUE)) != unvisited)
    return at;
  visit(f, entry, ++*last, at);
  return *last;
}

/* A graph may be deeper than the C stack, so there is no recursion. */
static void search(const struct finder *f) {
  const size_t top = SIZE_MAX;
  size_t last = 0, at = 0, steps = 0;
  visit(f, number_entry(f, vector_at(gc_root_get(f->blocks), 0)), 0, top);
  while (at != top) {
    at = search_step(f, at, &last);
    if (++steps % WORKLOAD_STRIDE == 0)
      gc_safepoint(f->m);
  }
}

/* Appends a number to the vector in that slot of a node, unless the vector is
   a set and has it. */
static bool number_add(const struct finder *finder, const gc_root *node,
                       size_t slot, intptr_t number) {
  GC_FRAME(finder->m, f, vector);
  gc_root_set(finder->m, &f.vector, gc_get(gc_root_get(node), slot));
  if (slot == NODE_FORWARD &&
      vector_has(gc_root_get(&f.vector), gc_immediate(number)))
    return true;
  return vector_append_number(&finder->h->c, &f.vector, (size_t)number);
}

static gc_ref edges_in(const gc_root *node) {
  gc_ref block = gc_get(gc_root_get(node), NODE_BLOCK);
  return block != NULL ? gc_get(block, BLOCK_IN) : NULL;
}

static bool edges_identify(const struct finder *finder, size_t number) {
  GC_FRAME(finder->m, f, node);
  gc_root_set(finder->m, &f.node, node_at(finder, number));
  gc_ref in = edges_in(&f.node);
  size_t count = in != NULL ? vector_size(in) : 0;
  for (size_t i = 0; i < count; i++) {
    gc_ref entry = number_entry(finder, vector_at(edges_in(&f.node), i));
    intptr_t from = gc_immediate_number(gc_get(entry, ENTRY_VALUE));
    bool back =
        from != unvisited && is_below(gc_root_get(&f.node), (uint64_t)from);
    if (from != unvisited &&
        !number_add(finder, &f.node, back ? NODE_BACK : NODE_FORWARD, from))
      return false;
  }
  return true;
}

/* --- steps c to e: the loops ---------------------------------------------- */

/* The node that stands for the outermost loop found so far around a node. All
   nodes on the way lead to it afterwards. */
static gc_ref outermost(const struct finder *f, gc_ref node) {
  gc_ref top = node;
  while (gc_get(top, NODE_UP) != top)
    top = gc_get(top, NODE_UP);
  for (gc_ref next; (next = gc_get(node, NODE_UP)) != top; node = next)
    counted_set(&f->h->c, node, NODE_UP, top);
  return top;
}

/* The body of the loop is in `pool`; the part of it whose edges were not
   followed yet is in `work`. */
struct body {
  const gc_root *header, *pool, *work;
};

static bool body_add(const struct finder *f, const struct body *b,
                     const gc_root *node) {
  return vector_has(gc_root_get(b->pool), gc_root_get(node)) ||
         (vector_append(&f->h->c, b->pool, node) &&
          vector_append(&f->h->c, b->work, node));
}

static gc_ref numbers_in(const gc_root *node, size_t slot) {
  return gc_get(gc_root_get(node), slot);
}

/* Step d: begins with the sources of edges back to the header. */
static bool body_begin(const struct finder *finder, const struct body *b) {
  GC_FRAME(finder->m, f, node);
  size_t own = data_of(gc_root_get(b->header))->number;
  size_t count = vector_size(numbers_in(b->header, NODE_BACK));
  for (size_t i = 0; i < count; i++) {
    size_t from = vector_number_at(numbers_in(b->header, NODE_BACK), i);
    if (from == own) {
      data_of(gc_root_get(b->header))->kind = SELF;
      continue;
    }
    gc_root_set(finder->m, &f.node, outermost(finder, node_at(finder, from)));
    if (!body_add(finder, b, &f.node))
      return false;
  }
  if (vector_size(gc_root_get(b->pool)) > 0)
    data_of(gc_root_get(b->header))->kind = REDUCIBLE;
  return true;
}

/* Step e: follows the edges to a node of the body, which must be below the
   header; if one is not, there is another way into the loop. */
static bool body_chase(const struct finder *finder, const struct body *b,
                       const gc_root *node) {
  GC_FRAME(finder->m, f, from);
  for (size_t i = 0; i < vector_size(numbers_in(node, NODE_FORWARD)); i++) {
    size_t number = vector_number_at(numbers_in(node, NODE_FORWARD), i);
    gc_ref header = gc_root_get(b->header);
    gc_ref from = outermost(finder, node_at(finder, number));
    gc_root_set(finder->m, &f.from, from);
    if (from == header)
      continue;
    if (is_below(header, data_of(from)->number)) {
      if (!body_add(finder, b, &f.from))
        return false;
    } else {
      data_of(header)->kind = IRREDUCIBLE;
      if (!number_add(finder, b->header, NODE_FORWARD,
                      (intptr_t)data_of(from)->number))
        return false;
    }
  }
  return true;
}

/* An inner loop becomes a child of the loop, another block a part of it. */
static bool member_add(const struct finder *finder, const struct body *b,
                       const gc_root *loop, size_t i) {
  const struct containers *c = &finder->h->c;
  GC_FRAME(finder->m, f, block);
  gc_ref member = vector_at(gc_root_get(b->pool), i);
  counted_set(c, member, NODE_UP, gc_root_get(b->header));
  if (gc_get(member, NODE_LOOP) != NULL) {
    loop_nest(finder->h, gc_get(member, NODE_LOOP), gc_root_get(loop));
    return true;
  }
  gc_root_set(finder->m, &f.block, gc_get(member, NODE_BLOCK));
  return vector_append_in(c, loop, LOOP_BLOCKS, &f.block);
}

static bool loop_make(const struct finder *finder, const struct body *b) {
  const struct containers *c = &finder->h->c;
  GC_FRAME(finder->m, f, loop, block);
  gc_ref block = gc_get(gc_root_get(b->header), NODE_BLOCK);
  gc_root_set(finder->m, &f.block, block);
  if (!loop_new(finder->h, &f.loop, &f.block))
    return false;
  gc_ref header = gc_root_get(b->header), loop = gc_root_get(&f.loop);
  gc_ref root = gc_root_get(finder->loops);
  struct loop_data *data = gc_bytes(loop);
  data->is_reducible = data_of(header)->kind != IRREDUCIBLE;
  counted_set(c, header, NODE_LOOP, loop);
  counted_set(c, loop, LOOP_NEXT, gc_get(root, LOOP_NEXT));
  counted_set(c, root, LOOP_NEXT, loop);
  for (size_t i = 0; i < vector_size(gc_root_get(b->pool)); i++)
    if (!member_add(finder, b, &f.loop, i))
      return false;
  return true;
}

/* Step c: does nothing but for nodes that are the ends of edges back. */
static bool header_try(const struct finder *finder, size_t number) {
  const struct containers *c = &finder->h->c;
  GC_FRAME(finder->m, f, header, pool, work, node);
  struct body b = {&f.header, &f.pool, &f.work};
  gc_root_set(finder->m, &f.header, node_at(finder, number));
  if (gc_get(gc_root_get(&f.header), NODE_BLOCK) == NULL)
    return true;
  if (!vector_new(c, &f.pool) || !vector_new(c, &f.work) ||
      !body_begin(finder, &b))
    return false;
  while (vector_size(gc_root_get(&f.work)) > 0) {
    vector_take(c, gc_root_get(&f.work), &f.node);
    if (!body_chase(finder, &b, &f.node))
      return false;
  }
  return data_of(gc_root_get(&f.header))->kind == NO_HEADER ||
         loop_make(finder, &b);
}

/* Inner headers have greater numbers than those around them, so they come
   first. */
static bool finder_run(const struct finder *f) {
  if (!all_make(f))
    return false;
  search(f);
  for (size_t i = 0; i < f->size; i++)
    if (!edges_identify(f, i))
      return false;
  for (size_t i = f->size; i-- > 0;)
    if (!header_try(f, i))
      return false;
  return true;
}

bool loops_find(const struct havlak *h, const gc_root *blocks,
                const gc_root *loops) {
  gc_mutator *m = h->c.t->m;
  GC_FRAME(m, f, nodes, numbers);
  size_t size = vector_size(gc_root_get(blocks));
  struct finder finder = {h, m, blocks, loops, &f.nodes, &f.numbers, size};
  return counted_new_array(&h->c, &f.nodes, h->c.table, size) != NULL &&
         map_new(&h->c, &f.numbers) && finder_run(&finder);
}
