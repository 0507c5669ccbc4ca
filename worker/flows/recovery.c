#include "worker/flows/recovery.h"

#include "common/base/mem.h"
#include "worker/flows/past.h"
#include "worker/flows/recovery_line.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct recovering {
	struct call call; /* first: what the caller holds */
	struct recovery_question question;
	const struct preflight_pipeline *pipelines;
	struct past *pasts; /* of each of them */
	size_t n_pipelines, pipeline;
	size_t family, region; /* the line that is looked at */
	struct call *pending;
	recovery_done_fn *done;
	void *ctx;
};

/* ---- what is found --------------------------------------------------------------------------- */

void recovery_clear(struct recovery *recovery)
{
	free(recovery->at);
	free(recovery->unknown);
	arena_clear(&recovery->arena);
	*recovery = (struct recovery){ .n = 0 };
}

void recovery_add(struct recovery *recovery, const struct recovered *recovered)
{
	recovery->at = xreallocarray(recovery->at, recovery->n + 1, sizeof(*recovery->at));
	recovery->at[recovery->n++] = *recovered;
}

void recovery_say_unknown(struct recovery *recovery, const char *text)
{
	recovery->unknown = xreallocarray(recovery->unknown, recovery->n_unknown + 1,
	                                  sizeof(*recovery->unknown));
	recovery->unknown[recovery->n_unknown++] = text;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void cancel(struct call *call)
{
	struct recovering *recovering = (struct recovering *)call;

	call_cancel(recovering->pending);
	free(recovering);
}

static void end(struct recovering *recovering, const struct err *err)
{
	recovering->done(recovering->ctx, err);
	free(recovering);
}

static struct arena *arena_of(struct recovering *recovering)
{
	return &recovering->question.recovery->arena;
}

static int by_start(const void *one, const void *other)
{
	const struct build *a = &((const struct recovered *)one)->build;
	const struct build *b = &((const struct recovered *)other)->build;

	if (a->started_ms != b->started_ms)
		return a->started_ms < b->started_ms ? -1 : 1;
	return strcmp(a->token, b->token);
}

static void say_unknown(struct recovering *recovering, size_t at, const char *what)
{
	const struct preflight_pipeline *pipeline = &recovering->pipelines[at];

	recovery_say_unknown(recovering->question.recovery,
	                     arena_printf(arena_of(recovering), "%s in %s: %s", pipeline->name,
	                                  pipeline->region, what));
}

static void say_of_pipeline(struct recovering *recovering, size_t at)
{
	const struct past *past = &recovering->pasts[at];
	struct arena *arena = arena_of(recovering);
	size_t left = 0;

	for (size_t i = 0; i < past->n; i++)
		left += !past->at[i].taken;
	if (past->gone)
		say_unknown(recovering, at, "there is no such pipeline");
	if (left)
		say_unknown(recovering, at,
		            arena_printf(arena, "of which family %zu of its executions are builds",
		                         left));
	if (past->more)
		say_unknown(
			recovering, at,
			arena_printf(arena, "what came before its last %d executions", LIMIT_PAST));
}

static void all_found(struct recovering *recovering)
{
	struct recovery *recovery = recovering->question.recovery;

	for (size_t i = 0; i < recovering->n_pipelines; i++)
		say_of_pipeline(recovering, i);
	if (recovery->n)
		qsort(recovery->at, recovery->n, sizeof(*recovery->at), by_start);
	end(recovering, NULL);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void next_line(struct recovering *recovering);

static const char *text(const char *may_be_null)
{
	return may_be_null ? may_be_null : "";
}

static bool has_pipeline(const struct family *family, const char *region,
                         const struct preflight_pipeline *pipeline)
{
	const char *where = family->pipeline.region ? family->pipeline.region : region;

	return strcmp(family->pipeline.name, pipeline->name) == 0 &&
	       strcmp(where, pipeline->region) == 0 &&
	       strcmp(text(family->pipeline.role_arn), text(pipeline->role_arn)) == 0;
}

static size_t count_lines(const struct config *config, const struct preflight_pipeline *pipeline)
{
	size_t n = 0;

	for (size_t i = 0; i < config->n_families; i++) {
		for (size_t j = 0; j < config->families[i].n_regions; j++)
			n += has_pipeline(&config->families[i], config->families[i].regions[j],
			                  pipeline);
	}
	return n;
}

static void on_line(void *ctx, const struct err *err)
{
	struct recovering *recovering = ctx;

	recovering->pending = NULL;
	if (err) {
		end(recovering, err);
		return;
	}
	recovering->region++;
	next_line(recovering);
}

static void next_line(struct recovering *recovering)
{
	const struct config *config = recovering->question.config;
	const struct family *family = &config->families[recovering->family];
	size_t at = 0;

	if (recovering->family < config->n_families && recovering->region == family->n_regions) {
		recovering->region = 0;
		family = &config->families[++recovering->family];
	}
	if (recovering->family == config->n_families) {
		all_found(recovering);
		return;
	}
	while (!has_pipeline(family, family->regions[recovering->region],
	                     &recovering->pipelines[at]))
		at++;
	recovering->pending = recovery_line_start(
		&(struct recovery_line_question){
			.ports = recovering->question.ports,
			.family = family,
			.region = family->regions[recovering->region],
			.past = &recovering->pasts[at],
			.alone = count_lines(config, &recovering->pipelines[at]) == 1,
			.recovery = recovering->question.recovery,
		},
		on_line, recovering);
}

/* ---- pipelines ------------------------------------------------------------------------------- */

static void next_pipeline(struct recovering *recovering);

static void on_past(void *ctx, const struct past *past, const struct err *err)
{
	struct recovering *recovering = ctx;

	recovering->pending = NULL;
	if (err) {
		end(recovering, err);
		return;
	}
	recovering->pasts[recovering->pipeline++] = *past;
	next_pipeline(recovering);
}

/* The first that has it: in its name CodePipeline is asked. */
static const char *family_of(const struct config *config, const struct preflight_pipeline *pipeline)
{
	for (size_t i = 0; i < config->n_families; i++) {
		const struct family *family = &config->families[i];

		for (size_t j = 0; j < family->n_regions; j++) {
			if (has_pipeline(family, family->regions[j], pipeline))
				return family->name;
		}
	}
	return pipeline->name;
}

static bool gives_variables(const struct config *config, const struct preflight_pipeline *pipeline)
{
	for (size_t i = 0; i < config->n_families; i++) {
		if (strcmp(config->families[i].pipeline.name, pipeline->name) == 0 &&
		    config->families[i].pipeline.n_variables)
			return true;
	}
	return false;
}

static void next_pipeline(struct recovering *recovering)
{
	const struct config *config = recovering->question.config;
	const struct preflight_pipeline *pipeline = &recovering->pipelines[recovering->pipeline];

	if (recovering->pipeline == recovering->n_pipelines) {
		next_line(recovering);
		return;
	}
	recovering->pending = past_start(
		&(struct past_question){
			.ports = recovering->question.ports,
			.pipeline = pipeline,
			.family = family_of(config, pipeline),
			.variables = gives_variables(config, pipeline),
			.arena = arena_of(recovering),
		},
		on_past, recovering);
}

struct call *recovery_start(const struct recovery_question *question, recovery_done_fn *done,
                            void *ctx)
{
	struct recovering *recovering = xcalloc(1, sizeof(*recovering));
	struct arena *arena = &question->recovery->arena;

	recovering->call.cancel = cancel;
	recovering->question = *question;
	recovering->done = done;
	recovering->ctx = ctx;
	recovering->pipelines = preflight_pipelines(question->config, arena,
	                                            &recovering->n_pipelines);
	recovering->pasts = arena_alloc(arena, recovering->n_pipelines + 1,
	                                sizeof(*recovering->pasts));
	next_pipeline(recovering);
	return &recovering->call;
}
