/* SPDX-License-Identifier: MIT */
/* All threads read texts over one vocabulary and intern each word. A text has
   every word once, in an order that differs between threads, and then words
   with the frequencies of a natural language. A thread holds the words of its
   text until the text ends. So threads contend for the stripes of the table and
   the counts of the words, and words die and are created again, unless they are
   immortal. */
#include "objects/intern.h"
#include "workloads/helpers.h"
#include "workloads/world.h"

enum { WORDS, TEXTS, LENGTH, IMMORTAL };

struct shared {
  struct workload_world base;
  struct workload_zipf zipf; /* constant: the frequencies of words */
};

enum { WORD_LEAST = 3, WORD_ROOM = 32 };

/* Letters that encode the number, after filler letters: different for different
   numbers, from three letters to over twenty. */
static size_t word_write(char *out, uint64_t number) {
  size_t length = WORD_LEAST + number % 13;
  memset(out, 'a' + (int)(number % 26), length);
  do {
    out[length++] = (char)('A' + number % 26);
    number /= 26;
  } while (number > 0);
  return length;
}

/* --- sizes ---------------------------------------------------------------- */

struct vocabulary {
  size_t stripe[GC_PY_INTERN_STRIPES]; /* the number of words in each */
  size_t bytes, largest;               /* of the strings */
};

static struct vocabulary vocabulary_measure(uint64_t words) {
  struct vocabulary v = {0};
  char word[WORD_ROOM];
  for (uint64_t i = 0; i < words; i++) {
    size_t length = word_write(word, i), bytes = gc_py_str_size(length);
    v.stripe[gc_py_intern_stripe(gc_py_hash_bytes(word, length))]++;
    v.bytes += bytes;
    v.largest = bytes > v.largest ? bytes : v.largest;
  }
  return v;
}

/* At the end of a text all words are live. Each thread has a table, and may be
   creating a word that another thread has created meanwhile. */
static size_t live_bytes(const struct workload_setup *setup) {
  size_t bytes = gc_py_world_bytes();
  bool immortal = setup->param[IMMORTAL] != 0;
  struct vocabulary v = vocabulary_measure((uint64_t)setup->param[WORDS]);
  for (int i = 0; i < GC_PY_INTERN_STRIPES; i++)
    bytes += gc_py_intern_stripe_bytes(v.stripe[i], immortal);
  size_t held = gc_size_for(workload_table_type(), (size_t)setup->param[WORDS]);
  size_t making = v.largest + gc_size_for(gc_py_types.intern_entry, 0) +
                  gc_size_for(gc_weak_type(), 0);
  return bytes + v.bytes + setup->threads * held +
         (setup->threads - 1) * making;
}

/* A word is created each time that it is read, with a new entry if it has died
   meanwhile; tables double. */
static size_t alloc_bytes(const struct workload_setup *setup) {
  struct workload_setup one = *setup;
  one.threads = 1;
  size_t live = live_bytes(&one);
  size_t text = (size_t)setup->param[LENGTH] *
                vocabulary_measure((uint64_t)setup->param[WORDS]).largest;
  return live_bytes(setup) +
         (size_t)setup->param[TEXTS] * setup->threads * (2 * live + text);
}

/* --- one text ------------------------------------------------------------- */

static bool begin(struct workload_thread *t) {
  const struct gc_py_options options = {
      .immortal_strings = t->setup->param[IMMORTAL] != 0,
  };
  struct shared *shared = workload_world_begin(t, sizeof *shared, &options);
  if (shared != NULL)
    shared->zipf = workload_zipf_make((uint64_t)t->setup->param[WORDS]);
  return shared != NULL;
}

/* The state of one text. */
struct reader {
  struct workload_thread *t;
  struct gc_py py;
  const gc_root *held; /* a table: the words read in this text */
  uint64_t wrong;
};

/* Interns a word and stores it in the table, unless it is there already. */
static bool word_read(struct reader *r, uint64_t number) {
  struct workload_figures *figures = &r->t->figures;
  gc_mutator *m = r->t->m;
  char text[WORD_ROOM];
  size_t length = word_write(text, number);
  GC_FRAME(m, f, str, word);
  if (gc_py_str(&r->py, &f.str, text, length) == NULL ||
      gc_py_intern(&r->py, &f.word, &f.str) == NULL)
    return false;
  gc_ref word = gc_root_get(&f.word), held = gc_root_get(r->held);
  gc_ref before = gc_get(held, number);
  r->wrong +=
      !gc_py_str_is(word, text, length) || (before != NULL && before != word);
  figures->alloc_objects++;
  figures->alloc_bytes += gc_py_str_size(length);
  figures->checksum += number;
  figures->ops++;
  if (before == NULL) {
    gc_set_move(m, held, number, &f.word);
    figures->ref_stores++;
  }
  return true;
}

/* Reads every word once, in an order that depends on thread and text. */
static bool vocabulary_read(struct reader *r, uint64_t words, uint64_t key) {
  for (uint64_t i = 0; i < words; i++)
    if (!word_read(r, workload_permute(i, words, key)))
      return false;
  return true;
}

static bool text_read(struct reader *r) {
  const struct shared *shared = r->t->shared;
  uint64_t length = (uint64_t)r->t->setup->param[LENGTH];
  for (uint64_t i = 0; i < length; i++)
    if (!word_read(r, workload_zipf_next(&shared->zipf, &r->t->random)))
      return false;
  return true;
}

static bool run(struct workload_thread *t) {
  GC_FRAME(t->m, f, held);
  size_t words = (size_t)t->setup->param[WORDS];
  struct reader reader = {.t = t, .py = workload_py(t), .held = &f.held};
  for (int64_t text = 0; text < t->setup->param[TEXTS]; text++) {
    uint64_t key = t->setup->seed + (uint64_t)text * 1000 + t->index;
    gc_root_clear(t->m, &f.held);
    if (!gc_new_array(t->m, &f.held, workload_table_type(), words) ||
        !vocabulary_read(&reader, words, key) || !text_read(&reader))
      return false;
    t->figures.alloc_objects++;
    t->figures.alloc_bytes += gc_size_for(workload_table_type(), words);
  }
  gc_safepoint(t->m);
  workload_world_wrong(t, reader.wrong);
  return true;
}

/* --- the result ----------------------------------------------------------- */

static uint64_t expected(const struct workload_thread *main, unsigned thread) {
  const struct workload_setup *setup = main->setup;
  const struct shared *shared = main->shared;
  struct workload_random random = workload_random_make(setup->seed, thread);
  uint64_t words = (uint64_t)setup->param[WORDS];
  uint64_t texts = (uint64_t)setup->param[TEXTS];
  uint64_t drawn = texts * (uint64_t)setup->param[LENGTH];
  uint64_t sum = texts * workload_sum_below(words);
  while (drawn-- > 0)
    sum += workload_zipf_next(&shared->zipf, &random);
  return sum;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  for (unsigned i = 0; i < main->setup->threads; i++)
    if (threads[i].figures.checksum != expected(main, i))
      return "a thread did not read all of its texts";
  return workload_world_is_right(main)
             ? NULL
             : "a word had two different interned strings";
}

static const struct workload_param params[] = {
    [WORDS] =
        {"words", 2, 100000000, {10000, 50000, 1000000}, "different words"},
    [TEXTS] = {"texts", 1, 1000000000, {10, 20, 30}, "texts per thread"},
    [LENGTH] = {"length",
                0,
                INT64_C(10000000000),
                {50000, 250000, 5000000},
                "words of a text, after every word once"},
    [IMMORTAL] = {"immortal", 0, 1, {0, 0, 0}, "1: words never die"},
    {0},
};

const struct workload workload_interning = {
    .name = "interning",
    .summary = "Threads intern the words of texts",
    .stresses = "the weak intern table",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .makes_world = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_world_end,
};
