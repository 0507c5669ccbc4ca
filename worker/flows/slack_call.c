#include "worker/flows/slack_call.h"

#include "common/base/limits.h"

#include "common/base/banned.h"

#define TIMEOUT_MS 10000

/* "https://slack.com/" of a URL with a path. */
static struct span origin_of(struct span url)
{
	size_t at = 0, slashes = 0;

	while (at < url.len && slashes < 3)
		slashes += url.at[at++] == '/';
	return span_part(url, 0, at);
}

/* Plain http is for the place that slack.api_url names, a local one: for the webhook there, too. */
static bool may_be_plain(const struct slack_request *request, struct span url)
{
	struct buf api = buf_with_max(4096);
	bool same;

	buf_addf(&api, "%s/", request->config->slack.api_url);
	same = span_starts(url, origin_of(buf_span(&api)));
	buf_clear(&api);
	return same;
}

struct call *slack_call(const struct slack_request *request, http_done_fn *done, void *ctx)
{
	struct span secret = secret_reveal(request->secret);
	struct buf url = buf_with_max(4096), authorization = buf_with_max(4096);
	struct call *call;

	if (request->method)
		buf_addf(&url, "%s/%s", request->config->slack.api_url, request->method);
	else
		buf_add(&url, secret);
	buf_add_text(&authorization, "Authorization: Bearer ");
	buf_add(&authorization, secret);
	call = request->ports->http(
		request->ports->world,
		&(struct http_request){
			.method = "POST",
			.url = buf_text(&url),
			.headers = { request->form
	                                     ? "Content-Type: application/x-www-form-urlencoded"
	                                     : "Content-Type: application/json; charset=utf-8",
	                             request->method ? buf_text(&authorization) : NULL },
			.body = request->body,
			.timeout_ms = TIMEOUT_MS,
			.fresh = true,
			.max_answer = request->max_answer,
			.allow_http = may_be_plain(request, buf_span(&url)),
		},
		done, ctx);
	buf_wipe(&url);
	buf_wipe(&authorization);
	return call;
}

void slack_read_reply(const struct http_answer *reply, const struct err *err,
                      struct slack_answer *ret_answer)
{
	*ret_answer = (struct slack_answer){ .retry_after_ms = -1, .in_doubt = true };
	if (reply) {
		slack_read_answer(
			&(struct slack_reply){ reply->status, reply->body, reply->retry_after },
			false, ret_answer);
		return;
	}
	ret_answer->fault = err->kind == ERR_TRANSIENT ? SLACK_DOWN : SLACK_REFUSED;
	ret_answer->err = *err;
}

enum sink_outcome slack_outcome(enum slack_fault fault)
{
	switch (fault) {
	case SLACK_FINE:
		return SINK_DELIVERED;
	case SLACK_SECRET_REFUSED:
		return SINK_SECRET_REFUSED;
	case SLACK_CHANNEL_WRONG:
	case SLACK_BUSY:
		return SINK_LANE_SHUT;
	case SLACK_DOWN:
		return SINK_UNAVAILABLE;
	case SLACK_BLOCKS_REFUSED:
	case SLACK_MESSAGE_GONE:
	case SLACK_SCOPE_MISSING:
	case SLACK_REFUSED:
		break;
	}
	return SINK_REFUSED;
}
