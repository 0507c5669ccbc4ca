#include "common/decide/queue_policy.h"

#include "common/base/reader.h"

#include "common/base/banned.h"

#define SEND SPAN("sqs:sendmessage")

/* In this order the least of several is what they say together. */
enum applies { NO, MAYBE, YES };

static enum applies both(enum applies a, enum applies b)
{
	return a < b ? a : b;
}

static enum applies either(enum applies a, enum applies b)
{
	return a > b ? a : b;
}

/* ---- Words ----------------------------------------------------------------------------------- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b, bool any_case)
{
	return a == b || (any_case && lower(a) == lower(b));
}

/* `*` stands for any characters, `?` for one. */
static bool is_like(struct span text, struct span pattern, bool any_case)
{
	size_t i = 0, j = 0, star = pattern.len, from = 0;

	while (i < text.len) {
		if (j < pattern.len && pattern.at[j] == '*') {
			star = j++;
			from = i;
		} else if (j < pattern.len &&
		           (pattern.at[j] == '?' || same(text.at[i], pattern.at[j], any_case))) {
			i++;
			j++;
		} else if (star < pattern.len) {
			j = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (j < pattern.len && pattern.at[j] == '*')
		j++;
	return j == pattern.len;
}

static bool is_word(struct span text, struct span word)
{
	return text.len == word.len && is_like(text, word, true);
}

/* "arn:PARTITION:SERVICE:REGION:ACCOUNT:…" */
static struct span account_of(const char *arn)
{
	struct span rest = span_of(arn);

	for (int i = 0; i < 4; i++)
		span_cut(&rest, ':');
	return span_cut(&rest, ':');
}

/* ---- A value, or a list of them -------------------------------------------------------------- */

typedef enum applies value_fn(const struct queue_policy_question *question, struct span value);

static enum applies read_value(struct reader *reader, value_fn *fits,
                               const struct queue_policy_question *question)
{
	struct span text = SPAN_NONE;

	if (reader_peek(reader) == JSON_STRING)
		(void)reader_string(reader, &text);
	else
		(void)reader_raw(reader, &text); /* true, 1 */
	return fits(question, text);
}

/* One of them is enough. */
static enum applies read_values(struct reader *reader, value_fn *fits,
                                const struct queue_policy_question *question)
{
	enum applies applies = NO;

	if (reader_peek(reader) != JSON_ARRAY)
		return read_value(reader, fits, question);
	reader_array(reader);
	while (reader_element(reader))
		applies = either(applies, read_value(reader, fits, question));
	return applies;
}

static enum applies is_service(const struct queue_policy_question *question, struct span value)
{
	return span_is(value, question->service) ? YES : NO;
}

static enum applies is_anybody(const struct queue_policy_question *question, struct span value)
{
	(void)question;
	return span_is(value, "*") ? YES : NO;
}

static enum applies is_send(const struct queue_policy_question *question, struct span value)
{
	(void)question;
	return is_like(SEND, value, true) ? YES : NO;
}

static enum applies is_queue(const struct queue_policy_question *question, struct span value)
{
	return is_like(span_of(question->queue_arn), value, false) ? YES : NO;
}

static enum applies is_source(const struct queue_policy_question *question, struct span value)
{
	if (!question->source_arn)
		return MAYBE;
	return is_like(span_of(question->source_arn), value, false) ? YES : NO;
}

static enum applies is_account(const struct queue_policy_question *question, struct span value)
{
	if (!question->source_arn)
		return MAYBE;
	return is_like(account_of(question->source_arn), value, false) ? YES : NO;
}

/* AWS's services speak TLS. */
static enum applies is_true(const struct queue_policy_question *question, struct span value)
{
	(void)question;
	return is_word(value, SPAN("true")) ? YES : NO;
}

/* ---- Conditions ------------------------------------------------------------------------------ */

static value_fn *judge_of(struct span operator, struct span key)
{
	bool texts = span_starts(operator, SPAN("Arn")) || span_starts(operator, SPAN("String"));
	bool positive = !is_like(operator, SPAN("*Not*"), false);

	if (texts && positive && is_word(key, SPAN("aws:SourceArn")))
		return is_source;
	if (texts && positive && is_word(key, SPAN("aws:SourceAccount")))
		return is_account;
	if (span_starts(operator, SPAN("Bool")) && is_word(key, SPAN("aws:SecureTransport")))
		return is_true;
	return NULL;
}

static enum applies read_operator(struct reader *reader, struct span operator,
                                  const struct queue_policy_question * question)
{
	enum applies applies = YES;
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		value_fn *judge = judge_of(operator, key);

		if (judge)
			applies = both(applies, read_values(reader, judge, question));
		else
			applies = reader_skip(reader) ? both(applies, MAYBE) : applies;
	}
	return applies;
}

static enum applies read_condition(struct reader *reader,
                                   const struct queue_policy_question *question)
{
	enum applies applies = YES;
	struct span operator;

	reader_object(reader);
	while (reader_member(reader, &operator))
		applies = both(applies, read_operator(reader, operator, question));
	return applies;
}

/* ---- Statements ------------------------------------------------------------------------------ */

static enum applies read_principal(struct reader *reader,
                                   const struct queue_policy_question *question)
{
	enum applies applies = NO;
	struct span kind;

	if (reader_peek(reader) != JSON_OBJECT)
		return read_value(reader, is_anybody, question);
	reader_object(reader);
	while (reader_member(reader, &kind)) {
		value_fn *judge = span_is(kind, "Service") ? is_service : is_anybody;

		applies = either(applies, read_values(reader, judge, question));
	}
	return applies;
}

struct judged {
	const struct queue_policy_question *question;
	enum applies allowed, denied;
};

struct statement {
	bool denies;
	enum applies principal, action, resource, condition;
};

static void read_part(struct reader *reader, struct span name, struct statement *statement,
                      const struct queue_policy_question *question)
{
	struct span effect = SPAN_NONE;

	if (span_is(name, "Effect"))
		statement->denies = reader_string(reader, &effect) && span_is(effect, "Deny");
	else if (span_is(name, "Principal"))
		statement->principal = read_principal(reader, question);
	else if (span_is(name, "Action"))
		statement->action = read_values(reader, is_send, question);
	else if (span_is(name, "Resource"))
		statement->resource = read_values(reader, is_queue, question);
	else if (span_is(name, "Condition"))
		statement->condition = read_condition(reader, question);
	else if (reader_skip(reader) && span_is(name, "NotPrincipal"))
		statement->principal = MAYBE;
	else if (span_is(name, "NotAction"))
		statement->action = MAYBE;
	else if (span_is(name, "NotResource"))
		statement->resource = MAYBE;
}

static void read_statement(struct reader *reader, struct judged *judged)
{
	struct statement statement = { .condition = YES };
	enum applies applies;
	struct span name;

	reader_object(reader);
	while (reader_member(reader, &name))
		read_part(reader, name, &statement, judged->question);
	applies = both(both(statement.principal, statement.action),
	               both(statement.resource, statement.condition));
	if (statement.denies)
		judged->denied = either(judged->denied, applies);
	else
		judged->allowed = either(judged->allowed, applies);
}

static void read_statements(struct reader *reader, struct judged *judged)
{
	if (reader_peek(reader) != JSON_ARRAY) {
		read_statement(reader, judged);
		return;
	}
	reader_array(reader);
	while (reader_element(reader))
		read_statement(reader, judged);
}

static bool read_policy(struct judged *judged)
{
	struct reader reader;
	struct span name;
	bool fine;

	reader_init(&reader, judged->question->policy);
	reader_object(&reader);
	while (reader_member(&reader, &name)) {
		if (span_is(name, "Statement"))
			read_statements(&reader, judged);
		else
			(void)reader_skip(&reader);
	}
	fine = reader_done(&reader, NULL);
	reader_clear(&reader);
	return fine;
}

enum queue_policy_verdict queue_policy_judge(const struct queue_policy_question *question)
{
	struct judged judged = { .question = question };

	if (!question->policy.len)
		return QUEUE_POLICY_SILENT;
	if (!read_policy(&judged))
		return QUEUE_POLICY_OPEN;
	if (judged.denied == YES)
		return QUEUE_POLICY_DENIES;
	if (judged.allowed == NO)
		return QUEUE_POLICY_SILENT;
	return judged.denied == MAYBE || judged.allowed == MAYBE ? QUEUE_POLICY_OPEN
	                                                         : QUEUE_POLICY_ALLOWS;
}
