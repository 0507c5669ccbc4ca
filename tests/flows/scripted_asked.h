/*
 * scripted_asked: one question to a scripted world, until it is answered. The world's own: tests
 * see scripted_world.h.
 */
#ifndef TESTS_FLOWS_SCRIPTED_ASKED_H
#define TESTS_FLOWS_SCRIPTED_ASKED_H

#include "tests/flows/scripted_world.h"

struct asked {
	struct call call; /* first: what the flow holds */
	struct world *world;
	struct asked *next;
	enum port port;
	struct reply reply;
	char *body;         /* owned */
	char *url;          /* owned; of a request to Slack */
	struct call *inner; /* the time until the answer, or the real ledger's call */
	int64_t at_ms;
	bool ready; /* only by_hand keeps it */

	/* What the real ledger said. */
	struct err err;
	struct arena arena;
	struct build builds[LIMIT_BUILDS_MOVED];
	struct ledger_due due;
	struct notice notice;
	struct facts facts;
	struct heard heard;
	struct overview overview;
	const struct build *history;
	size_t n_history;
	enum ledger_owner owner;
	struct golden_move moves[LIMIT_GOLDEN];
	size_t n_moves;
	enum golden_claim claim;
	const char *base;
	bool has_notice, yes;

	union {
		aws_done_fn *aws;
		certificate_done_fn *certificate;
		http_done_fn *http;
		secret_done_fn *secret;
		ledger_done_fn *plain;
		ledger_due_fn *due;
		ledger_notice_fn *notice;
		ledger_answer_fn *answer;
		ledger_owner_fn *owner;
		ledger_facts_fn *facts;
		ledger_heard_fn *heard;
		ledger_overview_fn *overview;
		ledger_history_fn *history;
		ledger_moves_fn *moves;
		ledger_claim_fn *claim;
		ledger_base_fn *base;
	} done;

	void *ctx;
};

/* Writes down that this port was asked, and takes its next reply. Owned by the world. */
struct asked *asked_new(struct world *world, enum port port, struct span body, void *ctx);

bool asked_is_last(struct asked *asked); /* the worker dies of it */
bool asked_is_held(const struct asked *asked);

void asked_on_time(void *ctx); /* of a struct asked: what it waited for has come */
void asked_deliver(struct asked *asked);

/* The ledger as flows see it: the real one, with what the script says between. */
extern const struct ledger scripted_ledger;

void scripted_ledger_answer(struct asked *asked, const struct err *err);

#endif
