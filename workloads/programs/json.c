/* SPDX-License-Identifier: MIT */
/* A server parses documents in JSON (Crockford, 2001; RFC 8259), as benchmarks
   of parsers do: the idea is that of the benchmark Json of Marr, Daloze and
   Moessenboeck, "Are We Fast Yet?", DLS 2016, but its texts are drawn from the
   seed and differ in size. A request copies a text into the heap, parses it and
   reads the document. The newest documents stay alive in a cache; each replaces
   an older one of the same text. */
#include "workloads/programs/json_parser.h"
#include "workloads/programs/json_text.h"

#include <stdlib.h>
#include <string.h>

enum { RATE, REQUESTS, TEXTS, LEAST, GREATEST, KEPT };

struct shared {
  struct workload_shared base; /* the root is the cache, a table */
  size_t texts;
  struct json_text *text;
};

/* --- texts and sizes ------------------------------------------------------ */

static struct json_text text_make(const struct workload_setup *setup,
                                  uint64_t number) {
  struct containers c = containers_make(NULL);
  return json_text_make(&c, setup->seed, number, (size_t)setup->param[LEAST],
                        (size_t)setup->param[GREATEST]);
}

static size_t texts_of(const struct workload_setup *setup) {
  return (size_t)setup->param[TEXTS];
}

static size_t slots_of(const struct workload_setup *setup) {
  return texts_of(setup) * (size_t)setup->param[KEPT];
}

static size_t text_bytes(const struct json_text *text) {
  return json_string_bytes(text->length);
}

struct sizes {
  size_t cached; /* documents in the cache at the end */
  size_t fresh;  /* the most of a text with its document */
  size_t peak;   /* on one thread: of both */
  size_t alloc;  /* of all requests: an upper bound */
};

/* Adds a request. A document is parsed before it replaces an older one. */
static void sizes_add(struct sizes *s, const struct json_text *text,
                      bool is_cache_full) {
  size_t fresh = text_bytes(text) + text->heap_bytes;
  s->alloc += fresh + text->heap_bytes;
  s->fresh = fresh > s->fresh ? fresh : s->fresh;
  s->peak = s->cached + fresh > s->peak ? s->cached + fresh : s->peak;
  if (!is_cache_full)
    s->cached += text->heap_bytes;
}

/* The cache gets no larger once it is full, so requests after that matter only
   until each text has come once more. */
static struct sizes sizes_of(const struct workload_setup *setup) {
  struct sizes s = {0};
  size_t requests = (size_t)setup->param[REQUESTS], texts = texts_of(setup);
  size_t slots = slots_of(setup);
  struct json_text *text = calloc(texts, sizeof *text);
  gc_assert_always(text != NULL);
  for (size_t i = 0; i < texts; i++)
    text[i] = text_make(setup, i);
  for (size_t i = 0; i < requests && i < slots + texts; i++)
    sizes_add(&s, &text[i % texts], i >= slots);
  for (size_t i = slots + texts; i < requests; i++)
    s.alloc += text_bytes(&text[i % texts]) + 2 * text[i % texts].heap_bytes;
  for (size_t i = 0; i < texts; i++)
    json_text_free(&text[i]);
  free(text);
  return s;
}

static size_t live_bytes(const struct workload_setup *setup) {
  struct sizes s = sizes_of(setup);
  size_t documents =
      setup->threads == 1 ? s.peak : s.cached + setup->threads * s.fresh;
  return gc_size_for(workload_table_type(), slots_of(setup)) + documents;
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return gc_size_for(workload_table_type(), slots_of(setup)) +
         sizes_of(setup).alloc;
}

/* --- requests ------------------------------------------------------------- */

static bool begin(struct workload_thread *t) {
  struct shared *shared = workload_shared_begin(t, sizeof *shared);
  if (shared == NULL)
    return false;
  size_t texts = texts_of(t->setup);
  shared->text = calloc(texts, sizeof *shared->text);
  if (shared->text == NULL)
    return false;
  for (; shared->texts < texts; shared->texts++) {
    struct json_text *text = &shared->text[shared->texts];
    *text = text_make(t->setup, shared->texts);
    if (text->has_failed)
      return false;
  }
  GC_FRAME(t->m, f, cache);
  if (!gc_new_array(t->m, &f.cache, workload_table_type(), slots_of(t->setup)))
    return false;
  gc_global_set(t->m, &shared->base.root, gc_root_get(&f.cache));
  return true;
}

static void end(struct workload_thread *t) {
  struct shared *shared = t->shared;
  if (shared == NULL)
    return;
  for (size_t i = 0; i < shared->texts; i++)
    json_text_free(&shared->text[i]);
  free(shared->text);
  workload_shared_end(t);
}

static bool text_copy(struct workload_thread *t, gc_root *out,
                      const struct json_text *text) {
  struct containers c = containers_make(t);
  gc_ref copy = counted_new_array(&c, out, workload_bytes_type(), text->length);
  if (copy != NULL)
    memcpy(gc_bytes(copy), text->chars, text->length);
  return copy != NULL;
}

static bool serve(struct workload_thread *t, uint64_t number) {
  struct shared *shared = t->shared;
  const struct json_text *text = &shared->text[number % shared->texts];
  GC_FRAME(t->m, f, text, document);
  if (!text_copy(t, &f.text, text))
    return false;
  struct json_parser p = json_parser_make(t, &f.text);
  if (!json_parse(&p, &f.document))
    return false;
  gc_safepoint(t->m);
  shared->base.wrong += p.is_wrong || p.at != p.length;
  t->figures.checksum += json_sum(&p, gc_root_get(&f.document));
  t->figures.ops++;
  counted_set_move(&p.c, gc_root_get(&shared->base.root),
                   number % slots_of(t->setup), &f.document);
  return true;
}

static uint64_t count(const struct workload_setup *setup) {
  return (uint64_t)setup->param[REQUESTS];
}

static double rate_hz(const struct workload_setup *setup) {
  return (double)setup->param[RATE];
}

/* The sums were counted when the texts were written. */
static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct shared *shared = main->shared;
  uint64_t sum = 0;
  for (uint64_t i = 0; i < count(main->setup); i++)
    sum += shared->text[i % shared->texts].sum;
  for (unsigned i = 0; i < main->setup->threads; i++)
    sum -= threads[i].figures.checksum;
  if (shared->base.wrong)
    return "a text could not be parsed";
  return sum == 0 ? NULL : "a document is not what its text says";
}

static const struct workload_param params[] = {
    [RATE] = {"rate",
              0,
              10000000,
              {0, 0, 0},
              "requests per second; 0: as fast as possible"},
    [REQUESTS] = {"requests",
                  1,
                  INT64_C(1000000000),
                  {10000, 15000, 100000},
                  "requests of all threads together"},
    [TEXTS] = {"texts", 1, 10000, {64, 64, 256}, "different texts"},
    [LEAST] = {"least", 8, 100000, {8, 16, 64}, "values of the smallest text"},
    [GREATEST] =
        {"greatest", 8, 100000, {128, 1024, 4096}, "values of the largest"},
    [KEPT] = {"kept", 1, 10000, {16, 16, 16}, "documents kept of each text"},
    {0},
};

const struct workload workload_json = {
    .name = "json",
    .summary = "A server parses documents and drops older ones",
    .stresses = "strings, arrays and maps of mixed sizes that die together",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = begin,
    .service = &(const struct workload_service){.count = count,
                                                .rate_hz = rate_hz,
                                                .serve = serve},
    .check = check,
    .end = end,
};
