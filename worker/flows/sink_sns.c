#include "common/aws/wire_sns.h"
#include "common/base/limits.h"
#include "common/base/writer.h"
#include "common/say/mail.h"
#include "worker/flows/sink_program.h"

#include "common/base/banned.h"

static bool read_answer(struct span body, struct err *reterr)
{
	struct arena arena = { 0 };
	const char *message_id;
	bool fine = sns_publish_answer(body, &arena, &message_id, reterr);

	arena_clear(&arena);
	return fine;
}

/* People who subscribe by e-mail get text; queues, functions and all others the document. */
static void write_message(const struct news *news, struct buf *out)
{
	struct buf document = buf_with_max(LIMIT_NEWS), text = buf_with_max(MAIL_TEXT);
	struct writer *writer = writer_new();

	news_json(news, &document);
	mail_text(news, &text);
	writer_string(writer, "default", buf_span(&document));
	writer_string(writer, "email", buf_span(&text));
	writer_finish(writer, out);
	buf_clear(&document);
	buf_clear(&text);
}

struct attributes {
	struct sns_attribute at[4];
	size_t n;
};

static void add(struct attributes *attributes, const char *name, const char *value)
{
	if (value && value[0])
		attributes->at[attributes->n++] = (struct sns_attribute){ name, value };
}

/* What the filter policy of a subscription may choose by. */
static struct attributes attributes_of(const struct news *news)
{
	const struct build *build = news->build;
	struct attributes attributes = { .n = 0 };

	add(&attributes, "kind", notice_word(news->kind));
	add(&attributes, "family", build->family);
	add(&attributes, "region", build->region);
	add(&attributes, "status",
	    build->execution_id ? execution_status_word(build->status) : NULL);
	return attributes;
}

static void send(struct telling *telling, const struct news *news, const struct secret *secrets)
{
	struct buf message = buf_with_max(SNS_MESSAGE_MAX), body = buf_with_max(LIMIT_AWS_BODY);
	struct attributes attributes = attributes_of(news);
	char subject[MAIL_SUBJECT];

	(void)secrets;
	mail_subject(news, subject);
	write_message(news, &message);
	sns_publish_body(
		&(struct sns_publish){
			.topic_arn = telling->program->setting->topic,
			.subject = subject,
			.message = buf_span(&message),
			.structured = true,
			.attributes = attributes.at,
			.n_attributes = attributes.n,
		},
		&body);
	telling_ask(telling, &aws_sns_publish, buf_span(&body), read_answer);
	buf_clear(&message);
	buf_clear(&body);
}

struct sink *sink_sns_new(const struct ports *ports, const struct config *config,
                          const struct sink_setting *setting)
{
	struct sink_program *program = sink_program_new(ports, config, setting);

	program->send = send;
	return &program->sink;
}
