#include "worker/flows/catch_up.h"

#include "common/aws/retry.h"
#include "common/base/mem.h"
#include "common/decide/version.h"
#include "worker/flows/line.h"
#include "worker/flows/silence.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define NEVER           INT64_MAX
#define PATIENCE_MS     60000 /* with a queue that does not answer */
#define BACKOFF_BASE_MS 60000
#define BACKOFF_MAX_MS  3600000
#define OPEN_MS         (24 * 3600 * INT64_C(1000)) /* so long what was announced is looked for */
#define LAG_MS          (24 * 3600 * INT64_C(1000)) /* so late a parameter may be */
#define JITTER          0.1

/* What an announcement has left open. */
struct open {
	bool is;
	char version[65]; /* "" when it said none */
	int64_t since_ms; /* steady, as are the others */
	int64_t due_ms;
	int tries;
};

struct line {
	const struct family *family;
	const char *region;
	int64_t due_ms;                       /* in any case */
	int failures;                         /* in a row */
	bool silent;                          /* the silence of its publisher asks */
	char recommended[LIMIT_FACT_RELEASE]; /* at the last look, by AWS; "" */
	bool lags;                            /* it was older than what was built, */
	int64_t lags_since_ms;
	struct open open;
};

struct catch_up {
	struct catch_up_options options;
	struct line *lines; /* owned */
	size_t n;
	struct line *asked; /* which the pending call is about; NULL: it is a timer */
	struct call *pending;
	struct call *patience; /* until it begins without the queue */
	struct pace pace;
	struct teller *teller;
	struct silence *silence;
	bool begun, stopped;
};

static void rest(struct catch_up *catch_up);

static int64_t steady_ms(const struct catch_up *catch_up)
{
	struct timers *timers = catch_up->options.ports->timers;

	return timers->steady_ms(timers);
}

static int64_t backoff_ms(const struct catch_up *catch_up, int failures)
{
	return retry_backoff_ms(failures, BACKOFF_BASE_MS, BACKOFF_MAX_MS,
	                        ports_random(catch_up->options.ports));
}

/* ---- when a line is asked about again -------------------------------------------------------- */

/* Not all at once, and not at the same minute on every machine. */
static int64_t every_ms(const struct catch_up *catch_up)
{
	const struct ports *ports = catch_up->options.ports;
	double every_ms = 1000.0 * (double)catch_up->options.config->catch_up.every_s;

	return every_ms > 0 ? (int64_t)(every_ms * (1 - JITTER * ports_random(ports))) : NEVER;
}

static int64_t later(int64_t now_ms, int64_t delay_ms)
{
	return delay_ms == NEVER ? NEVER : now_ms + delay_ms;
}

static int64_t due_ms(const struct line *line)
{
	return line->open.is && line->open.due_ms < line->due_ms ? line->open.due_ms : line->due_ms;
}

/* ---- what announcements left open ------------------------------------------------------------ */

static bool closes(const struct line *line, const struct line_answer *answer)
{
	return answer->outcome == LINE_WANTED ||
	       (line->open.version[0] && answer->version.len &&
	        version_compare(answer->version, span_of(line->open.version)) >= 0);
}

static void tell_given_up(struct catch_up *catch_up, const struct line *line)
{
	const char *publisher = line->family->publisher->name;
	struct arena arena = { 0 };

	teller_add(
		catch_up->teller,
		&(struct remark){
			.kind = NOTICE_UNRESOLVED,
			.key = arena_printf(&arena, "unresolved/%s/%s/%s/%s", publisher,
	                                    line->open.version, line->family->name, line->region),
			.family = line->family->name,
			.text = arena_printf(&arena,
	                                     "%s announced %s, but a day later there is no image "
	                                     "of it for %s in %s",
	                                     publisher, line->open.version, line->family->name,
	                                     line->region),
		});
	arena_clear(&arena);
}

/* Of an announcement that says no version nobody knows whether it was found. */
static void give_up(struct catch_up *catch_up, struct line *line)
{
	line->open.is = false;
	log_event(catch_up->options.ports->log, LOG_WARNING, "unresolved_given_up",
	          LOG_FIELDS(LOG_TEXT("publisher", line->family->publisher->name),
	                     LOG_TEXT("release", line->open.version),
	                     LOG_TEXT("family", line->family->name),
	                     LOG_TEXT("region", line->region)));
	if (line->open.version[0])
		tell_given_up(catch_up, line);
}

static void look_on(struct catch_up *catch_up, struct line *line, const struct line_answer *answer)
{
	struct open *open = &line->open;
	int64_t now_ms = steady_ms(catch_up);

	if (!open->is)
		return;
	if (answer && closes(line, answer))
		open->is = false;
	else if (now_ms - open->since_ms >= OPEN_MS)
		give_up(catch_up, line);
	else
		open->due_ms = now_ms + backoff_ms(catch_up, open->tries++);
}

/* Announcements come in any order, and again. */
static bool awaits(const struct line *line, struct span version)
{
	return line->open.is && line->open.version[0] &&
	       version_compare(version, span_of(line->open.version)) <= 0;
}

void catch_up_await(struct catch_up *catch_up, const struct decision *decision)
{
	int64_t now_ms = steady_ms(catch_up);

	for (size_t i = 0; i < catch_up->n; i++) {
		struct line *line = &catch_up->lines[i];

		if (line->family != decision->family || line->region != decision->region ||
		    awaits(line, decision->version))
			continue;
		line->open = (struct open){ .is = true, .since_ms = now_ms, .due_ms = now_ms };
		snprintf(line->open.version, sizeof(line->open.version), "%.*s",
		         SPAN_ARG(decision->version));
	}
	rest(catch_up);
}

/* ---- one line after the other ---------------------------------------------------------------- */

static void answer_silence(struct catch_up *catch_up, struct line *line,
                           const struct line_answer *answer)
{
	if (!line->silent)
		return;
	line->silent = false;
	silence_answered(catch_up->silence, line->family->publisher,
	                 answer->unheard ? answer->version : SPAN_NONE);
}

/* What AWS recommends, and since when that is older than what was built. */
static void remember(const struct catch_up *catch_up, struct line *line,
                     const struct line_answer *answer)
{
	if (answer->recommended)
		snprintf(line->recommended, sizeof(line->recommended), "%.*s",
		         SPAN_ARG(answer->version));
	if (!line->lags)
		line->lags_since_ms = steady_ms(catch_up);
	line->lags = answer->lags;
}

static bool lags_long(const struct catch_up *catch_up, const struct line *line)
{
	return line->lags && steady_ms(catch_up) - line->lags_since_ms >= LAG_MS;
}

static void line_failed(struct catch_up *catch_up, struct line *line, const struct err *err)
{
	int64_t delay_ms = backoff_ms(catch_up, line->failures++);

	log_event(catch_up->options.ports->log, LOG_WARNING, "catch_up_failed",
	          LOG_FIELDS(LOG_TEXT("family", line->family->name),
	                     LOG_TEXT("region", line->region), LOG_TEXT("error", err->text),
	                     LOG_NUMBER("again_in_ms", delay_ms)));
	line->due_ms = steady_ms(catch_up) + delay_ms;
}

static void on_answer(void *ctx, const struct line_answer *answer, const struct err *err)
{
	struct catch_up *catch_up = ctx;
	struct line *line = catch_up->asked;

	catch_up->pending = NULL;
	catch_up->asked = NULL;
	look_on(catch_up, line, answer);
	if (err) {
		line_failed(catch_up, line, err);
	} else {
		line->failures = 0;
		line->due_ms = later(steady_ms(catch_up), every_ms(catch_up));
		answer_silence(catch_up, line, answer);
		remember(catch_up, line, answer);
		if (answer->outcome == LINE_WANTED)
			catch_up->options.builds_wanted(catch_up->options.ctx);
	}
	rest(catch_up);
}

static struct line *earliest(const struct catch_up *catch_up)
{
	struct line *line = NULL;

	for (size_t i = 0; i < catch_up->n; i++) {
		if (!line || due_ms(&catch_up->lines[i]) < due_ms(line))
			line = &catch_up->lines[i];
	}
	return line;
}

static void on_time(void *ctx)
{
	struct catch_up *catch_up = ctx;
	struct line *line = earliest(catch_up);

	assert(line); /* rest() has seen one */
	catch_up->asked = line;
	catch_up->pending = line_look(
		&(struct line_question){
			.ports = catch_up->options.ports,
			.config = catch_up->options.config,
			.family = line->family,
			.region = line->region,
			.pace = &catch_up->pace,
			.teller = catch_up->teller,
			.awaited = line->open.is ? line->open.version : NULL,
			.recommended = line->recommended,
			.lags_long = lags_long(catch_up, line),
		},
		on_answer, catch_up);
}

/* Until the next line is due. */
static void rest(struct catch_up *catch_up)
{
	const struct line *line = earliest(catch_up);
	int64_t delay_ms;

	if (!catch_up->begun || catch_up->stopped || catch_up->asked)
		return;
	call_cancel(catch_up->pending);
	catch_up->pending = NULL;
	if (!line || due_ms(line) == NEVER)
		return;
	delay_ms = due_ms(line) - steady_ms(catch_up);
	catch_up->pending = ports_after(catch_up->options.ports, delay_ms > 0 ? delay_ms : 0,
	                                on_time, catch_up);
}

/* ---- the silence of a publisher -------------------------------------------------------------- */

static size_t on_silence(void *ctx, const struct publisher *publisher)
{
	struct catch_up *catch_up = ctx;
	size_t n = 0;

	for (size_t i = 0; i < catch_up->n; i++) {
		struct line *line = &catch_up->lines[i];

		if (line->family->publisher != publisher)
			continue;
		line->silent = true;
		line->due_ms = steady_ms(catch_up);
		n++;
	}
	rest(catch_up);
	return n;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void begin(struct catch_up *catch_up)
{
	const struct catch_up_options *options = &catch_up->options;

	call_cancel(catch_up->patience);
	catch_up->patience = NULL;
	catch_up->begun = true;
	if (options->config->catch_up.every_s)
		catch_up->silence = silence_new(&(struct silence_options){
			.ports = options->ports,
			.config = options->config,
			.teller = catch_up->teller,
			.ask = on_silence,
			.ctx = catch_up,
		});
	rest(catch_up);
}

static void on_patience(void *ctx)
{
	struct catch_up *catch_up = ctx;

	catch_up->patience = NULL;
	log_event(catch_up->options.ports->log, LOG_WARNING, "catch_up_without_queue",
	          LOG_FIELDS(LOG_NUMBER("after_ms", PATIENCE_MS)));
	begin(catch_up);
}

void catch_up_drained(struct catch_up *catch_up)
{
	if (!catch_up->begun && !catch_up->stopped)
		begin(catch_up);
}

static void add_lines(struct catch_up *catch_up, const struct family *family)
{
	bool off = catch_up->options.config->catch_up.every_s == 0;

	for (size_t i = 0; i < family->n_regions; i++)
		catch_up->lines[catch_up->n++] = (struct line){
			.family = family,
			.region = family->regions[i],
			.due_ms = off ? NEVER : 0,
		};
}

struct catch_up *catch_up_new(const struct catch_up_options *options)
{
	struct catch_up *catch_up = xcalloc(1, sizeof(*catch_up));
	const struct config *config = options->config;
	size_t n = 1;

	catch_up->options = *options;
	for (size_t i = 0; i < config->n_families; i++)
		n += config->families[i].n_regions;
	catch_up->lines = xcalloc(n, sizeof(*catch_up->lines));
	for (size_t i = 0; i < config->n_families; i++)
		add_lines(catch_up, &config->families[i]);
	catch_up->teller = teller_new(options->ports, options->told, options->ctx);
	catch_up->patience = ports_after(options->ports, PATIENCE_MS, on_patience, catch_up);
	return catch_up;
}

void catch_up_stop(struct catch_up *catch_up)
{
	catch_up->stopped = true;
	call_cancel(catch_up->pending);
	call_cancel(catch_up->patience);
	catch_up->pending = catch_up->patience = NULL;
	catch_up->asked = NULL;
	silence_free(catch_up->silence);
	catch_up->silence = NULL;
}

void catch_up_free(struct catch_up *catch_up)
{
	if (!catch_up)
		return;
	catch_up_stop(catch_up);
	teller_free(catch_up->teller);
	free(catch_up->lines);
	free(catch_up);
}
