/* SPDX-License-Identifier: MIT */
/* Stopping the world: heap/safepoint.c, Note [Stopping the world], with
   attaching, parking and detaching of heap/heap.c. Any mutator may stop the
   world at any time, also two at once.

   Shown: while one has stopped the world no other touches the heap; nobody
   waits for ever, since a mutator that only polls has always been asked. Not
   shown: order of memory, since spin's steps are seen by all at once.

   Mutations: FORGETS_PARKED LOSES_REQUEST FORGETS_TO_WAKE STOPS_TWICE */
#ifndef N
#define N 3
#endif
#define NONE 255

bit lock;               /* heap->lock */
byte stopper = NONE;    /* lock */
byte running;           /* lock */
bit poll[N];            /* anybody sets, owner clears */
bit attached[N];        /* lock */
bit counted[N];         /* lock: m->running */
byte on_stopped;        /* who waits on heap->stopped, a bit for each */
byte on_resumed;        /* and on heap->resumed */
byte alone = NONE;      /* ghost: who has stopped the world */

inline acquire() { atomic { lock == 0 -> lock = 1 } }
inline release() { lock = 0 }

/* pthread_cond_wait and pthread_cond_broadcast. */
inline wait(queue) {
  atomic { queue = queue | (1 << me); lock = 0 }
  (queue & (1 << me)) == 0;
  acquire()
}
inline wake_all(queue) { queue = 0 }

inline world_leave() {
  assert(counted[me]);
  counted[me] = 0;
  running--;
  if
  :: stopper != NONE -> wake_all(on_stopped)
  :: else
  fi
}

inline world_enter() {
  do
  :: stopper != NONE ->
#ifdef FORGETS_PARKED
     break
#endif
     wait(on_resumed)
  :: else -> break
  od;
  poll[me] = 0;
  counted[me] = 1;
  running++
}

inline attach() {
  acquire();
  world_enter();
  attached[me] = 1;
  release()
}

inline detach() {
  acquire();
  world_leave();
  attached[me] = 0;
  release()
}

inline park() { acquire(); world_leave(); release() }
inline unpark() { acquire(); world_enter(); release() }

inline stand_still() {
  acquire();
  assert(stopper != NONE); /* it waits for this one, too */
  world_leave();
  world_enter();
  release()
#ifdef LOSES_REQUEST
  ;
  poll[me] = 0
#endif
}

inline world_stop() {
  acquire();
#ifndef STOPS_TWICE
  if
  :: stopper != NONE -> world_leave(); world_enter()
  :: else
  fi;
#endif
  stopper = me;
  for (i : 0 .. N - 1) {
    if
    :: attached[i] && i != me -> poll[i] = 1
    :: else
    fi
  }
  i = 0;
  release();
  acquire();
  do
  :: running > 1 -> wait(on_stopped)
  :: else -> break
  od;
  release()
}

inline world_resume() {
  assert(stopper == me && running == 1);
  acquire();
  stopper = NONE;
#ifndef FORGETS_TO_WAKE
  wake_all(on_resumed);
#endif
  release()
}

inline collect() {
  world_stop();
  assert(alone == NONE);
  alone = me;
  skip; /* the others may try to touch the heap */
  alone = NONE;
  world_resume()
}

proctype mutator(byte me) {
  byte i;
detached:
  attach();
  do
  :: assert(alone == NONE) /* touches the heap */
  :: poll[me] -> stand_still()
  :: collect()
  :: park(); unpark()
  :: detach(); break
  :: goto end_idle
  od;
  goto detached;
end_idle: /* a loop that only polls */
  do
  :: poll[me] -> stand_still()
  od
}

init {
  byte m;
  atomic {
    for (m : 0 .. N - 1) { run mutator(m) }
  }
}
