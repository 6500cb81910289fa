/* SPDX-License-Identifier: MIT */
/* Callbacks for the shared verifier. Young objects have no side bytes, so they
   are found by reading the blocks in which mutators have allocated. */
#include "collectors/shared/generational/generational.h"

static void note(struct gc_ptrmap *map, gc_ref ref) {
  void **value = gc_ptrmap_at(map, ref);
  gc_assert_always(value != NULL);
  *value = ref;
}

static void note_object(gc_ref object, void *data) {
  struct gen_heap *heap = data;
  note(&heap->objects, object);
}

static void note_young(struct gen_heap *heap, struct blk_block *young) {
  for (; young; young = young->next)
    gc_blk_visit_young(young, note_object, heap);
}

static void note_holders(struct gen_heap *heap, const struct blk_refs *refs) {
  for (size_t i = 0; i < refs->count; i++)
    note(&heap->holders, refs->items[i]);
}

static bool is_old(const struct blk_heap *heap, const struct blk_large *l) {
  return blk_old_values(heap) >> (l->value & BLK_VALUE_MASK) & 1;
}

/* Those that are dead and still to be swept are no objects any more. */
static void note_larges(struct gen_heap *heap) {
  for (int g = 0; g < BLK_LARGE_LISTS; g++)
    for (struct blk_large *l = heap->blocks.large.list[g]; l; l = l->next)
      if (g < BLK_UNSWEPT || is_old(&heap->blocks, l))
        note(&heap->objects, &l->object);
}

static void gen_verify_prepare(gc_mutator *m) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_ptrmap_clear(&heap->objects);
  gc_ptrmap_clear(&heap->holders);
  note_young(heap, heap->blocks.young);
  note_holders(heap, &heap->remembered);
  note_holders(heap, &heap->kept);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_hold(heap, 0); /* a sweep changes lists and counts */
  for (gc_mutator *each = heap->blocks.base.mutators; each; each = each->next) {
    struct gen_mutator *gen = gen_mutator_of(each);
    gc_blk_rooms_leave(&gen->blocks);
    gc_blk_larges_leave(&heap->blocks, &gen->blocks);
    note_young(heap, gen->blocks.young);
    note_holders(heap, &gen->remembered);
  }
  note_larges(heap);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_release(heap);
}

static bool gen_is_object(gc_heap *base, gc_ref object) {
  struct gen_heap *heap = gen_of(base);
  if (blk_in_space(&heap->blocks.space, object) &&
      __atomic_load_n(gc_blk_byte(object), __ATOMIC_RELAXED) != BLK_FREE)
    return gc_blk_is_old_object(&heap->blocks, object);
  return gc_ptrmap_get(&heap->objects, object) != NULL;
}

static bool is_known(struct gen_heap *heap, gc_ref holder) {
  return gc_ptrmap_get(&heap->holders, holder) != NULL;
}

/* After `lost`, and without generations, the next collection is a full one and
   looks at everything. */
static bool must_remember(struct gen_heap *heap) {
  return heap->tuned.generations && !heap->blocks.promotes &&
         !atomic_load(&heap->lost);
}

/* Is a slot that leads to a younger generation remembered as Note [Remembered
   objects] says? */
static bool slot_is_remembered(struct gen_heap *heap, gc_ref holder,
                               size_t slot) {
  bool is_large = holder->word & BLK_LARGE;
  return is_known(heap, holder) &&
         (!is_large ||
          (blk_cards(holder)[slot / BLK_CARD_SLOTS] & blk_card_bit(slot)));
}

static bool slots_are_remembered(struct gen_heap *heap, gc_ref holder) {
  int age = blk_age_of(&heap->blocks, holder);
  for (size_t i = 0, n = gc_slot_count(holder); i < n; i++) {
    gc_ref value = gc_slot_load(holder, i);
    if (gc_is_object(value) && blk_age_of(&heap->blocks, value) < age &&
        !slot_is_remembered(heap, holder, i))
      return false;
  }
  return true;
}

static const char *check_word(struct gen_heap *heap, gc_ref object) {
  bool is_large = !blk_in_space(&heap->blocks.space, object);
  bool is_armed = object->word & BLK_ARMED;
  int age = blk_age_of(&heap->blocks, object);
  if (((object->word & BLK_LARGE) != 0) != is_large)
    return "its header has the wrong flag for large objects";
  if (age == 0 && (object->word & (BLK_ARMED | GEN_KEPT | GEN_NOTED)))
    return "it is young, and its header says that it is old";
  if (age > 0 && heap->tuned.generations && !is_armed &&
      !gc_type_is_leaf(object->type) && !is_known(heap, object))
    return "it is old, and neither armed nor remembered";
  return NULL;
}

static const char *gen_verify_object(gc_heap *base, gc_ref object, size_t found,
                                     bool all) {
  struct gen_heap *heap = gen_of(base);
  (void)found;
  (void)all;
  if (gc_type_info(object->type)->type != object->type)
    return "its type is not defined";
  if (must_remember(heap) && !slots_are_remembered(heap, object))
    return "it refers to a younger object and is not remembered";
  return check_word(heap, object);
}

static size_t cycle_bytes(const struct gen_heap *heap) {
  return MARK_WHILE_RUNNING ? gc_gen_cycle_bytes(heap) : 0;
}

static size_t gen_verify_rest(gc_mutator *m) {
  struct gen_heap *heap = gen_of(m->heap);
  size_t items = heap->remembered.capacity + heap->kept.capacity;
  for (gc_mutator *each = m->heap->mutators; each; each = each->next)
    items += gen_mutator_of(each)->remembered.capacity;
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_hold(heap, 0); /* checking a block rewrites its bytes */
  size_t broken = gc_blk_check(
      &heap->blocks, items * sizeof(gc_ref) + gc_marking_bytes(&heap->marking) +
                         cycle_bytes(heap) + atomic_load(&m->heap->tables));
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_release(heap);
  return broken;
}

const struct gc_verifier gc_gen_verifier = {
    .prepare = gen_verify_prepare,
    .object = gen_verify_object,
    .rest = gen_verify_rest,
    .is_object = gen_is_object,
};
