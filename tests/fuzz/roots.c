/* SPDX-License-Identifier: MIT */
/* Steps with a thread's stack of roots, with pins, external memory and
   immediates. */
#include "tests/fuzz/fuzz.h"

/* So many that the stack grows. They are empty, and not in the shadow. */
enum { FUZZ_EMPTY = 700 };

static gc_root *stack_root(const struct fuzz_thread *t, unsigned i) {
  return gc_root_stack_at(t->stack, i);
}

void fuzz_stack_close(struct fuzz_thread *t) {
  if (t->stack == NULL)
    return;
  gc_root_stack_destroy(t->m, t->stack);
  t->stack = NULL;
  for (; t->depth > 0; t->depth--)
    *fuzz_shadow_stack(t->fuzz, t->index, t->depth - 1) = 0;
}

void fuzz_stack_compare(struct fuzz *f) {
  for (unsigned i = 0; i < FUZZ_THREADS; i++)
    for (unsigned k = 0; k < f->thread[i].depth; k++)
      fuzz_compare_from(f, *fuzz_shadow_stack(f, i, k),
                        gc_root_get(stack_root(&f->thread[i], k)));
}

static void push(struct fuzz_thread *t, gc_root *root, uint32_t *node) {
  if (t->depth == FUZZ_STACK)
    return;
  fuzz_say(t, "push %u", *node);
  CHECK(gc_root_stack_push(t->m, t->stack, gc_root_get(root)));
  *fuzz_shadow_stack(t->fuzz, t->index, t->depth++) = *node;
}

static void pop(struct fuzz_thread *t, gc_root *root, uint32_t *node) {
  if (t->depth == 0)
    return;
  uint32_t *last = fuzz_shadow_stack(t->fuzz, t->index, --t->depth);
  fuzz_say(t, "pop %u", *last);
  CHECK(gc_root_stack_pop(t->m, t->stack, root) == gc_root_get(root));
  *node = *last;
  *last = 0;
}

static void drop(struct fuzz_thread *t, unsigned count) {
  count = count < t->depth ? count : t->depth;
  fuzz_say(t, "drop %u of the stack", count);
  gc_root_stack_drop(t->m, t->stack, count);
  for (; count > 0; count--)
    *fuzz_shadow_stack(t->fuzz, t->index, --t->depth) = 0;
}

static void move_to(struct fuzz_thread *t, gc_root *root, uint32_t *node,
                    unsigned at) {
  if (at >= t->depth)
    return;
  fuzz_say(t, "number %u of the stack = moved %u", at, *node);
  gc_root_move(t->m, stack_root(t, at), root);
  *fuzz_shadow_stack(t->fuzz, t->index, at) = *node;
  *node = 0;
}

void fuzz_stack_step(struct fuzz_thread *t, gc_root *root, uint32_t *node,
                     uint8_t how) {
  unsigned operand = how / 8 % 8;
  if (t->stack == NULL)
    t->stack = gc_root_stack_create(t->m);
  CHECK(t->stack != NULL && gc_root_stack_size(t->stack) == t->depth);
  switch (how % 8) {
  case 0:
    drop(t, operand);
    break;
  case 1:
    CHECK(gc_root_stack_extend(t->stack, FUZZ_EMPTY));
    gc_safepoint(t->m);
    gc_root_stack_drop(t->m, t->stack, FUZZ_EMPTY);
    break;
  case 2:
    move_to(t, root, node, operand);
    break;
  case 3:
  case 4:
    pop(t, root, node);
    break;
  default:
    push(t, root, node);
  }
}

/* Pins the object, or undoes one pin of it. The comparison with the shadow
   checks where it is. */
void fuzz_pin_step(struct fuzz_thread *t, const gc_root *root, uint32_t node,
                   uint8_t how) {
  struct fuzz_item *item = &t->fuzz->item[node];
  gc_ref object = gc_root_get(root);
  if (!fuzz_is_object(t->fuzz, node))
    return;
  bool undoes = how % 2 && item->pins > 0;
  fuzz_say(t, "%u is %s", node, undoes ? "unpinned" : "pinned");
  if (undoes)
    gc_unpin(t->m, object);
  else
    gc_pin(t->m, object);
  item->pins += undoes ? -1 : 1;
  item->pinned_at = (uintptr_t)object;
}

static void external_add(struct fuzz_thread *t, const gc_root *root,
                         uint32_t node, size_t bytes) {
  bool ok = gc_external_add(t->m, gc_root_get(root), bytes);
  fuzz_say(t, "%zu bytes of external memory for %u%s", bytes, node,
           ok ? "" : ": no memory");
  if (ok)
    t->fuzz->item[node].external += bytes;
}

/* Adds external memory, or takes off what there is. */
void fuzz_external_step(struct fuzz_thread *t, const gc_root *root,
                        uint32_t node, uint8_t how) {
  size_t has = t->fuzz->item[node].external, less = has * (how / 2 % 4) / 3;
  if (!fuzz_is_object(t->fuzz, node))
    return;
  if (how % 2 == 0) {
    external_add(t, root, node, (size_t)how << (how % 8));
    return;
  }
  fuzz_say(t, "%zu bytes of external memory less for %u", less, node);
  gc_external_sub(t->m, gc_root_get(root), less);
  t->fuzz->item[node].external -= less;
}

void fuzz_immediate_step(struct fuzz_thread *t, gc_root *root, uint32_t *node) {
  if (!fuzz_has_room(t))
    return;
  *node = fuzz_node_new(t->fuzz, 0);
  t->fuzz->item[*node].is_immediate = true;
  fuzz_say(t, "immediate %u", *node);
  gc_root_set(t->m, root, fuzz_immediate(*node));
}
