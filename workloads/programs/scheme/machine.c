/* SPDX-License-Identifier: MIT */
/* The machine. It runs the code in s->code in the frame in s->env. A call that
   is no tail call pushes these and the next instruction; `return` takes them
   back. So the C stack does not grow with the depth of calls, and a
   continuation is a copy of the stack. The last return finds empty code. */
#include "workloads/programs/scheme/scheme.h"

enum { STACK_MOST = 1 << 24 }; /* so deep a recursion has no end */

enum { RETURN_CODE, RETURN_ENV, RETURN_PC, RETURN_SIZE };

static const struct scheme_instruction *instruction(gc_ref code, size_t index) {
  return (const struct scheme_instruction *)gc_bytes(code) + index;
}

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
    scheme_fail(s, "a local variable is used before it has a value", NULL);
  if (scheme_is_immediate(value, SCHEME_LABEL))
    push_closure(s, frame, scheme_immediate(value));
  else
    scheme_push(s, value);
}

/* The name of a global variable that has a value, or that gets its first. */
GC_INLINE gc_ref global(struct scheme *s, size_t index, bool is_new) {
  gc_ref name = constant(gc_root_get(s->code), index);
  if (!is_new && gc_get(name, SCHEME_SYMBOL_VALUE) == NULL)
    scheme_fail(s, "this variable is not defined: ", name);
  return name;
}

/* --- calls ---------------------------------------------------------------- */

GC_INLINE void return_push(struct scheme *s) {
  if (gc_root_stack_size(s->stack) > STACK_MOST)
    scheme_fail(s, "the recursion is too deep", NULL);
  if (!gc_root_stack_extend(s->stack, RETURN_SIZE))
    scheme_fail_memory(s);
  gc_root *saved = s->stack->top - RETURN_SIZE;
  gc_root_move(s->m, &saved[RETURN_CODE], s->code);
  gc_root_move(s->m, &saved[RETURN_ENV], s->env);
  gc_root_set(s->m, &saved[RETURN_PC], scheme_fixnum((intptr_t)s->pc));
}

static _Noreturn void fail_arguments(struct scheme *s, size_t entry,
                                     unsigned count) {
  char what[80];
  gc_ref callee = gc_root_get(s->callee);
  const struct scheme_instruction *i = instruction(callee, entry);
  gc_ref name = constant(callee, i->b);
  snprintf(what, sizeof what, "%u arguments given, but %s%u needed%s", count,
           i->count ? "at least " : "", i->a, name != NULL ? ", for " : "");
  scheme_fail(s, what, name);
}

/* Enters s->callee in a new frame within s->parent. */
static void enter(struct scheme *s, size_t entry, unsigned count,
                  bool is_tail) {
  const struct scheme_instruction i =
      *instruction(gc_root_get(s->callee), entry);
  unsigned variables = instruction(gc_root_get(s->callee), entry + 1)->b;
  if (count < i.a || (count > i.a && !i.count))
    fail_arguments(s, entry, count);
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

/* False: these arguments take the general path. */
static bool run_fast(struct scheme *s, unsigned op) {
  bool has_two = op >= SCHEME_OP_CONS;
  gc_root *last = top(s, 0), *first = top(s, has_two);
  gc_ref x = gc_root_get(first), y = gc_root_get(last), value = NULL;
  intptr_t sum = 0;
  if (op >= SCHEME_OP_ADD && !(scheme_is_fixnum(x) && scheme_is_fixnum(y)))
    return false;
  switch (op) {
  case SCHEME_OP_CAR:
  case SCHEME_OP_CDR:
    if (!scheme_is_pair(x))
      return false;
    value = gc_get(x, op == SCHEME_OP_CAR ? SCHEME_CAR : SCHEME_CDR);
    break;
  case SCHEME_OP_NULL:
    value = scheme_truth(x == SCHEME_NIL);
    break;
  case SCHEME_OP_NOT:
    value = scheme_truth(x == SCHEME_FALSE);
    break;
  case SCHEME_OP_PAIR:
    value = scheme_truth(scheme_is_pair(x));
    break;
  case SCHEME_OP_CONS:
    scheme_cons(s, first, SCHEME_PAIR, first, last);
    drop(s, 1);
    return true;
  case SCHEME_OP_EQ:
  case SCHEME_OP_SAME:
    value = scheme_truth(x == y);
    break;
  case SCHEME_OP_VECTOR_REF:
    if (!scheme_is(x, SCHEME_VECTOR) || !scheme_is_fixnum(y) ||
        (uintptr_t)scheme_number(y) >= gc_length(x))
      return false;
    value = gc_get(x, (size_t)scheme_number(y));
    break;
  case SCHEME_OP_LESS:
    value = scheme_truth((intptr_t)x < (intptr_t)y);
    break;
  case SCHEME_OP_MORE:
    value = scheme_truth((intptr_t)x > (intptr_t)y);
    break;
  default:
    if (op == SCHEME_OP_ADD
            ? __builtin_add_overflow((intptr_t)x, (intptr_t)y - 1, &sum)
            : __builtin_sub_overflow((intptr_t)x, (intptr_t)y - 1, &sum))
      return false;
    value = (gc_ref)sum;
  }
  gc_root_set(s->m, first, value);
  drop(s, has_two);
  return true;
}

/* Leaves the value instead of the arguments. */
static void run_primitive(struct scheme *s, const struct scheme_primitive *p,
                          unsigned count, enum scheme_op op) {
  if (op != SCHEME_OP_PRIMITIVE && run_fast(s, op))
    return;
  if (count == 0)
    scheme_push(s, NULL);
  unsigned places = count == 0 ? 1 : count;
  gc_root *arg = s->stack->top - places;
  s->primitive = p;
  s->count = count;
  scheme_check_arguments(s, arg);
  gc_root_set(s->m, arg, p->run(s, arg));
  drop(s, places - 1);
  gc_root_clear(s->m, s->result);
}

/* Moves the procedure to s->result, and leaves a continuation in its place. */
static void continuation_push(struct scheme *s, bool is_tail) {
  gc_root_stack_pop(s->m, s->stack, s->result);
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
  } else if (scheme_is_immediate(value, SCHEME_PRIMITIVE)) {
    const struct scheme_primitive *p =
        &scheme_primitives[scheme_immediate(value)];
    run_primitive(s, p, count, scheme_primitive_op(p, count));
    if (is_tail)
      do_return(s);
  } else if (scheme_is(value, SCHEME_CONTINUATION) && count == 1) {
    continuation_run(s);
  } else {
    scheme_fail(s, "this is no procedure that can be called so: ", value);
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

/* Calls the procedure below the list on top of the stack. */
static void apply(struct scheme *s, bool is_tail) {
  gc_root_stack_pop(s->m, s->stack, s->frame);
  gc_root_stack_pop(s->m, s->stack, s->result);
  call(s, scheme_push_list(s, gc_root_get(s->frame)), is_tail);
}

/* --- the loop ------------------------------------------------------------- */

void scheme_execute(struct scheme *s) {
  gc_ref code;
  enter(s, SCHEME_START, 0, false);
  while ((code = gc_root_get(s->code)) != NULL) {
    const struct scheme_instruction *i = instruction(code, s->pc++);
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
    case SCHEME_OP_APPLY:
      apply(s, is_tail);
      break;
    case SCHEME_OP_CALL_CC:
      continuation_push(s, is_tail);
      call(s, 1, true);
      break;
    case SCHEME_OP_RETURN:
      do_return(s);
      break;
    default:
      run_primitive(s, &scheme_primitives[i->b], i->a, i->op);
    }
  }
  gc_root_stack_pop(s->m, s->stack, s->result);
}
