/*
 * Judges messages for tests/differential, everything but the fetch: a JSON object a line comes in,
 * one line goes out, the reason and what was asked for ("cert_time certificate", "json none"). The
 * members are those of Question in gate/question.py; what is bytes is in base64.
 */
#include "common/base/arena.h"
#include "common/base/base64.h"
#include "common/base/limits.h"
#include "common/base/members.h"
#include "common/sns/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (4 * 1024 * 1024)

struct input {
	struct topic_rule topics[LIMIT_TOPICS];
	size_t n_topics;
	struct arena arena;
	struct span body, certificate;
	double max_age_s, now_ms;
	bool lambda;
};

/* ---- What is asked --------------------------------------------------------------------------- */

static const char *next_text(struct reader *reader, struct arena *arena)
{
	struct span text = SPAN_NONE;

	if (reader_element(reader))
		reader_string(reader, &text);
	return arena_text(arena, text);
}

/* [[ARN, "1", "2" or "any"], …] */
static void read_topics(struct reader *reader, void *target)
{
	struct input *input = target;

	reader_array(reader);
	while (reader_element(reader) && input->n_topics < LIMIT_TOPICS) {
		struct topic_rule *rule = &input->topics[input->n_topics++];

		reader_array(reader);
		rule->arn = next_text(reader, &input->arena);
		rule->signature = next_text(reader, &input->arena);
		if (strcmp(rule->signature, "any") == 0)
			rule->signature = NULL;
		(void)reader_element(reader);
	}
}

static const struct member input_members[] = {
	MEMBER_NESTED("topics", read_topics, true),
	MEMBER_STRING(struct input, body, "body", true),
	MEMBER_STRING(struct input, certificate, "certificate", true),
	MEMBER_NUMBER(struct input, max_age_s, "max_age_s", true),
	MEMBER_NUMBER(struct input, now_ms, "now_ms", true),
	MEMBER_BOOL(struct input, lambda, "is_lambda", true),
};

/* ---- What we say to it ----------------------------------------------------------------------- */

static void verify(const struct envelope *envelope, struct span pem, struct verdict *verdict)
{
	struct certificate *certificate = certificate_parse(pem, &verdict->reason, &verdict->err);

	if (certificate)
		gate_verify(envelope, certificate, verdict);
	else
		verdict->trust = TRUST_UNTRUSTED;
	certificate_free(certificate);
}

/* Owned: of exactly their size, so that the sanitizer sees an overread. */
static char *copy_of(const struct buf *bytes)
{
	char *copy = malloc(bytes->len ? bytes->len : 1);

	if (!copy)
		abort();
	if (bytes->len)
		memcpy(copy, bytes->at, bytes->len);
	return copy;
}

static void judge(const struct input *input, struct span body, struct span pem)
{
	struct gate_policy policy = { input->topics, input->n_topics, (int64_t)input->max_age_s,
		                      NULL, 0 };
	enum envelope_form form = input->lambda ? ENVELOPE_LAMBDA : ENVELOPE_SQS;
	struct envelope envelope;
	struct verdict verdict;
	bool fetched = gate_open(&policy, body, form, &envelope, &verdict) &&
	               gate_url(&policy, &envelope, &verdict);

	if (fetched) {
		verify(&envelope, pem, &verdict);
		gate_age(&policy, &envelope, (int64_t)input->now_ms, &verdict);
	}
	printf("%s %s\n",
	       verdict.trust == TRUST_UNCHECKED ? "unchecked" : reason_word(verdict.reason),
	       fetched ? "certificate" : "none");
	envelope_clear(&envelope);
}

static bool judge_input(const struct input *input)
{
	struct buf body = buf_with_max(ROOM), pem = body;
	bool fine = base64_decode(input->body, &body) && base64_decode(input->certificate, &pem);
	char *body_copy = copy_of(&body), *pem_copy = copy_of(&pem);

	if (fine)
		judge(input, (struct span){ body_copy, body.len },
		      (struct span){ pem_copy, pem.len });
	free(body_copy);
	free(pem_copy);
	buf_clear(&body);
	buf_clear(&pem);
	return fine;
}

static bool judge_line(struct span line)
{
	struct input input = { .n_topics = 0 };
	struct reader reader;
	struct err err = { 0 };
	bool fine;

	reader_init(&reader, line);
	fine = members_parse(&reader, input_members, ARRAY_LEN(input_members), &input, &err) &&
	       judge_input(&input);
	if (!fine)
		fprintf(stderr, "gate_verdict: %s\n", err.text);
	arena_clear(&input.arena);
	reader_clear(&reader);
	return fine;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool fine = true;

	while (fine && (len = getline(&line, &size, stdin)) >= 0)
		fine = judge_line((struct span){ line, (size_t)len });
	free(line);
	return fine ? 0 : 1;
}
