#include "worker/flows/notifier.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/say/slack.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define PACE_MS         1000 /* Slack: one message a second per channel */
#define TIMEOUT_MS      10000
#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  300000
#define REFUSED_BASE_MS 60000
#define REFUSED_MAX_MS  3600000

struct notifier {
	const struct ports *ports;
	struct notifier_options options;
	struct call *pending; /* look, post or save: one after the other */
	struct call *reading; /* the secret, between them */
	struct call *timer;
	struct notice notice; /* the one under way */
	struct arena arena;   /* its texts */
	int64_t allowed_ms;   /* steady; nothing is posted before */
	bool again, stopping;
	bool unsaved; /* the ledger did not take what became of it: to be sent twice is worse */
	int failures; /* of the ledger */

	struct secret secret; /* token or webhook, as last read */
	bool unread;          /* it must be read before the next post */
	bool refused;         /* Slack's last word on it */
	int fruitless;        /* times in a row that no usable one was found */
};

static void look(struct notifier *notifier);

static int64_t steady_ms(const struct notifier *notifier)
{
	return notifier->ports->timers->steady_ms(notifier->ports->timers);
}

static bool uses_webhook(const struct notifier *notifier)
{
	return notifier->options.config->slack.webhook.source != SECRET_NONE;
}

static const struct secret_ref *place_of_secret(const struct notifier *notifier)
{
	const struct config *config = notifier->options.config;

	return uses_webhook(notifier) ? &config->slack.webhook : &config->slack.token;
}

/* ---- between two notices --------------------------------------------------------------------- */

static void on_time(void *ctx)
{
	struct notifier *notifier = ctx;

	notifier->timer = NULL;
	look(notifier);
}

static void look_in(struct notifier *notifier, int64_t delay_ms)
{
	call_cancel(notifier->timer);
	notifier->timer = ports_after(notifier->ports, delay_ms > 0 ? delay_ms : 0, on_time,
	                              notifier);
}

static void ledger_failed(struct notifier *notifier, const struct err *err)
{
	log_event(notifier->ports->log, LOG_ERROR, "ledger_failed",
	          LOG_FIELDS(LOG_TEXT("error", err->text)));
	if (notifier->stopping) {
		notifier->options.quiet(notifier->options.ctx);
		return;
	}
	look_in(notifier, retry_backoff_ms(notifier->failures++, BACKOFF_BASE_MS, BACKOFF_MAX_MS,
	                                   ports_random(notifier->ports)));
}

static void on_saved(void *ctx, const struct err *err)
{
	struct notifier *notifier = ctx;

	notifier->pending = NULL;
	notifier->unsaved = err != NULL;
	if (err)
		ledger_failed(notifier, err);
	else
		look(notifier);
}

static void save(struct notifier *notifier)
{
	struct ledger *ledger = notifier->ports->ledger;

	notifier->pending = ledger->save_notice(ledger, &notifier->notice, on_saved, notifier);
}

/* ---- what becomes of a notice ---------------------------------------------------------------- */

static void log_notice(const struct notifier *notifier, enum log_level level, const char *event,
                       const char *error)
{
	const struct build *build = &notifier->notice.build;

	log_event(notifier->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("family", build->family), LOG_TEXT("region", build->region),
	                     LOG_TEXT("image_id", build->image_id),
	                     LOG_TEXT("build", build->token[0] ? build->token : NULL),
	                     LOG_TEXT("execution_id", build->execution_id),
	                     LOG_TEXT("notice", notice_word(notifier->notice.kind)),
	                     LOG_TEXT("error", error)));
}

static bool too_old(const struct notifier *notifier)
{
	return ports_now_ms(notifier->ports) - notifier->notice.created_ms >
	       INT64_C(1000) * LIMIT_NOTICE_AGE_S;
}

static void give_up(struct notifier *notifier, const char *why)
{
	notifier->notice.done = true;
	log_notice(notifier, LOG_ERROR, "notice_given_up", why);
	save(notifier);
}

/* ---- the secret ------------------------------------------------------------------------------ */

/* The row stays as it is: what is wrong with the secret says nothing about this notice. */
static void hold_back(struct notifier *notifier, int64_t base_ms, int64_t max_ms)
{
	int64_t delay_ms = retry_backoff_ms(notifier->fruitless++, base_ms, max_ms,
	                                    ports_random(notifier->ports));

	notifier->allowed_ms = steady_ms(notifier) + delay_ms;
	if (too_old(notifier))
		give_up(notifier, "Slack's token or webhook is of no use");
	else
		look(notifier);
}

static void take_over(struct notifier *notifier, const struct secret *secret)
{
	if (notifier->refused)
		log_event(notifier->ports->log, LOG_INFO, "slack_token_changed",
		          LOG_FIELDS(LOG_TEXT("place", place_of_secret(notifier)->name)));
	secret_clear(&notifier->secret);
	notifier->secret = secret_copy(secret);
	notifier->refused = false;
	notifier->fruitless = 0;
	look(notifier);
}

static void note_unreadable(struct notifier *notifier, const struct err *err)
{
	log_event(notifier->ports->log, err->kind == ERR_TRANSIENT ? LOG_WARNING : LOG_ERROR,
	          "slack_token_unreadable", LOG_FIELDS(LOG_TEXT("error", err->text)));
	hold_back(notifier, BACKOFF_BASE_MS, BACKOFF_MAX_MS);
}

static void on_secret(void *ctx, const struct secret *secret, const struct err *err)
{
	struct notifier *notifier = ctx;

	notifier->reading = NULL;
	notifier->unread = err != NULL;
	if (err)
		note_unreadable(notifier, err);
	else if (span_equal(secret_reveal(secret), secret_reveal(&notifier->secret)))
		hold_back(notifier, REFUSED_BASE_MS, REFUSED_MAX_MS);
	else
		take_over(notifier, secret);
}

static void read_secret(struct notifier *notifier)
{
	const struct ports *ports = notifier->ports;

	notifier->reading = ports->secret(ports->world, place_of_secret(notifier), on_secret,
	                                  notifier);
}

/* Said once, until another secret is found or this one works again. */
static void note_refused(struct notifier *notifier, const struct slack_answer *answer)
{
	if (!notifier->refused)
		log_event(notifier->ports->log, LOG_ERROR, "slack_token_refused",
		          LOG_FIELDS(LOG_TEXT("place", place_of_secret(notifier)->name),
		                     LOG_TEXT("error", answer->err.text)));
	notifier->refused = notifier->unread = true;
	look(notifier);
}

/* ---- post ------------------------------------------------------------------------------------ */

static void put_off(struct notifier *notifier, const struct slack_answer *answer)
{
	struct notice *notice = &notifier->notice;
	bool refused = answer->err.kind != ERR_TRANSIENT;
	int64_t delay_ms = retry_backoff_ms(
		notice->tries++, refused ? REFUSED_BASE_MS : BACKOFF_BASE_MS,
		refused ? REFUSED_MAX_MS : BACKOFF_MAX_MS, ports_random(notifier->ports));

	if (answer->retry_after_ms > delay_ms)
		delay_ms = answer->retry_after_ms;
	if (!refused) /* Slack itself is out of order or busy: the others wait with this one */
		notifier->allowed_ms = steady_ms(notifier) + delay_ms;
	notice->due_ms = ports_now_ms(notifier->ports) + delay_ms;
	if (too_old(notifier)) {
		give_up(notifier, answer->err.text);
		return;
	}
	log_notice(notifier, refused ? LOG_ERROR : LOG_WARNING, "notice_failed", answer->err.text);
	save(notifier);
}

static void note_sent(struct notifier *notifier, const struct slack_answer *answer)
{
	notifier->refused = false;
	notifier->fruitless = 0;
	notifier->notice.done = true;
	notifier->notice.ts = answer->ts[0] ? arena_text(&notifier->arena, span_of(answer->ts))
	                                    : NULL;
	log_notice(notifier, LOG_INFO, "notice_sent", NULL);
	save(notifier);
}

/* A webhook that is no URL cannot be asked whether it is any good. */
static void read_failure(const struct notifier *notifier, const struct err *err,
                         struct slack_answer *ret_answer)
{
	ret_answer->err = *err;
	ret_answer->secret_refused = uses_webhook(notifier) && err->kind == ERR_MALFORMED;
}

static void on_posted(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct notifier *notifier = ctx;
	struct slack_answer answer = { .retry_after_ms = -1 };

	notifier->pending = NULL;
	if (err)
		read_failure(notifier, err, &answer);
	else
		slack_read_answer(
			&(struct slack_reply){ reply->status, reply->body, reply->retry_after },
			uses_webhook(notifier), &answer);
	if (answer.sent)
		note_sent(notifier, &answer);
	else if (answer.secret_refused)
		note_refused(notifier, &answer);
	else
		put_off(notifier, &answer);
}

/* NULL: the notice is about none, or it has left the configuration. */
static const struct family *family_of(const struct notifier *notifier)
{
	const char *name = notifier->notice.build.family;

	return name ? config_family(notifier->options.config, name) : NULL;
}

/* NULL: a webhook has its own; or there is no general one. */
static const char *channel_of(const struct notifier *notifier)
{
	const struct family *family = family_of(notifier);

	if (uses_webhook(notifier))
		return NULL;
	if (family && family->slack_channel)
		return family->slack_channel;
	return notifier->options.config->slack.channel;
}

static void write_message(const struct notifier *notifier, struct buf *body)
{
	const struct family *family = family_of(notifier);

	slack_message_json(
		&(struct slack_message){
			.kind = notifier->notice.kind,
			.build = &notifier->notice.build,
			.text = notifier->notice.text,
			.publisher = family ? family->publisher : NULL,
			.channel = channel_of(notifier),
			.mention = family ? family->slack_mention : NULL,
		},
		body);
}

/* "https://slack.com/" of a URL with a path. */
static struct span origin_of(struct span url)
{
	size_t at = 0, slashes = 0;

	while (at < url.len && slashes < 3)
		slashes += url.at[at++] == '/';
	return span_part(url, 0, at);
}

/* Plain http is for the place that slack.api_url names, a local one: for the webhook there, too. */
static bool may_be_plain(const struct notifier *notifier, struct span url)
{
	struct buf api = buf_with_max(4096);
	bool same;

	buf_addf(&api, "%s/", notifier->options.config->slack.api_url);
	same = span_starts(url, origin_of(buf_span(&api)));
	buf_clear(&api);
	return same;
}

/* The webhook's URL is the secret; the Web API takes a token beside a public URL. */
static void send(struct notifier *notifier, const struct buf *body)
{
	bool webhook = uses_webhook(notifier);
	struct span secret = secret_reveal(&notifier->secret);
	struct buf url = buf_with_max(4096), authorization = buf_with_max(4096);

	if (webhook)
		buf_add(&url, secret);
	else
		buf_addf(&url, "%s/chat.postMessage", notifier->options.config->slack.api_url);
	buf_add_text(&authorization, "Authorization: Bearer ");
	buf_add(&authorization, secret);
	notifier->pending = notifier->ports->http(
		notifier->ports->world,
		&(struct http_request){
			.method = "POST",
			.url = buf_text(&url),
			.headers = { "Content-Type: application/json; charset=utf-8",
	                             webhook ? NULL : buf_text(&authorization) },
			.body = buf_span(body),
			.timeout_ms = TIMEOUT_MS,
			.max_answer = LIMIT_SLACK_ANSWER,
			.allow_http = may_be_plain(notifier, buf_span(&url)),
		},
		on_posted, notifier);
	buf_wipe(&url);
	buf_wipe(&authorization);
}

static void post(struct notifier *notifier)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	notifier->allowed_ms = steady_ms(notifier) + PACE_MS;
	write_message(notifier, &body);
	send(notifier, &body);
	buf_clear(&body);
}

/* ---- look ------------------------------------------------------------------------------------ */

static bool still_true(const struct notice *notice)
{
	const struct build *build = &notice->build;

	if (notice->kind == NOTICE_REFUSED)
		return build->state == BUILD_WANTED;
	if (notice->kind == NOTICE_HELD)
		return build->state == BUILD_WANTED && build->held != REASON_MATCHED;
	return true;
}

/* Is there anybody to be told? */
static bool to_be_sent(const struct notifier *notifier)
{
	if (!still_true(&notifier->notice))
		return false;
	if (uses_webhook(notifier))
		return true;
	return place_of_secret(notifier)->source != SECRET_NONE && channel_of(notifier);
}

static void take_up(struct notifier *notifier, const struct notice *notice)
{
	arena_clear(&notifier->arena);
	notifier->notice = *notice;
	notifier->notice.build = build_copy(&notice->build, &notifier->arena);
	if (notice->text)
		notifier->notice.text = arena_text(&notifier->arena, span_of(notice->text));
	if (!to_be_sent(notifier)) {
		notifier->notice.done = true; /* the log has told it */
		save(notifier);
	} else if (notifier->unread) {
		read_secret(notifier);
	} else {
		post(notifier);
	}
}

/* Also when it is so far ahead that the clock must have been, when it was put off. */
static bool is_due(const struct notice *notice, int64_t now_ms)
{
	return notice->due_ms <= now_ms || notice->due_ms > now_ms + LIMIT_DUE_AHEAD_MS;
}

static void on_notice(void *ctx, const struct notice *notice, const struct err *err)
{
	struct notifier *notifier = ctx;
	int64_t now_ms = ports_now_ms(notifier->ports);
	bool again = notifier->again;

	notifier->pending = NULL;
	notifier->again = false;
	if (err) {
		ledger_failed(notifier, err);
		return;
	}
	notifier->failures = 0;
	if (notifier->stopping)
		notifier->options.quiet(notifier->options.ctx);
	else if (notice && is_due(notice, now_ms))
		take_up(notifier, notice);
	else if (again) /* there may be one that is due before this one */
		look(notifier);
	else if (notice)
		look_in(notifier, notice->due_ms - now_ms);
	else if (notifier->options.idle)
		notifier->options.idle(notifier->options.ctx);
}

static void look(struct notifier *notifier)
{
	struct ledger *ledger = notifier->ports->ledger;
	int64_t wait_ms = notifier->allowed_ms - steady_ms(notifier);

	if (notifier->stopping) {
		notifier->options.quiet(notifier->options.ctx);
		return;
	}
	if (notifier->pending || notifier->reading) {
		notifier->again = true;
		return;
	}
	if (wait_ms > 0) {
		look_in(notifier, wait_ms);
		return;
	}
	call_cancel(notifier->timer);
	notifier->timer = NULL;
	if (notifier->unsaved)
		save(notifier);
	else
		notifier->pending = ledger->next_notice(ledger, on_notice, notifier);
}

void notifier_wake(struct notifier *notifier)
{
	look(notifier);
}

struct notifier *notifier_new(const struct notifier_options *options)
{
	struct notifier *notifier = xcalloc(1, sizeof(*notifier));

	notifier->ports = options->ports;
	notifier->options = *options;
	notifier->unread = true;
	look_in(notifier, 0);
	return notifier;
}

void notifier_free(struct notifier *notifier)
{
	if (!notifier)
		return;
	call_cancel(notifier->pending);
	call_cancel(notifier->reading);
	call_cancel(notifier->timer);
	arena_clear(&notifier->arena);
	secret_clear(&notifier->secret);
	free(notifier);
}

void notifier_stop(struct notifier *notifier)
{
	notifier->stopping = true;
	call_cancel(notifier->reading);
	call_cancel(notifier->timer);
	notifier->reading = notifier->timer = NULL;
}

bool notifier_is_quiet(const struct notifier *notifier)
{
	return notifier->pending == NULL;
}
