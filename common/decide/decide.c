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

static void decide_match(const struct release *release, struct decision *decision)
{
	struct buf detail = buf_with_max(2000);
	struct match match = match_release(decision->family, span_of(decision->region), release,
	                                   &detail);

	decision->reason = match.reason;
	decision->image = match.image;
	if (match.image)
		decision->version = match.version;
	if (match.rival) {
		decision->rivals[0] = match.nearest;
		decision->rivals[1] = match.rival;
	}
	say(decision, buf_text(&detail));
	buf_clear(&detail);
}

static void decide_withdrawal(struct decision *decision)
{
	struct span version = decision->version;

	decision->reason = REASON_QUARANTINED;
	snprintf(decision->detail, sizeof(decision->detail),
	         "the publisher has withdrawn images%s%.*s", version.len ? " dated " : "",
	         SPAN_ARG(version));
}

static void decide_unresolved(struct decision *decision)
{
	struct span version = decision->version;

	decision->reason = REASON_NOT_AVAILABLE_YET;
	snprintf(decision->detail, sizeof(decision->detail),
	         "the announcement names no images; %s%.*s are looked up",
	         version.len ? "those dated " : "they", SPAN_ARG(version));
}

void decide_line(const struct family *family, const char *region, const struct release *release,
                 struct decision *ret_decision)
{
	*ret_decision = (struct decision){
		.family = family,
		.region = region,
		.version = release->version,
	};
	if (release->withdrawal)
		decide_withdrawal(ret_decision);
	else if (release->unresolved)
		decide_unresolved(ret_decision);
	else
		decide_match(release, ret_decision);
}

static bool concerns(const struct publisher *publisher, const struct family *family)
{
	return family->publisher == publisher || publisher_withdraws(publisher, family->publisher);
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

		for (size_t r = 0; concerns(publisher, family) && r < family->n_regions; r++)
			decide_line(family, family->regions[r], release, append(decisions));
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

bool decision_builds(const struct decision *decision)
{
	return decision->image &&
	       (decision_starts(decision) || reason_outcome(decision->reason) == OUTCOME_HELD);
}

static bool is_older(struct span version, const char *other)
{
	return other[0] && version_compare(version, span_of(other)) < 0;
}

static void hold(struct decision *decision, const struct moment *moment)
{
	struct hold hold = hold_judge(&(struct hold_question){
		.family = decision->family,
		.facts = &decision->facts,
		.announced_ms = moment->announced_ms < moment->now_ms ? moment->announced_ms
	                                                              : moment->now_ms,
		.now_ms = moment->now_ms,
	});

	decision->reason = hold.reason;
	decision->held_until_ms = hold.until_ms;
	if (hold.detail[0])
		say(decision, hold.detail);
}

void decide_known(struct decision *decision, const struct moment *moment)
{
	const struct facts *facts = &decision->facts;

	if (!decision_starts(decision))
		return;
	if (facts->image_started) {
		decision->reason = REASON_ALREADY_STARTED;
		say(decision, "this image has its build already");
	} else if (is_older(decision->version, facts->newest) ||
	           is_older(decision->version, facts->next)) {
		decision->reason = REASON_OLDER_RELEASE;
		snprintf(decision->detail, sizeof(decision->detail), "%s was started before",
		         is_older(decision->version, facts->newest) ? facts->newest : facts->next);
	} else {
		hold(decision, moment);
	}
}

void decide_learn(const struct decision *built, struct decision *other)
{
	struct facts *facts = &other->facts;

	if (built->family != other->family || built->region != other->region)
		return;
	facts->line_known = true;
	if (other->image && span_equal(built->image->id, other->image->id))
		facts->image_started = true;
	if (decision_starts(built) &&
	    (!facts->next[0] || version_compare(built->version, span_of(facts->next)) > 0))
		snprintf(facts->next, sizeof(facts->next), "%.*s", SPAN_ARG(built->version));
}

/* While it keeps failing, AWS is asked at once whether somebody has mended the pipeline since. */
static int64_t due_ms(const struct decision *decision)
{
	return decision->reason == REASON_FAILING ? 0 : decision->held_until_ms;
}

void decision_build(const struct decision *decision, const struct announcement *announcement,
                    const struct release *release, struct arena *arena, struct build *ret_build)
{
	const struct pipeline *pipeline = &decision->family->pipeline;
	const struct image *image = decision->image;

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
		.held = decision->reason,
		.hold_detail = decision_starts(decision)
		                       ? NULL
		                       : arena_text(arena, span_of(decision->detail)),
		.due_ms = due_ms(decision),
	};
	build_derive_token(ret_build);
	ret_build->variables = variables_of_build(pipeline, ret_build, arena);
}
