#include "common/decide/golden.h"

#include "common/aws/role_arn.h"
#include "common/base/buf.h"
#include "common/release/release.h"

#include <string.h>

#include "common/base/banned.h"

#define MOST_NAMED 3 /* of those that were left alone */

/* ---- words ----------------------------------------------------------------------------------- */

static const char *const state_words[] = {
	[GOLDEN_WAITING] = "waiting",
	[GOLDEN_WRITTEN] = "written",
	[GOLDEN_LEFT] = "left",
};

const char *golden_state_word(enum golden_state state)
{
	return state_words[state];
}

enum golden_state golden_state_of(struct span word)
{
	for (enum golden_state state = GOLDEN_WAITING; state < GOLDEN_LEFT; state++) {
		if (span_is(word, state_words[state]))
			return state;
	}
	return GOLDEN_LEFT;
}

struct golden_move golden_copy(const struct golden_move *move, struct arena *arena)
{
	struct golden_move copy = *move;
	const char **texts[] = { &copy.target, &copy.name,     &copy.region, &copy.role_arn,
		                 &copy.value,  &copy.previous, &copy.detail };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = *texts[i] ? arena_text(arena, span_of(*texts[i])) : NULL;
	return copy;
}

/* ---- what goes where ------------------------------------------------------------------------- */

const char *golden_fault(const char *output, const char *value, struct arena *arena)
{
	if (!value)
		return arena_printf(arena, "no action has the output variable %s", output);
	if (!image_id_is_valid(span_of(value)))
		return arena_printf(arena, "%s is %.100s, which is no image id", output, value);
	return NULL;
}

static struct golden_move make_move(const struct golden_plan *plan, size_t at, struct arena *arena)
{
	const struct golden_parameter *golden = &plan->family->golden_parameters[at];
	const struct build *build = plan->build;
	const char *output = golden->output ? golden->output : plan->family->golden_output;
	const char *value = plan->actions ? codepipeline_output(plan->actions, output) : NULL;
	struct golden_move move = {
		.build = build->id,
		.position = (int)at,
		.name = golden->name,
		.region = golden->region ? golden->region : build->region,
		.role_arn = golden->role_arn ? golden->role_arn : build->role_arn,
		.value = value,
		.at_ms = plan->now_ms,
	};
	struct span account = role_arn_account(span_of(move.role_arn));

	move.target = arena_printf(arena, "%s:%.*s:%s", move.region, SPAN_ARG(account), move.name);
	move.detail = plan->actions ? golden_fault(output, value, arena)
	                            : "its outputs are unknown";
	if (move.detail) {
		move.state = GOLDEN_LEFT;
		move.value = NULL;
	}
	return move;
}

size_t golden_make(const struct golden_plan *plan, struct arena *arena,
                   struct golden_move ret_moves[LIMIT_GOLDEN])
{
	size_t n = plan->family ? plan->family->n_golden_parameters : 0;

	for (size_t i = 0; i < n; i++)
		ret_moves[i] = make_move(plan, i, arena);
	return n;
}

/* ---- what came of it ------------------------------------------------------------------------- */

enum golden_image golden_judge(const struct ec2_image *image)
{
	if (!image)
		return GOLDEN_UNKNOWN;
	if (strcmp(image->state, "available") == 0)
		return GOLDEN_THERE;
	if (strcmp(image->state, "pending") == 0 || strcmp(image->state, "transient") == 0)
		return GOLDEN_NOT_YET;
	return GOLDEN_NEVER;
}

static void add_left(const struct golden_move *move, struct buf *out)
{
	struct span account = role_arn_account(span_of(move->role_arn));

	buf_addf(out, "%s%s in %s", out->len ? "; " : "", move->name, move->region);
	if (account.len)
		buf_addf(out, " of %.*s", SPAN_ARG(account));
	buf_addf(out, " was not written: %s", move->detail ? move->detail : "no reason is known");
}

const char *golden_trouble(const struct golden_move *moves, size_t n, struct arena *arena)
{
	struct buf text = buf_with_max(LIMIT_AWS_BODY);
	const char *trouble = NULL;
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++) {
		if (moves[i].state == GOLDEN_LEFT && n_left++ < MOST_NAMED)
			add_left(&moves[i], &text);
	}
	if (n_left > MOST_NAMED)
		buf_addf(&text, "; and %zu more were not", n_left - MOST_NAMED);
	if (n_left)
		trouble = arena_text(arena, buf_span(&text));
	buf_clear(&text);
	return trouble;
}
