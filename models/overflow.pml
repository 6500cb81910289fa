/* SPDX-License-Identifier: MIT */
/* Mark stacks that overflow while others mark: collectors/gen/mark.c, Note
   [Overflow]. All objects lie in one block. A worker that finds somebody busy
   may be given edges; it reaches some of its K objects, whose slots do not fit
   on its stack, and runs dry. The stopper makes rounds until there is no note.

   Order of memory: bit o of `note` says that the note was set to make object o
   known, and that whoever takes the note sees that object's bytes. Besides those
   the stopper sees what was reached before all had run dry. It need not see
   more, and here it does not.

   Shown: when marking is done, each object that was reached has been traced.

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
byte busy = 1;     /* the stopper is */
bit is_done;
bit reached[OBJECTS];
bit traced[OBJECTS];
byte visible;      /* the stopper's: objects whose bytes it sees */

/* note_overflow. A plain store would publish the setter's own bytes alone. */
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

/* note_take and rescan_block. What is stored without an exchange may reach
   memory after the reads that follow it. */
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

/* sharing_close: the lock shows what all have stored. */
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
