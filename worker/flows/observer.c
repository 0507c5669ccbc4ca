#include "worker/flows/observer.h"

#include "common/aws/retry.h"
#include "common/aws/role_arn.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/say/remarks.h"
#include "worker/flows/build_request.h"
#include "worker/flows/teller.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 5000
#define BACKOFF_MAX_MS  300000
#define LIMIT_TRIES     10

/* One execution, in the form of a build that has only what is known of it. */
struct observed {
	struct build build; /* texts in the arena, or the configuration's */
	struct arena arena;
	int64_t due_ms; /* steady */
	int tries;
};

struct observer {
	const struct ports *ports;
	struct observer_options options;
	struct teller *teller;
	struct observed *waiting[LIMIT_OBSERVED]; /* owned; the first may be asked about just now */
	size_t n;
	struct call *pending; /* what is asked, or the time until the next is due */
	bool asking, stopped;
};

static void go_on(void *ctx);

static int64_t steady_ms(const struct observer *observer)
{
	return observer->ports->timers->steady_ms(observer->ports->timers);
}

/* ---- those that wait ------------------------------------------------------------------------- */

static void forget_first(struct observer *observer)
{
	struct observed *first = observer->waiting[0];

	observer->waiting[0] = observer->waiting[--observer->n];
	arena_clear(&first->arena);
	free(first);
}

static void put_first_due_first(struct observer *observer)
{
	for (size_t i = 1; i < observer->n; i++) {
		struct observed *first = observer->waiting[0];

		if (observer->waiting[i]->due_ms >= first->due_ms)
			continue;
		observer->waiting[0] = observer->waiting[i];
		observer->waiting[i] = first;
	}
}

static void rest(struct observer *observer)
{
	int64_t now_ms = steady_ms(observer), due_ms;

	call_cancel(observer->pending);
	observer->pending = NULL;
	if (observer->n == 0)
		return;
	put_first_due_first(observer);
	due_ms = observer->waiting[0]->due_ms;
	observer->pending = ports_after(observer->ports, due_ms > now_ms ? due_ms - now_ms : 0,
	                                go_on, observer);
}

static void log_first(const struct observer *observer, enum log_level level, const char *event,
                      const char *error)
{
	const struct build *build = &observer->waiting[0]->build;

	log_event(observer->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("execution_id", build->execution_id),
	                     LOG_TEXT("pipeline", build->pipeline),
	                     LOG_TEXT("pipeline_region", build->pipeline_region),
	                     LOG_TEXT("status",
	                              build->status ? execution_status_word(build->status) : NULL),
	                     LOG_TEXT("error", error)));
}

static void done_with(struct observer *observer)
{
	observer->asking = false;
	forget_first(observer);
	rest(observer);
}

static void again(struct observer *observer, const char *why)
{
	struct observed *first = observer->waiting[0];

	if (first->tries + 1 >= LIMIT_TRIES) {
		log_first(observer, LOG_WARNING, "observation_given_up", why);
		done_with(observer);
		return;
	}
	first->due_ms = steady_ms(observer) + retry_backoff_ms(first->tries++, BACKOFF_BASE_MS,
	                                                       BACKOFF_MAX_MS,
	                                                       ports_random(observer->ports));
	observer->asking = false;
	rest(observer);
}

/* ---- CodePipeline ---------------------------------------------------------------------------- */

static void tell(struct observer *observer, const struct codepipeline_execution *execution)
{
	struct observed *first = observer->waiting[0];
	struct remark_words words;

	first->build.status = execution->status;
	words = remark_other_execution(&first->build, execution, &first->arena);
	teller_add(observer->teller, &(struct remark){
					     .kind = NOTICE_OTHER_EXECUTION,
					     .key = words.key,
					     .family = first->build.family,
					     .text = words.text,
				     });
	log_first(observer, LOG_INFO, "other_execution", NULL);
}

/* What runs again has not ended: an event will come of its new end. */
static void on_asked(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct observer *observer = ctx;
	struct codepipeline_execution execution;
	struct arena *arena = &observer->waiting[0]->arena;
	struct err why = { ERR_NONE, "" };

	observer->pending = NULL;
	if (err && err->kind != ERR_TRANSIENT) {
		log_first(observer, LOG_WARNING, "observation_given_up", err->text);
		done_with(observer);
	} else if (err) {
		again(observer, err->text);
	} else if (!codepipeline_get_answer(answer->body, arena, &execution, &why)) {
		again(observer, why.text);
	} else {
		if (execution_has_ended(execution.status))
			tell(observer, &execution);
		done_with(observer);
	}
}

static void ask(struct observer *observer)
{
	const struct build *build = &observer->waiting[0]->build;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_get_body(build->pipeline, build->execution_id, &body);
	observer->pending = build_request_start(
		&(struct build_request){
			.ports = observer->ports,
			.build = build,
			.operation = &aws_codepipeline_get_pipeline_execution,
			.region = build->pipeline_region,
			.body = &body,
		},
		on_asked, observer);
}

/* ---- whose is it? ---------------------------------------------------------------------------- */

static void on_owner(void *ctx, enum ledger_owner owner, const struct err *err)
{
	struct observer *observer = ctx;

	observer->pending = NULL;
	if (err)
		again(observer, err->text);
	else if (owner == OWNER_UNCLEAR)
		again(observer, "it may be one that is being started");
	else if (owner == OWNER_US)
		done_with(observer);
	else
		ask(observer);
}

static void go_on(void *ctx)
{
	struct observer *observer = ctx;
	const struct build *build = &observer->waiting[0]->build;
	struct ledger *ledger = observer->ports->ledger;

	observer->asking = true;
	observer->pending = ledger->owner(ledger,
	                                  &(struct ledger_hint){
						  .execution_id = build->execution_id,
						  .pipeline = build->pipeline,
						  .region = build->pipeline_region,
					  },
	                                  on_owner, observer);
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool builds_in(const struct family *family, struct span region)
{
	size_t i = 0;

	if (family->pipeline.region)
		return span_is(region, family->pipeline.region);
	while (i < family->n_regions && !span_is(region, family->regions[i]))
		i++;
	return i < family->n_regions;
}

/* Of our own account the number is not known; AWS will say that there is no such execution. */
static bool has_account(const struct family *family, struct span account)
{
	return !family->pipeline.role_arn || !account.len ||
	       span_equal(role_arn_account(span_of(family->pipeline.role_arn)), account);
}

/* Those that share a pipeline are not told each; NULL: nobody wants to know. */
static const struct family *family_of(const struct config *config, const struct event *event)
{
	for (size_t i = 0; i < config->n_families; i++) {
		const struct family *family = &config->families[i];

		if (family->pipeline.tell_all && span_is(event->pipeline, family->pipeline.name) &&
		    builds_in(family, event->region) && has_account(family, event->account))
			return family;
	}
	return NULL;
}

static bool waits(const struct observer *observer, struct span execution_id)
{
	size_t i = observer->asking ? 1 : 0;

	while (i < observer->n && !span_is(execution_id, observer->waiting[i]->build.execution_id))
		i++;
	return i < observer->n;
}

static void add(struct observer *observer, const struct family *family, const struct event *event)
{
	struct observed *observed = xcalloc(1, sizeof(*observed));

	observed->build = (struct build){
		.family = family->name,
		.pipeline = family->pipeline.name,
		.role_arn = family->pipeline.role_arn,
		.pipeline_region = arena_text(&observed->arena, event->region),
		.execution_id = arena_text(&observed->arena, event->execution_id),
	};
	observed->due_ms = steady_ms(observer);
	observer->waiting[observer->n++] = observed;
	if (!observer->asking)
		rest(observer);
}

void observer_saw(struct observer *observer, const struct event *event)
{
	const struct family *family = NULL;

	if (event_is_end(event) && event->execution_id.len &&
	    event->execution_id.len <= LIMIT_EXECUTION_ID)
		family = family_of(observer->options.config, event);
	if (!family || observer->stopped || waits(observer, event->execution_id))
		return;
	if (observer->n < LIMIT_OBSERVED)
		add(observer, family, event);
	else
		log_event(observer->ports->log, LOG_WARNING, "observation_left_out",
		          LOG_FIELDS(LOG_SPAN("execution_id", event->execution_id),
		                     LOG_SPAN("pipeline", event->pipeline)));
}

/* ---- life ------------------------------------------------------------------------------------ */

struct observer *observer_new(const struct observer_options *options)
{
	struct observer *observer = xcalloc(1, sizeof(*observer));

	observer->ports = options->ports;
	observer->options = *options;
	observer->teller = teller_new(options->ports, options->told, options->ctx);
	return observer;
}

void observer_stop(struct observer *observer)
{
	observer->stopped = true;
	call_cancel(observer->pending);
	observer->pending = NULL;
}

void observer_free(struct observer *observer)
{
	if (!observer)
		return;
	observer_stop(observer);
	while (observer->n)
		forget_first(observer);
	teller_free(observer->teller);
	free(observer);
}
