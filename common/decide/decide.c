#include "common/decide/decide.h"

#include "common/base/mem.h"
#include "common/decide/match.h"
#include "common/decide/variables.h"
#include "common/decide/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

void decisions_clear(struct decisions *decisions)
{
	free(decisions->at);
	*decisions = (struct decisions){ 0 };
}

static struct decision *append(struct decisions *decisions)
{
	decisions->at = xreallocarray(decisions->at, decisions->n + 1, sizeof(*decisions->at));
	decisions->at[decisions->n] = (struct decision){ 0 };
	return &decisions->at[decisions->n++];
}

static void say(struct decision *decision, const char *text)
{
	snprintf(decision->detail, sizeof(decision->detail), "%s", text);
}

static void decide_region(const struct family *family, const char *region,
                          const struct release *release, struct decision *decision)
{
	struct buf detail = buf_with_max(2000);
	struct match match = match_release(family, span_of(region), release, &detail);

	decision->family = family;
	decision->region = region;
	decision->reason = match.reason;
	decision->image = match.image;
	decision->version = match.image ? match.version : release->version;
	say(decision, buf_text(&detail));
	buf_clear(&detail);
}

static void decide_no_family(const struct publisher *publisher, const struct release *release,
                             struct decisions *decisions)
{
	struct decision *decision = append(decisions);

	decision->reason = REASON_NO_FAMILY;
	decision->version = release ? release->version : SPAN_NONE;
	say(decision,
	    publisher ? "no family tracks this publisher" : "no publisher has this topic");
}

void decide_announcement(const struct config *config, const struct publisher *publisher,
                         const struct release *release, struct decisions *decisions)
{
	size_t before = decisions->n;

	for (size_t i = 0; i < config->n_families; i++) {
		const struct family *family = &config->families[i];

		if (family->publisher != publisher)
			continue;
		for (size_t r = 0; r < family->n_regions; r++)
			decide_region(family, family->regions[r], release, append(decisions));
	}
	if (decisions->n == before)
		decide_no_family(publisher, release, decisions);
}

void decide_rejected(enum reason reason, const char *detail, struct decisions *decisions)
{
	struct decision *decision = append(decisions);

	decision->reason = reason;
	say(decision, detail);
}

bool decision_starts(const struct decision *decision)
{
	return decision->reason == REASON_MATCHED;
}

void decide_known(struct decision *decision)
{
	const struct facts *facts = &decision->facts;

	if (!decision_starts(decision))
		return;
	if (facts->image_started) {
		decision->reason = REASON_ALREADY_STARTED;
		say(decision, "this image has its build already");
	} else if (facts->newest[0] &&
	           version_compare(decision->version, span_of(facts->newest)) < 0) {
		decision->reason = REASON_OLDER_RELEASE;
		snprintf(decision->detail, sizeof(decision->detail), "%s was started before",
		         facts->newest);
	}
}

void decide_learn(const struct decision *started, struct decision *other)
{
	struct facts *facts = &other->facts;

	if (started->family != other->family || started->region != other->region)
		return;
	if (other->image && span_equal(started->image->id, other->image->id))
		facts->image_started = true;
	if (!facts->newest[0] || version_compare(started->version, span_of(facts->newest)) > 0)
		snprintf(facts->newest, sizeof(facts->newest), "%.*s", SPAN_ARG(started->version));
}

static struct template_values values_of(const struct build *build)
{
	return (struct template_values){
		.image_id = span_of(build->image_id),
		.image_name = span_of(build->image_name),
		.release = span_of(build->release),
		.region = span_of(build->region),
		.architecture = span_of(build->architecture),
		.family = span_of(build->family),
		.publisher = span_of(build->publisher),
		.message_id = span_of(build->message_id),
		.notes_url = span_of(build->notes_url),
		.build = span_of(build->token),
	};
}

void decision_build(const struct decision *decision, const struct announcement *announcement,
                    const struct release *release, struct arena *arena, struct build *ret_build)
{
	const struct pipeline *pipeline = &decision->family->pipeline;
	const struct image *image = decision->image;
	struct template_values values;

	*ret_build = (struct build){
		.state = BUILD_WANTED,
		.family = decision->family->name,
		.pipeline_region = pipeline->region ? pipeline->region : decision->region,
		.pipeline = pipeline->name,
		.region = decision->region,
		.image_id = arena_text(arena, image->id),
		.publisher = announcement->publisher->name,
		.release = arena_text(arena, decision->version),
		.image_name = arena_text(arena, image->name),
		.architecture = arena_text(arena, image->architecture),
		.message_id = arena_text(arena, announcement->message_id),
		.notes_url = arena_text(arena, release->notes),
		.role_arn = pipeline->role_arn,
		.announced_ms = announcement->announced_ms,
	};
	build_derive_token(ret_build);
	values = values_of(ret_build);
	ret_build->variables = variables_write(pipeline, &values, arena);
}
