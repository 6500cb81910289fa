/* SPDX-License-Identifier: MIT */
/* The end of parallel marking: Notes [Sharing work] and [Work in turns] in
   collectors/shared/marking/sharing.c, and the rounds of heap/workers.c. Marker
   0 is the stopper's; the others may wake too late, or only for the next marking. Following an edge pushes up to
   two more, EDGES in all in each of MARKINGS. The second marking may be another
   collection, or another turn after an overflow: both begin with
   gc_mark_begin. Each marking has TURNS turns that push an edge. A marker without edges sleeps, if it does not see at once
   what it waits for.

   Shown: when marking is done, no stack has an edge, no edge is shared, no
   marker is busy, and every turn has been taken to its end; no marker waits for
   ever. Not shown: memory ordering, since
   in spin all processes see each step at once.

   Mutations: BUSY_TOO_LATE DRY_TOO_EARLY JOINS_CLOSED CLOSES_AT_ONCE
   DRY_UNHEARD SLEEPS_BLINDLY TURNS_BEFORE_JOINING */
#ifndef N
#define N 3
#endif
#ifndef EDGES
#define EDGES 5
#endif
#ifndef MARKINGS
#define MARKINGS 2
#endif
#ifndef TURNS
#define TURNS 2
#endif

bit lock;         /* sharing->lock */
byte busy, hungry, sleeping;
bit asleep[N];    /* in pthread_cond_wait */
byte shared;      /* sharing->count */
bit is_open;      /* lock */
byte stack[N];    /* its marker's own */
byte left;        /* edges that may still be pushed in this marking */
byte turns;       /* that are left in this marking */
byte turning;     /* markers that take one */
byte rounds;      /* of heap/workers.c */
bit is_ending;

inline acquire() { atomic { lock == 0 -> lock = 1 } }
inline release() { lock = 0 }

/* The lock is held. */
inline wake_sleepers() {
  atomic {
    if
    :: sleeping > 0 ->
       for (waked : 0 .. N - 1) { asleep[waked] = 0 }
       waked = 0
    :: else
    fi
  }
}

inline push() {
  atomic {
    if
    :: left > 0 -> left--; stack[me]++
    :: else
    fi
  }
}

/* Shares half of the edges beyond the first. There is always room, since
   sharing->edges is larger than any marking here. */
inline share() {
  if
  :: stack[me] > 1 ->
     acquire();
     some = stack[me] / 2;
     shared = shared + some;
     stack[me] = stack[me] - some;
     some = 0;
     wake_sleepers();
     release()
  :: else
  fi
}

inline wake_others() {
  has_woken = 1;
  acquire();
  is_open = 1;
  release();
  rounds++
}

inline look_around() {
  if
  :: me == 0 && !has_woken && stack[me] > 1 -> wake_others()
  :: else
  fi;
  if
  :: hungry > 0 && shared == 0 -> share()
  :: else
  fi
}

inline drain() {
  do
  :: stack[me] > 0 ->
     stack[me]--;
     push();
     push();
     look_around()
  :: else -> break
  od
}

inline turns_take() {
  do
  :: atomic { turns > 0 -> turns--; turning++ };
     push();
     look_around();
     turning--
  :: else -> break
  od
}

/* After a while of spinning, which is as long as no time. */
inline sleep_for_edges() {
#ifdef SLEEPS_BLINDLY
  (shared == 0 && busy > 0);
#endif
  acquire();
  sleeping++;
#ifdef SLEEPS_BLINDLY
  atomic { release(); asleep[me] = 1 };
  asleep[me] == 0;
  acquire();
#endif
  do
  :: shared == 0 && busy > 0 ->
     atomic { release(); asleep[me] = 1 };
     asleep[me] == 0;
     acquire()
  :: else -> break
  od;
  sleeping--;
  release()
}

/* take_shared: `found` is set if there were shared edges. */
inline take_shared() {
  found = 0;
  is_done = 0;
  acquire();
#ifndef DRY_TOO_EARLY
  busy--;
#endif
#ifndef DRY_UNHEARD
  if
  :: busy == 0 -> wake_sleepers()
  :: else
  fi;
#endif
  do
  :: found || is_done -> break
  :: else ->
     release();
     hungry++;
     if
     :: shared > 0 || busy == 0
     :: shared == 0 && busy > 0 -> sleep_for_edges()
     fi;
     hungry--;
     acquire();
     some = (shared + 1) / 2;
     stack[me] = stack[me] + some;
     shared = shared - some;
     found = some > 0;
     is_done = !found && busy == 0;
     some = 0
  od;
#ifdef BUSY_TOO_LATE
  release();
  busy = busy + found
#else
  busy = busy + found;
  release()
#endif
}

inline mark_together() {
  turns_take();
  do
  ::
#ifdef DRY_TOO_EARLY
     busy--;
#endif
     drain();
     take_shared();
     if
     :: found
     :: else -> break
     fi
  od
}

inline sharing_close() {
  acquire();
  is_open = 0;
#ifndef CLOSES_AT_ONCE
  do
  :: busy > 0 -> release(); busy == 0; acquire()
  :: else -> break
  od;
#endif
  assert(shared == 0);
  has_woken = 0;
  release()
}

inline check_done() {
  atomic {
    for (i : 0 .. N - 1) { assert(stack[i] == 0) }
    assert(busy == 0 && shared == 0);
    assert(turns == 0 && turning == 0);
    i = 0
  }
}

proctype stopper(byte me) {
  byte i, some, markings, waked;
  bit has_woken, found, is_done;
  do
  :: markings < MARKINGS ->
     assert(busy == 0);
     busy = 1;
     left = EDGES;
     turns = TURNS;
     mark_together();
     sharing_close();
     check_done();
     markings++
  :: else -> break
  od;
  is_ending = 1
}

proctype worker(byte me) {
  byte some, seen, waked;
  bit joins, found, is_done;
  bit has_woken; /* marker 0's */
  do
  :: atomic { rounds != seen -> seen = rounds }
#ifdef TURNS_BEFORE_JOINING
     turns_take();
#endif
     acquire();
#ifdef JOINS_CLOSED
     joins = 1;
#else
     joins = is_open;
#endif
     busy = busy + joins;
     release();
     if
     :: joins -> mark_together()
     :: else
     fi
  :: is_ending -> break
  od
}

init {
  byte m;
  atomic {
    run stopper(0);
    for (m : 1 .. N - 1) { run worker(m) }
  }
}
