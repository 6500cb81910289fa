/* SPDX-License-Identifier: MIT */
/* A small Scheme whose memory is a heap of the interface: pairs, strings,
   frames, closures and code are objects, and the stack is a stack of roots. An
   interpreter belongs to one mutator; several run side by side in a heap.

   It has the core of R5RS, with these differences. Integers have 62 bits, and
   become flonums beyond. There are no macros, promises, ports, dynamic-wind,
   multiple values, or other kinds of numbers, and few functions for numbers and
   strings; max and min take two arguments, for-each takes one list, and a call
   has at most 255 arguments. A quasiquotation is not expanded in a vector, or
   in another one. A program that redefines a primitive does so before its first
   use. Characters are bytes; a string ends on its line. A procedure that is
   defined in a body is a new object each time its name is read, so eq? tells
   them apart. A continuation that is entered again goes on with the variables
   that it left, not with new ones. */
#ifndef SCHEME_H
#define SCHEME_H

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "heap/sweepstakes.h"

/* --- types ---------------------------------------------------------------- */

enum { SCHEME_FRAMES = 16 };

/* A frame has its parent in slot 0 and its variables after it. Small frames
   have types of their own, because these are allocated faster than arrays;
   other frames are vectors. */
enum scheme_kind {
  SCHEME_PAIR,
  SCHEME_SOURCE, /* the first pair of a list that was read, with its line */
  SCHEME_FLONUM,
  SCHEME_STRING,
  SCHEME_SYMBOL,
  SCHEME_VECTOR,
  SCHEME_CLOSURE,      /* its data: the index of its entry in the code */
  SCHEME_CODE,         /* of a form, with all procedures in it */
  SCHEME_CONTINUATION, /* a copy of the stack */
  SCHEME_FRAME,        /* and then those with 1, 2, … variables */
  SCHEME_KINDS = SCHEME_FRAME + SCHEME_FRAMES
};
extern gc_type scheme_type[SCHEME_KINDS]; /* constant after scheme_open */
extern size_t scheme_size[SCHEME_KINDS];  /* without a tail */

enum { SCHEME_CAR, SCHEME_CDR };
enum { SCHEME_CLOSURE_CODE, SCHEME_CLOSURE_FRAME };
enum { SCHEME_CODE_CONSTANTS }; /* instructions are the tail */
enum { SCHEME_START = 1 };      /* the entry of the form, after a jump */
enum { SCHEME_SYMBOL_VALUE, SCHEME_SYMBOL_NEXT }; /* the name is the tail */

/* An entry of a procedure is two instructions: a parameters, count 1 if there
   is a rest, b the name, a constant; then b variables. */
struct scheme_instruction {
  uint8_t op, a;
  uint16_t b;
  uint32_t line : 24, count : 8; /* count: arguments of a call of a variable */
};

/* --- values --------------------------------------------------------------- */

/* An immediate is a fixnum, or its next bit is set as well and the three bits
   after it tell what the others mean. A slot that is NULL is a variable without
   a value. */
enum {
  SCHEME_CONSTANT,
  SCHEME_CHARACTER,
  SCHEME_PRIMITIVE,
  SCHEME_LABEL /* in a variable: the entry of a procedure of this frame */
};

#define SCHEME_IMMEDIATE(kind, n)                                              \
  ((gc_ref)((uintptr_t)(n) << 5 | (uintptr_t)(kind) << 2 | 3))
#define SCHEME_FALSE SCHEME_IMMEDIATE(SCHEME_CONSTANT, 0)
#define SCHEME_TRUE  SCHEME_IMMEDIATE(SCHEME_CONSTANT, 1)
#define SCHEME_NIL   SCHEME_IMMEDIATE(SCHEME_CONSTANT, 2)
#define SCHEME_NONE  SCHEME_IMMEDIATE(SCHEME_CONSTANT, 3) /* no useful value */
#define SCHEME_END   SCHEME_IMMEDIATE(SCHEME_CONSTANT, 4) /* of the text */

static inline bool scheme_is_fixnum(gc_ref value) {
  return ((uintptr_t)value & 3) == 1;
}

static inline gc_ref scheme_fixnum(intptr_t number) {
  return (gc_ref)((uintptr_t)number << 2 | 1);
}

static inline intptr_t scheme_number(gc_ref fixnum) {
  return (intptr_t)fixnum >> 2;
}

static inline bool scheme_is_immediate(gc_ref value, unsigned kind) {
  return ((uintptr_t)value & 31) == (kind << 2 | 3);
}

static inline uintptr_t scheme_immediate(gc_ref value) {
  return (uintptr_t)value >> 5;
}

static inline gc_ref scheme_truth(bool is_true) {
  return is_true ? SCHEME_TRUE : SCHEME_FALSE;
}

static inline bool scheme_is(gc_ref value, enum scheme_kind kind) {
  return gc_is_object(value) && gc_type_of(value) == scheme_type[kind];
}

static inline bool scheme_is_pair(gc_ref value) {
  return scheme_is(value, SCHEME_PAIR) || scheme_is(value, SCHEME_SOURCE);
}

static inline gc_ref scheme_car(gc_ref pair) {
  return gc_get(pair, SCHEME_CAR);
}

static inline gc_ref scheme_cdr(gc_ref pair) {
  return gc_get(pair, SCHEME_CDR);
}

static inline double *scheme_double(gc_ref flonum) {
  return gc_bytes(flonum);
}

static inline struct scheme_instruction *scheme_instruction(gc_ref code,
                                                            size_t index) {
  return (struct scheme_instruction *)gc_bytes(code) + index;
}

static inline bool scheme_has_name(gc_ref symbol, const char *name,
                                   size_t length) {
  return gc_length(symbol) == length &&
         memcmp(gc_bytes(symbol), name, length) == 0;
}

/* --- the interpreter ------------------------------------------------------ */

struct scheme_figures {
  uint64_t objects, bytes, stores;
};

struct scheme {
  gc_mutator *m;
  gc_root_stack *stack; /* the next roots are its first ones */
  gc_root *symbols;     /* a table of weak references */
  gc_root *globals;     /* a list of all symbols with a value */
  gc_root *result;      /* of scheme_run, and what a primitive has made */
  gc_root *code, *env;  /* that run */
  gc_root *callee, *parent, *frame; /* code that is called, and its frame */
  const struct scheme_primitive *primitive; /* that runs */
  unsigned count;                           /* of its arguments */
  struct scheme_compiler *compiler;
  size_t pc; /* of the next instruction */
  FILE *in;
  char *text; /* the line that is read */
  size_t room;
  char *at;        /* the next character in it */
  uint32_t lines;  /* read so far */
  uint32_t line;   /* of what is read, compiled or, after an error, run */
  unsigned depth;  /* of nested lists in the C stack */
  bool has_lines;  /* false: errors do not name those that are read */
  bool has_prompt; /* before each line that is read */
  FILE *out;       /* NULL: what is printed is lost */
  uint64_t random;
  struct gc_frame *outside;
  jmp_buf failed;
  bool is_out_of_memory;
  char error[200];
  struct scheme_figures made;
};
enum { SCHEME_REGISTERS = 8 };        /* the roots at the bottom of the stack */
enum { SCHEME_STACK_MOST = 1 << 24 }; /* so deep a recursion has no end */

/* NULL: out of memory. */
struct scheme *scheme_open(gc_mutator *);
struct scheme_figures scheme_close(struct scheme *); /* all that it made */
/* Evaluates all forms that it reads; the value of the last one is in s->result.
   False: s->error says why, and s->line where; the rest of that line is lost.
   With `echoes`, prints each value. */
bool scheme_run(struct scheme *, FILE *in, bool echoes);
bool scheme_run_text(struct scheme *, const char *text);

/* These end scheme_run. The value is shown after the message if not NULL. */
__attribute__((format(printf, 3, 4))) _Noreturn void
scheme_fail(struct scheme *, gc_ref value, const char *format, ...);
_Noreturn void scheme_fail_memory(struct scheme *);

/* --- for the parts: these may be safepoints ------------------------------- */

/* Counts an object that may not be NULL. */
static inline gc_ref scheme_made(struct scheme *s, gc_ref object,
                                 size_t bytes) {
  if (object == NULL)
    scheme_fail_memory(s);
  s->made.objects++;
  s->made.bytes += bytes;
  return object;
}

static inline gc_ref scheme_make(struct scheme *s, gc_root *out,
                                 unsigned kind) {
  return scheme_made(s, gc_new(s->m, out, scheme_type[kind]),
                     scheme_size[kind]);
}

gc_ref scheme_make_array(struct scheme *, gc_root *out, unsigned kind,
                         size_t length);
/* A string or a symbol with these characters, which may not be in an object. */
gc_ref scheme_make_text(struct scheme *, gc_root *out, unsigned kind,
                        const char *, size_t length);
/* A pair of this kind. Empties the two roots. *cdr may be *out. */
gc_ref scheme_cons(struct scheme *, gc_root *out, unsigned kind, gc_root *car,
                   gc_root *cdr);
/* The symbol with this name, which may not be in an object. */
gc_ref scheme_intern(struct scheme *, gc_root *out, const char *, size_t);
/* These move the last values on the stack to a vector, or before a list. */
gc_ref scheme_pop_vector(struct scheme *, gc_root *out, size_t count);
void scheme_pop_list(struct scheme *, gc_root *list, size_t count);
/* Reads one form; SCHEME_END at the end of the text. */
void scheme_read(struct scheme *, gc_root *out);
/* Replaces the form in s->callee by code without parameters. */
void scheme_compile(struct scheme *);
/* Runs the code in s->callee; the value is in s->result. */
void scheme_execute(struct scheme *);
void scheme_primitives_define(struct scheme *);

/* --- for the parts: no safepoints ----------------------------------------- */

static inline void scheme_set(struct scheme *s, gc_ref object, size_t slot,
                              gc_ref value) {
  s->made.stores++;
  gc_set(s->m, object, slot, value);
}

static inline void scheme_move(struct scheme *s, gc_ref object, size_t slot,
                               gc_root *from) {
  s->made.stores++;
  gc_set_move(s->m, object, slot, from);
}

static inline void scheme_push(struct scheme *s, gc_ref value) {
  if (!gc_root_stack_push(s->m, s->stack, value))
    scheme_fail_memory(s);
}

/* A C function calls itself for a list within a list. */
enum { SCHEME_DEPTH_MOST = 1000 };

static inline void scheme_deeper(struct scheme *s) {
  if (++s->depth > SCHEME_DEPTH_MOST)
    scheme_fail(s, NULL, "lists are nested too deeply");
}

/* Pushes the values in a list; returns how many. Fails if it is no list. */
unsigned scheme_push_list(struct scheme *, gc_ref list);
/* The primitive symbol-count: of those that are alive. */
gc_ref scheme_symbol_count(struct scheme *, gc_root *);
/* Gives a global variable its value. */
void scheme_define(struct scheme *, gc_ref symbol, gc_ref value);
/* `text`: as display does, not as write does. */
void scheme_print(struct scheme *, FILE *, gc_ref, bool text);
/* The same as write, into a buffer. A long value is cut. */
void scheme_print_into(struct scheme *, char *, size_t size, gc_ref);

/* The operations after SCHEME_OP_PRIMITIVE are primitives with a fast path. */
enum scheme_op {
  SCHEME_OP_CONSTANT, /* pushes constant b */
  SCHEME_OP_LOCAL,    /* pushes variable b, a frames outside of this one */
  SCHEME_OP_SET_LOCAL,
  SCHEME_OP_GLOBAL, /* pushes the variable whose name is constant b */
  SCHEME_OP_SET_GLOBAL,
  SCHEME_OP_DEFINE,
  SCHEME_OP_POP,
  SCHEME_OP_JUMP, /* to instruction b */
  SCHEME_OP_JUMP_FALSE,
  SCHEME_OP_AND,        /* jumps if the last value is false, else drops it */
  SCHEME_OP_OR,         /* the same if it is true */
  SCHEME_OP_CLOSURE,    /* with entry b */
  SCHEME_OP_CALL,       /* the last value, with a arguments before it */
  SCHEME_OP_CALL_LOCAL, /* the variable as in SCHEME_OP_LOCAL */
  SCHEME_OP_RETURN,     /* right after a call: this is a tail call */
  SCHEME_OP_ENTRY,
  SCHEME_OP_PRIMITIVE, /* number b with a arguments */
  SCHEME_OP_CONS
};

/* A primitive gets its arguments on the stack, and their number in s->count. It
   returns a value that it has read, or one that it has made in s->result.

   `takes` has a letter for the kind of each argument, the last one for all that
   follow: a for any kind, and those in primitives.c.

   `quick` gets two arguments that nothing has looked at, or one if the
   primitive takes no more. It makes nothing, and returns NULL if it has no
   value for them: then `run` gets them. `run` is NULL if it could never be
   needed. */
struct scheme_primitive {
  const char *name;
  gc_ref (*run)(struct scheme *, gc_root *arg);
  uint8_t least, most; /* arguments */
  const char *takes;
  uint8_t mode; /* for those that share a function */
  gc_ref (*quick)(gc_ref x, gc_ref y, unsigned mode);
};
/* Those that the compiler and the machine know; the first two call others. */
enum { SCHEME_APPLY, SCHEME_CALL_CC, SCHEME_APPEND, SCHEME_MEMV, SCHEME_CONS };
extern const struct scheme_primitive scheme_primitives[];
/* Fails if the primitive does not take so many arguments, or not these. Sets
   s->primitive and s->count. */
void scheme_check_arguments(struct scheme *, size_t primitive, unsigned count);

#endif
