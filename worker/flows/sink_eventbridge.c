#include "common/aws/endpoint.h"
#include "common/aws/role_arn.h"
#include "common/aws/wire_eventbridge.h"
#include "common/base/limits.h"
#include "worker/flows/sink_program.h"

#include "common/base/banned.h"

static bool read_answer(struct span body, struct err *reterr)
{
	char id[EVENTBRIDGE_ID];

	return eventbridge_put_answer(body, id, reterr);
}

static void send(struct telling *telling, const struct news *news, const struct secret *secrets)
{
	struct buf detail = buf_with_max(LIMIT_NEWS), body = buf_with_max(LIMIT_AWS_BODY);
	struct buf type = buf_with_max(100);
	struct arena arena = { 0 };
	struct news_resources resources;

	(void)secrets;
	news_json(news, &detail);
	news_words(news, &type);
	news_resources(news, &arena, &resources);
	eventbridge_put_body(
		&(struct eventbridge_event){
			.bus = telling->program->setting->bus,
			.source = "evergold",
			.detail_type = buf_text(&type),
			.detail = buf_span(&detail),
			.resources = resources.at,
			.n_resources = resources.n,
			.time_ms = news->created_ms,
		},
		&body);
	telling_ask(telling, &aws_eventbridge_put_events, buf_span(&body), read_answer);
	arena_clear(&arena);
	buf_clear(&type);
	buf_clear(&detail);
	buf_clear(&body);
}

struct sink *sink_eventbridge_new(const struct ports *ports, const struct config *config,
                                  const struct sink_setting *setting)
{
	struct sink_program *program = sink_program_new(ports, config, setting);

	program->send = send;
	return &program->sink;
}
