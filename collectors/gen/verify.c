/* SPDX-License-Identifier: MIT */
/* Callbacks for the shared verifier. Young objects have no side bytes, so they
   are found by reading the blocks in which mutators have allocated. */
#include "collectors/gen/gen.h"

#include <stdio.h>

static void note(struct gc_ptrmap *map, gc_ref ref) {
  void **value = gc_ptrmap_at(map, ref);
  gc_assert_always(value != NULL);
  *value = ref;
}

static void note_object(gc_ref object, void *data) {
  struct gen_heap *heap = data;
  note(&heap->objects, object);
}

static void note_young(struct gen_heap *heap, struct gen_block *young) {
  for (; young; young = young->next)
    gc_gen_visit_young(young, note_object, heap);
}

static void note_holders(struct gen_heap *heap, const struct gen_refs *refs) {
  for (size_t i = 0; i < refs->count; i++)
    note(&heap->holders, refs->items[i]);
}

static void gen_verify_prepare(gc_mutator *m) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_ptrmap_clear(&heap->objects);
  gc_ptrmap_clear(&heap->holders);
  note_young(heap, heap->young);
  note_holders(heap, &heap->remembered);
  note_holders(heap, &heap->kept);
  for (gc_mutator *each = heap->base.mutators; each; each = each->next) {
    struct gen_mutator *gen = gen_mutator_of(each);
    gc_gen_rooms_leave(gen);
    gc_gen_larges_leave(heap, gen);
    note_young(heap, gen->young);
    note_holders(heap, &gen->remembered);
  }
  for (int g = 0; g < 3; g++)
    for (struct gen_large *l = heap->large.list[g]; l; l = l->next)
      note(&heap->objects, &l->object);
}

/* Does the byte say that an old object begins at this address? */
static bool is_old_object(struct gen_heap *heap, gc_ref object) {
  uint8_t byte = *gc_gen_byte(object);
  uint8_t value = byte & GEN_VALUE_MASK;
  return (byte & GEN_START) && (value == heap->middle || value == heap->old);
}

static bool gen_is_object(gc_heap *base, gc_ref object) {
  struct gen_heap *heap = gen_of(base);
  if (gen_in_space(&heap->space, object) && *gc_gen_byte(object) != GEN_FREE)
    return is_old_object(heap, object);
  return gc_ptrmap_get(&heap->objects, object) != NULL;
}

static bool is_known(struct gen_heap *heap, gc_ref holder) {
  return gc_ptrmap_get(&heap->holders, holder) != NULL;
}

/* After `lost`, and without generations, the next collection is a full one and
   looks at everything. */
static bool must_remember(struct gen_heap *heap) {
  return heap->tuned.generations && !atomic_load(&heap->lost);
}

/* Is a slot that leads to a younger generation remembered as Note [Remembered
   objects] says? */
static bool slot_is_remembered(struct gen_heap *heap, gc_ref holder,
                               size_t slot) {
  bool is_large = holder->word & GEN_LARGE;
  return is_known(heap, holder) &&
         (!is_large || gen_cards(holder)[slot / GEN_CARD_SLOTS]);
}

static bool slots_are_remembered(struct gen_heap *heap, gc_ref holder) {
  int age = gen_age(*gen_byte_of(heap, holder));
  for (size_t i = 0, n = gc_slot_count(holder); i < n; i++) {
    gc_ref value = gc_slot_load(holder, i);
    if (gc_is_object(value) && gen_age(*gen_byte_of(heap, value)) < age &&
        !slot_is_remembered(heap, holder, i))
      return false;
  }
  return true;
}

static const char *check_word(struct gen_heap *heap, gc_ref object) {
  bool is_large = !gen_in_space(&heap->space, object);
  bool is_armed = object->word & GEN_ARMED;
  int age = gen_age(*gen_byte_of(heap, object));
  if (((object->word & GEN_LARGE) != 0) != is_large)
    return "its header has the wrong flag for large objects";
  if (age == 0 && (object->word & (GEN_ARMED | GEN_KEPT | GEN_NOTED)))
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

/* --- blocks --------------------------------------------------------------- */

static size_t complain(const struct gen_block *block, const char *what) {
  fprintf(stderr, "sweepstakes: verifier: block %p: %s\n",
          (void *)gen_block_start(block), what);
  return 1;
}

static gc_ref object_at(char *cell) {
  bool is_array = *(uint32_t *)cell < UINT32_C(1) << GC_TYPE_WORDS_SHIFT;
  return (gc_ref)(cell + (is_array ? sizeof(size_t) : 0));
}

/* How many granules from `i` on belong to the object that starts there. */
static size_t granules_of(const uint8_t *bytes, size_t i) {
  uint8_t value = bytes[i] & GEN_VALUE_MASK;
  size_t n = 1;
  while (i + n < GEN_BLOCK_GRANULES && bytes[i + n] == value)
    n++;
  return n;
}

static size_t check_cells(struct gen_heap *heap, struct gen_block *block) {
  char *start = gen_block_start(block);
  const uint8_t *bytes = gc_gen_byte(start);
  for (size_t i = 0; i < GEN_BLOCK_GRANULES;) {
    if (bytes[i] == GEN_FREE || bytes[i] == GEN_LENT) {
      i++;
      continue;
    }
    char *cell = start + i * GEN_GRANULE;
    if (!is_old_object(heap, (gc_ref)cell))
      return complain(block, "a byte has a value that is not current");
    size_t bytes_of_cell = gc_gen_round(gc_object_cell_size(object_at(cell)));
    if (granules_of(bytes, i) != bytes_of_cell / GEN_GRANULE)
      return complain(block, "an object's bytes do not fit its size");
    i += bytes_of_cell / GEN_GRANULE;
  }
  return 0;
}

static size_t check_counts(struct gen_heap *heap, struct gen_block *block) {
  struct gen_block before = *block;
  gc_gen_census(heap, block);
  if (before.middle != block->middle || before.old != block->old ||
      before.middle_objects != block->middle_objects ||
      before.old_objects != block->old_objects ||
      (before.runs > 0 && before.longest != block->longest))
    return complain(block, "its counts do not agree with its bytes");
  return 0;
}

static size_t refs_bytes(const struct gen_heap *heap) {
  size_t items = heap->remembered.capacity + heap->kept.capacity;
  for (gc_mutator *m = heap->base.mutators; m; m = m->next)
    items += gen_mutator_of(m)->remembered.capacity;
  return items * sizeof(gc_ref) + gc_gen_watch_bytes(heap);
}

static size_t check_held(struct gen_heap *heap, size_t blocks) {
  size_t held = atomic_load(&heap->held);
  size_t tables = refs_bytes(heap) + atomic_load(&heap->base.tables);
  for (unsigned i = 0; i < heap->base.gc_threads; i++)
    tables += gc_gen_marker_bytes(&heap->markers[i]);
  if (held + heap->space.lent ==
      blocks * GEN_BLOCK_COST + heap->large.live + tables)
    return 0;
  fputs("sweepstakes: verifier: the bytes held are not the sum of blocks, "
        "large objects and tables\n",
        stderr);
  return 1;
}

static size_t gen_verify_rest(gc_mutator *m) {
  struct gen_heap *heap = gen_of(m->heap);
  size_t broken = 0, held = 0;
  for (size_t i = 0; i < heap->space.blocks; i++) {
    struct gen_block *block = gc_gen_block(&heap->space, i);
    held += !block->is_released;
    broken += check_cells(heap, block);
    broken += check_counts(heap, block);
  }
  return broken + check_held(heap, held);
}

const struct gc_verifier gc_gen_verifier = {
    .prepare = gen_verify_prepare,
    .object = gen_verify_object,
    .rest = gen_verify_rest,
    .is_object = gen_is_object,
};
