#include "common/decide/clues.h"

#include "common/decide/offer.h"
#include "common/decide/variables.h"

#include <string.h>

#include "common/base/banned.h"

#define MOST_ATTEMPTS 100
#define SOON_MS       30000 /* the base is written when the start is accepted */

/* ---- what the variables say ------------------------------------------------------------------ */

/* Of a template with other names around it: an id looks like nothing else. */
static struct span image_id_in(struct span text)
{
	const struct span digits = SPAN("0123456789abcdef");

	for (size_t at = 0; at < text.len; at++) {
		struct span id = span_part(text, at, text.len);
		size_t len = strlen("ami-");

		if (!span_starts(id, SPAN("ami-")))
			continue;
		while (len < id.len && memchr(digits.at, id.at[len], digits.len))
			len++;
		if (image_id_is_valid(span_part(id, 0, len)))
			return span_part(id, 0, len);
	}
	return SPAN_NONE;
}

static void read_variable(const char *template, const char *value, struct template_values *values)
{
	template_read(span_of(template), span_of(value), values);
	if (!values->image_id.len && strstr(template, "{image_id}"))
		values->image_id = image_id_in(span_of(value));
}

struct template_values clues_read(const struct pipeline *pipeline,
                                  const struct codepipeline_execution *execution)
{
	struct template_values values = { .image_id = SPAN_NONE };

	for (size_t i = 0; i < pipeline->n_variables; i++) {
		const struct variable *wanted = &pipeline->variables[i];

		for (size_t j = 0; j < execution->n_variables; j++) {
			if (strcmp(wanted->name, execution->variables[j].name) == 0)
				read_variable(wanted->value, execution->variables[j].value,
				              &values);
		}
	}
	if (!image_id_is_valid(values.image_id))
		values.image_id = SPAN_NONE;
	return values;
}

static bool allows(struct span said, const char *word)
{
	return !said.len || span_is(said, word);
}

bool clues_allow(const struct template_values *values, const struct family *family,
                 const char *region)
{
	return allows(values->family, family->name) && allows(values->region, region) &&
	       allows(values->publisher, family->publisher->name);
}

/* ---- what the base parameter says ------------------------------------------------------------ */

const char *clues_base_before(const struct ssm_history *history, int64_t at_ms)
{
	const char *held = NULL;

	for (size_t i = 0; i < history->n && history->at[i].modified_ms <= at_ms; i++)
		held = history->at[i].value;
	return held;
}

const char *clues_base(const struct ssm_history *history, int64_t started_ms, int64_t ended_ms)
{
	int64_t soon_ms = started_ms + SOON_MS, last_ms = ended_ms > soon_ms ? ended_ms : soon_ms;

	for (size_t i = 0; i < history->n; i++) {
		const struct ssm_version *version = &history->at[i];

		if (version->modified_ms > started_ms && version->modified_ms <= last_ms)
			return version->value;
	}
	return clues_base_before(history, started_ms);
}

/* ---- the row --------------------------------------------------------------------------------- */

static struct announcement announcement_of(const struct clues *clues)
{
	return (struct announcement){
		.message_id = clues->values.message_id,
		.publisher = clues->family->publisher,
		.announced_ms = clues->image ? clues->image->created_ms : 0,
	};
}

/* What EC2 says of the image is judged as a look of catch-up would. */
static bool build_from_image(const struct clues *clues, struct arena *arena,
                             struct build *ret_build)
{
	struct announcement announcement = announcement_of(clues);
	struct offer offer = { .family = clues->family, .region = clues->region };
	struct ec2_image image = *clues->image;
	struct decision decision;
	bool fits;

	offer_add(&offer, &(struct ec2_images){ .at = &image, .n = 1 });
	fits = offer_decide(&offer, &decision) != NULL;
	if (fits)
		decision_build(&decision, &announcement, &offer.release, arena, ret_build);
	offer_clear(&offer);
	return fits;
}

static void build_from_values(const struct clues *clues, struct arena *arena,
                              struct build *ret_build)
{
	struct announcement announcement = announcement_of(clues);
	const struct image image = {
		.region = span_of(clues->region),
		.name = clues->values.image_name,
		.id = span_of(clues->image_id),
		.architecture = clues->values.architecture,
	};
	const struct release release = { .version = clues->values.release };
	const struct decision decision = {
		.family = clues->family,
		.region = clues->region,
		.reason = REASON_MATCHED,
		.image = &image,
		.version = version_in_name(image.name, clues->values.release),
	};

	decision_build(&decision, &announcement, &release, arena, ret_build);
}

/* An attempt that nobody made has a token that nothing names. */
static void find_attempt(struct span token, struct build *build)
{
	for (build->attempt = 0; build->attempt < MOST_ATTEMPTS; build->attempt++) {
		build_derive_token(build);
		if (span_is(token, build->token))
			return;
	}
	build->attempt = 0;
	build_derive_token(build);
}

bool clues_build(const struct clues *clues, struct arena *arena, struct build *ret_build)
{
	if (!clues->image)
		build_from_values(clues, arena, ret_build);
	else if (!build_from_image(clues, arena, ret_build))
		return false;
	if (clues->values.build.len)
		find_attempt(clues->values.build, ret_build);
	return true;
}
