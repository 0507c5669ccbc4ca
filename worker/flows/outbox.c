#include "worker/flows/outbox.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/flows/notifier.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  300000
#define MAX_SINKS       (1 + LIMIT_SINKS)

struct outbox {
	struct outbox_options options;
	struct sink *sinks[MAX_SINKS];
	struct notifier *notifiers[MAX_SINKS];
	size_t n_sinks, n_notifiers; /* no notifiers before the ledger knows the sinks */
	struct call *pending, *timer;
	int failures; /* of the ledger */
	bool kept, stopping;
};

bool outbox_is_idle(const struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->n_notifiers; i++) {
		if (!notifier_is_idle(outbox->notifiers[i]))
			return false;
	}
	return outbox->kept;
}

bool outbox_is_quiet(const struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->n_notifiers; i++) {
		if (!notifier_is_quiet(outbox->notifiers[i]))
			return false;
	}
	return !outbox->pending;
}

static void on_idle(void *ctx)
{
	struct outbox *outbox = ctx;

	if (outbox->options.idle && outbox_is_idle(outbox))
		outbox->options.idle(outbox->options.ctx);
}

static void on_quiet(void *ctx)
{
	struct outbox *outbox = ctx;

	outbox->options.quiet(outbox->options.ctx);
}

/* ---- which sinks there are ------------------------------------------------------------------- */

static void start_notifiers(struct outbox *outbox)
{
	const struct outbox_options *options = &outbox->options;

	for (size_t i = 0; i < outbox->n_sinks; i++)
		outbox->notifiers[i] = notifier_new(&(struct notifier_options){
			.ports = options->ports,
			.config = options->config,
			.sink = outbox->sinks[i],
			.idle = on_idle,
			.quiet = on_quiet,
			.ctx = outbox,
		});
	outbox->n_notifiers = outbox->n_sinks;
}

static void keep_sinks(void *ctx);

static void on_kept(void *ctx, const struct err *err)
{
	struct outbox *outbox = ctx;
	const struct ports *ports = outbox->options.ports;

	outbox->pending = NULL;
	if (outbox->stopping) {
		on_quiet(outbox);
	} else if (err) {
		log_event(ports->log, LOG_ERROR, "ledger_failed",
		          LOG_FIELDS(LOG_TEXT("error", err->text)));
		outbox->timer = ports_after(ports,
		                            retry_backoff_ms(outbox->failures++, BACKOFF_BASE_MS,
		                                             BACKOFF_MAX_MS, ports_random(ports)),
		                            keep_sinks, outbox);
	} else {
		outbox->kept = true;
		start_notifiers(outbox);
		on_idle(outbox);
	}
}

static void keep_sinks(void *ctx)
{
	struct outbox *outbox = ctx;
	struct ledger *ledger = outbox->options.ports->ledger;
	const char *names[MAX_SINKS];

	outbox->timer = NULL;
	for (size_t i = 0; i < outbox->n_sinks; i++)
		names[i] = outbox->sinks[i]->name;
	outbox->pending = ledger->keep_sinks(ledger, names, outbox->n_sinks, on_kept, outbox);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct outbox *outbox_new(const struct outbox_options *options)
{
	struct outbox *outbox = xcalloc(1, sizeof(*outbox));

	outbox->options = *options;
	outbox->n_sinks = sinks_open(options->ports, options->config, outbox->sinks);
	keep_sinks(outbox);
	return outbox;
}

void outbox_free(struct outbox *outbox)
{
	if (!outbox)
		return;
	call_cancel(outbox->pending);
	call_cancel(outbox->timer);
	for (size_t i = 0; i < outbox->n_notifiers; i++)
		notifier_free(outbox->notifiers[i]);
	for (size_t i = 0; i < outbox->n_sinks; i++)
		outbox->sinks[i]->free(outbox->sinks[i]);
	free(outbox);
}

void outbox_wake(struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->n_notifiers; i++)
		notifier_wake(outbox->notifiers[i]);
}

void outbox_stop(struct outbox *outbox)
{
	outbox->stopping = true;
	call_cancel(outbox->timer);
	outbox->timer = NULL;
	for (size_t i = 0; i < outbox->n_notifiers; i++)
		notifier_stop(outbox->notifiers[i]);
}
