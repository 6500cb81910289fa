/* SPDX-License-Identifier: MIT */
/* Types and objects, the table of symbols, errors.

   The table holds its symbols weakly: its chains are lists of weak references.
   The next search of a chain takes dead symbols out. A symbol with a value is
   held by the list of globals. */
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>

#include "workloads/programs/scheme/scheme.h"

gc_type scheme_type[SCHEME_KINDS];
size_t scheme_size[SCHEME_KINDS];
static pthread_once_t types_once = PTHREAD_ONCE_INIT;

static const struct gc_type_desc types[] = {
    [SCHEME_PAIR] = {"scheme pair", 2, 0, GC_NO_TAIL, NULL},
    [SCHEME_SOURCE] = {"scheme source", 2, 8, GC_NO_TAIL, NULL},
    [SCHEME_FLONUM] = {"scheme flonum", 0, sizeof(double), GC_NO_TAIL, NULL},
    [SCHEME_STRING] = {"scheme string", 0, 0, GC_BYTE_TAIL, NULL},
    [SCHEME_SYMBOL] = {"scheme symbol", 2, 0, GC_BYTE_TAIL, NULL},
    [SCHEME_VECTOR] = {"scheme vector", 0, 0, GC_REF_TAIL, NULL},
    [SCHEME_CLOSURE] = {"scheme closure", 2, 8, GC_NO_TAIL, NULL},
    [SCHEME_CODE] = {"scheme code", 1, 0, GC_BYTE_TAIL, NULL},
    [SCHEME_CONTINUATION] = {"scheme continuation", 0, 0, GC_REF_TAIL, NULL},
};

static void types_make(void) {
  for (unsigned i = 0; i < SCHEME_KINDS; i++) {
    struct gc_type_desc frame = {"scheme frame", i - SCHEME_FRAME + 1, 0,
                                 GC_NO_TAIL, NULL};
    scheme_type[i] = gc_type_define(i < SCHEME_FRAME ? &types[i] : &frame);
    gc_require(scheme_type[i] != 0, "scheme_open: there are too many types");
    scheme_size[i] = gc_size_for(scheme_type[i], 0);
  }
}

/* --- errors and objects --------------------------------------------------- */

_Noreturn void scheme_fail(struct scheme *s, gc_ref value, const char *format,
                           ...) {
  va_list arguments;
  gc_ref code = gc_root_get(s->code);
  if (code != NULL && scheme_instruction(code, s->pc - 1)->line > 0)
    s->line = scheme_instruction(code, s->pc - 1)->line;
  va_start(arguments, format);
  vsnprintf(s->error, sizeof s->error, format, arguments);
  va_end(arguments);
  size_t used = strlen(s->error);
  if (value != NULL)
    scheme_print_into(s, s->error + used, sizeof s->error - used, value);
  gc_frames_unwind(s->m, s->outside);
  longjmp(s->failed, 1);
}

_Noreturn void scheme_fail_memory(struct scheme *s) {
  s->is_out_of_memory = true;
  scheme_fail(s, NULL, "out of memory");
}

gc_ref scheme_make_array(struct scheme *s, gc_root *out, unsigned kind,
                         size_t length) {
  return scheme_made(s, gc_new_array(s->m, out, scheme_type[kind], length),
                     gc_size_for(scheme_type[kind], length));
}

gc_ref scheme_make_text(struct scheme *s, gc_root *out, unsigned kind,
                        const char *text, size_t length) {
  gc_ref object = scheme_make_array(s, out, kind, length);
  memcpy(gc_bytes(object), text, length);
  return object;
}

gc_ref scheme_cons(struct scheme *s, gc_root *out, unsigned kind, gc_root *car,
                   gc_root *cdr) {
  GC_FRAME(s->m, f, pair);
  gc_ref pair = scheme_make(s, &f.pair, kind);
  scheme_move(s, pair, SCHEME_CAR, car);
  scheme_move(s, pair, SCHEME_CDR, cdr);
  gc_root_move(s->m, out, &f.pair);
  return pair;
}

gc_ref scheme_pop_vector(struct scheme *s, gc_root *out, size_t count) {
  gc_ref vector = scheme_make_array(s, out, SCHEME_VECTOR, count);
  for (; count > 0; count--) {
    scheme_move(s, vector, count - 1, s->stack->top - 1);
    gc_root_stack_drop(s->m, s->stack, 1);
  }
  return vector;
}

void scheme_pop_list(struct scheme *s, gc_root *list, size_t count) {
  for (; count > 0; count--) {
    scheme_cons(s, list, SCHEME_PAIR, s->stack->top - 1, list);
    gc_root_stack_drop(s->m, s->stack, 1);
  }
}

unsigned scheme_push_list(struct scheme *s, gc_ref list) {
  unsigned count = 0;
  for (; scheme_is_pair(list); list = scheme_cdr(list), count++) {
    if (count == SCHEME_STACK_MOST)
      scheme_fail(s, NULL, "this list is too long, or a ring");
    scheme_push(s, scheme_car(list));
  }
  if (list != SCHEME_NIL)
    scheme_fail(s, NULL, "this must be a list that ends with ()");
  return count;
}

/* --- symbols -------------------------------------------------------------- */

enum { CHAINS = 256 };

/* Takes dead symbols out of the chain that it searches. */
gc_ref scheme_intern(struct scheme *s, gc_root *out, const char *name,
                     size_t length) {
  GC_FRAME(s->m, f, holder, weak, link);
  uint32_t hash = 2166136261; /* FNV-1a */
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (uint8_t)name[i]) * 16777619;
  size_t slot = hash % CHAINS;
  gc_root_set(s->m, &f.holder, gc_root_get(s->symbols));
  for (gc_ref link; (link = gc_get(gc_root_get(&f.holder), slot)) != NULL;) {
    gc_ref symbol = gc_weak_get(s->m, out, scheme_car(link));
    if (symbol != NULL && scheme_has_name(symbol, name, length))
      return symbol;
    if (symbol == NULL) {
      scheme_set(s, gc_root_get(&f.holder), slot, scheme_cdr(link));
    } else {
      gc_root_set(s->m, &f.holder, link);
      slot = SCHEME_CDR;
    }
  }
  gc_ref symbol = scheme_make_text(s, out, SCHEME_SYMBOL, name, length);
  scheme_made(s, gc_weak_new(s->m, &f.weak, symbol),
              gc_size_for(gc_weak_type(), 0));
  scheme_cons(s, &f.link, SCHEME_PAIR, &f.weak, &f.link);
  scheme_move(s, gc_root_get(&f.holder), slot, &f.link);
  return gc_root_get(out);
}

gc_ref scheme_symbol_count(struct scheme *s, gc_root *arg) {
  GC_FRAME(s->m, f, symbol);
  intptr_t count = 0;
  (void)arg;
  for (size_t i = 0; i < CHAINS; i++) {
    gc_ref link = gc_get(gc_root_get(s->symbols), i);
    for (; link != NULL; link = scheme_cdr(link))
      count += gc_weak_get(s->m, &f.symbol, scheme_car(link)) != NULL;
  }
  return scheme_fixnum(count);
}

void scheme_define(struct scheme *s, gc_ref symbol, gc_ref value) {
  if (gc_get(symbol, SCHEME_SYMBOL_VALUE) == NULL) {
    scheme_set(s, symbol, SCHEME_SYMBOL_NEXT, gc_root_get(s->globals));
    gc_root_set(s->m, s->globals, symbol);
  }
  scheme_set(s, symbol, SCHEME_SYMBOL_VALUE, value);
}

/* --- the interpreter ------------------------------------------------------ */

/* Reads and runs. */
static void run_forms(struct scheme *s, bool echoes) {
  if (gc_root_get(s->symbols) == NULL) {
    scheme_make_array(s, s->symbols, SCHEME_VECTOR, CHAINS);
    scheme_primitives_define(s);
  }
  for (;;) {
    scheme_read(s, s->callee);
    if (gc_root_get(s->callee) == SCHEME_END)
      return;
    scheme_compile(s);
    scheme_execute(s);
    if (!echoes || gc_root_get(s->result) == SCHEME_NONE)
      continue;
    scheme_print(s, s->out, gc_root_get(s->result), false);
    fputc('\n', s->out);
  }
}

bool scheme_run(struct scheme *s, FILE *in, bool echoes) {
  s->in = in;
  s->at = "";
  s->depth = 0;
  s->outside = gc_frames_mark(s->m);
  bool is_fine = false;
  if (setjmp(s->failed) == 0) {
    run_forms(s, echoes);
    is_fine = true;
  }
  /* An error leaves values on the stack, and in the registers of a run. */
  size_t height = gc_root_stack_size(s->stack);
  gc_root_stack_drop(s->m, s->stack, height - SCHEME_REGISTERS);
  for (gc_root *reg = s->code; reg < s->stack->top; reg++)
    gc_root_clear(s->m, reg);
  return is_fine;
}

bool scheme_run_text(struct scheme *s, const char *text) {
  FILE *in = fmemopen((char *)text, strlen(text), "r"); /* is not changed */
  s->is_out_of_memory = in == NULL;
  bool is_fine = in != NULL && scheme_run(s, in, false);
  if (in != NULL)
    fclose(in);
  s->lines = 0; /* of the next text */
  return is_fine;
}

/* Closures lead to symbols through their code: global variables are emptied,
   so that counting frees them, too. */
struct scheme_figures scheme_close(struct scheme *s) {
  gc_ref symbol = s->globals != NULL ? gc_root_get(s->globals) : NULL;
  for (; symbol != NULL; symbol = gc_get(symbol, SCHEME_SYMBOL_NEXT))
    scheme_set(s, symbol, SCHEME_SYMBOL_VALUE, NULL);
  if (s->stack != NULL)
    gc_root_stack_destroy(s->m, s->stack);
  struct scheme_figures made = s->made;
  free(s->compiler);
  free(s->text);
  free(s);
  return made;
}

struct scheme *scheme_open(gc_mutator *m) {
  extern const char scheme_prelude[];
  pthread_once(&types_once, types_make);
  struct scheme *s = calloc(1, sizeof *s);
  if (s == NULL)
    return NULL;
  gc_root **registers[SCHEME_REGISTERS] = {&s->symbols, &s->globals, &s->result,
                                           &s->code,    &s->env,     &s->callee,
                                           &s->parent,  &s->frame};
  s->m = m;
  s->stack = gc_root_stack_create(m);
  if (s->stack != NULL && gc_root_stack_extend(s->stack, SCHEME_REGISTERS)) {
    for (size_t i = 0; i < SCHEME_REGISTERS; i++)
      *registers[i] = gc_root_stack_at(s->stack, i);
    s->has_lines = scheme_run_text(s, scheme_prelude);
    if (s->has_lines)
      return s;
  }
  scheme_close(s);
  return NULL;
}
