#include "worker/flows/vigil.h"

#include "common/aws/wire_ec2.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/flows/build_request.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct vigil {
	const struct ports *ports;
	struct vigil_options options;
	struct call *pending; /* the question that is out, or the time until the next look */
	struct arena arena;   /* of one look */
	struct build
		*builds;   /* whose images are looked for; those of one question are neighbours */
	size_t n, at, end; /* the question that is out is about at..end */
	struct ec2_images images; /* its answer */
};

static void ask(struct vigil *vigil);
static void look(void *ctx);

/* ---- from one look to the next --------------------------------------------------------------- */

static void rest(struct vigil *vigil)
{
	int64_t every_ms = vigil->options.config->catch_up.every_s * 1000;

	arena_clear(&vigil->arena);
	vigil->n = 0;
	vigil->pending = ports_after(vigil->ports, every_ms, look, vigil);
}

static void ledger_failed(struct vigil *vigil, const struct err *err)
{
	log_event(vigil->ports->log, LOG_ERROR, "ledger_failed",
	          LOG_FIELDS(LOG_TEXT("error", err->text)));
	rest(vigil);
}

/* ---- one image ------------------------------------------------------------------------------- */

static void log_image(const struct vigil *vigil, enum log_level level, const char *event)
{
	const struct build *build = &vigil->builds[vigil->at];

	log_event(vigil->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("family", build->family), LOG_TEXT("region", build->region),
	                     LOG_TEXT("image_id", build->image_id),
	                     LOG_TEXT("release", build->release)));
}

static bool is_there(const struct vigil *vigil)
{
	const char *id = vigil->builds[vigil->at].image_id;

	for (size_t i = 0; i < vigil->images.n; i++) {
		const struct ec2_image *image = &vigil->images.at[i];

		if (strcmp(image->id, id) == 0)
			return strcmp(image->state, "available") == 0;
	}
	return false;
}

static void judge(struct vigil *vigil);

static void on_withdrawn(void *ctx, const struct err *err)
{
	struct vigil *vigil = ctx;

	vigil->pending = NULL;
	if (err) {
		ledger_failed(vigil, err);
		return;
	}
	log_image(vigil, LOG_WARNING, "image_withdrawn");
	vigil->options.told(vigil->options.ctx);
	vigil->at++;
	judge(vigil);
}

static void withdraw(struct vigil *vigil)
{
	const struct build *build = &vigil->builds[vigil->at];
	struct ledger *ledger = vigil->ports->ledger;
	struct arena *arena = &vigil->arena;
	char now[TEXT_TIME_SIZE];

	text_time(ports_now_ms(vigil->ports), now);
	vigil->pending = ledger->withdraw(
		ledger,
		&(struct withdrawal){
			.family = build->family,
			.what = build->image_id,
			.reason = arena_printf(arena, "no longer available on %.10s", now),
			.text = arena_printf(arena,
	                                     "%s (%s) is no longer available in %s: it was "
	                                     "deregistered or made private.",
	                                     build->image_id, build->image_name, build->region),
			.key = arena_printf(arena, "gone/%s/%s", build->image_id, build->family),
		},
		on_withdrawn, vigil);
}

/* Of the images that were asked for, one after the other. */
static void judge(struct vigil *vigil)
{
	for (; vigil->at < vigil->end; vigil->at++) {
		bool there = is_there(vigil), marked = vigil->builds[vigil->at].withdrawn_ms != 0;

		if (there && marked)
			log_image(vigil, LOG_INFO, "withdrawn_image_available");
		if (!there && !marked) {
			withdraw(vigil);
			return;
		}
	}
	ask(vigil);
}

/* ---- EC2 ------------------------------------------------------------------------------------- */

static bool read_answer(struct vigil *vigil, const struct aws_answer *answer, const struct err *err,
                        struct err *reterr)
{
	if (err) {
		*reterr = *err;
		return false;
	}
	if (!ec2_describe_images_answer(answer->body, &vigil->arena, &vigil->images, reterr))
		return false;
	return !vigil->images.next_token ||
	       err_set(reterr, ERR_MALFORMED, "EC2 told of a part of the images only");
}

static void on_described(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct vigil *vigil = ctx;
	const char *region = vigil->builds[vigil->at].region;
	struct err why = { ERR_NONE, "" };

	vigil->pending = NULL;
	if (read_answer(vigil, answer, err, &why)) {
		judge(vigil);
		return;
	}
	log_event(vigil->ports->log, LOG_WARNING, "vigil_failed",
	          LOG_FIELDS(LOG_TEXT("region", region), LOG_TEXT("error", why.text)));
	vigil->at = vigil->end;
	ask(vigil);
}

static int compare(const char *one, const char *other)
{
	return strcmp(one ? one : "", other ? other : "");
}

/* By what a question can be about: one region, in the name of one account. */
static int by_question(const void *one, const void *other)
{
	const struct build *a = one, *b = other;
	int order = compare(a->region, b->region);

	return order ? order : compare(a->role_arn, b->role_arn);
}

static size_t end_of_question(const struct vigil *vigil)
{
	size_t end = vigil->at;

	while (end < vigil->n && end - vigil->at < LIMIT_WATCHED &&
	       by_question(&vigil->builds[end], &vigil->builds[vigil->at]) == 0)
		end++;
	return end;
}

/* By a filter, because an id that there is not any more would be an error of the whole question. */
static void write_question(const struct vigil *vigil, struct buf *body)
{
	const char *ids[LIMIT_WATCHED];
	size_t n = vigil->end - vigil->at;

	for (size_t i = 0; i < n; i++)
		ids[i] = vigil->builds[vigil->at + i].image_id;
	ec2_describe_images_body(
		&(struct ec2_describe_images){
			.filters = &(struct ec2_filter){ "image-id", { ids, n } },
			.n_filters = 1,
			.include_deprecated = true,
		},
		body);
}

static void ask(struct vigil *vigil)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	vigil->end = end_of_question(vigil);
	if (vigil->at == vigil->end) {
		log_event(vigil->ports->log, LOG_DEBUG, "images_looked_for",
		          LOG_FIELDS(LOG_NUMBER("images", (int64_t)vigil->n)));
		rest(vigil);
		return;
	}
	write_question(vigil, &body);
	vigil->pending = build_request_start(
		&(struct build_request){
			.ports = vigil->ports,
			.build = &vigil->builds[vigil->at],
			.operation = &aws_ec2_describe_images,
			.region = vigil->builds[vigil->at].region,
			.body = &body,
		},
		on_described, vigil);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

/* What was there before evergold was not built by us; what nobody tracks any more is left alone. */
static bool is_watched(const struct vigil *vigil, const struct overview_line *line)
{
	return line->built && line->built->status == EXECUTION_SUCCEEDED &&
	       config_family(vigil->options.config, line->family);
}

static void on_overview(void *ctx, const struct overview *overview, const struct err *err)
{
	struct vigil *vigil = ctx;

	vigil->pending = NULL;
	if (err) {
		ledger_failed(vigil, err);
		return;
	}
	vigil->builds = arena_alloc(&vigil->arena, overview->n_lines, sizeof(*vigil->builds));
	for (size_t i = 0; i < overview->n_lines; i++) {
		if (is_watched(vigil, &overview->lines[i]))
			vigil->builds[vigil->n++] = build_copy(overview->lines[i].built,
			                                       &vigil->arena);
	}
	qsort(vigil->builds, vigil->n, sizeof(*vigil->builds), by_question);
	vigil->at = 0;
	ask(vigil);
}

static void look(void *ctx)
{
	struct vigil *vigil = ctx;
	struct ledger *ledger = vigil->ports->ledger;

	vigil->pending = ledger->overview(ledger, on_overview, vigil);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct vigil *vigil_new(const struct vigil_options *options)
{
	struct vigil *vigil = xcalloc(1, sizeof(*vigil));

	vigil->ports = options->ports;
	vigil->options = *options;
	vigil->pending = ports_after(vigil->ports, 0, look, vigil);
	return vigil;
}

void vigil_stop(struct vigil *vigil)
{
	if (!vigil)
		return;
	call_cancel(vigil->pending);
	vigil->pending = NULL;
}

void vigil_free(struct vigil *vigil)
{
	if (!vigil)
		return;
	vigil_stop(vigil);
	arena_clear(&vigil->arena);
	free(vigil);
}
