/*
 * ledger: the durable record of announcements, decisions, builds and unsent notices.
 *
 * One interface, whatever keeps the rows. Every operation follows the rules of call.h; each is one
 * transaction, and when its `done` says no error it survives a power cut.
 *
 * Errors: ERR_TRANSIENT: ask again (with recall() first, when rows have changed meanwhile);
 * ERR_BROKEN: the ledger is out of order (disk full, damaged), nothing may be started or deleted.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_H
#define EVERGOLD_ADAPTERS_LEDGER_H

#include "common/decide/build.h"
#include "common/decide/decide.h"
#include "common/decide/golden.h"
#include "common/decide/overview.h"
#include "worker/adapters/call.h"
#include "worker/adapters/notice.h"

/* What people are told besides the fate of builds; once for each key, for ever. */
struct remark {
	enum notice_kind kind;
	const char *key;    /* "silence/amazon-linux-2023/2026-11-23" */
	const char *family; /* whose channel; NULL: the general one */
	const char *text;
};

/* Images that were taken back, and what that means for one family. */
struct withdrawal {
	const char *family;
	const char *what;       /* a release, or an image's id: it is in quarantine from now on, */
	const char *reason;     /* which is why */
	const char *text, *key; /* of the remark, made when builds came from them: it names them */
};

/* What one announcement led to. */
struct ledger_entry {
	const struct announcement *announcement;
	struct decision *decisions;
	size_t n_decisions;
	const struct build *builds; /* of those that start or wait */
	size_t n_builds;
	const struct remark *remarks;
	size_t n_remarks;
	const struct withdrawal *withdrawals;
	size_t n_withdrawals;
};

/* err: NULL on success. */
typedef void ledger_done_fn(void *ctx, const struct err *err);

struct ledger_due {
	const struct build *builds; /* borrowed until done returns */
	size_t n_builds;
	int64_t next_due_ms; /* when the next other one is due; -1: none is to come */
	bool unfinished;     /* some wait or run; else all that may be due is only watched */
};

typedef void ledger_due_fn(void *ctx, const struct ledger_due *due, const struct err *err);

/*
 * notice: the one that is due first, maybe later, borrowed until done returns; NULL: none waits in
 * a lane that is open. Of one build the earlier one comes first.
 */
typedef void ledger_notice_fn(void *ctx, const struct notice *notice, const struct err *err);

typedef void ledger_answer_fn(void *ctx, bool yes, const struct err *err);

/* Who has started an execution; unclear: nobody knows while we are starting one there. */
enum ledger_owner { OWNER_OTHERS, OWNER_US, OWNER_UNCLEAR };

typedef void ledger_owner_fn(void *ctx, enum ledger_owner owner, const struct err *err);

/* What was heard of a publisher, catch-up's own findings left out. */
struct heard {
	int64_t at_ms[LIMIT_HEARD]; /* when it announced, the newest first */
	size_t n;
	bool release; /* the release that was asked about was announced for its family and region */
};

/* heard: borrowed until done returns; NULL with err. */
typedef void ledger_heard_fn(void *ctx, const struct heard *heard, const struct err *err);

/* facts: borrowed until done returns; NULL with err. */
typedef void ledger_facts_fn(void *ctx, const struct facts *facts, const struct err *err);

/* What is given: borrowed until done returns; NULL with err. */
typedef void ledger_build_fn(void *ctx, const struct build *build, const struct err *err);
typedef void ledger_overview_fn(void *ctx, const struct overview *overview, const struct err *err);
typedef void ledger_history_fn(void *ctx, const struct build *builds, size_t n,
                               const struct err *err);

struct ledger_look {
	const struct build *build;
	int64_t ripe_ms; /* a build that was announced later waits for its soak */
};

/* A page of builds, at most LIMIT_HISTORY_PAGE. */
struct ledger_history {
	const char *family; /* NULL: of all */
	int64_t before_id;  /* those that are older than this row; 0: from the newest on */
	size_t limit;
};

/* What an event is about: an execution, or whatever runs in a pipeline. */
struct ledger_hint {
	const char *execution_id;      /* NULL: the event does not know it, */
	const char *pipeline, *region; /* only its pipeline */
};

/* Of all of a build: they are written unless there are some. */
struct ledger_plan {
	int64_t build;
	const struct golden_move *moves;
	size_t n;
};

/* moves: of the build, as they are now, borrowed until done returns; NULL with err. */
typedef void ledger_moves_fn(void *ctx, const struct golden_move *moves, size_t n,
                             const struct err *err);

enum golden_claim {
	GOLDEN_CLAIMED,
	GOLDEN_BUSY,    /* another build's move has claimed the parameter */
	GOLDEN_NEWER,   /* a newer release has written it, or a later build of the same one */
	GOLDEN_TAINTED, /* the build's base is in quarantine, or was taken back */
};

struct ledger_claim {
	const struct build *build; /* the move's */
	const struct golden_move *move;
	const char *holds; /* what the parameter holds; "": there is none */
};

typedef void ledger_claim_fn(void *ctx, enum golden_claim claim, const struct err *err);

/* base: borrowed until done returns; NULL: none is known. */
typedef void ledger_base_fn(void *ctx, const char *base, const struct err *err);

struct ledger {
	/* Fills the facts of every decision that would start. */
	struct call *(*recall)(struct ledger *ledger, struct decision *decisions, size_t n,
	                       ledger_done_fn *done, void *ctx);

	/*
	 * Writes a whole batch, or nothing of it. When what recall() found has changed, so that a
	 * build would be a duplicate or of an older release: ERR_TRANSIENT. Of each publisher the
	 * newest LIMIT_ANNOUNCEMENTS are kept with what was decided about them.
	 */
	struct call *(*record)(struct ledger *ledger, const struct ledger_entry *entries, size_t n,
	                       ledger_done_fn *done, void *ctx);

	/* What is known around a build, itself left out. */
	struct call *(*look_up)(struct ledger *ledger, const struct ledger_look *look,
	                        ledger_facts_fn *done, void *ctx);

	/* about: whose release, family and region are asked about, too; or NULL. */
	struct call *(*heard)(struct ledger *ledger, const char *publisher,
	                      const struct decision *about, ledger_heard_fn *done, void *ctx);

	/* At most LIMIT_BUILDS_MOVED builds, unfinished or watched, that are due at now_ms. */
	struct call *(*due)(struct ledger *ledger, int64_t now_ms, ledger_due_fn *done, void *ctx);

	/*
	 * Writes what moves in a build (not its identity); with it a notice, unless NULL. When its
	 * state changes, or what holds it, the builds of its family that are held are due at once.
	 * A build that was made due since it was read stays so. One that is started ends the watch
	 * over older ones of its line; when one ends, its failures are counted.
	 */
	struct call *(*save)(struct ledger *ledger, const struct build *build,
	                     const enum notice_kind *notice, ledger_done_fn *done, void *ctx);

	/*
	 * Moves of golden parameters (common/decide/golden.h). claim: remembers what the parameter
	 * holds, when it is the move's turn. save: writes a move's state, detail, version and time.
	 */
	struct call *(*golden_plan)(struct ledger *ledger, const struct ledger_plan *plan,
	                            ledger_moves_fn *done, void *ctx);
	struct call *(*golden_claim)(struct ledger *ledger, const struct ledger_claim *claim,
	                             ledger_claim_fn *done, void *ctx);
	struct call *(*golden_save)(struct ledger *ledger, const struct golden_move *move,
	                            ledger_done_fn *done, void *ctx);

	/*
	 * The base to which a build's parameter goes back: the image of the last build of its
	 * family and region that succeeded, unless it was taken back or is in quarantine; else what
	 * the parameter held before ("": nothing), and before all of ours that failed in between.
	 */
	struct call *(*good_base)(struct ledger *ledger, const struct build *build,
	                          ledger_base_fn *done, void *ctx);

	/*
	 * Makes what the hint is about due now. Of an execution that is a build that is started, or
	 * has failed or was stopped, since it may run again; it is marked as hinted. Of a pipeline
	 * all that is started or watched. Is there a build of the execution, due or not?
	 */
	struct call *(*hurry)(struct ledger *ledger, const struct ledger_hint *hint,
	                      ledger_answer_fn *done, void *ctx);

	/* Whose execution it is. The hint has all three. */
	struct call *(*owner)(struct ledger *ledger, const struct ledger_hint *hint,
	                      ledger_owner_fn *done, void *ctx);

	struct call *(*tell)(struct ledger *ledger, const struct remark *remark,
	                     ledger_done_fn *done, void *ctx);
	struct call *(*withdraw)(struct ledger *ledger, const struct withdrawal *withdrawal,
	                         ledger_done_fn *done, void *ctx);

	/*
	 * These are the sinks from now on. A new one is told what happens from now on, one that is
	 * left out is forgotten with what waits for it.
	 */
	struct call *(*keep_sinks)(struct ledger *ledger, const char *const *names, size_t n,
	                           ledger_done_fn *done, void *ctx);
	struct call *(*next_notice)(struct ledger *ledger, const struct notice_wish *wish,
	                            ledger_notice_fn *done, void *ctx);
	struct call *(*save_notice)(struct ledger *ledger, const char *sink,
	                            const struct notice *notice, ledger_done_fn *done, void *ctx);

	/* Of the notice's build, or of the notice when it is a remark. */
	struct call *(*save_post)(struct ledger *ledger, const struct notice *notice,
	                          const struct post *post, ledger_done_fn *done, void *ctx);

	/*
	 * The operator's hand. What is held of the families that it concerns is due at once.
	 * release: ends the hold, and failures count anew. Was it held? lift: was it there?
	 */
	struct call *(*hold)(struct ledger *ledger, const struct family_hold *hold,
	                     ledger_done_fn *done, void *ctx);
	struct call *(*release)(struct ledger *ledger, const char *family, ledger_answer_fn *done,
	                        void *ctx);
	struct call *(*quarantine)(struct ledger *ledger, const struct quarantine *quarantine,
	                           ledger_done_fn *done, void *ctx);
	struct call *(*lift)(struct ledger *ledger, const struct quarantine *quarantine,
	                     ledger_answer_fn *done, void *ctx);

	/*
	 * Wants the last build of a line once more: the next attempt, a row of its own.
	 * ERR_REFUSED: one waits or runs, it is in quarantine, or nothing was ever built.
	 */
	struct call *(*retry)(struct ledger *ledger, const char *family, const char *region,
	                      ledger_build_fn *done, void *ctx);

	/* Quarantines that are over are left out. */
	struct call *(*overview)(struct ledger *ledger, ledger_overview_fn *done, void *ctx);
	struct call *(*history)(struct ledger *ledger, const struct ledger_history *question,
	                        ledger_history_fn *done, void *ctx);

	/* Has another program written since this was asked last? Asking is cheap. */
	struct call *(*changed)(struct ledger *ledger, ledger_answer_fn *done, void *ctx);

	void (*free)(struct ledger *ledger); /* all calls must be done or cancelled */
};

#endif
