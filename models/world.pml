/* SPDX-License-Identifier: MIT */
/* Stopping the world: heap/safepoint.c, Note [Stopping the world], with
   attaching, parking and detaching of heap/heap.c. Any mutator may stop the
   world at any time, even two at the same time.

   Shown: while a mutator has stopped the world, no other accesses the heap; no
   mutator waits for ever, since the poll bit of a mutator that only polls is
   always set; each mutator that a stop holds up runs again before the next stop
   (Note [Turns]). One whose turn has come may do without the stop. Not shown:
   memory ordering, since in spin all processes see each step at once.

   Mutations: FORGETS_PARKED LOSES_REQUEST FORGETS_TO_WAKE STOPS_TWICE
   FORGETS_TURNS FORGETS_LAST_TURN GIVES_UP_SILENTLY KEEPS_TICKET */
#ifndef N
#define N 3
#endif
#define NONE 255

bit lock;               /* heap->lock */
byte stopper = NONE;    /* lock */
byte running;           /* lock */
byte tickets, served;   /* lock; modulo 4, since at most three wait */
byte held_up, due;      /* lock */
byte owed;              /* ghost, a bit for each: held up by the last stop */
byte entering;          /* ghost, a bit for each: it waits in world_enter */
bit poll[N];            /* any mutator sets, owner clears */
bit attached[N];        /* lock */
bit counted[N];         /* lock: m->running */
byte on_stopped;        /* a bit for each: it waits on heap->stopped */
byte on_resumed;        /* a bit for each: it waits on heap->resumed */
byte alone = NONE;      /* ghost: the mutator that has stopped the world */

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

inline run_begin() {
  poll[me] = 0;
  counted[me] = 1;
  running++
}

inline world_enter() {
#ifndef FORGETS_PARKED
  if
  :: stopper != NONE ->
     held_up++;
     entering = entering | (1 << me);
     do
     :: stopper != NONE -> wait(on_resumed)
     :: else -> break
     od;
     entering = entering & ~(1 << me);
     owed = owed & ~(1 << me);
     due--;
#ifndef FORGETS_LAST_TURN
     if
     :: due == 0 -> wake_all(on_resumed)
     :: else
     fi
#endif
  :: else
  fi;
#endif
  run_begin()
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
  assert(stopper != NONE); /* it still waits for this mutator */
  world_leave();
  world_enter();
  release()
#ifdef LOSES_REQUEST
  ;
  poll[me] = 0
#endif
}

#ifdef FORGETS_TURNS
#define MAY_STOP (stopper == NONE)
#else
#define MAY_STOP (stopper == NONE && due == 0 && served == ticket)
#endif

/* `stops`: whether the world still must stop when the turn has come. */
inline world_stop() {
  acquire();
  ticket = tickets;
  tickets = (tickets + 1) % 4;
#ifndef STOPS_TWICE
  if
  :: !MAY_STOP ->
     world_leave();
     do
     :: !MAY_STOP -> wait(on_resumed)
     :: else -> break
     od;
     run_begin()
  :: else
  fi;
#endif
  assert(owed == 0); /* all have had their turn */
  ticket = 0;
  if
  :: stops = 0;
#ifndef KEEPS_TICKET
     served = (served + 1) % 4;
#endif
#ifndef GIVES_UP_SILENTLY
     wake_all(on_resumed);
#endif
     release()
  :: stops = 1;
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
  fi
}

inline world_resume() {
  assert(stopper == me && running == 1);
  acquire();
  stopper = NONE;
  served = (served + 1) % 4;
  due = held_up;
  held_up = 0;
  owed = entering;
#ifndef FORGETS_TO_WAKE
  wake_all(on_resumed);
#endif
  release()
}

inline collect() {
  world_stop();
  if
  :: stops ->
     stops = 0;
     assert(alone == NONE);
     alone = me;
     skip; /* the others may try to access the heap */
     alone = NONE;
     world_resume()
  :: else
  fi
}

proctype mutator(byte me) {
  byte i, ticket;
  bit stops;
detached:
  attach();
  do
  :: assert(alone == NONE) /* accesses the heap */
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
