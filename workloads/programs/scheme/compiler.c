/* SPDX-License-Identifier: MIT */
/* The compiler: from a form to the code of a machine with a stack. It makes no
   object before the end, so raw references to parts of the form stay valid.

   The variables of a procedure are its parameters and those of each `let` in
   it; all have slots in one frame. No slot is used twice, so a closure keeps
   the variables that it saw. A procedure within a procedure is compiled in
   place, and jumped over.

   A procedure that a body defines is a label in its slot, not a closure: its
   frame is the one with the slot. So a loop makes no cycle of a frame and a
   closure, and its calls make nothing but frames. */
#include <stdlib.h>
#include <string.h>

#include "workloads/programs/scheme/scheme.h"

enum { LOCALS_MOST = 500, CODE_MOST = UINT16_MAX, SHORT_MOST = UINT8_MAX };

typedef struct scheme_compiler {
  struct scheme *s;
  struct local {
    gc_ref name; /* may be NULL */
    unsigned level, slot;
  } locals[LOCALS_MOST]; /* the names in scope, the innermost last */
  size_t names;
  size_t constants;   /* the first one is here on s->stack */
  unsigned variables; /* of this procedure */
  unsigned level;     /* of procedures; 0: outside of all */
  unsigned bodies;    /* that are open; 0: a definition is global */
  size_t used;
  struct scheme_instruction code[CODE_MOST + 1];
} compiler;

/* Emits code that pushes the value of the form, or of a list of forms. */
typedef void compile_function(compiler *, gc_ref form);
static compile_function compile, compile_sequence, compile_body;

/* (NAME …) */
static bool is_form(gc_ref form, const char *name) {
  gc_ref head = scheme_is_pair(form) ? scheme_car(form) : NULL;
  return scheme_is(head, SCHEME_SYMBOL) &&
         scheme_has_name(head, name, strlen(name));
}

/* The rest of a form after so many parts. */
static gc_ref after(compiler *c, gc_ref form, unsigned count) {
  for (; count > 0; count--, form = scheme_cdr(form))
    if (!scheme_is_pair(form))
      scheme_fail(c->s, NULL, "a part of this form is missing");
  return form;
}

static gc_ref part(compiler *c, gc_ref form, unsigned index) {
  form = after(c, form, index);
  after(c, form, 1);
  return scheme_car(form);
}

/* --- instructions --------------------------------------------------------- */

/* Returns where the instruction is. */
static size_t emit(compiler *c, enum scheme_op op, size_t a, size_t b) {
  if (a > SHORT_MOST || b > CODE_MOST || c->used == CODE_MOST)
    scheme_fail(c->s, NULL, "this form is too large");
  c->code[c->used] = (struct scheme_instruction){
      (uint8_t)op, (uint8_t)a, (uint16_t)b, c->s->line & 0xffffff, 0};
  return c->used++;
}

/* Lets all jumps of a list lead here. A new jump has the list before it as its
   operand; 0 is an empty list. */
static void patch(compiler *c, size_t list) {
  while (list != 0) {
    size_t next = c->code[list].b;
    c->code[list].b = (uint16_t)c->used;
    list = next;
  }
}

static size_t constant(compiler *c, gc_ref value) {
  size_t count = gc_root_stack_size(c->s->stack) - c->constants;
  for (size_t i = 0; i < count; i++)
    if (gc_root_get(gc_root_stack_at(c->s->stack, c->constants + i)) == value)
      return i;
  scheme_push(c->s, value);
  return count;
}

static void emit_constant(compiler *c, gc_ref value) {
  emit(c, SCHEME_OP_CONSTANT, 0, constant(c, value));
}

static void need_name(compiler *c, gc_ref name) {
  if (!scheme_is(name, SCHEME_SYMBOL))
    scheme_fail(c->s, name, "a name is required instead of ");
}

/* A new variable of this procedure, without a name if it is NULL. */
static struct local *bind(compiler *c, gc_ref name) {
  if (name != NULL)
    need_name(c, name);
  if (c->names == LOCALS_MOST)
    scheme_fail(c->s, NULL, "too many names are in scope");
  struct local *local = &c->locals[c->names++];
  *local = (struct local){name, c->level, c->variables++};
  return local;
}

/* NULL: the name is global. */
static struct local *find(compiler *c, gc_ref name) {
  for (size_t i = c->names; i > 0; i--)
    if (c->locals[i - 1].name == name)
      return &c->locals[i - 1];
  return NULL;
}

/* Uses a variable, with so many arguments if it is called. */
static void emit_local(compiler *c, enum scheme_op op,
                       const struct local *local, size_t count) {
  size_t at = emit(c, op, c->level - local->level, local->slot);
  if (count > SHORT_MOST)
    scheme_fail(c->s, NULL, "a call has too many arguments");
  c->code[at].count = count & SHORT_MOST;
}

/* Uses a variable, local or global. */
static void emit_variable(compiler *c, gc_ref name, enum scheme_op local_op,
                          enum scheme_op global_op) {
  const struct local *local = find(c, name);
  if (local != NULL)
    emit_local(c, local_op, local, 0);
  else
    emit(c, global_op, 0, constant(c, name));
}

/* --- procedures ----------------------------------------------------------- */

/* Binds (a b . rest), or the names of ((a init) (b init)); returns how many are
   before the rest. */
static unsigned bind_params(compiler *c, gc_ref params) {
  unsigned count = 0;
  for (; scheme_is_pair(params); params = scheme_cdr(params), count++)
    bind(c, scheme_is_pair(scheme_car(params)) ? part(c, scheme_car(params), 0)
                                               : scheme_car(params));
  if (params != SCHEME_NIL)
    bind(c, params);
  return count;
}

/* Compiles a procedure, which is jumped over, and pushes it: as a closure, or
   else as a label. `body` compiles what it does, from `form`. `name` may be
   NULL. */
static void compile_procedure(compiler *c, gc_ref name, gc_ref params,
                              compile_function *body, gc_ref form,
                              bool is_closure) {
  size_t names = c->names, jump = emit(c, SCHEME_OP_JUMP, 0, 0);
  unsigned variables = c->variables;
  c->level++;
  c->variables = 0;
  unsigned count = bind_params(c, params);
  size_t entry = emit(c, SCHEME_OP_ENTRY, count, constant(c, name));
  c->code[entry].count = count < c->variables; /* is there a rest? */
  emit(c, SCHEME_OP_ENTRY, 0, 0);
  body(c, form);
  emit(c, SCHEME_OP_RETURN, 0, 0);
  c->code[entry + 1].b = (uint16_t)c->variables;
  c->level--;
  c->variables = variables;
  c->names = names;
  patch(c, jump);
  if (is_closure)
    emit(c, SCHEME_OP_CLOSURE, 0, entry);
  else
    emit_constant(c, SCHEME_IMMEDIATE(SCHEME_LABEL, entry));
}

/* The first value of a variable: of this procedure, or a global one. */
static void compile_init(compiler *c, gc_ref name, gc_ref form,
                         bool is_global) {
  if (is_form(form, "lambda") && find(c, scheme_car(form)) == NULL)
    compile_procedure(c, name, part(c, form, 1), compile_body,
                      after(c, form, 2), is_global);
  else
    compile(c, form);
}

static void compile_lambda(compiler *c, gc_ref form) {
  compile_init(c, NULL, form, true);
}

/* --- definitions and sequences -------------------------------------------- */

/* The name that (define name …) or (define (name …) …) defines. */
static gc_ref defined_name(compiler *c, gc_ref form) {
  gc_ref target = part(c, form, 1);
  return scheme_is_pair(target) ? scheme_car(target) : target;
}

static void bind_definitions(compiler *c, gc_ref forms) {
  for (; scheme_is_pair(forms); forms = scheme_cdr(forms))
    if (is_form(scheme_car(forms), "define"))
      bind(c, defined_name(c, scheme_car(forms)));
    else if (is_form(scheme_car(forms), "begin"))
      bind_definitions(c, scheme_cdr(scheme_car(forms)));
}

/* Gives the variable the last value. */
static void emit_set(compiler *c, gc_ref name, enum scheme_op global_op) {
  need_name(c, name);
  emit_variable(c, name, SCHEME_OP_SET_LOCAL, global_op);
  emit_constant(c, SCHEME_NONE);
}

static void compile_define(compiler *c, gc_ref form) {
  gc_ref name = defined_name(c, form), target = part(c, form, 1);
  const struct local *local = find(c, name);
  bool is_global = c->bodies == 0;
  if (!is_global && (local == NULL || local->level != c->level))
    scheme_fail(c->s, NULL, "a definition must be in the body of a procedure");
  if (scheme_is_pair(target))
    compile_procedure(c, name, scheme_cdr(target), compile_body,
                      after(c, form, 2), is_global);
  else
    compile_init(c, name, part(c, form, 2), is_global);
  emit_set(c, name, SCHEME_OP_DEFINE);
}

static void compile_set(compiler *c, gc_ref form) {
  compile(c, part(c, form, 2));
  emit_set(c, part(c, form, 1), SCHEME_OP_SET_GLOBAL);
}

/* Leaves the value of the last form. */
static void compile_sequence(compiler *c, gc_ref forms) {
  if (!scheme_is_pair(forms))
    emit_constant(c, SCHEME_NONE);
  for (; scheme_is_pair(forms); forms = scheme_cdr(forms)) {
    compile(c, scheme_car(forms));
    if (scheme_is_pair(scheme_cdr(forms)))
      emit(c, SCHEME_OP_POP, 0, 0);
  }
}

static void compile_body(compiler *c, gc_ref forms) {
  after(c, forms, 1);
  bind_definitions(c, forms);
  c->bodies++;
  compile_sequence(c, forms);
  c->bodies--;
}

/* --- choices -------------------------------------------------------------- */

/* What `body` emits runs if the last value is true, and then jumps: the
   jump is added to the list. */
static size_t compile_branch(compiler *c, compile_function *body, gc_ref form,
                             size_t list) {
  size_t jump = emit(c, SCHEME_OP_JUMP_FALSE, 0, 0);
  body(c, form);
  list = emit(c, SCHEME_OP_JUMP, 0, list);
  patch(c, jump);
  return list;
}

/* if, when and unless. */
static void compile_if(compiler *c, gc_ref form) {
  bool is_if = is_form(form, "if"), is_unless = is_form(form, "unless");
  gc_ref rest = after(c, form, 2), none = SCHEME_NIL;
  compile(c, part(c, form, 1));
  size_t end =
      is_if ? compile_branch(c, compile, part(c, form, 2), 0)
            : compile_branch(c, compile_sequence, is_unless ? none : rest, 0);
  compile_sequence(c, is_if ? scheme_cdr(rest) : is_unless ? rest : none);
  patch(c, end);
}

/* cond, and case, whose key is in a variable. */
static void compile_cond(compiler *c, gc_ref form) {
  const struct local *key = NULL;
  size_t end = 0;
  if (is_form(form, "case")) {
    form = after(c, form, 1);
    compile(c, part(c, form, 0));
    key = bind(c, NULL);
    emit_local(c, SCHEME_OP_SET_LOCAL, key, 0);
  }
  gc_ref rest = scheme_cdr(form);
  for (; scheme_is_pair(rest) && !is_form(scheme_car(rest), "else");
       rest = scheme_cdr(rest)) {
    gc_ref test = part(c, scheme_car(rest), 0);
    gc_ref forms = scheme_cdr(scheme_car(rest));
    if (key == NULL) {
      compile(c, test);
    } else {
      emit_local(c, SCHEME_OP_LOCAL, key, 0);
      emit_constant(c, test);
      emit(c, SCHEME_OP_PRIMITIVE, 2, SCHEME_MEMV);
    }
    end = scheme_is_pair(forms)
              ? compile_branch(c, compile_sequence, forms, end)
              : emit(c, SCHEME_OP_OR, 0, end);
  }
  compile_sequence(c, scheme_is_pair(rest) ? scheme_cdr(scheme_car(rest))
                                           : SCHEME_NIL);
  patch(c, end);
}

static void compile_and(compiler *c, gc_ref form) {
  bool is_or = is_form(form, "or");
  gc_ref rest = scheme_cdr(form);
  size_t end = 0;
  if (!scheme_is_pair(rest))
    emit_constant(c, scheme_truth(!is_or));
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest)) {
    compile(c, scheme_car(rest));
    if (scheme_is_pair(scheme_cdr(rest)))
      end = emit(c, is_or ? SCHEME_OP_OR : SCHEME_OP_AND, 0, end);
  }
  patch(c, end);
}

/* --- bindings ------------------------------------------------------------- */

/* Calls a procedure whose parameters are the names of the bindings. It is in
   scope in itself, as `name`, which may be NULL. */
static void compile_loop(compiler *c, gc_ref name, gc_ref bindings,
                         compile_function *body, gc_ref form) {
  gc_ref rest = bindings;
  unsigned count = 0;
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest), count++)
    compile(c, part(c, scheme_car(rest), 1));
  const struct local *loop = bind(c, name);
  compile_procedure(c, name, bindings, body, form, false);
  emit_local(c, SCHEME_OP_SET_LOCAL, loop, 0);
  emit_local(c, SCHEME_OP_CALL_LOCAL, loop, count);
}

/* let, let* and letrec. The variables of a let have no names before all of them
   have values, those of a letrec have names from the beginning. */
static void compile_let(compiler *c, gc_ref form) {
  gc_ref bindings = part(c, form, 1), rest = bindings;
  bool is_let = is_form(form, "let"), is_letrec = is_form(form, "letrec");
  struct local *first = &c->locals[c->names], *next = first;
  if (is_let && scheme_is(bindings, SCHEME_SYMBOL)) {
    compile_loop(c, bindings, part(c, form, 2), compile_body,
                 after(c, form, 3));
    return;
  }
  if (is_letrec)
    bind_params(c, bindings);
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest)) {
    gc_ref name = part(c, scheme_car(rest), 0);
    compile_init(c, name, part(c, scheme_car(rest), 1), false);
    if (!is_letrec)
      bind(c, name)->name = is_let ? NULL : name;
    emit_local(c, SCHEME_OP_SET_LOCAL, next++, 0);
  }
  for (; is_let && first < next; first++, bindings = scheme_cdr(bindings))
    first->name = scheme_car(scheme_car(bindings));
  compile_body(c, after(c, form, 2));
}

/* The parameters of this procedure were bound last; the loop is the name before
   them. */
static void compile_do_body(compiler *c, gc_ref form) {
  gc_ref clause = part(c, form, 2), rest = part(c, form, 1);
  const struct local *next = &c->locals[c->names];
  compile(c, part(c, clause, 0));
  size_t end = compile_branch(c, compile_sequence, scheme_cdr(clause), 0);
  compile_sequence(c, after(c, form, 3));
  emit(c, SCHEME_OP_POP, 0, 0);
  unsigned count = 0;
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest), count++) {
    bool has_step = scheme_is_pair(after(c, scheme_car(rest), 2));
    compile(c, part(c, scheme_car(rest), has_step ? 2 : 0));
  }
  emit_local(c, SCHEME_OP_CALL_LOCAL, next - count - 1, count);
  patch(c, end);
}

static void compile_do(compiler *c, gc_ref form) {
  compile_loop(c, NULL, part(c, form, 1), compile_do_body, form);
}

/* --- quotes and calls ----------------------------------------------------- */

/* Of a quasiquote. */
static void compile_template(compiler *c, gc_ref template) {
  unsigned items = 0;
  for (; scheme_is_pair(template) && !is_form(template, "unquote") &&
         !is_form(scheme_car(template), "unquote-splicing");
       template = scheme_cdr(template), items++) {
    scheme_deeper(c->s);
    compile_template(c, scheme_car(template));
    c->s->depth--;
  }
  if (!scheme_is_pair(template)) {
    emit_constant(c, template);
  } else if (is_form(template, "unquote")) {
    compile(c, part(c, template, 1));
  } else {
    compile(c, part(c, scheme_car(template), 1));
    compile_template(c, scheme_cdr(template));
    emit(c, SCHEME_OP_PRIMITIVE, 2, SCHEME_APPEND);
  }
  while (items-- > 0)
    emit(c, SCHEME_OP_CONS, 0, 0);
}

/* A global variable that is a primitive is called in place, if it calls no
   procedure. */
static void compile_call(compiler *c, gc_ref form) {
  gc_ref head = scheme_car(form), rest = scheme_cdr(form), value = NULL;
  const struct local *local = find(c, head);
  uint32_t line = c->s->line;
  unsigned count = 0;
  if (local == NULL && scheme_is(head, SCHEME_SYMBOL))
    value = gc_get(head, SCHEME_SYMBOL_VALUE);
  bool is_in_place = scheme_is_immediate(value, SCHEME_PRIMITIVE) &&
                     scheme_immediate(value) > SCHEME_CALL_CC;
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest), count++)
    compile(c, scheme_car(rest));
  if (local == NULL && !is_in_place)
    compile(c, head);
  c->s->line = line;
  if (local != NULL)
    emit_local(c, SCHEME_OP_CALL_LOCAL, local, count);
  else if (value == SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, SCHEME_CONS) &&
           count == 2)
    emit(c, SCHEME_OP_CONS, 0, 0);
  else if (is_in_place)
    emit(c, SCHEME_OP_PRIMITIVE, count, scheme_immediate(value));
  else
    emit(c, SCHEME_OP_CALL, count, 0);
}

static const struct form {
  const char *name;
  compile_function *compile;
  enum { FORM, REST, SECOND } gets; /* all, what follows the name, one part */
} forms[] = {
    {"quote", emit_constant, SECOND},  {"quasiquote", compile_template, SECOND},
    {"begin", compile_sequence, REST}, {"lambda", compile_lambda, FORM},
    {"define", compile_define, FORM},  {"set!", compile_set, FORM},
    {"if", compile_if, FORM},          {"when", compile_if, FORM},
    {"unless", compile_if, FORM},      {"cond", compile_cond, FORM},
    {"case", compile_cond, FORM},      {"and", compile_and, FORM},
    {"or", compile_and, FORM},         {"do", compile_do, FORM},
    {"let", compile_let, FORM},        {"let*", compile_let, FORM},
    {"letrec", compile_let, FORM},     {NULL, compile_call, FORM},
};

/* Emits what pushes the value of the form. Names that it binds leave scope. */
static void compile(compiler *c, gc_ref form) {
  size_t names = c->names;
  const struct form *special = forms;
  scheme_deeper(c->s);
  if (scheme_is(form, SCHEME_SOURCE))
    c->s->line = *(uint32_t *)gc_bytes(form);
  if (scheme_is(form, SCHEME_SYMBOL)) {
    emit_variable(c, form, SCHEME_OP_LOCAL, SCHEME_OP_GLOBAL);
  } else if (scheme_is_pair(form)) {
    bool is_local = find(c, scheme_car(form)) != NULL;
    while (special->name && (is_local || !is_form(form, special->name)))
      special++;
    special->compile(c, special->gets == FORM   ? form
                        : special->gets == REST ? scheme_cdr(form)
                                                : part(c, form, 1));
  } else {
    emit_constant(c, form);
  }
  c->names = names;
  c->s->depth--;
}

void scheme_compile(struct scheme *s) {
  GC_FRAME(s->m, f, constants);
  compiler *c = s->compiler;
  if (c == NULL && (c = s->compiler = malloc(sizeof *c)) == NULL)
    scheme_fail_memory(s);
  c->s = s;
  c->used = c->names = c->level = c->bodies = c->variables = 0;
  c->constants = gc_root_stack_size(s->stack);
  compile_procedure(c, NULL, SCHEME_NIL, compile, gc_root_get(s->callee), true);
  /* A jump to a return becomes a return, so that a call before it is a tail
     call. All jumps lead on, so the last ones go first. */
  for (size_t i = c->used; i-- > 0;)
    if (c->code[i].op == SCHEME_OP_JUMP &&
        c->code[c->code[i].b].op == SCHEME_OP_RETURN)
      c->code[i].op = SCHEME_OP_RETURN;
  size_t bytes = c->used * sizeof c->code[0];
  scheme_pop_vector(s, &f.constants,
                    gc_root_stack_size(s->stack) - c->constants);
  gc_ref code = scheme_make_array(s, s->callee, SCHEME_CODE, bytes);
  memcpy(gc_bytes(code), c->code, bytes);
  scheme_move(s, code, SCHEME_CODE_CONSTANTS, &f.constants);
}
