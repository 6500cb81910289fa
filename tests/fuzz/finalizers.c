/* SPDX-License-Identifier: MIT */
/* The finalizers of programs. A byte of the object selects their actions. */
#include "tests/fuzz/fuzz.h"

static _Thread_local struct fuzz_thread *current;

void fuzz_thread_enter(struct fuzz_thread *t) {
  current = t;
}

/* The bits of the byte. */
enum {
  TO_GLOBAL = 1,
  INTO_GLOBAL = 2, /* into a slot of the object that the global holds */
  OWN_SLOT = 4,
  ALLOCATES = 8,
  COLLECTS = 16,
  MAKES_WEAK = 32,
  GLOBAL_SHIFT = 6, /* the rest: which global */
};

static void global_set(struct fuzz_thread *t, unsigned global, gc_ref object,
                       uint32_t node) {
  if (!t->fuzz->is_added[global]) /* the program is over */
    return;
  fuzz_say(t, "  global %u = %u", global, node);
  gc_global_set(t->m, &t->fuzz->global[global], object);
  *fuzz_shadow_global(t->fuzz, global) = node;
}

static void slot_set(struct fuzz_thread *t, gc_ref holder, uint32_t node,
                     gc_ref value, uint32_t value_node) {
  if (t->fuzz->shadow.node[node].slots == 0 || t->fuzz->item[node].container)
    return;
  fuzz_say(t, "  slot 0 of %u = %u", node, value_node);
  gc_set(t->m, holder, fuzz_slot(t->fuzz, node, 0), value);
  t->fuzz->shadow.node[node].slot[0] = value_node;
}

static void make_something(struct fuzz_thread *t, uint8_t act, gc_root *out) {
  uint32_t node;
  if (fuzz_new(t, out, &node, act, act / 2))
    global_set(t, act >> GLOBAL_SHIFT, gc_root_get(out), node);
}

static void make_weak(struct fuzz_thread *t, uint32_t node, const gc_root *self,
                      gc_root *out) {
  uint32_t weak;
  if (fuzz_new_weak(t, out, &weak, self, node))
    global_set(t, FUZZ_GLOBALS_FIXED - 1, gc_root_get(out), weak);
}

/* Changes the containers in its own slot and in the global. */
static void change_containers(struct fuzz_thread *t, uint32_t node,
                              const gc_root *self, gc_root *container) {
  struct fuzz *f = t->fuzz;
  const struct fuzz_item *item = &f->item[node];
  const struct shadow_node *shadow = &f->shadow.node[node];
  uint32_t own = shadow->slots > 0 ? shadow->slot[0] : 0;
  unsigned global = item->act >> GLOBAL_SHIFT;
  if (f->item[own].container) {
    gc_root_set(t->m, container,
                gc_get(gc_root_get(self), fuzz_slot(f, node, 0)));
    fuzz_container_change(t, container, own, self, node, item->change);
  }
  uint32_t held = *fuzz_shadow_global(f, global);
  if (item->act & INTO_GLOBAL && f->item[held].container)
    fuzz_container_change(t, &f->global[global], held, self, node,
                          item->change);
}

/* Actions that are not safepoints come last, so that their order does not show.
 */
static void act_out(struct fuzz_thread *t, uint32_t node, const gc_root *self) {
  struct fuzz *f = t->fuzz;
  uint8_t act = f->item[node].act;
  unsigned global = act >> GLOBAL_SHIFT;
  GC_FRAME(t->m, frame, spare, made);
  gc_root *outer_spare = t->spare;
  t->spare = &frame.spare;
  if (act & ALLOCATES)
    make_something(t, act, &frame.made);
  if (act & COLLECTS)
    fuzz_say(t, "  collects");
  if (act & COLLECTS)
    gc_collect(t->m, act & TO_GLOBAL ? GC_FULL : 0);
  if (act & MAKES_WEAK)
    make_weak(t, node, self, &frame.made);
  change_containers(t, node, self, &frame.made);
  gc_ref object = gc_root_get(self), held = gc_root_get(&f->global[global]);
  uint32_t held_node = *fuzz_shadow_global(f, global);
  if (act & OWN_SLOT)
    slot_set(t, object, node, held, held_node);
  if (act & INTO_GLOBAL && held != NULL)
    slot_set(t, held, held_node, object, node);
  if (act & TO_GLOBAL)
    global_set(t, global, object, node);
  t->spare = outer_spare;
}

static void check_start(struct fuzz *f, uint32_t node, const gc_root *self) {
  fuzz_compare_begin(f);
  fuzz_compare_from(f, node, gc_root_get(self));
  fuzz_note_dropped(f);
  if (!f->item[node].was_dropped && !atomic_load(&f->is_ending))
    fuzz_wrong(f, node, "runs its finalizer but was always reachable");
}

/* Acts only on the thread that has the turn: others may not change the shadow.
 */
void fuzz_finalize(gc_mutator *m, const gc_root *self) {
  struct fuzz_thread *t = current;
  struct fuzz *f = t->fuzz;
  uint32_t node = (uint32_t)test_id(gc_root_get(self));
  if (atomic_exchange(&f->item[node].is_finalized, true))
    fuzz_wrong(f, node, "runs its finalizer a second time");
  if (t->runs_no_finalizers)
    fuzz_wrong(f, node, "runs its finalizer but finalizers are deferred");
  atomic_fetch_add(&f->runs, 1);
  if (atomic_load(&f->turn) != t->index)
    return;
  fuzz_say(t, "finalizer of %u", node);
  check_start(f, node, self);
  if (!atomic_load(&f->is_ending)) {
    CHECK(m == t->m);
    act_out(t, node, self);
  }
}
