/* The protocol of host/reclaim_protocol.h for Spin: every interleaving of 2 callers that call for ever, 4 swaps and the
 * reclaimer, on processors with store buffers (x86-TSO: P. Sewell and others, CACM 53(7), 2010).
 *
 * What it adds to the relacy test: it is exhaustive, callers never stop calling, and the asymmetric fence is what the
 * kernel does: a caller's announcement waits in its processor's buffer until that processor, a locked instruction on it
 * or a membarrier empties it. The publisher and the reclaimer end each store with a locked instruction or a system call
 * and need no buffer. Checked: nobody uses what is freed.
 */
/* Options: SWAPS (2 or 4), BUFFER (stores that a processor can hold back), NESTED (calls within calls). */
#define CALLERS 2
#define OUTSIDE 0
#define NOBODY 255

byte current = 0;                        /* the published release: 0 to SWAPS */
byte epoch = 1;
byte announced[CALLERS];                 /* as the others see it */
chan buffer[CALLERS] = [BUFFER] of { byte };  /* announcements that they do not see yet */
byte pins[SWAPS + 1];
bool freed[SWAPS + 1];

/* Releases are retired in the order of their numbers: those below `arrived` are in the reclaimer's queue, those below
 * `admitted` in limbo or freed. */
byte arrived = 0, admitted = 0;
byte since[SWAPS];                       /* of those in limbo */

inline use(release) { assert(!freed[release]) }

/* A processor writes out what it has buffered, when it likes. */
active [CALLERS] proctype processor() {
end:
  do
  :: buffer[_pid]?announced[_pid]
  od
}

/* Reads the epoch, then announces it; within a section of the same thread it does neither. */
inline enter(outermost) {
  if
  :: d_step { own == OUTSIDE -> outermost = true; now = epoch };
     d_step { buffer[me]!now; own = now; now = OUTSIDE }
  :: own != OUTSIDE
  fi
}

inline leave(outermost) {
  if
  :: d_step { outermost && nfull(buffer[me]) -> buffer[me]!OUTSIDE; own = OUTSIDE; outermost = false }
  :: !outermost
  fi
}

/* The last look at what was found is the one that counts: what is freed stays so. */
inline look_and_leave() {
  d_step { nfull(buffer[me]) -> use(found); found = 0; buffer[me]!OUTSIDE; own = OUTSIDE; outer = false }
}

/* Locked instructions on a release's counter. */
inline pin() { d_step { empty(buffer[me]); use(found); pins[found]++ } }
inline unpin() { d_step { empty(buffer[me]); use(found); pins[found]--; found = 0 } }

active [CALLERS] proctype caller() {
  byte me = _pid - CALLERS;
  byte own = OUTSIDE;  /* what this thread announced last: it sees its own buffer */
  byte now = OUTSIDE, found;
  bool outer, inner;
end:
  do
  :: enter(outer);
     found = current;
#ifdef NESTED
     if
     :: true
     :: enter(inner);
        leave(inner)
     fi;
#endif
     if
     :: look_and_leave()
     :: pin();
        leave(outer);
        unpin()
     fi
  od
}

active proctype publisher() {
  do
  :: current < SWAPS ->
     current++;
     arrived++
  :: else -> break
  od
}

inline interrupt(i) {
  d_step {
    if :: nempty(buffer[i]) -> buffer[i]?announced[i] :: empty(buffer[i]) fi;
    if :: nempty(buffer[i]) -> buffer[i]?announced[i] :: empty(buffer[i]) fi
  }
}

inline membarrier() { interrupt(0); interrupt(1) }

inline admit() {
  if :: admitted < taken -> since[admitted] = epoch; admitted++ :: else fi
}

inline look_at(i) {
  d_step { if :: announced[i] != OUTSIDE && announced[i] < oldest -> oldest = announced[i] :: else fi }
}

inline free_if_unreachable(release) {
  if
  :: since[release] != 0 && since[release] <= oldest && pins[release] == 0 -> since[release] = 0; freed[release] = true
  :: else
  fi
}

active proctype reclaimer() {
  byte taken, oldest;
end:
  do
  :: arrived > admitted ->
     taken = arrived;
     epoch++;
     membarrier();
     d_step { admit(); admit(); admit(); admit(); taken = 0 }
  :: admitted > 0 ->
     oldest = NOBODY;
     look_at(0);
     look_at(1);
     /* What is done to one release cannot harm another: all at once. */
     d_step {
       free_if_unreachable(0);
       free_if_unreachable(1);
#if SWAPS == 4
       free_if_unreachable(2);
       free_if_unreachable(3);
#endif
       oldest = 0
     }
  od
}
