/* SPDX-License-Identifier: MIT */
/* The machine. It runs the code in s->code in the frame in s->env. A call that
   is no tail call pushes these and the next instruction; `return` takes them
   back. So the C stack does not grow with the depth of calls, and a
   continuation is a copy of the stack. The last return finds empty code. */
#include "workloads/programs/scheme/scheme.h"

enum { RETURN_CODE, RETURN_ENV, RETURN_PC, RETURN_SIZE };

static gc_root *top(struct scheme *s, size_t below) {
  return s->stack->top - 1 - below;
}

GC_INLINE void drop(struct scheme *s, size_t count) {
  gc_root_stack_drop(s->m, s->stack, count);
}

GC_INLINE gc_ref constant(gc_ref code, size_t index) {
  return gc_get(gc_get(code, SCHEME_CODE_CONSTANTS), index);
}

/* --- variables ------------------------------------------------------------ */

GC_INLINE gc_ref frame_at(struct scheme *s, unsigned level) {
  gc_ref frame = gc_root_get(s->env);
  for (; level > 0; level--)
    frame = gc_get(frame, 0);
  return frame;
}

static void push_closure(struct scheme *s, gc_ref frame, uint64_t entry) {
  gc_root_set(s->m, s->parent, frame);
  scheme_push(s, NULL);
  gc_ref closure = scheme_make(s, top(s, 0), SCHEME_CLOSURE);
  *(uint64_t *)gc_bytes(closure) = entry;
  scheme_set(s, closure, SCHEME_CLOSURE_CODE, gc_root_get(s->code));
  scheme_move(s, closure, SCHEME_CLOSURE_FRAME, s->parent);
}

static void push_local(struct scheme *s, unsigned level, size_t slot) {
  gc_ref frame = frame_at(s, level), value = gc_get(frame, slot + 1);
  if (value == NULL)
    scheme_fail(s, NULL, "a local variable is used before it has a value");
  if (scheme_is_immediate(value, SCHEME_LABEL))
    push_closure(s, frame, scheme_immediate(value));
  else
    scheme_push(s, value);
}

/* The name of a global variable that has a value, or that gets its first. */
GC_INLINE gc_ref global(struct scheme *s, size_t index, bool is_new) {
  gc_ref name = constant(gc_root_get(s->code), index);
  if (!is_new && gc_get(name, SCHEME_SYMBOL_VALUE) == NULL)
    scheme_fail(s, name, "this variable is not defined: ");
  return name;
}

/* --- calls ---------------------------------------------------------------- */

GC_INLINE void return_push(struct scheme *s) {
  if (gc_root_stack_size(s->stack) > SCHEME_STACK_MOST)
    scheme_fail(s, NULL, "the recursion is too deep");
  if (!gc_root_stack_extend(s->stack, RETURN_SIZE))
    scheme_fail_memory(s);
  gc_root *saved = s->stack->top - RETURN_SIZE;
  gc_root_move(s->m, &saved[RETURN_CODE], s->code);
  gc_root_move(s->m, &saved[RETURN_ENV], s->env);
  gc_root_set(s->m, &saved[RETURN_PC], scheme_fixnum((intptr_t)s->pc));
}

/* Enters s->callee in a new frame within s->parent. */
static void enter(struct scheme *s, size_t entry, unsigned count,
                  bool is_tail) {
  const struct scheme_instruction i =
      *scheme_instruction(gc_root_get(s->callee), entry);
  unsigned variables = scheme_instruction(gc_root_get(s->callee), entry + 1)->b;
  if (count < i.a || (count > i.a && !i.count)) {
    gc_ref name = constant(gc_root_get(s->callee), i.b);
    scheme_fail(s, name, "%u arguments given, but %s%u needed%s", count,
                i.count ? "at least " : "", i.a, name ? ", for " : "");
  }
  if (i.count) { /* the rest is a list */
    gc_root_set(s->m, s->frame, SCHEME_NIL);
    scheme_pop_list(s, s->frame, count - i.a);
    scheme_push(s, gc_root_get(s->frame));
    count = i.a + 1u;
  }
  gc_ref frame =
      variables < SCHEME_FRAMES
          ? scheme_make(s, s->frame, SCHEME_FRAME + variables)
          : scheme_make_array(s, s->frame, SCHEME_VECTOR, variables + 1);
  scheme_move(s, frame, 0, s->parent);
  for (; count > 0; count--) {
    scheme_move(s, frame, count, top(s, 0));
    gc_root_stack_top_set(s->stack, s->stack->top - 1);
  }
  if (!is_tail)
    return_push(s);
  gc_root_move(s->m, s->code, s->callee);
  gc_root_move(s->m, s->env, s->frame);
  s->pc = entry + 2;
}

/* Returns the value on top of the stack. */
GC_INLINE void do_return(struct scheme *s) {
  gc_root *saved = s->stack->top - 1 - RETURN_SIZE;
  gc_root_move(s->m, s->code, &saved[RETURN_CODE]);
  gc_root_move(s->m, s->env, &saved[RETURN_ENV]);
  s->pc = (size_t)scheme_number(gc_root_get(&saved[RETURN_PC]));
  gc_root_move(s->m, &saved[0], top(s, 0));
  drop(s, RETURN_SIZE);
}

/* Leaves the value instead of the arguments. */
static void run_slowly(struct scheme *s, size_t index, unsigned count) {
  scheme_check_arguments(s, index, count);
  if (count == 0)
    scheme_push(s, NULL);
  unsigned places = count == 0 ? 1 : count;
  gc_root *arg = s->stack->top - places;
  gc_root_set(s->m, arg, scheme_primitives[index].run(s, arg));
  drop(s, places - 1);
  gc_root_clear(s->m, s->result);
}

static void run_primitive(struct scheme *s, size_t index, unsigned count) {
  const struct scheme_primitive *p = &scheme_primitives[index];
  gc_ref value = NULL;
  if (p->quick != NULL && count == (p->most == 1 ? 1 : 2))
    value = p->quick(gc_root_get(s->stack->top - count), gc_root_get(top(s, 0)),
                     p->mode);
  if (value == NULL) {
    run_slowly(s, index, count);
    return;
  }
  gc_root_set(s->m, s->stack->top - count, value);
  drop(s, count - 1);
}

/* Moves a procedure, the first argument, to s->result. */
static void take_procedure(struct scheme *s, size_t primitive, unsigned count) {
  scheme_check_arguments(s, primitive, count);
  gc_root_move(s->m, s->result, s->stack->top - count);
}

/* Leaves the arguments of the procedure that `apply` calls; returns how many.
 */
static unsigned spread(struct scheme *s, unsigned count) {
  take_procedure(s, SCHEME_APPLY, count);
  for (gc_root *arg = s->stack->top - count; arg + 1 < s->stack->top; arg++)
    gc_root_move(s->m, arg, arg + 1);
  drop(s, 1);
  gc_root_stack_pop(s->m, s->stack, s->frame);
  return count - 2 + scheme_push_list(s, gc_root_get(s->frame));
}

/* Leaves a continuation as the argument of the procedure that gets it. */
static void continuation_push(struct scheme *s, unsigned count, bool is_tail) {
  take_procedure(s, SCHEME_CALL_CC, count);
  drop(s, 1);
  if (!is_tail)
    return_push(s);
  size_t size = gc_root_stack_size(s->stack);
  gc_ref saved = scheme_make_array(s, s->frame, SCHEME_CONTINUATION, size);
  for (size_t i = 0; i < size; i++)
    scheme_set(s, saved, i, gc_root_get(gc_root_stack_at(s->stack, i)));
  scheme_push(s, saved);
}

/* Returns the argument to the stack in s->result, above the registers. */
static void continuation_run(struct scheme *s) {
  gc_root_stack_pop(s->m, s->stack, s->frame);
  drop(s, gc_root_stack_size(s->stack) - SCHEME_REGISTERS);
  gc_ref saved = gc_root_get(s->result);
  for (size_t i = SCHEME_REGISTERS; i < gc_length(saved); i++)
    scheme_push(s, gc_get(saved, i));
  scheme_push(s, gc_root_get(s->frame));
  do_return(s);
}

/* Calls the procedure in s->result. */
static void call(struct scheme *s, unsigned count, bool is_tail) {
  gc_ref value = gc_root_get(s->result);
  if (scheme_is(value, SCHEME_CLOSURE)) {
    size_t entry = *(uint64_t *)gc_bytes(value);
    gc_root_set(s->m, s->callee, gc_get(value, SCHEME_CLOSURE_CODE));
    gc_root_set(s->m, s->parent, gc_get(value, SCHEME_CLOSURE_FRAME));
    gc_root_clear(s->m, s->result);
    enter(s, entry, count, is_tail);
  } else if (value == SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, SCHEME_APPLY)) {
    call(s, spread(s, count), is_tail);
  } else if (value == SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, SCHEME_CALL_CC)) {
    continuation_push(s, count, is_tail);
    call(s, 1, true);
  } else if (scheme_is_immediate(value, SCHEME_PRIMITIVE)) {
    run_primitive(s, scheme_immediate(value), count);
    if (is_tail)
      do_return(s);
  } else if (scheme_is(value, SCHEME_CONTINUATION) && count == 1) {
    continuation_run(s);
  } else {
    scheme_fail(s, value,
                value ? "this is no procedure that can be called so: "
                      : "this procedure is called before it is defined");
  }
}

static void call_local(struct scheme *s, const struct scheme_instruction *i,
                       bool is_tail) {
  gc_ref frame = frame_at(s, i->a), value = gc_get(frame, i->b + 1u);
  if (scheme_is_immediate(value, SCHEME_LABEL)) {
    gc_root_set(s->m, s->callee, gc_root_get(s->code));
    gc_root_set(s->m, s->parent, frame);
    enter(s, scheme_immediate(value), i->count, is_tail);
  } else {
    gc_root_set(s->m, s->result, value);
    call(s, i->count, is_tail);
  }
}

/* --- the loop ------------------------------------------------------------- */

void scheme_execute(struct scheme *s) {
  gc_ref code;
  enter(s, SCHEME_START, 0, false);
  while ((code = gc_root_get(s->code)) != NULL) {
    const struct scheme_instruction *i = scheme_instruction(code, s->pc++);
    bool is_tail = i[1].op == SCHEME_OP_RETURN; /* if this is a call */
    switch (i->op) {
    case SCHEME_OP_CONSTANT:
      scheme_push(s, constant(code, i->b));
      break;
    case SCHEME_OP_LOCAL:
      push_local(s, i->a, i->b);
      break;
    case SCHEME_OP_SET_LOCAL:
      scheme_move(s, frame_at(s, i->a), i->b + 1u, top(s, 0));
      drop(s, 1);
      break;
    case SCHEME_OP_GLOBAL:
      scheme_push(s, gc_get(global(s, i->b, false), SCHEME_SYMBOL_VALUE));
      break;
    case SCHEME_OP_SET_GLOBAL:
    case SCHEME_OP_DEFINE:
      scheme_define(s, global(s, i->b, i->op == SCHEME_OP_DEFINE),
                    gc_root_get(top(s, 0)));
      drop(s, 1);
      break;
    case SCHEME_OP_POP:
      drop(s, 1);
      break;
    case SCHEME_OP_JUMP:
      s->pc = i->b;
      break;
    case SCHEME_OP_JUMP_FALSE:
      s->pc = gc_root_get(top(s, 0)) == SCHEME_FALSE ? i->b : s->pc;
      drop(s, 1);
      break;
    case SCHEME_OP_AND:
    case SCHEME_OP_OR:
      if ((gc_root_get(top(s, 0)) == SCHEME_FALSE) == (i->op == SCHEME_OP_AND))
        s->pc = i->b;
      else
        drop(s, 1);
      break;
    case SCHEME_OP_CLOSURE:
      push_closure(s, gc_root_get(s->env), i->b);
      break;
    case SCHEME_OP_CALL:
      gc_root_stack_pop(s->m, s->stack, s->result);
      call(s, i->a, is_tail);
      break;
    case SCHEME_OP_CALL_LOCAL:
      call_local(s, i, is_tail);
      break;
    case SCHEME_OP_RETURN:
      do_return(s);
      break;
    case SCHEME_OP_CONS:
      scheme_cons(s, top(s, 1), SCHEME_PAIR, top(s, 1), top(s, 0));
      drop(s, 1);
      break;
    default:
      run_primitive(s, i->b, i->a);
    }
  }
  gc_root_stack_pop(s->m, s->stack, s->result);
}
