#include "worker/cli/life.h"

#include "worker/cli/complain.h"

#include <string.h>

#include "common/base/banned.h"

/* Only what is live and no rehearsal has effects. */
static bool acts(const struct life *life)
{
	return life->options.live && !life->options.rehearsal;
}

static bool open_simulation(struct life *life, struct err *reterr)
{
	const struct life_options *options = &life->options;

	if (!simulation_open(&life->simulation,
	                     &(struct simulation_options){
				     .config = options->config,
				     .timers = options->ports->timers,
				     .mode = options->ledger,
				     .ledger_file = options->ledger_file,
				     .started = options->started,
				     .ctx = options->ctx,
			     },
	                     reterr))
		return false;
	life->ports.ledger = ledger_sqlite_ledger(life->simulation.ledger);
	return true;
}

bool life_open(struct life *life, const struct life_options *options, struct err *reterr)
{
	*life = (struct life){ .options = *options, .ports = *options->ports };
	life->rules = (struct message_rules){
		.config = options->config,
		.policy = &life->policy.policy,
		.offline = !options->live,
	};
	if (!load_policy(options->config, &life->policy, reterr))
		return false;
	if (!options->live)
		load_kept_certificates(options->config, &life->policy);
	return acts(life) || open_simulation(life, reterr);
}

void life_close(struct life *life)
{
	call_cancel(life->pending);
	life->pending = NULL;
	batch_clear(&life->batch);
	simulation_close(&life->simulation);
	load_policy_clear(&life->policy);
}

static void settle(struct life *life, const struct err *err)
{
	life->done(life->ctx, err);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

static void on_recorded(void *ctx, const struct err *err)
{
	struct life *life = ctx;

	life->pending = NULL;
	settle(life, err);
}

/* Without effects only builds need remembering: they make later messages duplicates. */
static void simulate(struct life *life)
{
	const struct ledger_entry *entry = &life->batch.entries[0];
	struct err err;

	if (simulation_record(&life->simulation, entry->builds, entry->n_builds,
	                      entry->announcement->announced_ms, &err))
		settle(life, NULL);
	else
		settle(life, &err);
}

static void on_recalled(void *ctx, const struct err *err)
{
	struct life *life = ctx;
	struct ledger *ledger = life->ports.ledger;
	struct batch *batch = &life->batch;

	life->pending = NULL;
	if (err) {
		settle(life, err);
		return;
	}
	batch_decide(batch, -1);
	if (acts(life))
		life->pending = ledger->record(ledger, batch->entries, batch->n_entries,
		                               on_recorded, life);
	else
		simulate(life);
}

static void recall(struct life *life)
{
	struct ledger *ledger = life->ports.ledger;
	struct batch *batch = &life->batch;

	batch_collect(batch);
	life->pending = ledger->recall(ledger, batch->decisions, batch->n_decisions, on_recalled,
	                               life);
}

static void recall_then(struct life *life, int64_t announced_ms)
{
	struct err err;

	if (acts(life) || simulation_pass(&life->simulation, announced_ms, &err))
		recall(life);
	else
		settle(life, &err);
}

bool life_pass_on(struct life *life, struct err *reterr)
{
	return acts(life) || simulation_pass_on(&life->simulation, reterr);
}

/* ---- one message ----------------------------------------------------------------------------- */

/* Only what was verified may have an effect; an event has none. */
static bool must_not_act(const struct life *life, const struct message *message)
{
	return life->options.live && message->outcome != MESSAGE_EVENT &&
	       message->notification.verdict.trust != TRUST_VERIFIED;
}

static void count_unverified(struct life *life, const struct message *message)
{
	const struct verdict *verdict = &message->notification.verdict;
	struct span id = message->notification.announcement.message_id;

	life->n_unverified++;
	complain("%s: message %.*s is not verified: %s", life->source,
	         SPAN_ARG(id.len ? id : SPAN("without id")),
	         verdict->err.text[0] ? verdict->err.text : trust_word(verdict->trust));
}

static void on_judged(void *ctx, struct message *message)
{
	struct life *life = ctx;
	struct err err;

	if (must_not_act(life, message)) {
		count_unverified(life, message);
		if (acts(life)) { /* it was, when all were looked at */
			err_set(&err, ERR_UNTRUSTED, "%s has changed while it was read",
			        life->source);
			settle(life, &err);
			return;
		}
	}
	if (message->outcome == MESSAGE_DECIDED)
		recall_then(life, message->notification.announcement.announced_ms);
	else
		settle(life, NULL);
}

void life_take(struct life *life, const struct message *message, const char *source,
               life_done_fn *done, void *ctx)
{
	struct batch *batch = &life->batch;

	life->source = source;
	life->done = done;
	life->ctx = ctx;
	batch->messages[0] = *message;
	batch->n = 1;
	message_start(&batch->messages[0], &life->ports, &life->rules, on_judged, life);
}

void life_forget(struct life *life)
{
	batch_clear(&life->batch);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static bool was_recalled(const struct life *life)
{
	return life->batch.messages[0].outcome == MESSAGE_DECIDED;
}

size_t life_n_decisions(const struct life *life)
{
	return was_recalled(life) ? life->batch.n_decisions
	                          : life->batch.messages[0].notification.decisions.n;
}

static const struct decision *decision_at(const struct life *life, size_t i)
{
	return was_recalled(life) ? &life->batch.decisions[i]
	                          : &life->batch.messages[0].notification.decisions.at[i];
}

static const struct build *build_of(const struct life *life, const struct decision *decision)
{
	const struct ledger_entry *entry = &life->batch.entries[0];

	for (size_t i = 0; decision_starts(decision) && i < entry->n_builds; i++) {
		const struct build *build = &entry->builds[i];

		if (strcmp(build->family, decision->family->name) == 0 &&
		    strcmp(build->region, decision->region) == 0)
			return build;
	}
	return NULL;
}

struct record life_record(const struct life *life, size_t i)
{
	const struct notification *notification = &life->batch.messages[0].notification;
	const struct decision *decision = decision_at(life, i);

	return (struct record){
		.source = life->source,
		.announcement = &notification->announcement,
		.trust = notification->verdict.trust,
		.decision = decision,
		.build = build_of(life, decision),
	};
}
