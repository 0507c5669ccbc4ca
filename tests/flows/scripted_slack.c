#include "tests/flows/scripted_slack.h"

#include "common/base/mem.h"
#include "tests/flows/scripted_cloud.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

void slack_channels_clear(struct slack_channels *channels)
{
	for (size_t i = 0; i < channels->n_posts && i < SLACK_LOG; i++)
		free(channels->posts[i].body);
}

/* An id stays what it is. */
static void name_channel(const char *channel, char ret_id[64])
{
	size_t n = 0;

	if (channel[0] == '#')
		ret_id[n++] = 'C';
	for (const char *c = channel; *c && n < 63; c++) {
		if (*c != '#')
			ret_id[n++] = (char)toupper((unsigned char)*c);
	}
	ret_id[n] = '\0';
}

static void keep(char *kept, size_t size, const char *text)
{
	snprintf(kept, size, "%s", text);
}

static void add(struct slack_channels *channels, const char *body, int64_t now_ms)
{
	size_t n = channels->n_posts++;
	struct slack_shown *shown = &channels->posts[n];

	if (n >= SLACK_LOG)
		return;
	*shown = (struct slack_shown){ .body = xstrdup(body), .at_ms = now_ms };
	name_channel(cloud_text(body, "channel", 0), shown->channel);
	keep(shown->thread, sizeof(shown->thread), cloud_text(body, "thread_ts", 0));
	keep(shown->post, sizeof(shown->post), cloud_text(body, "post", 0));
	shown->broadcast = strstr(body, "\"reply_broadcast\":true") != NULL;
}

/* A message's ts is its number. */
static struct slack_shown *find(struct slack_channels *channels, const char *ts)
{
	size_t number = strtoul(ts, NULL, 10);
	struct slack_shown *shown = &channels->posts[number - 1];

	return number && number <= channels->n_posts && !shown->gone ? shown : NULL;
}

static void refuse(const char *error, struct buf *answer)
{
	buf_addf(answer, "{\"ok\":false,\"error\":\"%s\"}", error);
}

static void post(struct slack_channels *channels, const char *body, int64_t now_ms,
                 struct buf *answer)
{
	const char *thread = cloud_text(body, "thread_ts", 0);

	if (thread[0] && !find(channels, thread)) {
		refuse("thread_not_found", answer);
		return;
	}
	add(channels, body, now_ms);
	buf_addf(answer, "{\"ok\":true,\"channel\":\"%s\",\"ts\":\"%zu.0\"}",
	         channels->posts[channels->n_posts - 1].channel, channels->n_posts);
}

static void update(struct slack_channels *channels, const char *body, int64_t now_ms,
                   struct buf *answer)
{
	struct slack_shown *shown = find(channels, cloud_text(body, "ts", 0));

	channels->updates++;
	if (!shown || strcmp(shown->channel, cloud_text(body, "channel", 0)) != 0) {
		refuse(shown ? "channel_not_found" : "message_not_found", answer);
		return;
	}
	free(shown->body);
	shown->body = xstrdup(body);
	shown->edits++;
	shown->edited_ms = now_ms;
	buf_addf(answer, "{\"ok\":true,\"channel\":\"%s\"}", shown->channel);
}

/* The value of a form's field; static. */
static const char *field(const char *form, const char *name)
{
	static char value[64];
	const char *at = strstr(form, name);

	keep(value, sizeof(value), at ? at + strlen(name) : "");
	value[strcspn(value, "&")] = '\0';
	return value;
}

static void read_messages(struct slack_channels *channels, const char *form, struct buf *answer)
{
	const char *separator = "";
	char channel[64], thread[32];

	channels->reads++;
	keep(channel, sizeof(channel), field(form, "channel="));
	keep(thread, sizeof(thread), field(form, "&ts="));
	if (channels->blind || (thread[0] && !find(channels, thread))) {
		refuse(channels->blind ? "missing_scope" : "thread_not_found", answer);
		return;
	}
	buf_add_text(answer, "{\"ok\":true,\"messages\":[");
	for (size_t i = 0; i < channels->n_posts && i < SLACK_LOG; i++) {
		const struct slack_shown *shown = &channels->posts[i];

		if (shown->gone || strcmp(shown->channel, channel) != 0 ||
		    strcmp(shown->thread, thread) != 0)
			continue;
		buf_addf(answer,
		         "%s{\"ts\":\"%zu.0\",\"metadata\":{\"event_type\":\"evergold\","
		         "\"event_payload\":{\"post\":\"%s\"}}}",
		         separator, i + 1, shown->post);
		separator = ",";
	}
	buf_add_text(answer, "]}");
}

void slack_channels_answer(struct slack_channels *channels, const char *url, const char *body,
                           int64_t now_ms, struct buf *answer)
{
	if (strstr(url, "/chat.postMessage")) {
		post(channels, body, now_ms, answer);
	} else if (strstr(url, "/chat.update")) {
		update(channels, body, now_ms, answer);
	} else if (strstr(url, "/conversations.")) {
		read_messages(channels, body, answer);
	} else {
		add(channels, body, now_ms);
		buf_add_text(answer, "ok");
	}
}

/* From the text to the last of the blocks; before and after is how it was sent. */
static struct span content_of(const char *body)
{
	const char *from = strstr(body, "\"text\":"), *to = strstr(body, ",\"parse\":");

	return from && to ? span_part(span_of(from), 0, (size_t)(to - from)) : span_of(body);
}

void slack_channels_describe(const struct slack_channels *channels, struct buf *out)
{
	for (size_t i = 0; i < channels->n_posts && i < SLACK_LOG; i++) {
		const struct slack_shown *shown = &channels->posts[i];

		if (shown->gone)
			continue;
		buf_addf(out, "%s %s%s ", shown->channel, shown->thread[0] ? "in " : "",
		         shown->thread);
		buf_addf(out, "%s%.*s\n", shown->broadcast ? "for all " : "",
		         SPAN_ARG(content_of(shown->body)));
	}
}
