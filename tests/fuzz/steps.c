/* SPDX-License-Identifier: MIT */
/* The steps of programs, each on the heap and on the shadow. The actions of
   finalizers at a step's safepoint come before those of the step. */
#include "tests/fuzz/fuzz.h"

/* --- operands ------------------------------------------------------------- */

/* A root of the thread's open frames, and the node that it holds. */
struct place {
  gc_root *root;
  uint32_t *node;
  unsigned number;
};

static struct place place_next(struct fuzz_thread *t) {
  unsigned number = fuzz_byte(t->fuzz) % (t->frames * FUZZ_FRAME_ROOTS);
  return (struct place){t->root[number], fuzz_shadow_root(t, number), number};
}

static gc_ref held(struct place p) {
  return gc_root_get(p.root);
}

/* A slot of an object. */
struct slot {
  gc_ref holder; /* NULL: there is none */
  size_t at;
  uint32_t *node;
};

static struct slot slot_of(struct fuzz *f, gc_ref holder, uint32_t node,
                           uint8_t which) {
  struct shadow_node *shadow = &f->shadow.node[node];
  if (node == 0 || shadow->slots == 0 || f->item[node].container)
    return (struct slot){0};
  uint32_t slot = which % shadow->slots;
  return (struct slot){holder, fuzz_slot(f, node, slot), &shadow->slot[slot]};
}

static struct slot slot_next(struct fuzz_thread *t, struct place by) {
  uint8_t which = fuzz_byte(t->fuzz);
  struct slot slot = slot_of(t->fuzz, held(by), *by.node, which);
  if (slot.holder != NULL)
    fuzz_say(t, "with slot %zu of root %u:", slot.at, by.number);
  return slot;
}

static unsigned global_next(struct fuzz_thread *t) {
  return fuzz_byte(t->fuzz) % FUZZ_GLOBALS;
}

/* --- making --------------------------------------------------------------- */

static void step_new(struct fuzz_thread *t) {
  struct place out = place_next(t);
  uint8_t form = fuzz_byte(t->fuzz), act = fuzz_byte(t->fuzz);
  if (fuzz_new(t, out.root, out.node, form, act))
    fuzz_say(t, "root %u = new %u (%s, act %02x)", out.number, *out.node,
             gc_type_describe(gc_type_of(held(out)))->name, act);
}

static void step_weak_new(struct fuzz_thread *t) {
  struct place target = place_next(t), out = place_next(t);
  uint32_t node = *target.node;
  if (fuzz_is_object(t->fuzz, node) &&
      fuzz_new_weak(t, out.root, out.node, target.root, node))
    fuzz_say(t, "root %u = %u, weak reference to %u", out.number, *out.node,
             node);
}

/* Objects that are dropped at once, without nodes in the shadow. */
static void step_garbage(struct fuzz_thread *t) {
  unsigned count = fuzz_byte(t->fuzz) % 64;
  fuzz_say(t, "%u objects of garbage", count);
  for (unsigned i = 0; i < count; i++)
    if (test_make(t->m, t->spare, i % 2 ? test_node : test_leaf, i) == NULL)
      break;
  gc_root_clear(t->m, t->spare);
}

/* If memory runs out, the root must be unchanged. */
static void step_large(struct fuzz_thread *t) {
  struct place out = place_next(t);
  size_t length = (size_t)fuzz_byte(t->fuzz) << 11;
  bool is_made = gc_new_array(t->m, out.root, test_blob, length) != NULL;
  fuzz_say(t, "%zu bytes of garbage through root %u%s", length, out.number,
           is_made ? "" : ": no memory");
  if (!is_made)
    return;
  gc_root_clear(t->m, out.root);
  *out.node = 0;
}

/* --- roots ---------------------------------------------------------------- */

static void step_copy(struct fuzz_thread *t) {
  struct place from = place_next(t), to = place_next(t);
  fuzz_say(t, "root %u = root %u", to.number, from.number);
  gc_root_set(t->m, to.root, held(from));
  *to.node = *from.node;
}

static void step_move(struct fuzz_thread *t) {
  struct place from = place_next(t), to = place_next(t);
  if (from.root == to.root)
    return;
  fuzz_say(t, "root %u = moved root %u", to.number, from.number);
  gc_root_move(t->m, to.root, from.root);
  *to.node = *from.node;
  *from.node = 0;
}

static void step_clear(struct fuzz_thread *t) {
  struct place root = place_next(t);
  fuzz_say(t, "root %u = NULL", root.number);
  gc_root_clear(t->m, root.root);
  *root.node = 0;
}

static void step_global_set(struct fuzz_thread *t) {
  unsigned global = global_next(t);
  struct place from = place_next(t);
  if (!t->fuzz->is_added[global])
    return;
  fuzz_say(t, "global %u = root %u", global, from.number);
  gc_global_set(t->m, &t->fuzz->global[global], held(from));
  *fuzz_shadow_global(t->fuzz, global) = *from.node;
}

static void step_global_get(struct fuzz_thread *t) {
  unsigned global = global_next(t);
  struct place to = place_next(t);
  fuzz_say(t, "root %u = global %u", to.number, global);
  gc_root_set(t->m, to.root, gc_root_get(&t->fuzz->global[global]));
  *to.node = *fuzz_shadow_global(t->fuzz, global);
}

static void step_global_toggle(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  unsigned global = global_next(t);
  if (global < FUZZ_GLOBALS_FIXED)
    return;
  f->is_added[global] = !f->is_added[global];
  fuzz_say(t, "global %u %s", global,
           f->is_added[global] ? "added" : "removed");
  if (f->is_added[global])
    gc_global_add(f->heap, &f->global[global]);
  else
    gc_global_remove(t->m, &f->global[global]);
  *fuzz_shadow_global(f, global) = 0;
}

/* --- slots ---------------------------------------------------------------- */

static void step_set(struct fuzz_thread *t) {
  struct place to = place_next(t), from = place_next(t);
  struct slot slot = slot_next(t, to);
  if (slot.holder == NULL)
    return;
  fuzz_say(t, "  = root %u", from.number);
  gc_set(t->m, slot.holder, slot.at, held(from));
  *slot.node = *from.node;
}

static void step_set_null(struct fuzz_thread *t) {
  struct slot slot = slot_next(t, place_next(t));
  if (slot.holder == NULL)
    return;
  fuzz_say(t, "  = NULL");
  gc_set(t->m, slot.holder, slot.at, NULL);
  *slot.node = 0;
}

static void step_set_move(struct fuzz_thread *t) {
  struct place to = place_next(t), from = place_next(t);
  struct slot slot = slot_next(t, to);
  if (slot.holder == NULL)
    return;
  fuzz_say(t, "  = moved root %u", from.number);
  gc_set_move(t->m, slot.holder, slot.at, from.root);
  *slot.node = *from.node;
  *from.node = 0;
}

static void step_get(struct fuzz_thread *t) {
  struct place from = place_next(t), to = place_next(t);
  struct slot slot = slot_next(t, from);
  if (slot.holder == NULL)
    return;
  fuzz_say(t, "  to root %u", to.number);
  uint32_t node = *slot.node;
  gc_root_set(t->m, to.root, gc_get(slot.holder, slot.at));
  *to.node = node;
}

/* Moves a root into an object that is held by a slot. The root may have been
   the only path to that object. */
static void step_move_deep(struct fuzz_thread *t) {
  struct place by = place_next(t), from = place_next(t);
  struct slot first = slot_next(t, by);
  uint8_t which = fuzz_byte(t->fuzz);
  if (first.holder == NULL)
    return;
  struct slot slot =
      slot_of(t->fuzz, gc_get(first.holder, first.at), *first.node, which);
  if (slot.holder == NULL)
    return;
  fuzz_say(t, "  its slot %zu = moved root %u", slot.at, from.number);
  uint32_t node = *from.node;
  gc_set_move(t->m, slot.holder, slot.at, from.root);
  *slot.node = node;
  *from.node = 0;
}

/* Swaps two slots, using raw references. */
static void step_swap(struct fuzz_thread *t) {
  struct slot a = slot_next(t, place_next(t));
  struct slot b = slot_next(t, place_next(t));
  if (a.holder == NULL || b.holder == NULL)
    return;
  fuzz_say(t, "  swapped");
  gc_ref raw = gc_get(a.holder, a.at);
  uint32_t node = *a.node;
  gc_set(t->m, a.holder, a.at, gc_get(b.holder, b.at));
  gc_set(t->m, b.holder, b.at, raw);
  *a.node = *b.node;
  *b.node = node;
}

/* The expected value is that of another root; if that is the same root, it is
   the value of the slot. */
static void step_cas(struct fuzz_thread *t) {
  struct place to = place_next(t), from = place_next(t), other = place_next(t);
  struct slot slot = slot_next(t, to);
  if (slot.holder == NULL)
    return;
  bool is_honest = other.root == to.root;
  uint32_t expected = is_honest ? *slot.node : *other.node;
  gc_ref raw = is_honest ? gc_get(slot.holder, slot.at) : held(other);
  bool is_right = expected == *slot.node;
  fuzz_say(t, "  = root %u if it is %u: %s", from.number, expected,
           is_right ? "yes" : "no");
  if (gc_cas(t->m, slot.holder, slot.at, raw, held(from)) != is_right)
    fuzz_wrong(t->fuzz, expected, "gc_cas returned a wrong result");
  if (is_right)
    *slot.node = *from.node;
}

/* --- containers ----------------------------------------------------------- */

static void step_container_new(struct fuzz_thread *t) {
  struct place out = place_next(t);
  if (fuzz_new_container(t, out.root, out.node, fuzz_byte(t->fuzz)))
    fuzz_say(t, "root %u = new %u, a %s", out.number, *out.node,
             gc_py_kind_name(gc_py_kind_of(held(out))));
}

/* The next root that holds a container, if there is one. */
static struct place container_next(struct fuzz_thread *t) {
  unsigned count = t->frames * FUZZ_FRAME_ROOTS, first = place_next(t).number;
  for (unsigned i = 0; i < count; i++) {
    unsigned number = (first + i) % count;
    uint32_t *node = fuzz_shadow_root(t, number);
    if (t->fuzz->item[*node].container)
      return (struct place){t->root[number], node, number};
  }
  return (struct place){0};
}

static void container_change(struct fuzz_thread *t, struct place by) {
  struct place from = place_next(t);
  uint8_t how = fuzz_byte(t->fuzz);
  fuzz_say(t, "with the container in root %u, and root %u:", by.number,
           from.number);
  fuzz_container_change(t, by.root, *by.node, from.root, *from.node, how);
}

static void step_container_change(struct fuzz_thread *t) {
  struct place by = container_next(t);
  if (by.root != NULL)
    container_change(t, by);
}

/* Creates and drops an object that holds the container. Its finalizer only
   changes the container. */
static void drop_one_that_changes(struct fuzz_thread *t, struct place by,
                                  uint8_t how) {
  enum { ONE_FINALIZABLE = 9 };
  uint32_t node;
  GC_FRAME(t->m, frame, dying);
  if (!fuzz_new(t, &frame.dying, &node, ONE_FINALIZABLE, 0))
    return;
  fuzz_say(t, "%u will change the container in root %u (%02x)", node, by.number,
           how);
  t->fuzz->item[node].change = how;
  gc_set(t->m, gc_root_get(&frame.dying), 0, held(by));
  t->fuzz->shadow.node[node].slot[0] = *by.node;
}

/* The finalizer may run during the change. */
static void step_container_reenter(struct fuzz_thread *t) {
  struct place by = container_next(t);
  uint8_t how = fuzz_byte(t->fuzz);
  if (by.root == NULL)
    return;
  drop_one_that_changes(t, by, how);
  container_change(t, by);
}

/* --- the rest ------------------------------------------------------------- */

static void weak_answer(struct fuzz *f, uint32_t target, bool is_alive) {
  fuzz_note_dropped(f);
  if (is_alive && f->shadow.node[target].is_dead)
    fuzz_wrong(f, target, "is dead but a weak reference returned it");
  if (!is_alive && f->shadow.reached[target])
    fuzz_wrong(f, target, "is reachable but its weak reference is cleared");
  if (!is_alive)
    f->shadow.node[target].is_dead = true;
}

static void step_weak_get(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  struct place from = place_next(t), to = place_next(t);
  const struct fuzz_item *item = &f->item[*from.node];
  if (*from.node == 0 || !item->is_weak)
    return;
  uint32_t target = item->target;
  gc_ref object = gc_weak_get(t->m, t->spare, held(from));
  CHECK(gc_root_get(t->spare) == object);
  fuzz_say(t, "root %u = target of root %u: %s", to.number, from.number,
           object ? "alive" : "dead");
  weak_answer(f, target, object != NULL);
  gc_root_move(t->m, to.root, t->spare);
  *to.node = object ? target : 0;
}

static void step_ephemeron_new(struct fuzz_thread *t, struct place key) {
  struct place value = place_next(t), out = place_next(t);
  uint32_t key_node = *key.node, value_node = *value.node;
  if (fuzz_is_object(t->fuzz, key_node) && value_node != 0 &&
      fuzz_new_ephemeron(t, out.root, out.node, key.root, key_node, value.root,
                         value_node))
    fuzz_say(t, "root %u = %u, ephemeron of %u with %u", out.number, *out.node,
             key_node, value_node);
}

static void ephemeron_get(struct fuzz_thread *t, struct place from,
                          struct place to) {
  struct fuzz *f = t->fuzz;
  uint32_t key = f->item[*from.node].target;
  uint32_t node = f->shadow.node[*from.node].value;
  gc_ref value = gc_ephemeron_get(t->m, t->spare, held(from));
  CHECK(gc_root_get(t->spare) == value);
  fuzz_say(t, "root %u = value of root %u: %s", to.number, from.number,
           value ? "alive" : "dead");
  weak_answer(f, key, value != NULL);
  gc_root_move(t->m, to.root, t->spare);
  *to.node = value ? node : 0;
}

/* Reads the ephemeron in the root, if there is one, or makes one with the root
   as its key. */
static void step_ephemeron(struct fuzz_thread *t) {
  struct place from = place_next(t);
  if (t->fuzz->shadow.node[*from.node].key != 0 && fuzz_byte(t->fuzz) % 2)
    ephemeron_get(t, from, place_next(t));
  else
    step_ephemeron_new(t, from);
}

/* The second byte selects one of these. */
static void step_further(struct fuzz_thread *t) {
  struct place p = place_next(t);
  uint8_t byte = fuzz_byte(t->fuzz);
  if (byte < 128)
    fuzz_external_step(t, p.root, *p.node, byte);
  else if (byte < 192)
    fuzz_stack_step(t, p.root, p.node, byte);
  else if (byte < 240)
    fuzz_pin_step(t, p.root, *p.node, byte);
  else
    fuzz_immediate_step(t, p.root, p.node);
}

static void step_immortalize(struct fuzz_thread *t) {
  struct place root = place_next(t);
  if (!fuzz_is_object(t->fuzz, *root.node))
    return;
  fuzz_say(t, "root %u is immortal", root.number);
  gc_immortalize(t->m, held(root));
  t->fuzz->shadow.node[*root.node].is_kept = true;
}

static void step_safepoint(struct fuzz_thread *t) {
  fuzz_say(t, "safepoint");
  gc_safepoint(t->m);
}

static int generation_next(struct fuzz_thread *t) {
  uint8_t byte = fuzz_byte(t->fuzz) % 4;
  return byte == 3 ? GC_FULL : byte;
}

/* Other threads may read meanwhile. */
static void step_collect(struct fuzz_thread *t) {
  int generation = generation_next(t);
  fuzz_say(t, "collect %d", generation);
  gc_collect(t->m, generation);
}

static void step_check_prompt(struct fuzz_thread *t) {
  fuzz_say(t, "check prompt death");
  fuzz_check_prompt(t);
}

static void step_check_collection(struct fuzz_thread *t) {
  int generation = generation_next(t);
  fuzz_say(t, "collect %d, and check", generation);
  fuzz_check_collection(t, generation);
}

static void step_check_all(struct fuzz_thread *t) {
  fuzz_say(t, "collect everything, and check");
  fuzz_check_all(t);
}

static void step_hand_over(struct fuzz_thread *t) {
  uint8_t byte = fuzz_byte(t->fuzz);
  unsigned to = byte % FUZZ_THREADS;
  if (to == t->index) {
    fuzz_defer_toggle(t);
    return;
  }
  enum fuzz_wait how = (enum fuzz_wait)(byte / FUZZ_THREADS % FUZZ_WAITS);
  static const char *const hows[] = {"parked", "polling", "reading"};
  fuzz_say(t, "thread %u continues, this one is %s", to, hows[how]);
  fuzz_hand_over(t, to, how);
}

/* The order defines the meaning of the files in the corpus: new steps are added
   at the end, up to FUZZ_ENTER. Unused codes create objects, as do those of
   containers in programs without containers. */
void fuzz_step(struct fuzz_thread *t, uint8_t code) {
  static void (*const steps[])(struct fuzz_thread *) = {
      step_new,
      step_set,
      step_set_move,
      step_clear,
      step_get,
      step_copy,
      step_move,
      step_swap,
      step_cas,
      step_weak_new,
      step_weak_get,
      step_global_set,
      step_global_get,
      step_safepoint,
      step_check_prompt,
      step_check_all,
      step_collect,
      step_check_collection,
      step_hand_over,
      step_move_deep,
      step_garbage,
      step_set_null,
      step_large,
      step_global_toggle,
      step_immortalize, /* with containers: */
      step_container_new,
      step_container_change,
      step_container_reenter, /* in all programs: */
      step_ephemeron,
      step_further,
  };
  enum { STEPS = sizeof steps / sizeof steps[0] };
  enum { CONTAINERS_END = STEPS - 2, CONTAINERS = CONTAINERS_END - 3 };
  bool is_container = code >= CONTAINERS && code < CONTAINERS_END;
  bool is_known = code < STEPS && (!is_container || t->fuzz->world != NULL);
  t->fuzz->steps++;
  steps[is_known ? code : 0](t);
}
