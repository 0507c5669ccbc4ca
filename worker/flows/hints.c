#include "worker/flows/hints.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  60000

/* About an execution, or else about a pipeline; what is longer is none of CodePipeline's. */
struct hint {
	char execution_id[LIMIT_EXECUTION_ID + 1];
	char pipeline[LIMIT_PIPELINE + 1], region[LIMIT_REGION + 1];
};

struct hints {
	const struct ports *ports;
	struct hint waiting[LIMIT_HINTS];
	size_t n;
	char unknown[LIMIT_UNKNOWN][LIMIT_EXECUTION_ID + 1]; /* a ring; "" is no entry */
	size_t next_unknown;
	struct call
		*pending; /* the first of those that wait, or the time until it is tried again */
	bool writing;     /* it is the first, */
	bool saved;       /* and meanwhile a row with its execution was saved */
	bool stopped;
	int failures; /* in a row */
	void (*due)(void *ctx);
	void *ctx;
};

static void write_first(void *ctx);

/* ---- executions that no row has -------------------------------------------------------------- */

static void remember(struct hints *hints, const char *execution_id)
{
	char *entry = hints->unknown[hints->next_unknown];

	snprintf(entry, sizeof(hints->unknown[0]), "%s", execution_id);
	hints->next_unknown = (hints->next_unknown + 1) % LIMIT_UNKNOWN;
}

/* True when it was remembered. */
static bool forget(struct hints *hints, const char *execution_id)
{
	bool known = false;

	for (size_t i = 0; i < LIMIT_UNKNOWN; i++) {
		if (strcmp(hints->unknown[i], execution_id) != 0)
			continue;
		hints->unknown[i][0] = '\0';
		known = true;
	}
	return known;
}

/* ---- those that wait ------------------------------------------------------------------------- */

static bool is_same(const struct hint *a, const struct hint *b)
{
	return strcmp(a->execution_id, b->execution_id) == 0 &&
	       strcmp(a->pipeline, b->pipeline) == 0 && strcmp(a->region, b->region) == 0;
}

/* The one that is being written may have been too early for what is heard now. */
static bool waits(const struct hints *hints, const struct hint *hint)
{
	size_t i = hints->writing ? 1 : 0;

	while (i < hints->n && !is_same(&hints->waiting[i], hint))
		i++;
	return i < hints->n;
}

static void add(struct hints *hints, const struct hint *hint)
{
	if (hints->stopped || waits(hints, hint))
		return;
	if (hints->n == LIMIT_HINTS) {
		log_event(hints->ports->log, LOG_WARNING, "hint_left_out",
		          LOG_FIELDS(LOG_TEXT("execution_id", hint->execution_id),
		                     LOG_TEXT("pipeline", hint->pipeline)));
		return;
	}
	hints->waiting[hints->n++] = *hint;
	if (!hints->pending)
		write_first(hints);
}

static struct hint take_first(struct hints *hints)
{
	struct hint first = hints->waiting[0];

	hints->n--;
	memmove(&hints->waiting[0], &hints->waiting[1], hints->n * sizeof(first));
	return first;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_failed(struct hints *hints, const struct err *err)
{
	int64_t delay_ms = retry_backoff_ms(hints->failures++, BACKOFF_BASE_MS, BACKOFF_MAX_MS,
	                                    ports_random(hints->ports));

	log_event(hints->ports->log, LOG_ERROR, "ledger_failed",
	          LOG_FIELDS(LOG_TEXT("error", err->text), LOG_NUMBER("again_in_ms", delay_ms)));
	hints->pending = ports_after(hints->ports, delay_ms, write_first, hints);
}

/* By the time that we were told so, its row may have been saved. */
static void not_found(struct hints *hints, const struct hint *hint, bool saved)
{
	(void)forget(hints, hint->execution_id);
	if (saved)
		add(hints, hint);
	else
		remember(hints, hint->execution_id);
}

static void on_written(void *ctx, bool known, const struct err *err)
{
	struct hints *hints = ctx;
	bool saved = hints->saved;
	struct hint hint;

	hints->pending = NULL;
	hints->writing = hints->saved = false;
	if (err) {
		write_failed(hints, err);
		return;
	}
	hints->failures = 0;
	hint = take_first(hints);
	if (!known && hint.execution_id[0])
		not_found(hints, &hint, saved);
	if (hints->n && !hints->pending)
		write_first(hints);
	if (known)
		hints->due(hints->ctx);
}

static void write_first(void *ctx)
{
	struct hints *hints = ctx;
	const struct hint *hint = &hints->waiting[0];
	struct ledger *ledger = hints->ports->ledger;
	bool execution = hint->execution_id[0] != '\0';

	hints->writing = true;
	hints->pending = ledger->hurry(
		ledger,
		&(struct ledger_hint){
			.execution_id = execution ? hint->execution_id : NULL,
			.pipeline = hint->pipeline,
			.region = hint->region,
		},
		on_written, hints);
}

/* ---- what is heard --------------------------------------------------------------------------- */

static bool copy(char *to, size_t size, struct span text)
{
	snprintf(to, size, "%.*s", SPAN_ARG(text));
	return text.len > 0 && text.len < size && strlen(to) == text.len;
}

static bool read_event(const struct event *event, struct hint *ret_hint)
{
	*ret_hint = (struct hint){ .execution_id = "" };
	if (event->execution_id.len)
		return copy(ret_hint->execution_id, sizeof(ret_hint->execution_id),
		            event->execution_id);
	return copy(ret_hint->pipeline, sizeof(ret_hint->pipeline), event->pipeline) &&
	       copy(ret_hint->region, sizeof(ret_hint->region), event->region);
}

void hints_add(struct hints *hints, const struct event *event)
{
	struct hint hint;

	if (read_event(event, &hint))
		add(hints, &hint);
}

void hints_saved(struct hints *hints, const char *execution_id)
{
	struct hint hint = { .execution_id = "" };

	if (hints->writing && strcmp(hints->waiting[0].execution_id, execution_id) == 0)
		hints->saved = true;
	if (!forget(hints, execution_id))
		return;
	snprintf(hint.execution_id, sizeof(hint.execution_id), "%s", execution_id);
	add(hints, &hint);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct hints *hints_new(const struct ports *ports, void (*due)(void *ctx), void *ctx)
{
	struct hints *hints = xcalloc(1, sizeof(*hints));

	hints->ports = ports;
	hints->due = due;
	hints->ctx = ctx;
	return hints;
}

void hints_stop(struct hints *hints)
{
	hints->stopped = true;
	call_cancel(hints->pending);
	hints->pending = NULL;
}

void hints_free(struct hints *hints)
{
	if (!hints)
		return;
	hints_stop(hints);
	free(hints);
}
