/* Writ's C interface: what writ.hpp is made of, and all that other languages need.
 *
 * In: a schema, host functions, texts of policies and documents. Out: slots to ask, releases to publish, pin and roll back.
 * Every function may be called from any thread unless it says otherwise. Handles are opaque; each has one owner, who frees it
 * by the function named beside it. Texts are UTF-8 with a size and no final zero; a text that a function gives lives as long
 * as the handle it was asked of. Nothing here throws, and nothing that is passed in may throw.
 *
 * A value in flight is one to four 64-bit words:
 *   bool 0/1 · int, uint, duration, timestamp: the 64 bits (nanoseconds) · double: its bits · enum: its enumerator's number
 *   string, bytes: {data, size} · list: {data, size} · ip: {high, low} · cidr: {high, low, prefix}
 *   record, set, map: the address of its storage
 *   T?: for a record, set or map its address or 0; else the words of T (0 when absent), then present 0/1
 * Storage is what the C++ types of writ.hpp have; writ_type tells it. */
#ifndef WRIT_WRIT_H
#define WRIT_WRIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { WRIT_MAX_WORDS = 4, WRIT_MAX_CALL_WORDS = 16 };

typedef struct writ_text {
  const char* data;
  size_t size;
} writ_text;

/* ---- types ------------------------------------------------------------------------------------ */

typedef enum writ_kind {
  WRIT_BOOL,
  WRIT_INT,
  WRIT_UINT,
  WRIT_DOUBLE,
  WRIT_STRING,
  WRIT_BYTES,
  WRIT_TIMESTAMP,
  WRIT_DURATION,
  WRIT_IP,
  WRIT_CIDR,
  WRIT_ENUM,
  WRIT_RECORD,
  WRIT_LIST,
  WRIT_SET,
  WRIT_MAP,
  WRIT_OPTIONAL
} writ_kind;

/* How the host's language stores a type. What the schema calls it is checked against this when a slot or a host function is
 * made. Static storage, or alive as long as the engine. */
typedef struct writ_type {
  writ_kind kind;
  uint32_t size;                   /* bytes in memory */
  uint8_t is_address;              /* WRIT_OPTIONAL: stored as an address that may be null */
  writ_text name;                  /* WRIT_RECORD, WRIT_ENUM: its name in the host's language */
  const struct writ_type* first;   /* element, key, or the T of T? */
  const struct writ_type* second;  /* WRIT_MAP: the value */
  const struct writ_field* fields; /* WRIT_RECORD, in order */
  size_t field_count;
  const writ_text* enumerators; /* WRIT_ENUM, by number */
  size_t enumerator_count;
} writ_type;

typedef struct writ_field {
  writ_text name;
  const writ_type* type;
  uint32_t offset; /* bytes from the record's start */
} writ_field;

typedef struct writ_signature {
  const writ_type* const* parameters;
  size_t parameter_count;
  const writ_type* result; /* null: none */
} writ_signature;

/* ---- errors ----------------------------------------------------------------------------------- */

/* What is wrong: findings in texts, or of a set-up one sentence and no finding. Immutable. Freed by writ_report_free. */
typedef struct writ_report writ_report;

typedef struct writ_finding {
  writ_text code;   /* "W2001" */
  uint8_t is_error; /* else a warning */
  writ_text message;
  writ_text help; /* may be empty */
  writ_text file;
  uint32_t line;   /* from 1 */
  uint32_t column; /* from 1, in code points */
} writ_finding;

size_t writ_report_size(const writ_report*);
writ_finding writ_report_at(const writ_report*, size_t index);
/* All findings as a person reads them, with source lines; of a set-up the sentence. */
writ_text writ_report_pretty(const writ_report*);
void writ_report_free(writ_report*);

/* ---- engines ---------------------------------------------------------------------------------- */

/* One schema, its slots and host functions, and the releases of it. Freed by writ_engine_free. */
typedef struct writ_engine writ_engine;

/* Null, and a report, when the schema is wrong or native code cannot be had. */
writ_engine* writ_engine_make(writ_text schema_name, writ_text schema_text, writ_report** report);
/* No call may be under way; slots and pins must be gone. */
void writ_engine_free(writ_engine*);

/* What a host function may do while it runs; gone when it returns. */
typedef struct writ_host_call writ_host_call;
/* Memory that lives until the policy's call ends, 8-aligned, drawn on its quota; null when there is not enough. */
void* writ_host_allocate(writ_host_call*, size_t bytes);

/* Reads its arguments' words one after another, writes its result's. Returns 0 when it failed: the call then ends in the trap
 * host_error. Runs on the caller's thread; may ask slots and commit releases; keeps nothing that it was given. For a function
 * that the schema calls `emits` it is called after the decision, and not at all when the call trapped. */
typedef int (*writ_host_function)(void* context, writ_host_call*, const uint64_t* arguments, uint64_t* results);

/* Gives the schema's function `name` ("geo.country") its body; one without a body ends a call in the trap host_error, as does
 * one whose answer is no value of its type. `drop` (may be null) frees the context with the engine, or
 * at once when this fails. Returns a report when there is no such function, its type or layout differs, it has a body already,
 * or a first release has been committed. */
writ_report* writ_engine_provide(writ_engine*, writ_text name, const writ_signature*, writ_host_function, void* context,
                                 void (*drop)(void* context));

/* ---- releases --------------------------------------------------------------------------------- */

/* What will change in the running release. Not thread-safe. Freed by writ_stage_free. */
typedef struct writ_stage writ_stage;

writ_stage* writ_stage_make(writ_engine*);
void writ_stage_free(writ_stage*);
/* A policy or library under a name of the caller's; one staged or running under this name is replaced. */
void writ_stage_source(writ_stage*, writ_text name, writ_text text);
/* A configuration document, whose name's ending says how it is written: .toml, .json, .yaml; `unit.field=NAME.csv` for rows.
   Of several, the later wins. Names are as for sources. */
void writ_stage_config(writ_stage*, writ_text name, writ_text text);
/* Takes the source or document of this name out. */
void writ_stage_remove(writ_stage*, writ_text name);
/* Compiles the running release with these changes, as it is when this commit's turn comes, and makes it visible whole.
 * `tier` empty: the schema's first. Gives the release's number; the running one's when nothing differs from it. 0, and a
 * report, when anything is wrong: then nothing has changed. May be called from inside a host function. */
uint64_t writ_stage_commit(writ_stage*, writ_text tier, writ_report** report);

/* Makes the release before the running one visible again and gives its number; that of the state before the first commit
 * is 0. Gives 0, and changes nothing, when none is kept: at most 4 are. */
int writ_engine_rollback(writ_engine*, uint64_t* release);

typedef struct writ_release_info {
  uint64_t number;
  writ_text tier;
  int64_t committed_at; /* nanoseconds since 1970 */
  size_t unit_count;    /* sources and documents */
  uint8_t is_running;
} writ_release_info;

/* A list of the releases that are kept, the running one first. Freed by writ_history_free. */
typedef struct writ_history writ_history;
writ_history* writ_engine_history(writ_engine*);
size_t writ_history_size(const writ_history*);
writ_release_info writ_history_at(const writ_history*, size_t index);
void writ_history_free(writ_history*);

/* Holds the running release, which stays as it is until the pin is freed, whatever is committed. May change threads.
 * Freed by writ_pin_free, before the engine. */
typedef struct writ_pin writ_pin;
writ_pin* writ_pin_make(writ_engine*);
uint64_t writ_pin_release(const writ_pin*);
void writ_pin_free(writ_pin*);

/* ---- calls ------------------------------------------------------------------------------------ */

/* A slot of the schema with the host's view of its type. Freed by writ_slot_free, before the engine. */
typedef struct writ_slot writ_slot;

/* `answers_itself`: the caller has a function of its own for this slot; so it must be where the schema says `else host`, and
 * nowhere else. Null, and a report naming the field, when the types or layouts differ. */
writ_slot* writ_slot_make(writ_engine*, writ_text name, const writ_signature*, int answers_itself,
                          writ_report** report);
void writ_slot_free(writ_slot*);

/* How a call ended early; docs/language.md says what each means. */
typedef enum writ_trap_kind {
  WRIT_TRAP_NONE,
  WRIT_TRAP_OUT_OF_FUEL,
  WRIT_TRAP_OUT_OF_MEMORY,
  WRIT_TRAP_STACK_OVERFLOW,
  WRIT_TRAP_OVERFLOW,
  WRIT_TRAP_DIVISION_BY_ZERO,
  WRIT_TRAP_INDEX_OUT_OF_RANGE,
  WRIT_TRAP_NO_SUCH_KEY,
  WRIT_TRAP_INVALID_ARGUMENT,
  WRIT_TRAP_OUT_OF_BOUNDS_INPUT,
  WRIT_TRAP_HOST_ERROR
} writ_trap_kind;

/* Who answered. */
enum {
  WRIT_ANSWER_POLICY, /* the policy, or where there is none the slot's else value */
  WRIT_ANSWER_ELSE,   /* the else value, after a trap */
  WRIT_ANSWER_HOST    /* nobody: the caller asks its own function */
};

/* What a call may use at most; the tier's quota still holds. Negative: the tier's. */
typedef struct writ_limits {
  int64_t fuel;
  int64_t memory; /* bytes */
} writ_limits;

typedef struct writ_answer {
  uint64_t words[WRIT_MAX_WORDS];
  uint8_t source; /* WRIT_ANSWER_… */
  uint8_t trap;   /* a writ_trap_kind; 0: none */
  int64_t fuel;   /* used */
  int64_t memory; /* used, bytes */
  uint64_t release;
  writ_text reason; /* of the rule that decided; may be empty */
  writ_text trap_file;
  uint32_t trap_line;
  uint32_t trap_column;
  uint64_t status; /* the library's own, as is the rest */
  uint64_t state[4];
} writ_answer;

/* Asks a slot whose result holds no address: bool, numbers, enum, times, ip, cidr, optionals of these. Wait-free; takes no
 * lock, no memory and no system call but on a thread's first call of the engine. `pin` may be null; it is one of the slot's engine. Gives WRIT_ANSWER_…;
 * `words` takes the result. */
int writ_call(const writ_slot*, const writ_pin* pin, const uint64_t* arguments, uint64_t* words);

/* Asks any slot and leaves the answer open: what its words and texts point to stays valid until writ_close, which must follow
 * soon, on the same thread and before its next call. `pin`, `limits` may be null. */
void writ_open(const writ_slot*, const writ_pin* pin, const writ_limits* limits, const uint64_t* arguments,
               writ_answer* answer);
void writ_close(writ_answer*);

/* Memory of a value that outlives its call. Freed by writ_kept_free. */
typedef struct writ_kept writ_kept;
/* Copies the open answer's value with all that it points to, and makes the answer's words those of the copy. */
writ_kept* writ_keep(writ_answer*);
void writ_kept_free(writ_kept*);
/* The same, into a pin: the copy lives as long as the pin. `pin` is the one that the answer was asked under. */
void writ_keep_in_pin(writ_pin*, writ_answer*);

/* ---- watching --------------------------------------------------------------------------------- */

typedef struct writ_trap {
  writ_text slot;
  uint8_t kind;
  writ_text file;
  uint32_t line;
  uint32_t column;
  uint64_t release;
} writ_trap;

writ_text writ_trap_spelling(uint8_t kind); /* "out_of_fuel"; static */

/* `handler` is called after each call that trapped, on its thread, when the answer is closed. It may ask slots: when those
 * calls trap they are counted, and it is not called again. Set once and before the first commit, else a report; `drop` as for
 * host functions. */
writ_report* writ_engine_on_trap(writ_engine*, void (*handler)(void* context, const writ_trap*), void* context,
                                 void (*drop)(void* context));

/* Counters of an engine, as they are at one moment. Freed by writ_stats_free. */
typedef struct writ_stats writ_stats;

typedef struct writ_slot_stats {
  writ_text slot;
  uint64_t calls;
  uint64_t traps;
  uint64_t fuel;
} writ_slot_stats;

writ_stats* writ_stats_take(writ_engine*);
uint64_t writ_stats_running(const writ_stats*);        /* the running release's number; 0: none yet */
uint64_t writ_stats_live_releases(const writ_stats*);  /* not freed yet, the empty one included */
uint64_t writ_stats_code_bytes(const writ_stats*);     /* of all live releases */
uint64_t writ_stats_compiled_units(const writ_stats*); /* units that commits had to compile; else values count as one */
uint64_t writ_stats_swaps(const writ_stats*);          /* commits and rollbacks that took effect */
uint64_t writ_stats_refused(const writ_stats*);        /* commits that failed */
uint64_t writ_stats_emit_failures(const writ_stats*);  /* `emits` functions that failed, after the decision */
size_t writ_stats_slot_count(const writ_stats*);
writ_slot_stats writ_stats_slot(const writ_stats*, size_t index);
/* Prometheus text format, version 0.0.4. */
writ_text writ_stats_prometheus(const writ_stats*);
void writ_stats_free(writ_stats*);

/* ---- values ----------------------------------------------------------------------------------- */

/* Reads `10.0.0.1` or `2001:db8::1` into words[0..1], `10.0.0.0/8` into words[0..2]. 0: it is no such text. */
int writ_read_ip(writ_text, uint64_t* words);
int writ_read_cidr(writ_text, uint64_t* words);

#ifdef __cplusplus
}
#endif

#endif
