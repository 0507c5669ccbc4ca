#include "common/base/limits.h"
#include "common/decide/webhook_url.h"
#include "common/say/webhook.h"
#include "worker/flows/sink_program.h"

#include "common/base/banned.h"

#define TIMEOUT_MS 20000 /* "somewhere between 15 and 30s", Standard Webhooks, Request timeouts */

enum { KEY, URL }; /* of its secrets; the URL is one of them only if the file does not have it */

/* What it says of one it says of all, unless it is about the content. */
static enum sink_outcome outcome_of(const struct webhook_answer *answer, int status)
{
	if (answer->sent)
		return SINK_DELIVERED;
	if (answer->key_refused)
		return SINK_SECRET_REFUSED;
	return status == 400 || status == 413 || status == 422 ? SINK_REFUSED : SINK_UNAVAILABLE;
}

static void on_posted(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct telling *telling = ctx;
	struct sink_answer answer = { SINK_UNAVAILABLE, -1, { .kind = ERR_NONE } };
	struct webhook_answer said;

	if (err) {
		answer.err = *err;
	} else {
		webhook_read_answer(&(struct webhook_reply){ reply->status, reply->retry_after },
		                    &said);
		answer = (struct sink_answer){ outcome_of(&said, reply->status),
			                       said.retry_after_ms, said.err };
	}
	telling_end(telling, &answer);
}

static void post(struct telling *telling, const char *url, struct span body,
                 const struct webhook_headers *headers)
{
	const struct ports *ports = telling->program->ports;

	telling->pending = ports->http(
		ports->world,
		&(struct http_request){
			.method = "POST",
			.url = url,
			.headers = { "Content-Type: application/json", headers->id,
	                             headers->timestamp, headers->signature },
			.body = body,
			.timeout_ms = TIMEOUT_MS,
			.max_answer = LIMIT_WEBHOOK_ANSWER,
			.allow_http = true, /* to this machine */
		},
		on_posted, telling);
}

/* A key that is none, or a URL, cannot be asked whether it is any good. */
static void sign_and_post(struct telling *telling, const struct webhook_message *message,
                          const struct secret *secrets, const char *url)
{
	struct sink_answer answer = { SINK_SECRET_REFUSED, -1, { .kind = ERR_NONE } };
	struct webhook_headers headers;

	if (!webhook_url_check(span_of(url), &answer.err))
		err_wrap(&answer.err, "webhook");
	else if (!webhook_sign(message, &secrets[KEY], &headers, &answer.err))
		err_wrap(&answer.err, "key");
	else
		post(telling, url, message->body, &headers);
	if (answer.err.kind != ERR_NONE)
		telling_end_soon(telling, &answer);
}

static void send(struct telling *telling, const struct news *news, const struct secret *secrets)
{
	const struct sink_program *program = telling->program;
	const char *written = program->setting->url.text;
	struct buf body = buf_with_max(LIMIT_NEWS), url = buf_with_max(LIMIT_SECRET);
	char id[NEWS_ID];

	news_id(news, id);
	news_json(news, &body);
	buf_add(&url, written ? span_of(written) : secret_reveal(&secrets[URL]));
	sign_and_post(
		telling,
		&(struct webhook_message){ id, ports_now_ms(program->ports), buf_span(&body) },
		secrets, buf_text(&url));
	buf_clear(&body);
	buf_wipe(&url);
}

struct sink *sink_webhook_new(const struct ports *ports, const struct config *config,
                              const struct sink_setting *setting)
{
	struct sink_program *program = sink_program_new(ports, config, setting);

	program->send = send;
	program->sink.secret_word = "webhook_key";
	program->sink.secrets[KEY] = &setting->key;
	if (!setting->url.text)
		program->sink.secrets[URL] = &setting->url.place;
	return &program->sink;
}
