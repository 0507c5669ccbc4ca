/*
 * slack_call: one request to Slack: a method of its Web API, or its webhook; and what its answer
 * means for a sink.
 */
#ifndef EVERGOLD_FLOWS_SLACK_CALL_H
#define EVERGOLD_FLOWS_SLACK_CALL_H

#include "common/decide/config.h"
#include "common/say/slack_answer.h"
#include "worker/flows/sink.h"

struct slack_request {
	const struct ports *ports;
	const struct config *config;
	const struct secret *secret; /* the token; or the webhook's URL */
	const char *method;          /* "chat.postMessage", …; NULL: the webhook */
	struct span body;            /* JSON; or a form, */
	bool form;                   /* which methods that read want */
	size_t max_answer;           /* LIMIT_SLACK_ANSWER, … */
};

/* As http_start(): everything is copied. */
struct call *slack_call(const struct slack_request *request, http_done_fn *done, void *ctx);

/* Of a method, as http_done_fn is told; without an answer it is in doubt what happened. */
void slack_read_reply(const struct http_answer *reply, const struct err *err,
                      struct slack_answer *ret_answer);

/* Of a message that Slack took, or did not. */
enum sink_outcome slack_outcome(enum slack_fault fault);

#endif
