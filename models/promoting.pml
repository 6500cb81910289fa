/* SPDX-License-Identifier: MIT */
/* Objects become old without being traced, while mutators run and a marker
   marks: collectors/shared/running/promote.c, Note [Promoting all]. One mutator
   makes an object and promotes it when it leaves the block; both load, store
   and set flags of headers. Stops are single steps, possible when no mutator is
   inside an operation; they promote what is young.

   Shown: when a cycle ends, every object that can be reached is old and counts
   as reached, and no flag of a header was lost. Not shown: memory ordering,
   since in spin all processes see each step at once; parking and the rest are
   in snapshot.pml.

   Mutations: FLAGS_WITHOUT_LOCK PROMOTES_WITHOUT_LOCK PROMOTES_TO_FORMER
   BEGINS_WITH_YOUNG FORGETS_TO_ARM FORGETS_TO_ARM_IN_STOP */
#ifndef STEPS
#define STEPS 5
#endif
#define STEPS_OF_OTHER 2
#define YOUNG 0
#define ARMED 1
#define FLAG 2
#define BIT(object) (1 << (object))
#define former (3 - old)

/* Object 0 is none. 1 is in a global root and holds 2. 3 is made by mutator 0.
   Each has one slot. */
byte slot[4];
byte value[4]; /* YOUNG, or one of the two values of old objects */
byte word[4];  /* the header's flags */
byte old = 1;  /* the current value */
bit is_made;
byte flagged;    /* a bit for each object whose flag was set */
byte remembered; /* a bit for each object that a store has disarmed */
byte grey;
bit on;
bit lock; /* of the block of object 3 */
byte log[2];
byte left[2]; /* of a reference that a mutator holds in a root */
byte right[2];
bit inside[2];

#define all_are_at_safepoints() (!inside[0] && !inside[1])
#define is_young(object) ((object) == 3 && is_made && value[3] == YOUNG)

/* What is young counts as reached. */
inline reach(object) {
  if
  :: (object) != 0 && value[object] == former ->
     value[object] = old;
     grey = grey | BIT(object)
  :: else
  fi
}

inline take_lock(object) {
  if
  :: (object) == 3 -> atomic { lock == 0 -> lock = 1 }
  :: else
  fi
}

inline give_lock(object) {
  if
  :: (object) == 3 -> lock = 0
  :: else
  fi
}

/* The owner reads and writes the word in two steps. */
inline promote() {
#ifndef PROMOTES_WITHOUT_LOCK
  take_lock(3);
#endif
#ifndef FORGETS_TO_ARM
  k = word[3];
  word[3] = k | ARMED;
#endif
#ifdef PROMOTES_TO_FORMER
  value[3] = former;
#else
  value[3] = old;
#endif
#ifndef PROMOTES_WITHOUT_LOCK
  give_lock(3);
#endif
  k = 0
}

inline promote_in_stop() {
  if
  :: is_young(3) ->
     value[3] = old;
#ifndef FORGETS_TO_ARM_IN_STOP
     word[3] = word[3] | ARMED
#endif
  :: else
  fi
}

/* Takes the logs, and arms again what stores have disarmed. */
inline gather() {
  i = 1;
  do
  :: i <= 3 ->
     if :: (log[0] | log[1]) & BIT(i) -> reach(i) :: else fi;
     if :: remembered & BIT(i) -> word[i] = word[i] | ARMED :: else fi;
     i++
  :: else -> break
  od;
  i = 0;
  log[0] = 0;
  log[1] = 0;
  remembered = 0
}

inline check_all() {
  reachable = BIT(1) | BIT(left[0]) | BIT(right[0]) | BIT(left[1]) |
              BIT(right[1]);
  i = 0;
  do
  :: i < 3 ->
     if :: reachable & BIT(1) -> reachable = reachable | BIT(slot[1])
     :: else fi;
     if :: reachable & BIT(2) -> reachable = reachable | BIT(slot[2])
     :: else fi;
     if :: reachable & BIT(3) -> reachable = reachable | BIT(slot[3])
     :: else fi;
     i++
  :: else -> break
  od;
  i = 1;
  do
  :: i <= 3 ->
     assert((reachable & BIT(i)) == 0 || value[i] == old);
     assert((flagged & BIT(i)) == 0 || (word[i] & FLAG) != 0);
     i++
  :: else -> break
  od;
  i = 0
}

/* Only what is armed is logged and disarmed. */
inline barrier(object) {
  if
  :: word[object] & ARMED ->
     if
     :: on -> log[me] = log[me] | BIT(slot[object])
     :: else
     fi;
     atomic {
       word[object] = word[object] & ~ARMED;
       remembered = remembered | BIT(object)
     }
  :: else
  fi
}

inline set_flag(object) {
#ifndef FLAGS_WITHOUT_LOCK
  take_lock(object);
#endif
  atomic {
    word[object] = word[object] | FLAG;
    flagged = flagged | BIT(object)
  }
#ifndef FLAGS_WITHOUT_LOCK
  give_lock(object)
#endif
}

proctype mutator(byte me) {
  byte steps, k;
  do
  :: steps == (me == 0 -> STEPS : STEPS_OF_OTHER) -> break
  :: else ->
     steps++;
     if
     :: atomic { me == 0 && !is_made -> is_made = 1; left[0] = 3 }
     :: atomic { me == 0 && !is_made -> is_made = 1; right[0] = 3 }
     :: atomic { me == 0 && is_young(3) -> inside[0] = 1 };
        promote();
        inside[0] = 0
     :: left[me] = 1 /* the global root */
     :: atomic { right[me] = slot[left[me]] } /* load */
     :: atomic { right[me] != 0 -> /* exchange the roots */
          k = left[me];
          left[me] = right[me];
          right[me] = k;
          k = 0
        }
     :: atomic { right[me] != 0 -> right[me] = 0 }
     :: inside[me] = 1; /* store; 0 too */
        barrier(left[me]);
        if
        :: atomic { slot[left[me]] = right[me]; inside[me] = 0 }
        :: atomic { slot[left[me]] = right[me]; right[me] = 0; inside[me] = 0 }
        :: atomic { slot[left[me]] = 0; inside[me] = 0 }
        fi
     :: atomic { right[me] != 0 -> inside[me] = 1 };
        set_flag(right[me]);
        inside[me] = 0
     fi
  od
}

/* The thread that marks and stops the world. */
proctype marker() {
  byte object, reachable, i;
  /* A cycle begins. What is young becomes old first, so it is traced. */
  atomic {
    all_are_at_safepoints();
#ifndef BEGINS_WITH_YOUNG
    promote_in_stop();
#endif
    gather();
    old = former;
    on = 1;
    reach(1);
    reach(left[0]);
    reach(right[0]);
    reach(left[1]);
    reach(right[1])
  }
  do
  :: grey != 0 ->
     atomic {
       if
       :: grey & 2 -> object = 1
       :: (grey & 2) == 0 && (grey & 4) -> object = 2
       :: (grey & 6) == 0 && (grey & 8) -> object = 3
       fi;
       grey = grey & ~BIT(object)
     }
     atomic { i = slot[object]; reach(i); i = 0; object = 0 }
  :: atomic { all_are_at_safepoints() && (remembered != 0 || is_young(3)) ->
       promote_in_stop();
       gather()
     }
  :: atomic { grey == 0 && all_are_at_safepoints() ->
       promote_in_stop();
       gather();
       if
       :: grey == 0 ->
          on = 0;
          check_all();
          break
       :: else
       fi
     }
  od
}

init {
  atomic {
    slot[1] = 2;
    value[1] = 1;
    value[2] = 1;
    word[1] = ARMED;
    word[2] = ARMED;
    left[0] = 1;
    right[0] = 2;
    left[1] = 1;
    run marker();
    run mutator(0);
    run mutator(1)
  }
}
