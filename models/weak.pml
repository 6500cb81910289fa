/* SPDX-License-Identifier: MIT */
/* Weak reads against death: heap/weak.h, Note [Weak reads and death];
   heap/weak.c; gc_weak_get in collectors/shared/counting/counting.c, special_dies and
   object_free in collectors/shared/counting/release.c. One target, with or without a
   finalizer, is held by HOLDERS threads that drop it, while READERS threads
   read it through a weak reference and another weak reference dies.

   Shown: no thread accesses freed memory; only the queue of finalizers raises
   the count from zero; the target is freed once, and its finalizer runs once; a
   thread that has read NULL never reads the target later; no thread waits for
   ever. Not shown: memory ordering, since in spin all processes see each step
   at once.

   Mutations: READS_UNLOCKED CLEARS_UNLOCKED RAISES_FROM_ZERO FREES_FIRST
     GIVES_UP_EARLY LOOKS_ALONE FORGETS_THE_CHAIN */
#ifndef HOLDERS
#define HOLDERS 2
#endif
#ifndef READERS
#define READERS 2
#endif
#define NONE 2

bit lock;             /* the stripe's */
byte count = HOLDERS; /* of the target */
bit has_finalizer;
bit node = 1;         /* gc_finalizable_take has not been called yet */
bit queued;           /* a finalizer's queue has a count */
byte finalized;
byte freed;           /* how often the target was freed */
bit has_died;         /* a reader has read NULL */

/* Weak references 0 and 1, in one chain. Readers hold 0. */
bit points[2] = 1;    /* data->target is not NULL */
byte next[2] = NONE;
byte head;            /* of the target's chain: lock */
bit weak_freed;       /* reference 1 */

inline acquire() { atomic { lock == 0 -> lock = 1 } }
inline release() { lock = 0 }

/* gc_weak_clear */
inline clear() {
#ifndef CLEARS_UNLOCKED
  acquire();
#endif
  at = head;
  head = NONE;
  do
  :: at == NONE -> break
  :: else ->
     assert(at == 0 || !weak_freed);
     after = next[at];
     points[at] = 0;
     at = after
  od;
#ifndef CLEARS_UNLOCKED
  release()
#endif
}

inline give_back() { freed++; assert(freed == 1 && count == 0) }

/* gc_rc_release, when the count has just become zero. */
inline die() {
  if
  :: has_finalizer && node ->
     node = 0;
     count = 1;
     queued = 1
  :: else ->
#ifdef FREES_FIRST
     give_back();
     clear()
#else
     clear();
     give_back()
#endif
  fi
}

/* rc_let_go: decrements the target's count always with an atomic operation,
   since the target has RC_HAS_WEAK. */
inline let_go() {
#ifdef LOOKS_ALONE
  word = count;
  if
  :: word == 1 -> count = 0
  :: else -> atomic { word = count; count-- }
  fi;
#else
  atomic { assert(count > 0); word = count; count-- }
#endif
  if
  :: word == 1 -> die()
  :: else
  fi
}

proctype holder() {
  byte word, at, after;
  let_go()
}

/* Runs the finalizer that is queued, then drops the queue's count. */
proctype finalizer() {
  byte word, at, after;
  if
  :: queued ->
     queued = 0;
     finalized++;
     assert(finalized == 1 && freed == 0);
     let_go()
  :: freed > 0
  fi
}

/* rc_try_increment, under the lock. */
inline try_raise() {
  assert(freed == 0);
  word = count;
  do
  :: word == 0 ->
#ifdef RAISES_FROM_ZERO
     count = 1;
     raised = 1;
#endif
     break
  :: else ->
     assert(freed == 0);
     atomic {
       if
       :: count == word -> count++; raised = 1; break
       :: else -> word = count
       fi
     }
  od
}

proctype reader() {
  byte word, at, after;
  bit raised, bound, final, was_dead;
  was_dead = has_died;
  do
  :: final -> break
  :: else ->
     raised = 0;
     bound = points[0];
     if
     :: !bound -> final = 1
     :: else ->
#ifndef READS_UNLOCKED
        acquire();
        bound = points[0];
#endif
        if
        :: bound -> try_raise()
        :: else
        fi;
#ifdef GIVES_UP_EARLY
        final = 1;
#else
        final = raised || !bound || !has_finalizer;
#endif
#ifndef READS_UNLOCKED
        release()
#endif
     fi
  od;
  if
  :: raised ->
     assert(!was_dead);
     assert(freed == 0);
     let_go()
  :: else -> has_died = 1
  fi
}

/* gc_weak_unbind of reference 1, which is then freed. */
proctype dying_weak() {
  byte word, at;
  if
  :: points[1] ->
     acquire();
     if
     :: points[1] ->
#ifndef FORGETS_THE_CHAIN
        if
        :: head == 1 -> head = next[1]
        :: else ->
           at = head;
           do
           :: next[at] != 1 -> at = next[at]
           :: else -> break
           od;
           next[at] = next[1]
        fi
#else
        skip
#endif
     :: else
     fi;
     release()
  :: else
  fi;
  weak_freed = 1
}

init {
  byte i;
  atomic {
    if
    :: has_finalizer = 1
    :: has_finalizer = 0
    fi;
    if /* the last one bound is first */
    :: head = 0; next[0] = 1
    :: head = 1; next[1] = 0
    fi;
    for (i : 1 .. HOLDERS) { run holder() }
    for (i : 1 .. READERS) { run reader() }
    run finalizer();
    run dying_weak()
  }
  _nr_pr == 1;
  assert(freed == 1 && count == 0 && !points[0]);
  assert(finalized == has_finalizer)
}
