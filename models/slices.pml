/* SPDX-License-Identifier: MIT */
/* Several markers that mark while mutators run: Note [Several markers] in
   collectors/shared/running/slice.c. Mutators mark in slices with whatever
   marker is free, log values, and go on. The stopper takes all markers in the
   end, and marks what is left. Following an edge pushes up to two more, EDGES in
   all. A stack has room for CAPACITY edges; what does not fit is noted.

   Shown: if a slice finds that all is marked, no stack has an edge, none is
   shared, and nothing is noted at that moment; after the stopper's part, too; no
   thread waits for ever. Not shown: memory ordering, since in spin all processes
   see each step at once; how the notes of a round are found, which is in
   overflow.pml.

   Mutations: IGNORES_BUSY FORGETS_SHARED FORGETS_NOTES LETS_GO WAITS_FOR_LOCKS
   KEEPS_LOCKS STOPS_EARLY */
#ifndef MARKERS
#define MARKERS 2
#endif
#ifndef MUTATORS
#define MUTATORS 3
#endif
#ifndef EDGES
#define EDGES 3
#endif
#ifndef LOGS
#define LOGS 1
#endif
#define CAPACITY 2
#define SLICES 2

bit lock[MARKERS];
byte stack[MARKERS]; /* lock */
byte shared, notes;  /* by atomic steps */
bit hungry;
byte left = EDGES, logs = LOGS;
byte running = MUTATORS;

inline push(k) {
  if
  :: stack[k] < CAPACITY -> stack[k]++
  :: else -> notes++
  fi
}

inline follow(k) {
  atomic {
    stack[k]--;
    if
    :: left > 0 -> left--; push(k)
    :: true
    fi;
    if
    :: left > 0 -> left--; push(k)
    :: true
    fi
  }
}

inline share(k) {
  atomic {
    if
    :: hungry && shared == 0 && stack[k] > 1 -> stack[k]--; shared++
    :: else
    fi
  }
}

inline check_done() {
  atomic {
    assert(shared == 0 && notes == 0);
    for (i : 0 .. MARKERS - 1) { assert(stack[i] == 0) }
    i = 0
  }
}

/* `has`: a bit for each lock that is held. Answers in `found` and `busy`. */
inline find(k) {
  found = 0;
  busy = 0;
  atomic {
    if
    :: shared > 0 -> shared--; stack[k]++; hungry = 0; found = 1
    :: else
    fi
  };
  j = (k + 1) % MARKERS;
  do
  :: !found && !busy && j != k ->
#ifdef WAITS_FOR_LOCKS
     atomic { lock[j] == 0 -> lock[j] = 1; has = has | (1 << j) };
#else
     atomic {
       if
       :: lock[j] == 0 -> lock[j] = 1; has = has | (1 << j)
       :: else ->
#ifndef IGNORES_BUSY
          busy = 1
#else
          skip
#endif
       fi
     };
#endif
     if
     :: has & (1 << j) ->
        atomic {
          if
          :: stack[j] > 0 ->
             some = (stack[j] + 1) / 2;
             stack[j] = stack[j] - some;
             stack[k] = some;
             some = 0;
             found = 1
          :: else
          fi
        }
#ifdef LETS_GO
        atomic { lock[j] = 0; has = has & ~(1 << j) }
#endif
     :: else
     fi;
     j = (j + 1) % MARKERS
  :: else -> break
  od;
  if
  :: !found && !busy ->
     atomic {
       if
#ifndef FORGETS_SHARED
       :: shared > 0 -> shared--; stack[k]++; found = 1
#endif
#ifndef FORGETS_NOTES
       :: shared == 0 && notes > 0 -> notes--; push(k); found = 1
#endif
       :: else
       fi
     };
     if
     :: !found -> check_done()
     :: else
     fi
  :: busy -> hungry = 1
  :: else
  fi;
#ifndef KEEPS_LOCKS
  j = 0;
  do
  :: j < MARKERS ->
     if
     :: has & (1 << j) -> lock[j] = 0
     :: else
     fi;
     j++
  :: else -> break
  od;
#endif
  has = 0;
  j = 0
}

inline slice(k) {
  do
  :: stack[k] > 0 -> follow(k); share(k)
  :: stack[k] == 0 ->
     find(k);
     if
     :: found
     :: else -> break
     fi
  :: break /* it has done enough, or the world is to stop */
  od;
  found = 0;
  busy = 0
}

inline log(k) {
  atomic {
    if
    :: logs > 0 -> logs--; push(k)
    :: else
    fi
  }
}

inline enter(k) {
  if
  :: atomic { lock[0] == 0 -> lock[0] = 1; k = 0 }
  :: atomic { lock[1] == 0 -> lock[1] = 1; k = 1 }
  fi
}

proctype mutator() {
  byte i, j, k, some, has, slices;
  bit found, busy;
  do
  :: slices < SLICES ->
     enter(k);
     if
     :: slice(k)
     :: log(k)
     fi;
     atomic { lock[k] = 0; k = 0; slices++ }
  :: break
  od;
  running--
}

/* The world stops when no mutator runs; it waits for a thread that marks by
   taking all locks. */
proctype stopper() {
  byte i, k;
  running == 0;
  for (k : 0 .. MARKERS - 1) { atomic { lock[k] == 0 -> lock[k] = 1 } }
  do
  :: stack[0] > 0 -> follow(0)
  :: stack[0] == 0 && shared > 0 -> shared--; stack[0]++
#ifndef STOPS_EARLY
  :: stack[0] == 0 && shared == 0 && stack[1] > 0 -> stack[1]--; stack[0]++
#endif
  :: stack[0] == 0 && shared == 0 && stack[1] == 0 && notes > 0 ->
     notes--;
     stack[0]++
  :: else -> break
  od;
  check_done()
}

init {
  byte m;
  atomic {
    stack[0] = 2;
    for (m : 1 .. MUTATORS) { run mutator() }
    run stopper()
  }
}
