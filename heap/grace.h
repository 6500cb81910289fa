/* SPDX-License-Identifier: MIT */
/* Grace periods, as in quiescent-state-based reclamation (Hart, McKenney,
   Brown, Walpole, IPDPS 2006; liburcu's QSBR flavour).

   Note [Grace periods]
   A raw reference that a mutator has loaded from a heap slot or a global root
   is not counted. It is valid until that mutator's next safepoint. So a mutator
   that overwrites a slot may not drop the old value's count until every mutator
   that ran at that moment has passed a safepoint. That time is a grace period.

   1. The slot is overwritten with a sequentially consistent exchange; the old
      value goes into the overwriting mutator's buffer.
   2. gc_grace_request adds one to heap->epoch and returns the new value e.
      It is called after the exchanges that e is to cover.
   3. At a safepoint a mutator holds no raw reference. It reads heap->epoch
      and stores the value in its epoch_seen. If it reads e or more, it no
      longer uses its earlier loads. Its later loads come after the exchanges,
      because the read of e synchronises with the addition; so they do not
      return the old value.
   4. A parked mutator holds no raw reference either; parking stores
      GC_EPOCH_PARKED, which is later than any epoch. Unparking stores the
      current epoch, under heap->lock. The check whether all mutators have seen
      e takes the lock, too. If it comes before the unparking, that mutator's
      later loads come after the check's unlock and so after the exchanges. If
      it comes after the unparking, it finds an epoch_seen: one that was read
      after the exchanges passes the check, an older one fails it.
   5. So when every attached mutator's epoch_seen is e or more, no mutator holds
      a raw reference to a value that was overwritten before e, unless it got
      the reference from a root or from another slot, and these have counts.

   Note [Running alone]
   Let A be a mutator at a safepoint. A may drop an overwritten value at once,
   without waiting for its epoch, if the exchange happens before A reads
   heap->running and A reads 1: no other mutator runs. The reading needs no
   lock. Proof: a mutator B that begins to run adds one to heap->running, then
   issues a full fence, then loads slots. If B loads the value from before the
   exchange, the exchange follows B's fence in the total order. Then the reading
   of heap->running, which follows the exchange, sees B's addition, and A does
   not read 1, unless B has subtracted itself again; but then B has passed a
   safepoint and holds no reference. If the reading does not see the addition,
   B loads the new value.

   So an answer covers the exchanges before it, and no later one. B may begin to
   run right after the answer and load a slot; C may begin too, overwrite that
   slot, and detach or park. A may not drop the values that C left because of
   its old answer: B still holds one. The uses are:
   - A's own chunks, open and sealed: A made the exchanges itself, before it
     asked. Applying a chunk adds no entry to it, so no exchange comes after the
     answer.
   - Chunks that other mutators left (orphans): A takes the first chunk, and
     asks after that. The lock under which it was left and taken orders its
     exchanges before the reading. For the next chunk A asks again, or waits for
     its epoch.
   - Objects that die with an entry: no mutator holds the entry's object, so
     none can load from its slots. An object that only these slots held dies
     too. The same argument serves Note [Sole holder].
   - The world stopped by A: heap->running is 1 until A resumes. All others gave
     up their raw references when they subtracted themselves under heap->lock,
     which A took later. So A may apply the chunks of all mutators, including
     those that wait in gc_grace_wait: when they return, they read their list
     again and find it empty. Collections near the limit, passes over cycles and
     the verifier all stop the world before they drain.
   - Husks, and candidates that a mutator left: entries in a candidate buffer
     hold no count, and the object's cell stays until the buffer's owner frees
     it. A husk died after its grace period, or by one of the rules above, so
     its cell may be freed at any time. Adopting candidates drops no count.
   - gc_safepoint reads heap->running inline. This is only a hint: no value is
     dropped because of it.

   Tests: tests/heap/test_grace.c, tests/stress/, models/grace.pml,
   models/leaving.pml. */
#ifndef GC_GRACE_H
#define GC_GRACE_H

#include "heap/mutator.h"

#define GC_EPOCH_PARKED UINT64_MAX

/* Requests a grace period: every mutator takes the slow path at its next
   safepoint. Returns the epoch. May be called anywhere; takes heap->lock. */
uint64_t gc_grace_request(gc_heap *);
/* Has every attached mutator seen `epoch`? Takes heap->lock. */
bool gc_grace_has_passed(gc_heap *, uint64_t epoch);
/* Parks `m` until `epoch` has passed: a safepoint. */
void gc_grace_wait(gc_mutator *m, uint64_t epoch);
/* At a safepoint of `m`: records that it holds no raw reference. */
void gc_grace_acknowledge(gc_mutator *m);
/* Is `m` the only mutator that runs? The answer covers values that were
   overwritten before the call, and none later: Note [Running alone]. */
bool gc_runs_alone(gc_mutator *m);

#endif
