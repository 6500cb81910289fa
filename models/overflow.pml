/* SPDX-License-Identifier: MIT */
/* Mark stacks that overflow while other workers mark: Note [Overflow] in
   collectors/shared/marking/overflow.c. All objects are in one block. While any worker is busy, a
   worker may get edges. It reaches some of its K objects, whose slots do not
   fit on its stack, and runs dry. The stopper makes rounds until no note is
   set.

   Memory ordering: bit o of `note` means that the note was set for object o,
   and that the worker that takes the note sees that object's bytes. The stopper
   also sees the objects that were reached before all workers had run dry. In
   the model it sees no others, because nothing guarantees that it would.

   Shown: when marking is done, every object that was reached has been traced.

   Mutations: CLEARS_LATE CLEARS_UNORDERED NOTES_STORED NOTES_FIRST
   ASKS_TOO_EARLY FORGETS_LATE */
#ifndef N
#define N 2 /* workers */
#endif
#ifndef K
#define K 2
#endif
#define OBJECTS (N * K)

byte note;         /* block->must_rescan */
bit must_rescan;   /* heap->must_rescan */
byte busy = 1;     /* at first the stopper */
bit is_done;
bit reached[OBJECTS];
bit traced[OBJECTS];
byte visible;      /* the stopper's: objects whose bytes it sees */

/* note_overflow. A plain store would publish only the setter's own bytes. */
inline note_set() {
  own = own | (1 << object);
#ifdef NOTES_STORED
  note = own;
#else
  note = note | (1 << object);
#endif
  must_rescan = 1
}

inline reach() {
  object = w * K + next;
  next++;
#ifdef NOTES_FIRST
  note_set();
  reached[object] = 1
#else
  reached[object] = 1;
  note_set()
#endif
}

proctype worker(byte w) {
  byte next, object, own;
  do
  :: atomic { next < K && busy > 0 -> busy++ }
     reach();
     do
     :: next < K -> reach()
     :: break
     od;
     busy--
  :: next == K || is_done -> break
  od
}

/* note_take and rescan_block. A store that is not an exchange may become
   visible after later reads of the same thread. */
inline rescan() {
#ifndef FORGETS_LATE
  must_rescan = 0;
#endif
  if
  :: note != 0 ->
#ifdef CLEARS_LATE
     visible = visible | note;
#else
     atomic {
#ifndef CLEARS_UNORDERED
       visible = visible | note;
#endif
       note = 0
     }
#endif
     for (o : 0 .. OBJECTS - 1) {
       traced[o] = traced[o] || (reached[o] && (visible >> o) & 1)
     }
#ifdef CLEARS_LATE
     note = 0;
#endif
  :: else
  fi
#ifdef FORGETS_LATE
  ; must_rescan = 0
#endif
}

/* sharing_close: after taking the lock it sees the stores of all workers. */
inline close() {
  busy--;
#ifdef ASKS_TOO_EARLY
  asked = must_rescan;
  busy == 0
#else
  busy == 0;
  asked = must_rescan
#endif
  ;
  d_step {
    for (o : 0 .. OBJECTS - 1) { visible = visible | (reached[o] << o) }
    o = 0
  }
}

proctype stopper() {
  byte o;
  bit asked;
  do
  :: close();
     if
     :: asked -> busy = 1; rescan()
     :: else -> break
     fi
  od;
  is_done = 1;
  for (o : 0 .. OBJECTS - 1) { assert(reached[o] == traced[o]) }
}

init {
  byte w;
  atomic {
    run stopper();
    for (w : 0 .. N - 1) { run worker(w) }
  }
}
