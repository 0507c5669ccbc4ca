#include "common/base/limits.h"
#include "worker/flows/golden.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

#define UNWRITTEN "a golden parameter cannot be written now: "

/* ---- what its outputs say -------------------------------------------------------------------- */

bool build_wants_golden(const struct build_flow *flow)
{
	return flow->build.status == EXECUTION_SUCCEEDED && flow->family &&
	       (flow->family->golden_output || flow->family->n_golden_parameters);
}

void build_want_outputs(struct build_flow *flow)
{
	const struct family *family = flow->family;

	if (family->golden_output)
		codepipeline_want_output(&flow->actions, family->golden_output);
	for (size_t i = 0; i < family->n_golden_parameters; i++) {
		const char *output = family->golden_parameters[i].output;

		if (output)
			codepipeline_want_output(&flow->actions, output);
	}
}

/* The one that is told: of golden_output, else of the first parameter. */
static const char *told_output(const struct family *family)
{
	return family->golden_output ? family->golden_output : family->golden_parameters[0].output;
}

/* Without parameters nobody else says what is wrong with the output. */
static void take_golden_ami(struct build_flow *flow)
{
	const char *output = told_output(flow->family);
	const char *value = codepipeline_output(&flow->actions, output);
	const char *fault = golden_fault(output, value, &flow->arena);

	if (!fault)
		flow->build.golden_ami = value;
	else if (!flow->family->n_golden_parameters)
		step_add_trouble(flow, fault);
}

/* ---- one move after the other ---------------------------------------------------------------- */

static size_t count(const struct build_flow *flow, enum golden_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < flow->n_moves; i++)
		n += flow->moves[i].state == state;
	return n;
}

static void look_again(struct build_flow *flow)
{
	int64_t max_ms = STEP_POLL_MAX_MS;

	for (size_t i = 0; i < flow->n_moves; i++) {
		if (!flow->moves[i].refused)
			continue;
		step_tell_refusal(flow, UNWRITTEN, flow->moves[i].detail);
		max_ms = STEP_REFUSED_MAX_MS;
	}
	step_look_again_in(flow, step_backoff_ms(flow, STEP_FOLLOW_BASE_MS, max_ms));
}

static void settled(struct build_flow *flow)
{
	struct build *build = &flow->build;
	const char *trouble = golden_trouble(flow->moves, flow->n_moves, &flow->arena);

	build->golden_written = flow->n_moves && count(flow, GOLDEN_WRITTEN) == flow->n_moves;
	if (flow->n_moves && flow->moves[0].previous && *flow->moves[0].previous)
		build->golden_previous = flow->moves[0].previous;
	step_forget_refusal(flow, UNWRITTEN);
	if (trouble)
		step_add_trouble(flow, trouble);
	step_finish(flow, NOTICE_FINISHED);
}

static void move_next(struct build_flow *flow);

static void on_moved(void *ctx, const struct golden_move *move, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (err) {
		step_end(flow, err);
		return;
	}
	flow->moves[flow->move++] = golden_copy(move, &flow->arena);
	move_next(flow);
}

static void move_next(struct build_flow *flow)
{
	int64_t since_ms = flow->build.finished_ms;

	while (flow->move < flow->n_moves && flow->moves[flow->move].state != GOLDEN_WAITING)
		flow->move++;
	if (flow->move < flow->n_moves)
		flow->pending = golden_step(
			&(struct golden_step){
				.ports = flow->ports,
				.build = &flow->build,
				.move = flow->moves[flow->move],
				.late = step_too_long(flow, since_ms, LIMIT_GOLDEN_UNKNOWN_S),
				.last = step_tried_for_golden(flow),
			},
			on_moved, flow);
	else if (count(flow, GOLDEN_WAITING))
		look_again(flow);
	else
		settled(flow);
}

static void on_planned(void *ctx, const struct golden_move *moves, size_t n, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (err) {
		step_end(flow, err);
		return;
	}
	for (size_t i = 0; i < n; i++)
		flow->moves[i] = golden_copy(&moves[i], &flow->arena);
	flow->n_moves = n;
	flow->move = 0;
	move_next(flow);
}

/* What a family wants that the configuration has dropped since is known only to earlier steps. */
void build_move_golden(struct build_flow *flow)
{
	struct ledger *ledger = flow->ports->ledger;
	struct golden_move moves[LIMIT_GOLDEN];
	struct golden_plan plan = {
		.build = &flow->build,
		.family = flow->family,
		.actions = flow->unlisted ? NULL : &flow->actions,
		.now_ms = ports_now_ms(flow->ports),
	};

	if (build_wants_golden(flow) && !flow->unlisted)
		take_golden_ami(flow);
	flow->pending = ledger->golden_plan(ledger,
	                                    &(struct ledger_plan){
						    .build = flow->build.id,
						    .moves = moves,
						    .n = golden_make(&plan, &flow->arena, moves),
					    },
	                                    on_planned, flow);
}
