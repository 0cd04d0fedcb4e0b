/* One node of fleet/node.h for Spin: every interleaving of a publisher, a channel that loses, doubles, delays and reorders, and a node
 * that is killed between any two steps. Bytes that no trusted key signed are left out: they end in verify().
 *
 * Checked: what runs was published, is remembered, is never earlier than the last good release, and was never refused for good; once
 * there is a good release something always runs. That a node gets to the latest release is the simulation's business.
 */
#define RELEASES 4

mtype = { NEVER, ON_TRIAL, GOOD, REFUSED };
mtype = { FINE, FAILS_ITS_TESTS, TRAPS };

byte published = 0;                 /* the highest sequence */
mtype kind[RELEASES + 1] = FINE;

/* The node's memory on disk: each change of it is one rename. */
byte highest = 0;
mtype fate = NEVER;
byte good = 0;

byte running = 0;                   /* 0: the else values */
bool gone[RELEASES + 1];            /* refused, and that is remembered */

active proctype publisher() {
  do
  :: published < RELEASES ->
     atomic {
       if
       :: kind[published + 1] = FINE
       :: kind[published + 1] = FAILS_ITS_TESTS
       :: kind[published + 1] = TRAPS
       fi;
       published++
     }
  :: published == RELEASES -> break
  od
}

inline may_die() { if :: skip :: goto killed fi }

inline answer_by(release) {
  running = release;
  assert(running <= published && running <= highest);
  assert(running >= good && !gone[running])
}

/* `release` is out: the memory says so, unless a later one stands there. */
inline remember_refusal(release) {
  d_step {
    if
    :: release >= highest -> highest = release; fate = REFUSED
    :: else
    fi;
    gone[release] = true
  }
}

active proctype node() {
  byte offered, back;
  bool is_on_trial;
killed:
  atomic { running = 0; is_on_trial = false; offered = 0; back = 0 };
  if
  :: good != 0 -> answer_by(good)
  :: else
  fi;
  do
  :: published > 0 ->
     atomic { select(offered : 1 .. published) };
     if
     :: offered < highest                                                    /* older */
     :: offered == highest && (fate == REFUSED || running == offered)        /* known */
     :: else ->
        may_die();
        if
        :: kind[offered] == FAILS_ITS_TESTS -> remember_refusal(offered)
        :: else ->
           d_step { highest = offered; fate = ON_TRIAL };
           may_die();
           answer_by(offered);
           is_on_trial = true
        fi
     fi
  :: is_on_trial && kind[running] == TRAPS ->
     d_step { back = running; is_on_trial = false };
     answer_by(good);
     may_die();
     remember_refusal(back)
  :: is_on_trial && kind[running] == FINE ->
     may_die();
     d_step { is_on_trial = false; good = running; fate = (highest == running -> GOOD : fate) }
  :: goto killed
  od
}
