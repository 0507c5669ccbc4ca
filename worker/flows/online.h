/*
 * online: is the way to AWS open? What `evergold check --online` and `evergold doctor` ask.
 *
 * One question after the other, in the order of the groups in online.c: whether SNS's signatures
 * can be verified here (common/sns/self_test.h), which credentials there are, whose they are,
 * whether the queue is reached and how it is set up, whether each role in which pipelines are
 * started can be assumed, and whether each pipeline is there and takes what it is sent
 * (common/decide/preflight.h). With `everything`, which is what doctor asks: whether each topic
 * may send to the queue (common/decide/queue_policy.h), whether the parameters can be read,
 * whether Slack takes the token and knows the channels, and whether each of the other sinks is
 * there or, of a webhook, which is sent nothing, has its secrets. A failure does not stop the
 * others; only without credentials what needs them is skipped, and without SHA-256 nothing else
 * can be asked. Each question has 45 s, all of them together 150 s. Nothing is changed anywhere,
 * and nothing logged.
 */
#ifndef EVERGOLD_FLOWS_ONLINE_H
#define EVERGOLD_FLOWS_ONLINE_H

#include "common/decide/config.h"
#include "worker/flows/ports.h"

enum online_status { ONLINE_OK, ONLINE_WARNING, ONLINE_FAILED, ONLINE_SKIPPED };

struct online_result {
	enum online_status status;
	const char *check;  /* "queue", "role arn:aws:iam::444455556666:role/start-golden" */
	const char *detail; /* what was found, or why not; AWS's own words are in it */
	const char *hint;   /* what repairs it; NULL: nothing to repair, or not known */
	const char *repair; /* the command line for it; NULL: there is none */
};

/* Borrowed until it returns. Does not free. */
typedef void online_result_fn(void *ctx, const struct online_result *result);

/* Borrowed. */
struct online_options {
	const struct ports *ports;
	const struct config *config;
	bool everything;
	online_result_fn *result;
	void (*ended)(void *ctx); /* after the last result; may free */
	void *ctx;
};

struct online;

void online_free(struct online *online); /* also while it asks */
struct online *online_new(const struct online_options *options) OWNED(online_free);

#endif
