#include "worker/flows/notifier.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/flows/lane_times.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  300000
#define REFUSED_BASE_MS 60000
#define REFUSED_MAX_MS  3600000

struct notifier {
	const struct ports *ports;
	struct notifier_options options;
	struct sink *sink;
	struct call *pending; /* look, delivery or save: one after the other */
	struct call *reading; /* the secrets, between them */
	struct call *timer;
	struct notice notice; /* the one under way */
	struct arena arena;   /* its texts */
	int64_t allowed_ms;   /* steady; nothing is delivered before */
	int64_t asked_ms;     /* steady; which lanes were shut when the ledger was asked */
	struct lane_times lanes;
	struct lane_time *lane; /* of the notice under way */
	bool again, idle, stopping;
	bool unsaved; /* the ledger did not take what became of it: to be told twice is worse */
	int failures; /* of the ledger, in a row */
	int down;     /* times in a row that the sink took nothing, from anybody */

	struct secret secrets[SINK_SECRETS]; /* as last read */
	size_t n_read;                       /* of those that are read again */
	bool changed;                        /* one of them was another before */
	bool unread;                         /* they must be read before the next delivery */
	bool refused;                        /* the sink's last word on them, */
	struct err why;                      /* or why they could not be read */
	int fruitless;                       /* times in a row that no usable ones were found */
};

static void look(struct notifier *notifier);

static int64_t steady_ms(const struct notifier *notifier)
{
	return notifier->ports->timers->steady_ms(notifier->ports->timers);
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
	if (err) {
		ledger_failed(notifier, err);
		return;
	}
	notifier->failures = 0;
	look(notifier);
}

static void save(struct notifier *notifier)
{
	struct ledger *ledger = notifier->ports->ledger;

	notifier->pending = ledger->save_notice(ledger, notifier->sink->name, &notifier->notice,
	                                        on_saved, notifier);
}

/* ---- what becomes of a notice ---------------------------------------------------------------- */

static void log_notice(const struct notifier *notifier, enum log_level level, const char *event,
                       const char *error)
{
	const struct build *build = &notifier->notice.build;

	log_event(notifier->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("sink", notifier->sink->name),
	                     LOG_TEXT("family", build->family), LOG_TEXT("region", build->region),
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

/* What `status` says of the sink, until something else becomes of a notice. */
static void keep_error(struct notifier *notifier, const char *error)
{
	notifier->notice.error = arena_text(&notifier->arena, span_of(error));
}

/* ---- the secrets ----------------------------------------------------------------------------- */

static bool has_secrets(const struct sink *sink)
{
	return sink->secrets[0] != NULL;
}

/* "refused" */
static void log_secrets(const struct notifier *notifier, enum log_level level, const char *what,
                        const char *error)
{
	const struct secret_ref *place = notifier->sink->secrets[0];
	char event[64];

	snprintf(event, sizeof(event), "%s_%s", notifier->sink->secret_word, what);
	log_event(notifier->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("sink", notifier->sink->name),
	                     LOG_TEXT("place", place ? place->name : NULL),
	                     LOG_TEXT("error", error)));
}

/* The row is due as it was: what is wrong with the secrets says nothing about this notice. */
static void hold_back(struct notifier *notifier, int64_t base_ms, int64_t max_ms)
{
	int64_t delay_ms = retry_backoff_ms(notifier->fruitless++, base_ms, max_ms,
	                                    ports_random(notifier->ports));

	notifier->allowed_ms = steady_ms(notifier) + delay_ms;
	keep_error(notifier, notifier->why.text);
	if (too_old(notifier))
		give_up(notifier, "the secret is of no use");
	else
		save(notifier);
}

static void take_over(struct notifier *notifier)
{
	if (notifier->refused)
		log_secrets(notifier, LOG_INFO, "changed", NULL);
	notifier->refused = false;
	notifier->fruitless = 0;
	look(notifier);
}

static void note_unreadable(struct notifier *notifier, const struct err *err)
{
	log_secrets(notifier, err->kind == ERR_TRANSIENT ? LOG_WARNING : LOG_ERROR, "unreadable",
	            err->text);
	notifier->why = *err;
	hold_back(notifier, BACKOFF_BASE_MS, BACKOFF_MAX_MS);
}

static void read_secret(struct notifier *notifier);

static void replace(struct secret *old, const struct secret *secret)
{
	secret_clear(old);
	*old = secret_copy(secret);
}

static void on_secret(void *ctx, const struct secret *secret, const struct err *err)
{
	struct notifier *notifier = ctx;
	struct secret *old = &notifier->secrets[notifier->n_read];

	notifier->reading = NULL;
	if (err) {
		note_unreadable(notifier, err);
		return;
	}
	notifier->changed |= !span_equal(secret_reveal(secret), secret_reveal(old));
	replace(old, secret);
	notifier->n_read++;
	read_secret(notifier);
}

/* One after the other, and all of them. */
static void read_secret(struct notifier *notifier)
{
	const struct ports *ports = notifier->ports;
	size_t n = notifier->n_read;

	if (n < SINK_SECRETS && notifier->sink->secrets[n]) {
		notifier->reading = ports->secret(ports->world, notifier->sink->secrets[n],
		                                  on_secret, notifier);
		return;
	}
	notifier->unread = false;
	if (notifier->changed)
		take_over(notifier);
	else
		hold_back(notifier, REFUSED_BASE_MS, REFUSED_MAX_MS);
}

static void read_secrets(struct notifier *notifier)
{
	notifier->n_read = 0;
	notifier->changed = false;
	read_secret(notifier);
}

/* Said once, until others are found or these work again. */
static void note_refused(struct notifier *notifier, const struct err *err)
{
	if (!notifier->refused)
		log_secrets(notifier, LOG_ERROR, "refused", err->text);
	notifier->refused = notifier->unread = true;
	notifier->why = *err;
	keep_error(notifier, err->text);
	save(notifier);
}

/* ---- delivery -------------------------------------------------------------------------------- */

static int64_t backoff_ms(const struct notifier *notifier, const struct sink_answer *answer,
                          int failures)
{
	bool passes = answer->err.kind == ERR_TRANSIENT;
	int64_t delay_ms = retry_backoff_ms(failures, passes ? BACKOFF_BASE_MS : REFUSED_BASE_MS,
	                                    passes ? BACKOFF_MAX_MS : REFUSED_MAX_MS,
	                                    ports_random(notifier->ports));

	return answer->retry_after_ms > delay_ms ? answer->retry_after_ms : delay_ms;
}

static void put_off(struct notifier *notifier, const struct sink_answer *answer)
{
	bool passes = answer->err.kind == ERR_TRANSIENT;

	notifier->notice.tries++;
	if (too_old(notifier)) {
		give_up(notifier, answer->err.text);
		return;
	}
	log_notice(notifier, passes ? LOG_WARNING : LOG_ERROR, "notice_failed", answer->err.text);
	keep_error(notifier, answer->err.text);
	save(notifier);
}

/* The others do not wait for it. */
static void put_off_notice(struct notifier *notifier, const struct sink_answer *answer)
{
	notifier->notice.due_ms = ports_now_ms(notifier->ports) +
	                          backoff_ms(notifier, answer, notifier->notice.tries);
	put_off(notifier, answer);
}

/* All wait, longer and longer, however many; and then others go first: it may be its fault. */
static void put_off_all(struct notifier *notifier, const struct sink_answer *answer)
{
	notifier->allowed_ms = steady_ms(notifier) + backoff_ms(notifier, answer, notifier->down++);
	put_off_notice(notifier, answer);
}

static void shut_lane(struct notifier *notifier, const struct sink_answer *answer)
{
	struct lane_time *lane = notifier->lane;

	lane->open_ms = steady_ms(notifier) + backoff_ms(notifier, answer, lane->failures++);
	put_off(notifier, answer);
}

static void note_taken(struct notifier *notifier, bool done)
{
	notifier->refused = false;
	notifier->fruitless = 0;
	notifier->lane->failures = 0;
	notifier->down = 0;
	notifier->notice.done = done;
	if (!done) {
		look(notifier);
		return;
	}
	log_notice(notifier, LOG_INFO, "notice_sent", NULL);
	save(notifier);
}

static void on_delivered(void *ctx, const struct sink_answer *answer)
{
	struct notifier *notifier = ctx;

	notifier->pending = NULL;
	switch (answer->outcome) {
	case SINK_DELIVERED:
	case SINK_UNFINISHED:
		note_taken(notifier, answer->outcome == SINK_DELIVERED);
		break;
	case SINK_REFUSED:
		put_off_notice(notifier, answer);
		break;
	case SINK_UNAVAILABLE:
		put_off_all(notifier, answer);
		break;
	case SINK_LANE_SHUT:
		shut_lane(notifier, answer);
		break;
	case SINK_SECRET_REFUSED:
		note_refused(notifier, &answer->err);
		break;
	case SINK_LEDGER_FAILED:
		ledger_failed(notifier, &answer->err);
		break;
	}
}

static void deliver(struct notifier *notifier)
{
	notifier->lane->open_ms = steady_ms(notifier) + notifier->sink->pace_ms;
	notifier->pending = notifier->sink->deliver(
		notifier->sink, &(struct delivery){ &notifier->notice, notifier->secrets },
		on_delivered, notifier);
}

/* ---- look ------------------------------------------------------------------------------------ */

static void take_up(struct notifier *notifier, const struct notice *notice)
{
	arena_clear(&notifier->arena);
	notifier->notice = notice_copy(notice, &notifier->arena);
	notifier->lane = lane_times_of(&notifier->lanes, notifier->sink, notice->build.family);
	if (!notifier->lane) {
		notifier->notice.done = true; /* the log has told it */
		save(notifier);
	} else if (notifier->unread) {
		read_secrets(notifier);
	} else {
		deliver(notifier);
	}
}

/* Also when it is so far ahead that the clock must have been, when it was put off. */
static bool is_due(const struct notice *notice, int64_t now_ms)
{
	return notice->due_ms <= now_ms || notice->due_ms > now_ms + LIMIT_DUE_AHEAD_MS;
}

/*
 * Until a notice is due, or a lane opens behind which others may wait: one that has opened since
 * the ledger was asked is one of them.
 */
static void rest(struct notifier *notifier, const struct notice *notice)
{
	int64_t due_ms = notice ? notice->due_ms - ports_now_ms(notifier->ports) : INT64_MAX;
	int64_t opens_ms = lane_times_next_ms(&notifier->lanes, notifier->asked_ms);
	int64_t opens_in_ms = opens_ms >= 0 ? opens_ms - steady_ms(notifier) : INT64_MAX;

	notifier->failures = 0;
	if (notice || opens_ms >= 0) {
		look_in(notifier, due_ms < opens_in_ms ? due_ms : opens_in_ms);
		return;
	}
	notifier->idle = true;
	notifier->options.idle(notifier->options.ctx);
}

static void on_notice(void *ctx, const struct notice *notice, const struct err *err)
{
	struct notifier *notifier = ctx;
	bool again = notifier->again;

	notifier->pending = NULL;
	notifier->again = false;
	if (err) {
		ledger_failed(notifier, err);
		return;
	}
	if (notifier->stopping)
		notifier->options.quiet(notifier->options.ctx);
	else if (notice && is_due(notice, ports_now_ms(notifier->ports)))
		take_up(notifier, notice);
	else if (again) /* there may be one that is due before this one */
		look(notifier);
	else
		rest(notifier, notice);
}

static void ask(struct notifier *notifier)
{
	struct ledger *ledger = notifier->ports->ledger;
	struct notice_wish wish;

	notifier->asked_ms = steady_ms(notifier);
	lane_times_wish(&notifier->lanes, notifier->sink, notifier->options.config,
	                notifier->asked_ms, &wish);
	notifier->pending = ledger->next_notice(ledger, &wish, on_notice, notifier);
}

static void look(struct notifier *notifier)
{
	int64_t allowed_in_ms = notifier->allowed_ms - steady_ms(notifier);

	if (notifier->stopping) {
		notifier->options.quiet(notifier->options.ctx);
		return;
	}
	if (notifier->pending || notifier->reading) {
		notifier->again = true;
		return;
	}
	if (allowed_in_ms > 0) {
		look_in(notifier, allowed_in_ms);
		return;
	}
	call_cancel(notifier->timer);
	notifier->timer = NULL;
	if (notifier->unsaved)
		save(notifier);
	else
		ask(notifier);
}

void notifier_wake(struct notifier *notifier)
{
	notifier->idle = false;
	look(notifier);
}

bool notifier_is_idle(const struct notifier *notifier)
{
	return notifier->idle;
}

struct notifier *notifier_new(const struct notifier_options *options)
{
	struct notifier *notifier = xcalloc(1, sizeof(*notifier));

	notifier->ports = options->ports;
	notifier->options = *options;
	notifier->sink = options->sink;
	notifier->unread = has_secrets(options->sink);
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
	for (size_t i = 0; i < SINK_SECRETS; i++)
		secret_clear(&notifier->secrets[i]);
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
