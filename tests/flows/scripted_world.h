/*
 * scripted_world: the struct ports that flows run on in tests.
 *
 * Time is simulated, the cloud is scripted_cloud's, the ledger is the real one on SQLite. Without
 * a word from the test every request succeeds after WORLD_LATENCY_MS, and a receive from an empty
 * queue after 20 s. A test says what becomes of the next request of a port (world_next), of all
 * (world_always), or takes every answer into its own hands (by_hand, world_release).
 *
 * By itself the world checks that nothing is called back before its start has returned, and that
 * nobody asks a failing port more than once a second, where each receiver counts by itself with
 * the ledger and when it hands back; what is asked for a build is left to the tests, because every
 * build backs off by itself, and so is what is answered by hand. AddressSanitizer checks the rest
 * of adapters/call.h: a call that is cancelled after it was done, or done after it was cancelled,
 * is freed memory.
 */
#ifndef TESTS_FLOWS_SCRIPTED_WORLD_H
#define TESTS_FLOWS_SCRIPTED_WORLD_H

#include "common/base/limits.h"
#include "tests/flows/scripted_cloud.h"
#include "tests/flows/simulated_time.h"
#include "worker/adapters/ledger_sqlite.h"
#include "worker/flows/message.h"
#include "worker/flows/ports.h"

#define WORLD_LATENCY_MS 10
#define WORLD_FIRST_MS   1000  /* of the first long polls, */
#define WORLD_WAIT_MS    20000 /* and of the others */

enum fate {
	FATE_FINE,      /* it happens and is answered */
	FATE_LOST,      /* it happens, but the answer is ERR_TRANSIENT */
	FATE_MALFORMED, /* the same, but the answer is ERR_MALFORMED */
	FATE_TRANSIENT, /* it does not happen */
	FATE_REFUSED,   /* with AWS's code, if the reply has one */
	FATE_BROKEN,
	FATE_TEXT, /* it does not happen, but there is an answer: world_next_text() */
	FATE_HELD, /* not before world_release(); the ledger has done it by then */
};

struct reply {
	enum fate fate;
	int status; /* of FATE_TEXT, for Slack */
	const char *text, *retry_after, *code;
};

struct world_options {
	const char *folder; /* the ledger is FOLDER/ledger.db; NULL: in memory */
	int receivers;      /* 0: 1 */
	bool events;        /* from a queue of their own, too */
	const char *wishes; /* more lines of the family's configuration, each with its end; NULL */
	const char *golden; /* what golden_parameter is; NULL: "/golden/ami" */
	const char *families; /* further ones, each line with its end; NULL */
};

struct asked;

/* after: it has had its effect, and is not answered yet. */
typedef void world_look_fn(void *ctx, enum port port, const char *body, bool after);

struct world {
	struct simulation *simulation;
	struct cloud *cloud;
	struct ports ports;
	struct config *config;
	struct message_rules rules;

	int asked[PORTS];                  /* how often each port was asked, */
	int failed[PORTS];                 /* and has answered with an error */
	int64_t asked_ms[PORTS];           /* when last, steady */
	struct buf bodies[PORTS];          /* of the last request */
	struct buf slack_url, slack_token; /* of the last post */
	struct reply next[PORTS][8];
	size_t n_next[PORTS];
	struct reply always[PORTS];
	bool by_hand;
	world_look_fn *on_request; /* what looks on at each but the ledger's; NULL */
	void *ctx;

	/* At this request the worker is dead: nothing runs any more until world_restart(). */
	int crash_at;        /* counted over all ports; 0: never */
	bool crash_too_late; /* what the request asks for happens all the same */
	int steps;
	bool crashed;

	/* The world's own. */
	struct ledger ledger;
	struct ledger_sqlite *sqlite;
	struct gate_policy policy;
	struct certificate *certificate;
	struct buf pem;
	struct log log;
	char *path;
	struct asked *pending; /* oldest first */
	bool starting;
	bool failing[PORTS], unpaced[PORTS];
	int64_t recent_ms[PORTS][LIMIT_RECEIVERS]; /* when it was asked, a ring */
};

void world_free(struct world *world); /* fails the test when something is still asked for */
struct world *world_new(const struct world_options *options) OWNED(world_free);

/* Opens the ledger again, as a new process would. The worker is gone already. */
void world_restart(struct world *world);

/*
 * The process of the worker is gone in the midst of whatever it did, from where this is called: no
 * call of it is answered any more, nothing of it is freed, and nothing must return to it.
 */
void world_forget(struct world *world);

int64_t world_now_ms(const struct world *world);      /* steady */
void world_run(struct world *world, int64_t ms);      /* or until it has crashed */
void world_announce(struct world *world, int number); /* 0..11, each a newer release */
struct span world_announcement(int number);           /* static */
void world_announce_file(struct world *world, const char *path);
void world_next(struct world *world, enum port port, enum fate fate);
void world_next_reply(struct world *world, enum port port, const struct reply *reply);
void world_next_text(struct world *world, enum port port, const char *text);
void world_always(struct world *world, enum port port, enum fate fate);
void world_always_code(struct world *world, enum port port, const char *code); /* refused */
const char *world_body(const struct world *world, enum port port); /* of the last request */

/* Number of rows; only with a folder. */
int64_t world_count(const struct world *world, const char *sql);

/* Records builds of images 1..n as one announcement would; in an empty ledger as rows 1..n. */
void world_want_builds(struct world *world, size_t n);

/* Its row moves to where such a thing is noticed of it. */
void world_add_notice(struct world *world, int64_t build, enum notice_kind kind);
void world_remark(struct world *world, const struct remark *remark);

/* Fills in world->ports; world_new() does. */
void world_make_ports(struct world *world);

/* What is held, oldest first, and answering one of it. */
size_t world_waiting(const struct world *world);
enum port world_waiting_port(const struct world *world, size_t i);
void world_release(struct world *world, size_t i, enum fate fate);

#endif
