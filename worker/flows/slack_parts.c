#include "worker/flows/slack_parts.h"

#include "common/base/limits.h"

#include <inttypes.h>

#include "common/base/banned.h"

/* A wait or a refusal that is over by now has never been anybody's business. */
static bool is_news(const struct build *build)
{
	switch (build->state) {
	case BUILD_WANTED:
		return build->held != REASON_MATCHED || build->trouble;
	case BUILD_STARTED:
	case BUILD_FINISHED:
		return true;
	case BUILD_SUPERSEDED:
	case BUILD_ADOPTED:
		break;
	}
	return false;
}

bool slack_part_is_wanted(const struct notice *notice, const struct post *posts,
                          enum slack_part part)
{
	const struct post *root = &posts[SLACK_ROOT];

	if (part == SLACK_DETAILS)
		return !notice->text && root->state != POST_NONE &&
		       slack_has_details(&notice->build);
	return notice->text || root->state != POST_NONE || root->nth || is_news(&notice->build);
}

/* What a build's row says by itself. */
static enum notice_kind kind_of(const struct build *build)
{
	switch (build->state) {
	case BUILD_WANTED:
		return build->held != REASON_MATCHED ? NOTICE_HELD : NOTICE_REFUSED;
	case BUILD_STARTED:
		return NOTICE_STARTED;
	case BUILD_SUPERSEDED:
		return NOTICE_SUPERSEDED;
	case BUILD_FINISHED:
	case BUILD_ADOPTED:
		break;
	}
	return build->execution_id ? NOTICE_FINISHED : NOTICE_GIVEN_UP;
}

void slack_part_write(const struct config *config, const struct notice *notice,
                      const struct slack_message *place, struct buf *out)
{
	const char *name = notice->build.family;
	const struct family *family = name ? config_family(config, name) : NULL;
	struct slack_message message = *place;

	message.kind = notice->text ? notice->kind : kind_of(&notice->build);
	message.build = &notice->build;
	message.text = notice->text;
	message.publisher = family ? family->publisher : NULL;
	message.mention = family ? family->slack_mention : NULL;
	message.several_regions = family && family->n_regions > 1;
	slack_message_json(&message, out);
}

void slack_part_digest(const struct config *config, const struct notice *notice,
                       enum slack_part part, char ret_digest[DIGEST_SHA256_HEX])
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	slack_part_write(config, notice, &(struct slack_message){ .part = part, .channel = "" },
	                 &body);
	digest_sha256_hex(buf_span(&body), ret_digest);
	buf_clear(&body);
}

const char *slack_part_post_id(const struct notice *notice, const struct post *post,
                               struct arena *arena)
{
	if (notice->text)
		return arena_printf(arena, "notice-%" PRId64 "-%" PRId64, notice->id,
		                    notice->created_ms);
	return arena_printf(arena, "%s-%s-%d", notice->build.token,
	                    post->part == SLACK_ROOT ? "root" : "details", post->nth);
}
