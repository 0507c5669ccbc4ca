#include "worker/flows/recovery_line.h"

#include "common/base/mem.h"
#include "common/decide/clues.h"
#include "worker/flows/build_request.h"
#include "worker/flows/parameter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define FROM_VARIABLES "its variables"
#define MOST_PAGES     10 /* of the actions of one execution */

/* An execution, or the image that the base parameter names. */
struct candidate {
	struct past_execution *execution; /* NULL: there is none */
	struct clues clues;
	const char *source;
};

struct line {
	struct call call; /* first: what the caller holds */
	struct recovery_line_question question;
	struct build name; /* whom requests are made for, as far as they need one */
	struct ssm_history history;
	struct candidate candidates[LIMIT_PAST + 1];
	size_t n, asked;          /* candidates; of them, those whose images EC2 was asked for */
	size_t first;             /* of the recovery's rows: the line's begin here */
	struct recovered *newest; /* of those that succeeded */
	struct codepipeline_actions actions;
	int pages;
	struct golden_move *moves;
	size_t n_moves, move;
	struct call *pending;
	recovery_done_fn *done;
	void *ctx;
};

/* ---- the end --------------------------------------------------------------------------------- */

static void cancel(struct call *call)
{
	struct line *line = (struct line *)call;

	call_cancel(line->pending);
	free(line);
}

static void end(struct line *line, const struct err *err)
{
	line->done(line->ctx, err);
	free(line);
}

static struct arena *arena_of(struct line *line)
{
	return &line->question.recovery->arena;
}

static void ask(struct line *line, const struct aws_operation *operation, struct buf *body,
                aws_done_fn *done)
{
	bool ec2 = operation->service == AWS_EC2;

	line->pending = build_request_start(
		&(struct build_request){
			.ports = line->question.ports,
			.build = &line->name,
			.operation = operation,
			.region = ec2 ? line->name.region : line->name.pipeline_region,
			.body = body,
		},
		done, line);
}

/* ---- golden parameters ----------------------------------------------------------------------- */

static void read_next(struct line *line);

static void left(struct line *line, struct golden_move *move, const char *detail)
{
	const struct build *build = &line->newest->build;

	move->state = GOLDEN_LEFT;
	move->detail = detail;
	recovery_say_unknown(
		line->question.recovery,
		arena_printf(arena_of(line),
	                     "%s in %s was not moved to %s, which came of %s for %s: %s",
	                     move->name, move->region, move->value, build->release, build->family,
	                     detail));
}

static void on_golden(void *ctx, const struct parameter_state *state, const struct err *err)
{
	struct line *line = ctx;
	struct golden_move *move = &line->moves[line->move];

	line->pending = NULL;
	if (err && err->kind == ERR_TRANSIENT) {
		end(line, err);
		return;
	}
	if (err) {
		left(line, move, arena_text(arena_of(line), span_of(err->text)));
	} else if (strcmp(state->value, move->value) != 0) {
		left(line, move,
		     arena_printf(arena_of(line), "it holds %s",
		                  state->value[0] ? state->value : "nothing"));
	} else {
		move->state = GOLDEN_WRITTEN;
		move->version = state->version;
	}
	line->move++;
	read_next(line);
}

static void golden_read(struct line *line)
{
	struct build *build = &line->newest->build;

	build->golden_moves = line->moves;
	build->n_golden_moves = line->n_moves;
	build->golden_written = line->n_moves > 0;
	for (size_t i = 0; i < line->n_moves; i++)
		build->golden_written &= line->moves[i].state == GOLDEN_WRITTEN;
	end(line, NULL);
}

static void read_next(struct line *line)
{
	const struct golden_move *move = &line->moves[line->move];
	struct parameter parameter;

	while (line->move < line->n_moves && move->state != GOLDEN_WAITING)
		move = &line->moves[++line->move];
	if (line->move == line->n_moves) {
		golden_read(line);
		return;
	}
	parameter = (struct parameter){
		.ports = line->question.ports,
		.build = &line->newest->build,
		.name = move->name,
		.region = move->region,
		.role_arn = move->role_arn,
	};
	line->pending = parameter_read(&parameter, on_golden, line);
}

static void plan(struct line *line)
{
	const struct family *family = line->question.family;
	struct build *build = &line->newest->build;
	const struct golden_plan golden = {
		.build = build,
		.family = family,
		.actions = &line->actions,
		.now_ms = build->finished_ms,
	};
	const char *output = family->golden_output ? family->golden_output
	                                           : family->golden_parameters[0].output;
	const char *value = codepipeline_output(&line->actions, output);

	if (!golden_fault(output, value, arena_of(line)))
		build->golden_ami = value;
	line->moves = arena_alloc(arena_of(line), LIMIT_GOLDEN + 1, sizeof(*line->moves));
	line->n_moves = golden_make(&golden, arena_of(line), line->moves);
	read_next(line);
}

static void ask_actions(struct line *line);

static void on_actions(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct line *line = ctx;
	struct err why;

	line->pending = NULL;
	if (err)
		end(line, err);
	else if (!codepipeline_actions_answer(answer->body, arena_of(line), &line->actions, &why))
		end(line, &why);
	else if (line->actions.next_token && ++line->pages < MOST_PAGES)
		ask_actions(line);
	else
		plan(line);
}

static void ask_actions(struct line *line)
{
	const struct build *build = &line->newest->build;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_actions_body(build->pipeline, build->execution_id, line->actions.next_token,
	                          &body);
	ask(line, &aws_codepipeline_list_action_executions, &body, on_actions);
}

static void ask_golden(struct line *line)
{
	const struct family *family = line->question.family;

	if (!line->newest || !(family->golden_output || family->n_golden_parameters)) {
		end(line, NULL);
		return;
	}
	if (family->golden_output)
		codepipeline_want_output(&line->actions, family->golden_output);
	for (size_t i = 0; i < family->n_golden_parameters; i++) {
		if (family->golden_parameters[i].output)
			codepipeline_want_output(&line->actions,
			                         family->golden_parameters[i].output);
	}
	ask_actions(line);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void take_execution(const struct past_execution *execution, struct build *build)
{
	bool ended = execution_has_ended(execution->told.status);

	build->state = ended ? BUILD_FINISHED : BUILD_STARTED;
	build->execution_id = execution->id;
	build->started_ms = execution->started_ms;
	build->finished_ms = ended ? execution->updated_ms : 0;
	build->status = execution->told.status;
	build->summary = execution->told.summary;
	if (!build->announced_ms)
		build->announced_ms = execution->started_ms;
}

/* What runs, and whose base parameter does not name its image, gets it written by the worker. */
static void take_base(struct line *line, const struct candidate *candidate, struct build *build)
{
	const struct ssm_history *history = &line->history;
	const char *base = history->n ? history->at[history->n - 1].value : "";
	const char *before = clues_base_before(history, build->started_ms);
	bool last = candidate == &line->candidates[0];

	build->base_parameter = line->question.family->base_parameter;
	build->base_written = build->state != BUILD_STARTED || !last ||
	                      strcmp(base, build->image_id) == 0;
	if (build->base_parameter && build->base_written && build->state == BUILD_STARTED)
		build->base_previous = before ? before : "";
}

static bool may_be_ours(const struct line *line, const struct clues *clues)
{
	return clues->image || line->question.alone ||
	       (clues->values.family.len && clues->values.region.len);
}

static bool was_built(const struct line *line, const char *image_id)
{
	const struct recovery *recovery = line->question.recovery;

	for (size_t i = line->first; i < recovery->n; i++) {
		if (strcmp(recovery->at[i].build.image_id, image_id) == 0)
			return true;
	}
	return false;
}

static void add_row(struct line *line, struct candidate *candidate)
{
	struct recovered row = { .source = candidate->source };
	struct build *build = &row.build;

	if (!may_be_ours(line, &candidate->clues) ||
	    !clues_build(&candidate->clues, arena_of(line), build))
		return;
	build->held = REASON_MATCHED;
	build->due_ms = 0;
	if (candidate->execution) {
		candidate->execution->taken = true;
		take_execution(candidate->execution, build);
		take_base(line, candidate, build);
	} else if (!was_built(line, build->image_id)) {
		build->state = BUILD_ADOPTED;
		build->base_written = true; /* it was in use: no announcement builds it */
	} else {
		return;
	}
	recovery_add(line->question.recovery, &row);
}

/* Oldest first; the base parameter's image, of which there may be an execution, last. */
static void add_rows(struct line *line)
{
	struct recovery *recovery = line->question.recovery;

	line->first = recovery->n;
	for (size_t i = line->n; i > 0; i--) {
		if (line->candidates[i - 1].execution)
			add_row(line, &line->candidates[i - 1]);
	}
	if (line->n && !line->candidates[line->n - 1].execution)
		add_row(line, &line->candidates[line->n - 1]);
	for (size_t i = line->first; i < recovery->n; i++) {
		if (recovery->at[i].build.status == EXECUTION_SUCCEEDED)
			line->newest = &recovery->at[i];
	}
	ask_golden(line);
}

/* ---- images ---------------------------------------------------------------------------------- */

static void ask_images(struct line *line);

static size_t end_of_question(const struct line *line)
{
	size_t left_over = line->n - line->asked;

	return line->asked + (left_over < LIMIT_WATCHED ? left_over : LIMIT_WATCHED);
}

static void take_images(struct line *line, const struct ec2_images *images)
{
	size_t last = end_of_question(line);

	for (; line->asked < last; line->asked++) {
		struct clues *clues = &line->candidates[line->asked].clues;

		for (size_t i = 0; i < images->n; i++) {
			if (strcmp(images->at[i].id, clues->image_id) == 0)
				clues->image = &images->at[i];
		}
	}
}

static void on_images(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct line *line = ctx;
	struct ec2_images images = { .n = 0 };
	struct err why;

	line->pending = NULL;
	if (err) {
		end(line, err);
	} else if (!ec2_describe_images_answer(answer->body, arena_of(line), &images, &why)) {
		end(line, &why);
	} else {
		take_images(line, &images);
		ask_images(line);
	}
}

/* By a filter: an id that there is not any more would be an error of the whole question. */
static void ask_images(struct line *line)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);
	const char *ids[LIMIT_WATCHED];
	size_t n = 0;

	if (line->asked == line->n) {
		add_rows(line);
		return;
	}
	for (size_t i = line->asked; i < end_of_question(line); i++)
		ids[n++] = line->candidates[i].clues.image_id;
	ec2_describe_images_body(
		&(struct ec2_describe_images){
			.filters = &(struct ec2_filter){ "image-id", { ids, n } },
			.n_filters = 1,
			.include_deprecated = true,
		},
		&body);
	ask(line, &aws_ec2_describe_images, &body, on_images);
}

/* ---- which images they built ----------------------------------------------------------------- */

static struct candidate *add_candidate(struct line *line, const char *image_id)
{
	struct candidate *candidate = &line->candidates[line->n++];

	*candidate = (struct candidate){
		.clues = {
			.family = line->question.family,
			.region = line->question.region,
			.image_id = image_id,
		},
		.source = line->question.family->base_parameter,
	};
	return candidate;
}

static const char *image_of(struct line *line, const struct past_execution *execution,
                            const struct template_values *values)
{
	int64_t ended_ms = execution_has_ended(execution->told.status) ? execution->updated_ms
	                                                               : INT64_MAX;
	const char *base;

	if (values->image_id.len)
		return arena_text(arena_of(line), values->image_id);
	base = clues_base(&line->history, execution->started_ms, ended_ms);
	return base && image_id_is_valid(span_of(base)) ? base : NULL;
}

static void consider(struct line *line, struct past_execution *execution)
{
	const struct family *family = line->question.family;
	struct template_values values = clues_read(&family->pipeline, &execution->told);
	const char *image_id = image_of(line, execution, &values);
	struct candidate *candidate;

	if (execution->taken || !image_id || !clues_allow(&values, family, line->question.region))
		return;
	candidate = add_candidate(line, image_id);
	candidate->execution = execution;
	candidate->clues.values = values;
	if (values.image_id.len)
		candidate->source = FROM_VARIABLES;
}

/* Newest first; and what the base parameter names. */
static void gather(struct line *line)
{
	const struct past *past = line->question.past;
	const struct ssm_history *history = &line->history;
	const char *base = history->n ? history->at[history->n - 1].value : "";

	for (size_t i = 0; i < past->n; i++)
		consider(line, &past->at[i]);
	if (image_id_is_valid(span_of(base)))
		add_candidate(line, base);
	ask_images(line);
}

/* ---- the base parameter ---------------------------------------------------------------------- */

static void ask_history(struct line *line);

/* Without it nothing is known of a V1 pipeline's builds, nor of what was there before. */
static void history_refused(struct line *line, const struct aws_answer *answer,
                            const struct err *err)
{
	if (!answer || !answer->error || strcmp(answer->error->code, "ParameterNotFound") != 0)
		recovery_say_unknown(line->question.recovery,
		                     arena_printf(arena_of(line),
		                                  "what %s of %s in %s held is not known: %s",
		                                  line->question.family->base_parameter,
		                                  line->name.family, line->name.region, err->text));
	gather(line);
}

static void on_history(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct line *line = ctx;
	struct err why;

	line->pending = NULL;
	if (err && err->kind == ERR_TRANSIENT)
		end(line, err);
	else if (err)
		history_refused(line, answer, err);
	else if (!ssm_history_answer(answer->body, arena_of(line), &line->history, &why))
		end(line, &why);
	else if (line->history.next_token && line->history.n < LIMIT_VERSIONS)
		ask_history(line);
	else
		gather(line);
}

static void ask_history(struct line *line)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	ssm_history_body(line->question.family->base_parameter, line->history.next_token, &body);
	ask(line, &aws_ssm_get_parameter_history, &body, on_history);
}

struct call *recovery_line_start(const struct recovery_line_question *question,
                                 recovery_done_fn *done, void *ctx)
{
	struct line *line = xcalloc(1, sizeof(*line));
	const struct pipeline *pipeline = &question->family->pipeline;

	line->call.cancel = cancel;
	line->question = *question;
	line->name = (struct build){
		.family = question->family->name,
		.region = question->region,
		.pipeline = pipeline->name,
		.pipeline_region = pipeline->region ? pipeline->region : question->region,
		.role_arn = pipeline->role_arn,
	};
	line->done = done;
	line->ctx = ctx;
	if (question->family->base_parameter)
		ask_history(line);
	else
		gather(line);
	return &line->call;
}
