/*
 * path: what one announcement costs between the answer of SQS and the decisions, step by step.
 *
 *	path CONFIG ANSWER ROUNDS
 *
 * CONFIG pins the certificate, ANSWER is an answer of ReceiveMessage with LIMIT_BATCH messages.
 * Prints a line a round: the processor time of each step in microseconds a message, in the order of
 * the list below, separated by tabs. path_bench.py makes the files and reads the lines.
 */
#include "common/aws/wire_sqs.h"
#include "common/base/mem.h"
#include "common/decide/notification.h"
#include "worker/adapters/file.h"
#include "worker/cli/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum step {
	STEP_ANSWER,   /* SQS's answer, with its ten messages */
	STEP_ENVELOPE, /* size, JSON, fields, topic, forms */
	STEP_VERIFY,   /* the certificate's URL, the signature */
	STEP_DECIDE,   /* the release inside, matched with the families */
	N_STEPS
};

struct path {
	struct config *config;
	struct loaded_policy policy;
	struct buf answer;
	double step_us[N_STEPS]; /* of the running round */
};

struct message_state {
	struct notification notification;
	bool fine; /* so far */
};

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void open_envelope(const struct path *path, const struct sqs_message *received,
                          struct message_state *message)
{
	message->fine = notification_open(&message->notification, path->config,
	                                  &path->policy.policy, received->body, ENVELOPE_SQS);
}

static void verify(const struct path *path, struct message_state *message)
{
	struct notification *notification = &message->notification;

	message->fine = message->fine &&
	                gate_url(&path->policy.policy, &notification->envelope,
	                         &notification->verdict) &&
	                gate_pinned(&path->policy.policy, &notification->envelope,
	                            &notification->verdict) &&
	                notification->verdict.trust == TRUST_VERIFIED;
}

static void decide(const struct path *path, struct message_state *message)
{
	struct decisions *decisions = &message->notification.decisions;

	if (!message->fine)
		return;
	notification_decide(&message->notification, path->config);
	message->fine = decisions->n > 0 && decision_starts(&decisions->at[0]);
}

static void take_time(struct path *path, enum step step, double *since)
{
	double now = cpu_us();

	path->step_us[step] = (now - *since) / LIMIT_BATCH;
	*since = now;
}

static void run_steps(struct path *path, const struct sqs_messages *received,
                      struct message_state *messages, double since)
{
	take_time(path, STEP_ANSWER, &since);
	for (size_t i = 0; i < received->n; i++)
		open_envelope(path, &received->at[i], &messages[i]);
	take_time(path, STEP_ENVELOPE, &since);
	for (size_t i = 0; i < received->n; i++)
		verify(path, &messages[i]);
	take_time(path, STEP_VERIFY, &since);
	for (size_t i = 0; i < received->n; i++)
		decide(path, &messages[i]);
	take_time(path, STEP_DECIDE, &since);
}

/* False: a message did not come through to a start, so there is nothing to measure. */
static bool clear(struct message_state *messages, size_t n)
{
	bool fine = n == LIMIT_BATCH;

	for (size_t i = 0; i < n; i++) {
		fine = fine && messages[i].fine;
		notification_clear(&messages[i].notification);
	}
	return fine;
}

static bool run_round(struct path *path)
{
	struct message_state messages[LIMIT_BATCH] = { 0 };
	struct sqs_messages received = { .n = 0 };
	struct reader reader;
	struct err err;
	double since = cpu_us();
	bool fine = sqs_receive_answer(buf_span(&path->answer), &reader, &received, &err);

	if (fine)
		run_steps(path, &received, messages, since);
	fine = clear(messages, received.n) && fine;
	reader_clear(&reader);
	return fine;
}

static bool run_rounds(struct path *path, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		if (!run_round(path)) {
			fputs("path: a message did not come through\n", stderr);
			return false;
		}
		for (int step = 0; step < N_STEPS; step++)
			printf("%.3f%c", path->step_us[step], step == N_STEPS - 1 ? '\n' : '\t');
	}
	return true;
}

static bool load(struct path *path, char **files)
{
	struct err err = { ERR_NONE, "" };

	path->answer = buf_with_max(LIMIT_SQS_ANSWER);
	path->config = load_config(&(struct load_request){ files[0], .out = stderr });
	if (path->config && load_policy(path->config, &path->policy, &err) &&
	    file_read(files[1], &path->answer, &err))
		return true;
	fprintf(stderr, "path: %s\n", err.text);
	return false;
}

int main(int argc, char **argv)
{
	struct path path = { 0 };
	bool fine;

	if (argc != 4) {
		fputs("usage: path CONFIG ANSWER ROUNDS\n", stderr);
		return 2;
	}
	fine = load(&path, argv + 1) && run_rounds(&path, (int)strtol(argv[3], NULL, 10));
	buf_clear(&path.answer);
	load_policy_clear(&path.policy);
	config_free(path.config);
	return fine ? 0 : 1;
}
