/* SPDX-License-Identifier: MIT */
/* Grace periods with buffered decrements: heap/grace.h, Note [Grace periods]
   and Note [Running alone]; heap/grace.c; collectors/shared/counting/defer.c. Mutators load
   raw references from one slot without counting, overwrite the slot, store the
   reference in a root, and clear the root. Cells are reused. The mutators do
   OPS operations in all.

   Shown: a raw reference points to a live object until its mutator's next
   safepoint; no count falls below zero; a mutator that waits for a grace period
   continues even if the others only poll. Not shown: memory ordering, since in
   spin all processes see each step at once. COUNTS_IN_LATE models what a
   missing fence would allow.

   Mutations: NO_GRACE ASKS_EARLY STAYS_PARKED COUNTS_IN_LATE FORGETS_TO_WAKE */
#ifndef OPS
#define OPS 6
#endif
#define N 2
#define OBJECTS 2
#define PARKED 255

bit lock;
byte running;            /* changes under lock, read without */
byte epoch;              /* heap->epoch */
byte epoch_seen[N];      /* owner; under lock when it parks */
bit handshake[N];        /* GC_POLL_HANDSHAKE: any thread sets, owner clears */
byte waiters;            /* heap->grace_waiters */
byte on_graced;          /* a bit for each mutator: it waits on heap->graced */
byte slot;               /* an object's number, or 0 */
byte count[OBJECTS + 1]; /* 0: the cell is free */
byte ready;              /* how many mutators have attached */
byte ops = OPS;          /* operations that remain */

inline acquire() { atomic { lock == 0 -> lock = 1 } }
inline release() { lock = 0 }

/* A count is raised only by a mutator that holds a valid reference. */
inline raise(object) {
  atomic { assert(count[object] > 0); count[object]++ }
}
inline let_go(object) {
  atomic { assert(count[object] > 0); count[object]-- }
}

inline wake_graced() {
  acquire();
#ifndef FORGETS_TO_WAKE
  on_graced = 0;
#endif
  release()
}

/* lock is held. */
inline world_leave() {
  epoch_seen[me] = PARKED;
  running--;
  if
  :: waiters > 0 -> on_graced = 0
  :: else
  fi
}
inline world_enter() {
#ifndef STAYS_PARKED
  epoch_seen[me] = epoch;
#endif
#ifndef COUNTS_IN_LATE
  running++
#endif
}

/* everybody_saw; lock is held. The code reads the two values one after the
   other; this may be one step, since one of them is the reader's own. */
inline check_all_saw(e) {
  all_saw = epoch_seen[0] >= e && epoch_seen[1] >= e
}

inline apply_sealed() {
  if
  :: sealed != 0 -> let_go(sealed); sealed = 0; sealed_epoch = 0
  :: else
  fi
}
inline apply_open() {
  if
  :: open != 0 -> let_go(open); open = 0
  :: else
  fi
}

inline request() {
  atomic { epoch++; e = epoch }
  acquire();
  atomic { handshake[0] = 1; handshake[1] = 1; lock = 0 }
}

/* A buffer has one entry, so one sealed and one open. */
inline seal() {
#ifndef ASKS_EARLY
  request();
#endif
  sealed = open;
  sealed_epoch = e;
  open = 0;
  e = 0
}

inline grace_wait() {
  raw = 0;
  acquire();
  world_leave();
  waiters++;
  check_all_saw(sealed_epoch);
  do
  :: all_saw -> break
  :: else ->
     atomic { on_graced = on_graced | (1 << me); lock = 0 }
     (on_graced & (1 << me)) == 0;
     acquire();
     check_all_saw(sealed_epoch)
  od;
  all_saw = 0;
  waiters--;
  world_enter();
  release();
  apply_sealed()
}

inline acknowledge() {
  handshake[me] = 0;
  e = epoch;
  if
  :: epoch_seen[me] != e ->
     epoch_seen[me] = e;
     if
     :: waiters > 0 -> wake_graced()
     :: else
     fi
  :: else
  fi;
  e = 0
}

inline safepoint() {
  raw = 0;
  acknowledge();
  if
  :: running == 1 -> apply_sealed(); apply_open()
  :: else ->
     if
     :: sealed != 0 ->
        acquire();
        check_all_saw(sealed_epoch);
        release();
#ifdef NO_GRACE
        all_saw = 1;
#endif
        if
        :: all_saw -> apply_sealed()
        :: else
        fi;
        all_saw = 0
     :: else
     fi
  fi
}

/* gc_set: the new value gains its count before the old one is buffered. */
inline overwrite(value) {
  if
  :: open != 0 && sealed != 0 -> grace_wait()
  :: else
  fi;
  if
  :: open != 0 -> seal()
  :: else
  fi;
#ifdef ASKS_EARLY
  request();
#endif
  if
  :: value != 0 -> raise(value)
  :: else
  fi;
  atomic { open = slot; slot = value }
}

/* gc_new, in a cell that is free. */
inline allocate() {
  atomic {
    if
    :: count[1] == 0 -> root = 1; count[1] = 1
    :: count[1] != 0 && count[2] == 0 -> root = 2; count[2] = 1
    :: else
    fi
  }
}

inline park() { raw = 0; acquire(); world_leave(); release() }
inline unpark() {
  acquire();
  world_enter();
  release()
#ifdef COUNTS_IN_LATE
  ;
  raw = slot;
  running++
#endif
}

proctype mutator(byte me) {
  byte e;
  byte raw, root, open, sealed, sealed_epoch;
  bit all_saw;
  acquire();
  epoch_seen[me] = epoch;
  running++;
  ready++;
  release();
  ready == N;
  do
  :: atomic { ops > 0 -> ops-- }
     if
     :: raw = slot
     :: root == 0 && raw != 0 -> raise(raw); root = raw
     :: root != 0 -> let_go(root); root = 0
     :: root == 0 -> safepoint(); allocate()
     :: root != 0 -> overwrite(root)
     :: overwrite(0)
     :: safepoint()
     :: park(); unpark()
     fi
  :: raw != 0 -> assert(count[raw] > 0); raw = 0 /* reads the object */
  :: break
  od;
end_idle: /* a loop that only polls */
  do
  :: handshake[me] -> safepoint()
  od
}

init {
  byte m;
  atomic {
    count[1] = 1;
    slot = 1;
    for (m : 0 .. N - 1) { run mutator(m) }
  }
}
