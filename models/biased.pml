/* SPDX-License-Identifier: MIT */
/* Biased counts: collectors/rc-biased, Note [Biased words], Note [Merging], Note
   [Queued to the owner], Note [Owners that end]. One object, its owner, and two
   other mutators. The owner's plain stores to its half wait in a store buffer
   of one entry, which is written to memory at any time, and before any atomic
   operation of the owner. A compare-and-swap that is repeated until it succeeds
   is one step.

   The owner copies, drops and moves its roots, loads from the slot, passes
   safepoints, parks and unparks, and ends. The others load from the slot, copy,
   drop, and empty the slot; the decrement for it waits for a grace period.

   Shown: the object is not freed while anything refers to it, nor twice, nor
   while it is in the queue; it is queued at most once; and when all is dropped,
   it has been freed.

   Mutations: SEPARATE_CLAIM FREES_QUEUED PLAIN_MERGE MERGES_RUNNING
   QUEUE_FORGOTTEN ACK_UNFLUSHED NO_GRACE */
#ifndef OPS
#define OPS 3
#endif
#define N 3              /* 0 is the owner */

byte own;                /* the own half, in memory; 0: merged */
byte buffered;           /* the owner's store on its way; 0: none */
short shared;            /* the shared half; or the merged count */
bit merged, queued;
bit dead;                /* the cell was freed */
bit lock;                /* of the owner */
bit away;
byte entries;            /* in the owner's queue */
bit slot;                /* does it refer to the object? */
byte roots[N];           /* how many of them do */
bit raw[N];              /* a raw reference, loaded from the slot */
bit deferred[N];         /* an entry for the slot's old reference */
byte unseen[N];          /* a bit for each mutator that it still waits for */
byte done;               /* mutators that have dropped everything */
bit begun;               /* the first state has been chosen */
bit gone[N];             /* they hold no raw reference any more */

inline acquire() { atomic { lock == 0 -> lock = 1 } }
inline release() { lock = 0 }

inline flush() {
  if
  :: buffered != 0 -> own = buffered; buffered = 0
  :: else
  fi
}

/* Others may still hold a raw reference only to what is alive. */
inline free() {
  atomic {
    assert(!dead && !queued && entries == 0);
    assert(roots[0] + roots[1] + roots[2] == 0 && !slot);
    assert(!deferred[0] && !deferred[1] && !deferred[2]);
    assert((me == 0 || !raw[0]) && (me == 1 || !raw[1]) && (me == 2 || !raw[2]));
    dead = 1
  }
}

inline merged_lower() {
  atomic {
    shared--;
    assert(shared >= 0);
#ifdef FREES_QUEUED
    last = shared == 0
#else
    last = shared == 0 && !queued
#endif
  }
}

/* --- the owner ------------------------------------------------------------- */

inline own_store(value) { atomic { flush(); buffered = value } }

inline own_raise() {
  assert(!dead);
  if
  :: merged -> shared++
  :: else ->
     half = (buffered != 0 -> buffered : own);
     own_store(half + 1)
  fi;
  roots[0]++;
  assert(!dead)
}

/* The own half is one, and the word is not that of a sole holder. */
inline own_merge() {
#ifdef PLAIN_MERGE
  value = shared;
  atomic { buffered = 0; own = 0; merged = 1; shared = value }
#else
  atomic { buffered = 0; own = 0; merged = 1; value = shared }
#endif
#ifdef FREES_QUEUED
  atomic { last = value == 0; value = 0 }
#else
  atomic { last = value == 0 && !queued; value = 0 }
#endif
}

inline own_let_go() {
  assert(!dead);
  last = 0;
  if
  :: merged -> merged_lower()
  :: else ->
     half = (buffered != 0 -> buffered : own);
     if
     :: half > 1 -> own_store(half - 1)
     :: else ->
        atomic { last = shared == 0 && !queued }
        if
        :: last
        :: else -> own_merge()
        fi
     fi
  fi;
  if
  :: last -> free(); last = 0
  :: else
  fi;
  half = 0
}

/* The owner, or a thread that has the lock while the owner is away. */
inline word_merge() {
  if
  :: !merged -> shared = shared + own; own = 0; merged = 1
  :: else
  fi
}

inline queue_merge() {
  acquire();
  last = entries > 0;
  entries = 0;
  release();
  if
  :: last ->
     atomic {
       assert(queued);
       flush();
       queued = 0;
       word_merge();
       last = shared == 0
     }
     if
     :: last -> free(); last = 0
     :: else
     fi
  :: else
  fi
}

inline see() {
  atomic {
    raw[me] = 0;
    unseen[0] = unseen[0] & (7 - (1 << me));
    unseen[1] = unseen[1] & (7 - (1 << me));
    unseen[2] = unseen[2] & (7 - (1 << me))
  }
}

/* The acknowledgement of a grace period is an atomic store. */
inline own_safepoint() {
#ifndef ACK_UNFLUSHED
  atomic { flush() }
#endif
  see();
  queue_merge()
}

/* Until the queue is empty under the lock. */
inline own_leave() {
  do
  :: queue_merge();
     acquire();
     atomic { flush() }
#ifdef QUEUE_FORGOTTEN
     away = 1; release(); break
#else
     if
     :: entries == 0 -> away = 1; release(); break
     :: else -> release()
     fi
#endif
  od
}

/* An object that only the slot refers to; or one that was queued, and then
   another mutator copied a reference again. */
inline begin() {
  atomic {
    begun = 1;
    own = 1;
    if
    :: slot = 1
    :: shared = 1; roots[0] = 1; roots[2] = 1; queued = 1; entries = 1
    fi
  }
}

active proctype owner() {
  byte me = 0, half = 0, ops = OPS;
  short value = 0;
  bit last = 0;
  begin();
  do
  :: ops > 0 && (roots[0] == 1 || (raw[0] && roots[0] == 0)) ->
     ops--; own_raise()
  :: ops > 0 && roots[0] > 0 -> ops--; roots[0]--; own_let_go()
  :: ops > 0 && roots[0] > 0 && !slot -> ops--; atomic { slot = 1; roots[0]-- }
  :: ops > 0 && !raw[0] -> ops--; atomic { raw[0] = slot }
  :: ops > 0 -> ops--; own_safepoint()
  :: ops > 0 ->
     ops--;
     own_safepoint();
     own_leave();
     acquire(); away = 0; release()
  :: ops == 0 -> break
  od;
  do
  :: roots[0] > 0 -> roots[0]--; own_let_go()
  :: else -> break
  od;
  own_safepoint();
  own_leave();
  done++
}

/* A store reaches memory by and by. */
active proctype memory() {
end:
  do
  :: atomic { buffered != 0 -> flush() }
  od
}

/* --- the others ------------------------------------------------------------ */

inline raise() {
  assert(!dead);
  shared++;
  roots[me]++;
  assert(!dead)
}

/* The shared half would fall below zero. */
inline below_zero() {
#ifdef SEPARATE_CLAIM
  atomic { if :: !merged -> shared--; left = 0 :: else fi }
#endif
  acquire();
#ifdef MERGES_RUNNING
  if
  :: true -> atomic { word_merge() }
#else
  if
  :: away -> atomic { word_merge() }
#endif
  :: else ->
     atomic {
       if
#ifdef SEPARATE_CLAIM
       :: !queued -> queued = 1; entries++
#else
       :: !merged && !queued && shared <= 0 ->
          shared--;
          queued = 1;
          entries++;
          assert(entries == 1);
          left = 0
#endif
       :: else
       fi
     }
  fi;
  release()
}

inline let_go() {
  assert(!dead);
  left = 1;
  last = 0;
  do
  :: left ->
     atomic {
       last = !queued && (merged && shared == 1 ||
                          !merged && own == 1 && shared == 0);
       kind = (merged -> 1 : (shared > 0 || queued -> 2 : 3))
     }
     if
     :: last -> left = 0
     :: !last && kind == 1 -> merged_lower(); left = 0
     :: !last && kind == 2 ->
        atomic {
          if
          :: !merged && (shared > 0 || queued) -> shared--; left = 0
          :: else
          fi
        }
     :: !last && kind == 3 -> below_zero()
     fi
  :: else -> break
  od;
  if
  :: last -> free(); last = 0
  :: else
  fi;
  kind = 0
}

/* The reference goes into the buffer of this mutator. */
inline slot_empty() {
  atomic {
    if
    :: slot && !deferred[me] ->
       slot = 0;
       deferred[me] = 1;
       unseen[me] = (away -> 0 : 1) + (gone[2] -> 0 : 4)
    :: else
    fi
  }
}

/* At a safepoint. */
inline apply() {
#ifdef NO_GRACE
  deferred[me]
#else
  deferred[me] && (unseen[me] == 0 || unseen[me] == 1 && away)
#endif
  -> atomic { deferred[me] = 0; raw[me] = 0 } let_go()
}

active [2] proctype other() {
  byte me = _pid - 1, ops = OPS, kind = 0;
  bit last = 0, left = 0;
  begun;
  do
  :: ops > 0 && !raw[me] -> ops--; atomic { raw[me] = slot }
  :: ops > 0 && raw[me] && roots[me] == 0 -> ops--; raise()
  :: ops > 0 && roots[me] > 0 -> ops--; roots[me]--; let_go()
  :: ops > 0 && me == 1 -> ops--; slot_empty()
  :: ops > 0 -> ops--; see()
  :: apply()
  :: ops == 0 -> break
  od;
  do
  :: roots[me] > 0 -> roots[me]--; let_go()
  :: else -> break
  od;
  see();
  if
  :: deferred[me] -> apply()
  :: else
  fi;
  done++;
  if
  :: me == 1 ->
     done == N;
     unseen[1] = 0;
     slot_empty();
     unseen[1] = 0;
     if
     :: deferred[1] -> apply()
     :: else
     fi;
     assert(dead)
  :: else -> atomic { see(); gone[me] = 1 }
  fi
}
