#include "common/decide/build.h"

#include "common/base/buf.h"
#include "common/base/limits.h"

#include <stddef.h>

#include "common/base/banned.h"

static const char *const state_words[] = {
	[BUILD_WANTED] = "wanted",     [BUILD_STARTED] = "started",
	[BUILD_FINISHED] = "finished", [BUILD_SUPERSEDED] = "superseded",
	[BUILD_ADOPTED] = "adopted",
};

const char *build_state_word(enum build_state state)
{
	return state_words[state];
}

bool build_state_of(struct span word, enum build_state *ret_state)
{
	for (enum build_state state = BUILD_WANTED; state <= BUILD_ADOPTED; state++) {
		if (span_is(word, state_words[state])) {
			*ret_state = state;
			return true;
		}
	}
	return false;
}

struct build build_copy(const struct build *build, struct arena *arena)
{
	static const size_t texts[] = {
		offsetof(struct build, family),        offsetof(struct build, pipeline_region),
		offsetof(struct build, pipeline),      offsetof(struct build, region),
		offsetof(struct build, image_id),      offsetof(struct build, publisher),
		offsetof(struct build, release),       offsetof(struct build, image_name),
		offsetof(struct build, architecture),  offsetof(struct build, message_id),
		offsetof(struct build, notes_url),     offsetof(struct build, role_arn),
		offsetof(struct build, variables),     offsetof(struct build, execution_id),
		offsetof(struct build, summary),       offsetof(struct build, failed_stage),
		offsetof(struct build, failed_action), offsetof(struct build, error_code),
		offsetof(struct build, error_message), offsetof(struct build, error_url),
		offsetof(struct build, golden_ami),    offsetof(struct build, trouble),
		offsetof(struct build, hold_detail),   offsetof(struct build, base_parameter),
		offsetof(struct build, base_previous), offsetof(struct build, golden_previous),
		offsetof(struct build, timeline),
	};
	struct build copy = *build;

	copy.golden_moves = NULL;
	copy.n_golden_moves = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char **text = (const char **)(void *)((char *)&copy + texts[i]);

		*text = *text ? arena_text(arena, span_of(*text)) : NULL;
	}
	return copy;
}

void build_derive_token(struct build *build)
{
	struct buf identity = buf_with_max(LIMIT_AWS_BODY);

	buf_addf(&identity, "evergold/1\n%s\n%s\n%s\n%s\n%s\n%d\n", build->family,
	         build->pipeline_region, build->pipeline, build->region, build->image_id,
	         build->attempt);
	digest_sha256_hex(buf_span(&identity), build->token);
	buf_clear(&identity);
}
