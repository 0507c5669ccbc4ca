#include "worker/flows/line.h"

#include "common/aws/wire_ssm.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/decide/version.h"
#include "common/say/remarks.h"
#include "worker/flows/build_request.h"
#include "worker/flows/decided.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define SOURCE          "catch-up"
#define LIMIT_CONFLICTS 5

struct look {
	struct call call; /* first: what the caller holds */
	struct line_question question;
	struct offer offer;
	const struct offered *current;   /* in the offer */
	struct decision found, decision; /* as it was found, and with what the ledger knows */
	struct announcement announcement;
	struct build build;
	struct arena arena;
	bool heard;     /* its release was announced to us, for this family and region, */
	bool announced; /* or one that may be meant by what was */
	bool unheard;   /* it is newer than anything that was */
	bool adopts;
	bool lags; /* AWS recommends an older image than was built */
	int conflicts;
	struct call *pending;
	line_done_fn *done;
	void *ctx;
};

/* ---- the end --------------------------------------------------------------------------------- */

static void release(struct look *look)
{
	offer_clear(&look->offer);
	arena_clear(&look->arena);
	free(look);
}

static void cancel(struct call *call)
{
	struct look *look = (struct look *)call;

	call_cancel(look->pending);
	release(look);
}

static void fail(struct look *look, const struct err *err)
{
	look->done(look->ctx, NULL, err);
	release(look);
}

static void answer(struct look *look, enum line_outcome outcome)
{
	const struct line_answer answer = {
		.outcome = outcome,
		.version = look->current ? look->found.version : SPAN_NONE,
		.unheard = look->unheard,
		.recommended = look->current && look->current->recommended,
		.lags = look->lags,
	};

	look->done(look->ctx, &answer, NULL);
	release(look);
}

static void log_decided(const struct look *look, enum log_level level)
{
	decided_log(look->question.ports->log,
	            &(struct decided){ .level = level,
	                               .source = SOURCE,
	                               .announcement = &look->announcement,
	                               .decision = &look->decision });
}

/* ---- moved back: AWS recommends an older image ----------------------------------------------- */

static bool is_moved_back(const struct look *look)
{
	const char *newest = look->decision.facts.newest;

	return look->current->recommended && newest[0] &&
	       version_compare(look->found.version, span_of(newest)) < 0;
}

/* Did AWS recommend the newer one before? Else it may be about to. */
static bool has_moved(const struct look *look)
{
	const char *recommended = look->question.recommended;

	return recommended[0] &&
	       version_compare(span_of(look->decision.facts.newest), span_of(recommended)) <= 0;
}

static void log_moved_back(const struct look *look)
{
	const struct line_question *question = &look->question;

	log_event(question->ports->log, LOG_WARNING, "moved_back",
	          LOG_FIELDS(LOG_TEXT("family", question->family->name),
	                     LOG_TEXT("region", question->region),
	                     LOG_SPAN("image_id", look->found.image->id),
	                     LOG_SPAN("release", look->found.version),
	                     LOG_TEXT("newest", look->decision.facts.newest)));
}

static struct remark remark_moved_back(struct look *look)
{
	const struct line_question *question = &look->question;
	const struct image *image = look->found.image;

	return (struct remark){
		.kind = NOTICE_WITHDRAWN,
		.key = arena_printf(&look->arena, "moved-back/%s/%s/%.*s", question->family->name,
		                    question->region, SPAN_ARG(image->id)),
		.family = question->family->name,
		.text = arena_printf(
			&look->arena,
			"AWS recommends %.*s (%.*s) in %s, which is older than %s, which "
			"was built: the newer release %s",
			SPAN_ARG(image->name), SPAN_ARG(image->id), question->region,
			look->decision.facts.newest,
			has_moved(look) ? "was recommended before, and may have been withdrawn."
					: "was not recommended for a day, and may have been "
					  "withdrawn."),
	};
}

/* Where no build came from it, the ledger has told nobody. */
static void on_taken_back(void *ctx, const struct err *err)
{
	struct look *look = ctx;
	struct remark remark = remark_moved_back(look);

	look->pending = NULL;
	if (err) {
		fail(look, err);
		return;
	}
	teller_add(look->question.teller, &remark);
	answer(look, LINE_KNOWN);
}

static void take_back(struct look *look)
{
	struct ledger *ledger = look->question.ports->ledger;
	struct remark remark = remark_moved_back(look);
	char now[TEXT_TIME_SIZE];

	text_time(ports_now_ms(look->question.ports), now);
	look->pending = ledger->withdraw(
		ledger,
		&(struct withdrawal){
			.family = remark.family,
			.what = look->decision.facts.newest,
			.reason = arena_printf(&look->arena, "no longer recommended on %.10s", now),
			.text = remark.text,
			.key = remark.key,
		},
		on_taken_back, look);
}

static void moved_back(struct look *look)
{
	struct remark remark;

	look->lags = true;
	log_moved_back(look);
	if (has_moved(look)) {
		take_back(look);
		return;
	}
	if (look->question.lags_long) {
		remark = remark_moved_back(look);
		teller_add(look->question.teller, &remark);
	}
	answer(look, LINE_KNOWN);
}

/* ---- record ---------------------------------------------------------------------------------- */

static void recall(struct look *look);

/* A release was built that nobody had announced to us, though its publisher announces. */
static void log_missed(const struct look *look)
{
	const struct line_question *question = &look->question;

	if (!question->family->publisher->topic || look->announced || look->adopts ||
	    !look->decision.facts.line_known)
		return;
	log_event(question->ports->log, LOG_WARNING, "missed_announcement",
	          LOG_FIELDS(LOG_TEXT("publisher", question->family->publisher->name),
	                     LOG_SPAN("release", look->found.version),
	                     LOG_TEXT("family", question->family->name),
	                     LOG_TEXT("region", question->region)));
}

static void on_recorded(void *ctx, const struct err *err)
{
	struct look *look = ctx;

	look->pending = NULL;
	if (err && err->kind == ERR_TRANSIENT && look->conflicts++ < LIMIT_CONFLICTS) {
		recall(look);
		return;
	}
	if (err) {
		fail(look, err);
		return;
	}
	log_decided(look, LOG_INFO);
	log_missed(look);
	answer(look, look->adopts ? LINE_ADOPTED : LINE_WANTED);
}

static void record(struct look *look)
{
	struct ledger *ledger = look->question.ports->ledger;
	const struct ledger_entry entry = {
		.announcement = &look->announcement,
		.decisions = &look->decision,
		.n_decisions = 1,
		.builds = &look->build,
		.n_builds = 1,
	};

	look->pending = ledger->record(ledger, &entry, 1, on_recorded, look);
}

static void make_build(struct look *look)
{
	decision_build(&look->decision, &look->announcement, &look->offer.release, &look->arena,
	               &look->build);
}

/* ---- decide ---------------------------------------------------------------------------------- */

/* What there was before evergold came counts as built. */
static void adopt(struct look *look, bool in_use)
{
	struct decision *decision = &look->decision;

	look->adopts = true;
	make_build(look);
	look->build.state = BUILD_ADOPTED;
	look->build.base_written = in_use;
	decision->reason = REASON_ALREADY_STARTED;
	snprintf(decision->detail, sizeof(decision->detail), "adopted: %s",
	         in_use ? "the base parameter names it" : "it was there at the first look");
	record(look);
}

static void judge(struct look *look)
{
	struct decision *decision = &look->decision;
	const struct moment moment = {
		.announced_ms = look->announcement.announced_ms,
		.now_ms = ports_now_ms(look->question.ports),
	};

	look->adopts = false;
	decision->facts.image_started |= decision->facts.image_adopted && !look->heard;
	decide_known(decision, &moment);
	if (decision_builds(decision)) {
		make_build(look);
		record(look);
		return;
	}
	log_decided(look, LOG_DEBUG);
	if (is_moved_back(look))
		moved_back(look);
	else
		answer(look, LINE_KNOWN);
}

/* ---- the first look at a line ---------------------------------------------------------------- */

static bool names_image(const struct look *look, const struct aws_answer *reply)
{
	struct arena arena = { 0 };
	struct ssm_parameter parameter;
	bool names = ssm_get_answer(reply->body, &arena, &parameter, NULL) &&
	             span_is(look->found.image->id, parameter.value);

	arena_clear(&arena);
	return names;
}

static void take_first(struct look *look)
{
	if (look->question.config->catch_up.adopt)
		adopt(look, false);
	else
		judge(look);
}

/* A parameter that is not there, or that nobody may read, names no image. */
static void on_base(void *ctx, const struct aws_answer *reply, const struct err *err)
{
	struct look *look = ctx;

	look->pending = NULL;
	if (err && err->kind == ERR_TRANSIENT)
		fail(look, err);
	else if (!err && names_image(look, reply))
		adopt(look, true);
	else
		take_first(look);
}

static void on_base_turn(void *ctx)
{
	struct look *look = ctx;
	const struct family *family = look->question.family;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	make_build(look); /* it is asked for in the name of the build's account */
	ssm_get_body(family->base_parameter, false, &body);
	look->pending = build_request_start(
		&(struct build_request){
			.ports = look->question.ports,
			.build = &look->build,
			.operation = &aws_ssm_get_parameter,
			.region = look->build.pipeline_region,
			.body = &body,
		},
		on_base, look);
}

static void look_first(struct look *look)
{
	const struct line_question *question = &look->question;

	if (question->family->base_parameter)
		look->pending = pace_turn(question->pace, question->ports, on_base_turn, look);
	else
		take_first(look);
}

/* ---- what the ledger knows ------------------------------------------------------------------- */

static bool is_awaited(const struct look *look)
{
	const char *awaited = look->question.awaited;

	return awaited && version_compare(look->found.version, span_of(awaited)) >= 0;
}

/* What was announced is not adopted: it came late, or its announcement named no image. */
static void on_recalled(void *ctx, const struct err *err)
{
	struct look *look = ctx;

	look->pending = NULL;
	if (err)
		fail(look, err);
	else if (look->decision.facts.line_known || look->announced)
		judge(look);
	else
		look_first(look);
}

static void recall(struct look *look)
{
	struct ledger *ledger = look->question.ports->ledger;

	look->decision = look->found;
	look->pending = ledger->recall(ledger, &look->decision, 1, on_recalled, look);
}

static void on_heard(void *ctx, const struct heard *heard, const struct err *err)
{
	struct look *look = ctx;

	look->pending = NULL;
	if (err) {
		fail(look, err);
		return;
	}
	look->heard = heard->release;
	look->announced = look->heard || is_awaited(look);
	look->unheard = !look->announced && heard->n && look->current->created_ms > heard->at_ms[0];
	recall(look);
}

static void hear(struct look *look)
{
	struct ledger *ledger = look->question.ports->ledger;
	const struct publisher *publisher = look->question.family->publisher;

	if (publisher->topic)
		look->pending = ledger->heard(ledger, publisher->name, &look->found, on_heard,
		                              look);
	else
		recall(look);
}

/* ---- what AWS has ---------------------------------------------------------------------------- */

static struct announcement announcement_of(struct look *look)
{
	const struct publisher *publisher = look->question.family->publisher;
	struct span id = look->current ? look->found.image->id : SPAN_NONE;

	return (struct announcement){
		.message_id = span_of(arena_printf(&look->arena, SOURCE "/%.*s", SPAN_ARG(id))),
		.topic = publisher->topic ? span_of(publisher->topic) : SPAN(SOURCE),
		.publisher = publisher,
		.announced_ms = look->current ? look->current->created_ms : 0,
	};
}

/* With the key of an announcement of the same release, so that people are told once. */
static void tell_ambiguous(struct look *look)
{
	struct remark_words words = remark_ambiguous(&look->announcement, &look->found,
	                                             &look->arena);

	teller_add(look->question.teller, &(struct remark){
						  .kind = NOTICE_AMBIGUOUS,
						  .key = words.key,
						  .family = look->question.family->name,
						  .text = words.text,
					  });
}

static void on_surveyed(void *ctx, const struct err *err)
{
	struct look *look = ctx;

	look->pending = NULL;
	if (err) {
		fail(look, err);
		return;
	}
	look->current = offer_decide(&look->offer, &look->found);
	look->announcement = announcement_of(look);
	if (look->current) {
		hear(look);
		return;
	}
	look->decision = look->found;
	log_decided(look, LOG_DEBUG);
	if (look->found.reason == REASON_SEVERAL_IMAGES)
		tell_ambiguous(look);
	answer(look, LINE_NOTHING);
}

struct call *line_look(const struct line_question *question, line_done_fn *done, void *ctx)
{
	struct look *look = xcalloc(1, sizeof(*look));

	*look = (struct look){
		.call = { cancel },
		.question = *question,
		.offer = { .family = question->family, .region = question->region },
		.done = done,
		.ctx = ctx,
	};
	look->pending = survey_start(
		&(struct survey_question){
			.ports = question->ports,
			.offer = &look->offer,
			.pace = question->pace,
		},
		on_surveyed, look);
	return &look->call;
}
