/* SPDX-License-Identifier: MIT */
/* Sweeping and counting while mutators run: collectors/shared/running/later.c,
   Notes [Sweeping later] and [Counting later], with the order of
   collectors/gen-concurrent/cycle.c, Note [Cycle]. Two mutators take blocks,
   allocate in the cells that their search found free, and sweep pieces. A
   thread of the collector sweeps, too. Marking gives each object of a snapshot
   its new value, one at a time; what the snapshot must contain is shown in
   models/snapshot.pml. So an object is alive until a stop that finds it dead: a
   minor collection, or the beginning of a cycle. Stops are single steps,
   possible when no mutator is inside an operation and the thread does not hold
   the lock of its collector. Values and turns are bits, and no run ends.

   Shown: no live object is freed, and no cell is given out that has an object;
   a dead object is gone before values flip, so it never lives again; no block
   is swept twice in a turn, or while a mutator owns it. Not shown: large
   objects, pages that are given back, counts, and memory ordering, since in
   spin all processes see each step at once.

   Mutations: BEGINS_EARLY FLIPS_NO_TURN TURN_TOO_LATE TAKES_UNSWEPT SWEEPS_ANY
   TAKES_UNLOCKED LOOKS_BEFORE_COUNTING COUNTS_ONE_VALUE STORES_ALL_BYTES
   STOPS_IN_A_SWEEP */
#define BLOCKS 2
#define CELLS 4 /* two in each block */
#define NO_BLOCK BLOCKS

/* Side bytes: 0 is free or young, the others are values of old objects. */
#define VALUE(bit) (1 + (bit))

/* What is in a cell. Only old objects are dead and still there. */
#define NONE 0
#define YOUNG 1
#define OLD 2
#define DEAD 3

/* The list of a block. In none are blocks that are full, owned, or young. */
#define UNLISTED 0
#define READY 1 /* space->bins and space->empty */
#define ASIDE 2 /* later->bins and later->empty */
#define FRESH 3

byte value[CELLS];
byte has[CELLS];        /* ghost */
byte list[BLOCKS] = READY;
bit turn[BLOCKS];       /* lock */
bit swept[BLOCKS];      /* ghost: in this turn */
bit young[BLOCKS];      /* left by a mutator since the last stop */
byte room[2] = NO_BLOCK; /* the block that a mutator owns */
byte found[2];          /* bits of its cells that the search found free */

bit old;                /* the current value; stops flip it */
bit is_marking;         /* keeps_former; stops set it */
byte snapshot;          /* a bit for each cell that is still to be marked */
bit is_on, now;         /* later.is_on, later.turn; stops set them */
byte next;              /* lock: later.next */

bit lock;               /* space.lock */
bit cycle_lock;         /* that of the collector */
bit inside[2];          /* inside an operation */

inline acquire() { atomic { lock == 0 -> lock = 1 } }
inline release() { lock = 0 }

#define is_owned(b) (room[0] == (b) || room[1] == (b))
#define has_room(b) (value[2 * (b)] == 0 || value[2 * (b) + 1] == 0)
#define is_empty(b) (value[2 * (b)] == 0 && value[2 * (b) + 1] == 0)

/* --- sweeping ------------------------------------------------------------- */

/* A word of the census, which contains all bytes of a block. */
inline count_byte(cell, byte_was) {
  byte_was = value[cell];
  if
#ifdef COUNTS_ONE_VALUE
  :: byte_was != VALUE(old) -> byte_was = 0
#else
  :: byte_was != VALUE(old) && !is_marking -> byte_was = 0
#endif
  :: else
  fi
}

inline store_byte(cell, byte_is) {
  if
  :: value[cell] != 0 && byte_is == 0 ->
     assert(has[cell] == DEAD);
     has[cell] = NONE
  :: else
  fi;
  value[cell] = byte_is
}

inline recount() {
  atomic {
    count_byte(2 * b, low);
    count_byte(2 * b + 1, high);
    changes = low != value[2 * b] || high != value[2 * b + 1]
#ifdef STORES_ALL_BYTES
    ;
    changes = 1
#endif
  }
  atomic {
    if
    :: changes -> store_byte(2 * b, low); store_byte(2 * b + 1, high)
    :: else
    fi;
    low = 0; high = 0; changes = 0
  }
}

inline place() {
  atomic {
    list[b] = (has_room(b) -> READY : UNLISTED);
    b = NO_BLOCK
  }
}

inline block_sweep() {
  atomic {
    assert(!is_owned(b) && !young[b]);
    assert(!swept[b]);
    swept[b] = 1;
    turn[b] = now
  }
  recount()
}

inline list_take(from) {
  atomic {
    if
    :: list[0] == from -> b = 0; list[0] = UNLISTED
    :: list[0] != from && list[1] == from -> b = 1; list[1] = UNLISTED
    :: else
    fi
  }
}

/* gc_blk_later_count_one */
inline count_one() {
  list_take(FRESH);
  if
  :: b != NO_BLOCK ->
     atomic { assert(!is_owned(b)); swept[b] = 1; turn[b] = now }
     recount();
     place()
  :: else
  fi
}

#ifdef SWEEPS_ANY
#define is_unswept(b) true
#else
#define is_unswept(b) (turn[b] != now)
#endif

/* The next one that was full. */
inline take_full() {
#ifdef TAKES_UNLOCKED
  at = (next > 0 -> next - 1 : 0);
  next = at;
#else
  atomic { next--; at = next }
#endif
  atomic {
    if
    :: list[at] == UNLISTED && is_unswept(at) -> b = at
    :: else
    fi;
    at = 0
  }
}

/* Takes a block to count or to sweep. The lock is held. */
inline take_next() {
  if
#ifdef LOOKS_BEFORE_COUNTING
  :: (list[0] == FRESH || list[1] == FRESH) && (!is_on || next == 0) ->
#else
  :: list[0] == FRESH || list[1] == FRESH ->
#endif
     list_take(FRESH);
     assert(b == NO_BLOCK || !is_owned(b))
  :: else ->
     if
     :: is_on && next > 0 -> take_full()
     :: is_on && next == 0 -> list_take(ASIDE)
     :: else
     fi;
     assert(b == NO_BLOCK || (!is_owned(b) && !young[b] && !swept[b]))
  fi;
  atomic {
    if
    :: b != NO_BLOCK -> swept[b] = 1; turn[b] = now
    :: else
    fi
  }
}

#ifdef TAKES_UNLOCKED
#define acquire_to_take() skip
#define release_taken() skip
#else
#define acquire_to_take() acquire()
#define release_taken() release()
#endif

/* gc_blk_later_sweep: whoever has taken a block sweeps it without the lock. */
inline piece() {
  acquire_to_take();
  take_next();
  release_taken();
  if
  :: b != NO_BLOCK ->
     recount();
     acquire();
     place();
     release()
  :: else
  fi
}

/* --- mutators ------------------------------------------------------------- */

inline room_leave() {
  atomic {
    if
    :: room[me] != NO_BLOCK ->
       young[room[me]] = 1;
#ifdef TURN_TOO_LATE
       turn[room[me]] = now;
#endif
       room[me] = NO_BLOCK;
       found[me] = 0
    :: else
    fi
  }
}

/* gc_blk_take: what was moved aside comes after what has been swept. An empty
   block has nothing to sweep. */
inline take() {
  acquire();
  count_one();
  list_take(READY);
  if
  :: b == NO_BLOCK ->
     list_take(ASIDE);
     if
#ifndef TAKES_UNSWEPT
     :: b != NO_BLOCK && !is_empty(b) -> block_sweep()
#endif
     :: else
     fi
  :: else
  fi;
  atomic {
    if
    :: b != NO_BLOCK ->
       assert(!is_owned(b) && !young[b]);
       room[me] = b;
       swept[b] = 1;
#ifndef TURN_TOO_LATE
       turn[b] = now;
#endif
       b = NO_BLOCK
    :: else
    fi
  }
  release();
  /* The search needs no lock. */
  atomic {
    if
    :: room[me] != NO_BLOCK ->
       found[me] = (value[2 * room[me]] == 0 -> 1 : 0) +
                   (value[2 * room[me] + 1] == 0 -> 2 : 0)
    :: else
    fi
  }
}

inline allocate() {
  at = 2 * room[me] + (found[me] & 1 -> 0 : 1);
  found[me] = (found[me] & 1 -> found[me] & 2 : 0);
  assert(has[at] == NONE && value[at] == 0);
  has[at] = YOUNG;
  at = 0
}

active [2] proctype mutator() {
  byte me = _pid, b = NO_BLOCK, at, low, high;
  bit changes;
  do
  :: atomic { found[me] != 0 -> allocate() }
  :: atomic { found[me] == 0 -> inside[me] = 1 }
     room_leave();
     take();
     inside[me] = 0
  :: atomic { is_on -> inside[me] = 1 }
     piece();
     inside[me] = 0
  od
}

/* --- the collector -------------------------------------------------------- */

active proctype thread() {
  byte b = NO_BLOCK, at, low, high;
  bit changes;
  do
  :: atomic { is_on && cycle_lock == 0 -> cycle_lock = 1 }
     piece();
     cycle_lock = 0
  od
}

active proctype marker() {
  byte c;
  do
  :: atomic {
       snapshot != 0 ->
       c = (snapshot & 3 -> (snapshot & 1 -> 0 : 1) : (snapshot & 4 -> 2 : 3));
       snapshot = snapshot & ~(1 << c);
       value[c] = VALUE(old);
       c = 0
     }
  od
}

inline promote() {
  for (c : 0 .. CELLS - 1) {
    if
    :: has[c] == YOUNG -> has[c] = NONE
    :: has[c] == YOUNG ->
       has[c] = OLD;
       value[c] = VALUE(old);
       survives = survives | 1 << c / 2
    :: has[c] != YOUNG
    fi
  }
}

/* Survivors are counted later. */
inline minor() {
  promote();
  for (c : 0 .. BLOCKS - 1) {
    if
    :: young[c] || is_owned(c) ->
       list[c] = (has_room(c) -> READY : UNLISTED);
       list[c] = (survives & 1 << c -> FRESH : list[c]);
       young[c] = 0
    :: else
    fi
  }
  room[0] = NO_BLOCK; room[1] = NO_BLOCK;
  found[0] = 0; found[1] = 0;
  survives = 0
}

inline cycle_begin() {
  old = 1 - old;
  is_marking = 1;
  for (c : 0 .. CELLS - 1) {
    assert(has[c] != DEAD || value[c] != VALUE(old)); /* it would live again */
    if
    :: has[c] == OLD -> has[c] = DEAD
    :: has[c] == OLD -> snapshot = snapshot | 1 << c
    :: has[c] != OLD
    fi
  }
}

/* gc_blk_later_begin, after marking */
inline cycle_end() {
  is_marking = 0;
  for (c : 0 .. CELLS - 1) {
    assert((has[c] == OLD) == (value[c] == VALUE(old)))
  }
  is_on = 1;
#ifndef FLIPS_NO_TURN
  now = 1 - now;
#endif
  next = BLOCKS;
  for (c : 0 .. BLOCKS - 1) {
    list[c] = (list[c] == READY -> ASIDE : list[c]);
    swept[c] = 0
  }
}

/* gc_blk_later_is_done */
#define is_done (next == 0 && list[0] != ASIDE && list[1] != ASIDE)
#ifdef BEGINS_EARLY
#define may_begin (!is_marking)
#else
#define may_begin (!is_marking && !is_on)
#endif
#ifdef STOPS_IN_A_SWEEP
#define may_stop (!inside[0] && !inside[1])
#else
#define may_stop (!inside[0] && !inside[1] && !cycle_lock)
#endif

active proctype stopper() {
  byte c, survives;
  do
  :: atomic {
       may_stop ->
       minor();
       if
       :: may_begin -> cycle_begin()
       :: is_marking && snapshot == 0 -> cycle_end()
       :: is_on && is_done -> is_on = 0
       :: true
       fi;
       c = 0
     }
  od
}
