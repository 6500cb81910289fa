/* SPDX-License-Identifier: MIT */
/* Grace periods, as in quiescent-state-based reclamation (Hart, McKenney,
   Brown, Walpole, IPDPS 2006; liburcu's QSBR flavour).

   Note [Grace periods]
   A raw reference that a mutator has loaded from a heap slot or a global root
   carries no count. It is good until that mutator's next safepoint. So who
   overwrites a slot may not drop the old value's count before every mutator
   that ran at that moment has passed a safepoint since: a grace period.

   1. The slot is overwritten with a sequentially consistent exchange; the old
      value goes into the overwriting mutator's buffer.
   2. gc_grace_request adds one to heap->epoch and returns the new value e.
      It is called after the exchanges that e is to cover.
   3. At a safepoint a mutator holds no raw reference. It reads heap->epoch
      and stores what it read in its epoch_seen. If it reads e or more, its
      earlier loads are forgotten, and its later ones come after the exchanges
      (the read of e synchronises with the addition), so they miss the old
      value.
   4. A parked mutator holds no raw reference either; parking stores
      GC_EPOCH_PARKED, which is later than any epoch. Unparking stores the
      current epoch, under heap->lock. A check for "everybody has seen e" also
      takes the lock: if it comes before the unparking, the later loads of that
      mutator come after the unlock and so after the exchanges; if it comes
      after, it finds an epoch_seen that was read after them or it waits.
   5. So when every attached mutator's epoch_seen is e or more, nobody holds a
      raw reference to a value that was overwritten before e, other than one
      that is covered by a root or by a later slot, and both have counts.

   Note [Running alone]
   Let A be a mutator at its own safepoint. A may drop an overwritten value at
   once, before its epoch has passed, if A is the only mutator that runs and
   learns this after the exchange: the exchange happens before A's reading of
   heap->running, and the reading gives 1. No lock is needed for the reading.
   Say another mutator B begins to run: it adds one to heap->running, then a
   full fence, then loads slots. If B's load gave the value from before the
   exchange, the exchange follows B's fence in the total order, so the reading
   that follows the exchange sees B's addition, and A is not alone, unless B has
   subtracted itself again; then B has passed a safepoint and holds nothing. If
   the reading does not see the addition, B's loads see the new value.

   So an answer covers the exchanges that came before it, and no later one.
   B may begin right after the answer and load a slot; C begins too, overwrites
   that slot, and detaches or parks. What C leaves behind may not be dropped on
   A's old answer: B still holds it. Each use:
   - A's own chunks, open and sealed: A made the exchanges itself, before it
     asked. Applying defers nothing, so no new entry gets in behind the answer.
   - Chunks that others left (orphans): A takes the first chunk, and asks after
     that. The lock under which it was left and taken puts its exchanges before
     the reading. The next chunk needs an answer of its own, or its epoch.
   - What dies with an entry: nobody holds the entry's object, so nobody could
     load from its slots; what those held alone dies too. The same argument
     serves Note [Sole holder].
   - World stopped by A: heap->running is 1 until A resumes, and all others
     gave up their raw references when they subtracted themselves under
     heap->lock, which A took later. So A may apply the chunks of all, those of
     mutators that wait in gc_grace_wait too: these look at their list again
     when they come back, and find it empty. Collections near the limit, passes
     over cycles and the verifier all stop the world before they drain.
   - Husks, and candidates that a mutator left: entries in a candidate buffer
     hold no count, and the object's cell stays until the buffer's owner gives
     it back. A husk died after its grace period, or by one of the rules above,
     so its cell may go at any time. Adopting candidates drops nothing.
   - The inline look at heap->running in gc_safepoint is a hint, and nothing is
     dropped on it.

   Tests: tests/heap/test_grace.c, tests/stress/, models/grace.pml,
   models/leaving.pml. */
#ifndef GC_GRACE_H
#define GC_GRACE_H

#include "heap/mutator.h"

#define GC_EPOCH_PARKED UINT64_MAX

/* Asks for a grace period: everybody will be polled. Returns its epoch. May be
   called anywhere; takes heap->lock. */
uint64_t gc_grace_request(gc_heap *);
/* Has every attached mutator seen `epoch`? Takes heap->lock. */
bool gc_grace_has_passed(gc_heap *, uint64_t epoch);
/* Parks `m` until `epoch` has passed: a safepoint. */
void gc_grace_wait(gc_mutator *m, uint64_t epoch);
/* At a safepoint of `m`: says that it holds no raw reference. */
void gc_grace_acknowledge(gc_mutator *m);
/* Is `m` the only mutator that runs? The answer covers what was overwritten
   before the call, and nothing later: Note [Running alone]. */
bool gc_runs_alone(gc_mutator *m);

#endif
