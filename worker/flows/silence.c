#include "worker/flows/silence.h"

#include "common/base/mem.h"
#include "common/decide/silence.h"
#include "common/decide/version.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define LOOK_MS 3600000

/* A publisher that announces, and has families. */
struct quiet {
	const struct publisher *publisher;
	size_t n_open;     /* answers that are still to come */
	int64_t asked_ms;  /* wall clock, when they were last asked for; 0: never */
	int64_t heard_ms;  /* of its last announcement */
	char unheard[129]; /* the newest release that was never announced; "" */
};

struct silence {
	struct silence_options options;
	struct quiet *publishers; /* owned */
	size_t n, at;             /* at: which the ledger is asked about */
	struct call *pending;     /* until the next look, or a question */
};

/* ---- the outcome ----------------------------------------------------------------------------- */

static void tell_gone(struct silence *silence, const struct quiet *quiet)
{
	const char *name = quiet->publisher->name;
	struct arena arena = { 0 };

	teller_add(
		silence->options.teller,
		&(struct remark){
			.kind = NOTICE_MISSED,
			.key = arena_printf(&arena, "missed/%s/%s", name, quiet->unheard),
			.text = arena_printf(&arena,
	                                     "%s has released %s, but did not announce it to us: "
	                                     "is the queue still subscribed to its topic?",
	                                     name, quiet->unheard),
		});
	arena_clear(&arena);
}

static void conclude(struct silence *silence, const struct quiet *quiet)
{
	bool gone = quiet->unheard[0];

	log_event(silence->options.ports->log, gone ? LOG_WARNING : LOG_INFO,
	          gone ? "subscription_gone" : "quiet_confirmed",
	          LOG_FIELDS(LOG_TEXT("publisher", quiet->publisher->name),
	                     LOG_TEXT("topic", quiet->publisher->topic),
	                     LOG_TEXT("release", gone ? quiet->unheard : NULL),
	                     LOG_NUMBER("quiet_s", (quiet->asked_ms - quiet->heard_ms) / 1000)));
	if (gone)
		tell_gone(silence, quiet);
}

void silence_answered(struct silence *silence, const struct publisher *publisher,
                      struct span unheard)
{
	struct quiet *quiet = silence->publishers;

	while (quiet->publisher != publisher)
		quiet++;
	if (unheard.len && version_compare(unheard, span_of(quiet->unheard)) > 0)
		snprintf(quiet->unheard, sizeof(quiet->unheard), "%.*s", SPAN_ARG(unheard));
	if (--quiet->n_open == 0)
		conclude(silence, quiet);
}

/* ---- looking --------------------------------------------------------------------------------- */

static void look(struct silence *silence);

static void on_time(void *ctx)
{
	struct silence *silence = ctx;

	silence->pending = NULL;
	silence->at = 0;
	look(silence);
}

static void ask(struct silence *silence, struct quiet *quiet, int64_t heard_ms)
{
	quiet->asked_ms = ports_now_ms(silence->options.ports);
	quiet->heard_ms = heard_ms;
	quiet->unheard[0] = '\0';
	quiet->n_open = silence->options.ask(silence->options.ctx, quiet->publisher);
}

static bool is_overdue(const struct silence *silence, const struct quiet *quiet,
                       const struct heard *heard)
{
	int64_t usual_ms = silence_usual_ms(heard->at_ms, heard->n);
	int64_t since_ms = heard->n ? heard->at_ms[0] : 0;

	if (quiet->asked_ms > since_ms)
		since_ms = quiet->asked_ms;
	return usual_ms && quiet->n_open == 0 &&
	       ports_now_ms(silence->options.ports) - since_ms >= silence_patience_ms(usual_ms);
}

/* A ledger that cannot be asked is asked again in an hour; others say that it is out of order. */
static void on_heard(void *ctx, const struct heard *heard, const struct err *err)
{
	struct silence *silence = ctx;
	struct quiet *quiet = &silence->publishers[silence->at];

	silence->pending = NULL;
	silence->at++;
	if (!err && is_overdue(silence, quiet, heard))
		ask(silence, quiet, heard->at_ms[0]);
	look(silence);
}

static void look(struct silence *silence)
{
	const struct ports *ports = silence->options.ports;
	struct ledger *ledger = ports->ledger;

	if (silence->at < silence->n)
		silence->pending = ledger->heard(ledger,
		                                 silence->publishers[silence->at].publisher->name,
		                                 NULL, on_heard, silence);
	else
		silence->pending = ports_after(ports, LOOK_MS, on_time, silence);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void track(struct silence *silence, const struct publisher *publisher)
{
	for (size_t i = 0; i < silence->n; i++) {
		if (silence->publishers[i].publisher == publisher)
			return;
	}
	silence->publishers[silence->n++] = (struct quiet){ .publisher = publisher };
}

struct silence *silence_new(const struct silence_options *options)
{
	struct silence *silence = xcalloc(1, sizeof(*silence));
	const struct config *config = options->config;

	silence->options = *options;
	silence->publishers = xcalloc(config->n_families + 1, sizeof(*silence->publishers));
	for (size_t i = 0; i < config->n_families; i++) {
		if (config->families[i].publisher->topic)
			track(silence, config->families[i].publisher);
	}
	silence->pending = ports_after(options->ports, LOOK_MS, on_time, silence);
	return silence;
}

void silence_free(struct silence *silence)
{
	if (!silence)
		return;
	call_cancel(silence->pending);
	free(silence->publishers);
	free(silence);
}
