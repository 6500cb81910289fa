/* SPDX-License-Identifier: MIT */
/* Marking a snapshot while mutators run: collectors/gen-concurrent/snapshot.c,
   Notes [Snapshot at the beginning], [One bit, two barriers], [Logged before
   disarmed], and collectors/gen-concurrent/cycle.c, Note [Cycle]. Two mutators
   load, store, read a weak reference, park, detach and attach. A marker reads
   one slot at a time. Stops are single steps, possible when no mutator is inside
   an operation.

   Shown: when a cycle ends, every object that can be reached is marked. Not
   shown: memory ordering, since in spin all processes see each step at once;
   minor collections are here only as stops that arm objects and take the logs.

   Mutations: FORGETS_TO_LOG LOGS_ONE_SLOT DISARMS_FIRST STORES_FIRST
   FORGETS_LOGS FORGETS_DETACHED FORGETS_PARKED FORGETS_WEAK ENDS_TOO_EARLY
   NULL_IS_NOTHING */
#ifndef STEPS
#define STEPS 3
#endif
#define MUTATORS 2
#define OBJECTS 3
#define SLOTS 2
#define BIT(object) (1 << (object))

/* Object 0 is none. 1 is in a global root. It holds 2 and 3, whose slots are
   empty at first. */
byte slot[8];           /* [object * SLOTS + k]; object 0 is not used */
byte marked;            /* a bit for each object */
byte grey;              /* marked, and not yet read by the marker */
byte armed;
byte weak;              /* what the weak reference holds */
bit on;                 /* a cycle is on */
byte log[MUTATORS];     /* a bit for each object */
byte left[MUTATORS];    /* of a reference that a mutator holds in a root */
byte right[MUTATORS];
bit inside[MUTATORS];   /* inside an operation */
bit attached[MUTATORS];
bit parked[MUTATORS];

#define all_are_at_safepoints() (!inside[0] && !inside[1])

inline reach(object) {
  if
  :: (object) != 0 && (marked & BIT(object)) == 0 ->
     marked = marked | BIT(object);
     grey = grey | BIT(object)
  :: else
  fi
}

inline reach_all(set) {
  reach(((set) >> 1) & 1);
  reach(2 * (((set) >> 2) & 1));
  reach(3 * (((set) >> 3) & 1));
  set = 0
}

#ifdef FORGETS_PARKED
#define is_seen(i) (!parked[i])
#else
#define is_seen(i) true
#endif

inline see_roots(i) {
  if
  :: is_seen(i) -> reach(left[i]); reach(right[i])
  :: else
  fi
}

inline gather() {
#ifndef FORGETS_LOGS
  reach_all(log[0]);
  reach_all(log[1]);
#endif
  skip
}

/* Those that a path leads to from a root, at the end. */
inline check_all() {
  reachable = BIT(1);
  reachable = reachable | BIT(left[0]) | BIT(right[0]) | BIT(left[1]) |
              BIT(right[1]);
  i = 0;
  do
  :: i < OBJECTS ->
     if :: reachable & BIT(1) -> reachable = reachable | BIT(slot[2]) |
                                 BIT(slot[3]) :: else fi;
     if :: reachable & BIT(2) -> reachable = reachable | BIT(slot[4]) |
                                 BIT(slot[5]) :: else fi;
     if :: reachable & BIT(3) -> reachable = reachable | BIT(slot[6]) |
                                 BIT(slot[7]) :: else fi;
     i++
  :: else -> break
  od;
  i = 0;
  assert(((reachable & 14) & ~marked) == 0)
}

/* Logs slot `k` of the object. */
inline log_slot(object, k) {
  if
  :: slot[object * SLOTS + k] != 0 ->
     log[me] = log[me] | BIT(slot[object * SLOTS + k])
  :: else
  fi
}

inline barrier(object, k, value) {
  if
  :: armed & BIT(object) ->
#ifdef NULL_IS_NOTHING
     if
     :: value == 0 -> skip
     :: else ->
#endif
#ifdef DISARMS_FIRST
     armed = armed & ~BIT(object);
#endif
     if
     :: on ->
#ifndef FORGETS_TO_LOG
#ifdef LOGS_ONE_SLOT
        log_slot(object, k);
#else
        log_slot(object, 0);
        log_slot(object, 1);
#endif
#endif
        skip
     :: else
     fi;
     armed = armed & ~BIT(object)
#ifdef NULL_IS_NOTHING
     fi
#endif
  :: else
  fi
}

proctype mutator(byte me) {
  byte steps, k;
  do
  :: steps == STEPS -> break
  :: steps < STEPS ->
     steps++;
     if
     :: attached[me] && !parked[me] ->
        if
        :: left[me] = 1          /* the global root */
        :: left[me] != 0 -> /* load */
           if :: k = 0 :: k = 1 fi;
           atomic { right[me] = slot[left[me] * SLOTS + k]; k = 0 }
        :: left[me] != 0 && right[me] != 0 -> /* exchange the roots */
           atomic { k = left[me]; left[me] = right[me]; right[me] = k; k = 0 }
        :: right[me] != 0 -> right[me] = 0
        :: left[me] != 0 -> /* store */
           inside[me] = 1;
           if :: k = 0 :: k = 1 fi;
#ifdef STORES_FIRST
           slot[left[me] * SLOTS + k] = right[me];
           barrier(left[me], k, right[me]);
#else
           barrier(left[me], k, right[me]);
           slot[left[me] * SLOTS + k] = right[me];
#endif
           atomic { k = 0; inside[me] = 0 }
        :: weak != 0 -> /* load from the weak reference */
           atomic {
             right[me] = weak;
#ifndef FORGETS_WEAK
             if :: on -> log[me] = log[me] | BIT(weak) :: else fi
#endif
           }
        :: parked[me] = 1
        :: atomic { /* detach */
             left[me] = 0;
             right[me] = 0;
             attached[me] = 0;
#ifndef FORGETS_DETACHED
             reach_all(log[me])
#else
             log[me] = 0
#endif
           }
        fi
     :: parked[me] -> parked[me] = 0
     :: !attached[me] -> attached[me] = 1
     fi
  od
}

/* The thread that marks and stops the world. */
proctype marker() {
  byte object, k, reachable, i;
  /* A cycle begins. */
  atomic {
    all_are_at_safepoints();
    on = 1;
    armed = 14;
    marked = 0;
    reach(1);
    see_roots(0);
    see_roots(1)
  }
  do
  :: grey != 0 -> /* reads one object, slot by slot */
     atomic {
       if
       :: grey & 2 -> object = 1
       :: (grey & 2) == 0 && (grey & 4) -> object = 2
       :: (grey & 6) == 0 && (grey & 8) -> object = 3
       fi;
       grey = grey & ~BIT(object)
     }
     atomic { k = slot[object * SLOTS]; reach(k); k = 0 }
     atomic { k = slot[object * SLOTS + 1]; reach(k); k = 0; object = 0 }
  :: atomic { all_are_at_safepoints() && armed != 14 -> /* minor */
       gather();
       armed = 14
     }
#ifdef ENDS_TOO_EARLY
  :: atomic { all_are_at_safepoints() ->
#else
  :: atomic { grey == 0 && all_are_at_safepoints() ->
#endif
       gather();
       if
#ifdef ENDS_TOO_EARLY
       :: true ->
#else
       :: grey == 0 ->
#endif
          on = 0;
          if :: (marked & BIT(weak)) == 0 -> weak = 0 :: else fi;
          check_all();
          break
       :: else
       fi
     }
  od
}

init {
  atomic {
    slot[2] = 2;
    slot[3] = 3;
    weak = 3;
    attached[0] = 1;
    attached[1] = 1;
    run marker();
    run mutator(0);
    run mutator(1)
  }
}
