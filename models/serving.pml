/* SPDX-License-Identifier: MIT */
/* Finalizers that are due, from the mutator that found the object dead to the
   one that runs them: heap/finalize.c, Note [Leaving finalizers]. Two mutators
   drop objects, defer and resume, park, detach and attach, and stop each other
   to take the other's queue. With `served`, there is one such mutator, and two
   servers wait and serve, until they are told to stop.

   Shown, when nothing moves any more: without `served`, all finalizers have
   run, unless no mutator is attached. With `served`, all have run before the
   stop, and afterwards the rest is on the heap's list, and no server waits. The
   stop may come at any time. The mutators have no deferral then.

   Mutations: RESUMES_BLINDLY CLEARS_LATE LEAVES_LATE DETACHES_WITH_QUEUE
   ATTACHES_BLINDLY WAITS_UNLOCKED WAKES_ONE HANDS_OVER_SILENTLY
   GATHERS_SILENTLY */
#ifndef OPS
#define OPS 4        /* of both mutators; with `served`, one less */
#endif
#define N 2
#define SERVERS 2

bit served;         /* gc_options.serves_finalizers */
bit lock;           /* heap->lock */
byte left;          /* heap->left_first: how many */
bit has_left;       /* changes under lock, read without */
bit over;           /* lock: heap->is_serving_over */
byte waits;         /* lock: a bit for each server that waits on heap->left */
byte own[N + SERVERS]; /* the owner: its queue */
bit poll[N];        /* GC_POLL_FINALIZE: any thread sets, owner clears */
bit attached[N];    /* lock */
bit busy[N];        /* the owner: not at a safepoint */
byte made, ran;     /* finalizers */
byte servers;       /* that have not ended */
byte ops;           /* operations that remain */

inline acquire() { atomic { lock == 0 -> lock = 1 } }
inline release() { lock = 0 }

inline signal_one() {
  if
  :: waits & 1 -> waits = waits & 2
  :: waits & 2 -> waits = waits & 1
  :: waits == 0
  fi
}

/* lock is held. */
inline poll_all() {
  if
  :: attached[0] -> poll[0] = 1
  :: else
  fi;
  if
  :: attached[1] -> poll[1] = 1
  :: else
  fi
}
inline leave() {
  if
  :: own[me] > 0 ->
#ifdef LEAVES_LATE
     if
     :: !served -> poll_all()
     :: else
     fi;
#endif
     left = left + own[me];
     own[me] = 0;
     has_left = 1;
     if
#ifndef HANDS_OVER_SILENTLY
     :: served -> signal_one()
#endif
#ifndef LEAVES_LATE
     :: !served -> poll_all()
#endif
     :: else
     fi
  :: else
  fi
}

inline adopt() {
  if
  :: has_left ->
     acquire();
     own[me] = own[me] + left;
     left = 0;
     has_left = 0;
     release()
  :: else
  fi
}
inline run_all() {
  atomic { ran = ran + own[me]; own[me] = 0 }
}

inline poll_renew() {
#ifdef CLEARS_LATE
  e = own[me] > 0 || has_left;
  poll[me] = 0;
#else
  poll[me] = 0;
  e = own[me] > 0 || has_left;
#endif
  if
  :: e -> poll[me] = 1
  :: else
  fi;
  e = 0
}

inline put_off() {
  poll[me] = 0;
  if
  :: served && own[me] > 0 -> acquire(); leave(); release()
  :: else
  fi
}

/* gc_finalizers_run */
inline safepoint() {
  if
  :: defers || served -> put_off()
  :: else -> adopt(); run_all(); poll_renew()
  fi
}

/* gc_finalizers_gather in a stopped world, and gc_finalizers_run. */
inline gather() {
  busy[me] = 0;
  atomic {
    !busy[1 - me] && lock == 0 ->
    if
    :: own[1 - me] > 0 ->
       left = left + own[1 - me];
       own[1 - me] = 0;
#ifndef GATHERS_SILENTLY
       has_left = 1;
#endif
       poll_all()
    :: else
    fi;
    busy[me] = 1
  }
  safepoint()
}

inline resume() {
  defers = 0;
#ifdef RESUMES_BLINDLY
  e = own[me] > 0;
#else
  e = own[me] > 0 || has_left;
#endif
  if
  :: e -> poll[me] = 1
  :: else
  fi;
  e = 0
}

inline park() { safepoint(); acquire(); leave(); release() }

inline detach() {
  safepoint();
  acquire();
  attached[me] = 0;
#ifdef DETACHES_WITH_QUEUE
  own[me] = 0;
#else
  leave();
#endif
  release();
  defers = 0;
  poll[me] = 0
}

inline attach() {
  acquire();
  attached[me] = 1;
#ifndef ATTACHES_BLINDLY
  if
  :: has_left -> poll[me] = 1
  :: else
  fi;
#endif
  release()
}

proctype mutator(byte me) {
  bit e, defers;
  attach();
  do
  :: atomic { ops > 0 -> ops--; busy[me] = 1 }
     if
     :: atomic { own[me]++; made++; poll[me] = 1 } /* an object dies */
     :: poll[me] -> safepoint()
     :: !defers -> defers = 1
     :: defers -> resume()
     :: skip; park()
     :: skip; detach(); attach()
     :: !defers && !served -> gather()
     fi;
     busy[me] = 0
  :: skip; busy[me] = 1; detach(); busy[me] = 0; goto end_gone
  :: break
  od;
  if
  :: defers -> resume()
  :: else
  fi;
end_idle: /* a loop that only polls */
  do
  :: poll[me] -> busy[me] = 1; safepoint(); busy[me] = 0
  od;
end_gone:
  skip
}

/* lock is held. Waits on heap->left. */
inline cond_wait() {
  atomic { waits = waits | (1 << (me - N)); lock = 0 }
  (waits & (1 << (me - N))) == 0;
  acquire()
}

proctype server(byte me) {
  bit is_over;
  do
  :: is_over -> break
  :: else ->
#ifdef WAITS_UNLOCKED
     if
     :: !over && !has_left -> acquire(); cond_wait(); release()
     :: else
     fi;
     acquire();
#else
     acquire();
     do
     :: !over && !has_left -> cond_wait()
     :: else -> break
     od;
#endif
     is_over = over;
     release();
     if
     :: !is_over -> adopt(); run_all()
     :: else
     fi
  od;
  servers--
}

inline stop() {
  acquire();
  over = 1;
#ifdef WAKES_ONE
  signal_one();
#else
  waits = 0;
#endif
  release()
}

init {
  if
  :: served = 1; ops = OPS - 1
  :: ops = OPS
  fi;
  atomic {
    run mutator(0);
    if
    :: served -> run server(N); run server(N + 1); servers = SERVERS
    :: else -> run mutator(1)
    fi
  }
  if
  :: skip;
     timeout;
     assert(ran == made || (!served && !attached[0] && !attached[1]))
  :: served -> skip
  fi;
  stop();
  timeout;
  assert(servers == 0);
  assert(own[0] == 0 && own[1] == 0 && own[N] == 0 && own[N + 1] == 0);
  assert(made == ran + left)
}
