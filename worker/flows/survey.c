#include "worker/flows/survey.h"

#include "common/aws/wire_ssm.h"
#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define PACE_MS 1000

struct survey {
	struct call call; /* first: what the caller holds */
	struct survey_question question;
	struct ec2_describe_images images;        /* what is asked */
	const struct public_parameter *parameter; /* that is asked next, */
	size_t n_names;                           /* and how many at once; 0: a path */
	const char *next_token;                   /* of a path; NULL: its first page */
	int pages;
	struct arena arena; /* of the questions */
	struct call *pending;
	void (*ask)(struct survey *survey); /* when it is time */
	survey_done_fn *done;
	void *ctx;
};

/* ---- the end --------------------------------------------------------------------------------- */

static void release(struct survey *survey)
{
	arena_clear(&survey->arena);
	free(survey);
}

static void cancel(struct call *call)
{
	struct survey *survey = (struct survey *)call;

	call_cancel(survey->pending);
	release(survey);
}

static void end(struct survey *survey, const struct err *err)
{
	survey->done(survey->ctx, err);
	release(survey);
}

/* ---- pace ------------------------------------------------------------------------------------ */

struct call *pace_turn(struct pace *pace, const struct ports *ports, timer_done_fn *done, void *ctx)
{
	int64_t now_ms = ports->timers->steady_ms(ports->timers);
	int64_t at_ms = pace->next_ms > now_ms ? pace->next_ms : now_ms;

	pace->next_ms = at_ms + PACE_MS;
	return ports_after(ports, at_ms - now_ms, done, ctx);
}

static void on_time(void *ctx)
{
	struct survey *survey = ctx;

	survey->pending = NULL;
	survey->ask(survey);
}

static void ask_in_time(struct survey *survey, void (*ask)(struct survey *))
{
	survey->ask = ask;
	survey->pending = pace_turn(survey->question.pace, survey->question.ports, on_time, survey);
}

static void ask_aws(struct survey *survey, const struct aws_operation *operation, struct buf *body,
                    aws_done_fn *done)
{
	const struct ports *ports = survey->question.ports;

	survey->pending = ports->aws(ports->world,
	                             &(struct aws_request){
					     .operation = operation,
					     .region = survey->question.offer->region,
					     .body = buf_span(body),
				     },
	                             done, survey);
	buf_clear(body);
}

/* ---- Parameter Store: what AWS recommends ---------------------------------------------------- */

static void ask_parameters(struct survey *survey);

static void next_parameters(struct survey *survey)
{
	if (survey->parameter && survey->parameter->path && survey->pages < LIMIT_PARAMETER_PAGES)
		ask_in_time(survey, ask_parameters);
	else
		end(survey, NULL);
}

static void step_over(struct survey *survey)
{
	survey->parameter += survey->n_names ? survey->n_names : 1;
	survey->next_token = NULL;
}

/* What is there for a moment only is asked again, with the rest; else EC2's word has to do. */
static void parameters_failed(struct survey *survey, const struct err *err)
{
	const struct offer *offer = survey->question.offer;

	if (err->kind == ERR_TRANSIENT) {
		end(survey, err);
		return;
	}
	log_event(survey->question.ports->log, LOG_DEBUG, "parameters_unreadable",
	          LOG_FIELDS(LOG_TEXT("family", offer->family->name),
	                     LOG_TEXT("region", offer->region), LOG_TEXT("error", err->text)));
	step_over(survey);
	next_parameters(survey);
}

static bool read_page(struct survey *survey, const struct aws_answer *answer, struct arena *arena,
                      struct ssm_page *ret_page, struct err *reterr)
{
	return survey->n_names ? ssm_names_answer(answer->body, arena, ret_page, reterr)
	                       : ssm_path_answer(answer->body, arena, ret_page, reterr);
}

/* True: what AWS recommends is the newest, so that nothing else can change the outcome. */
static bool take_page(struct survey *survey, const struct ssm_page *page)
{
	bool newest = false;

	for (size_t i = 0; i < page->n && !newest; i++)
		newest = offer_recommend(survey->question.offer,
		                         span_of(page->at[i].parameter.value));
	return newest;
}

static void on_parameters(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct survey *survey = ctx;
	struct arena arena = { 0 };
	struct ssm_page page = { .n = 0 };
	struct err why = { ERR_NONE, "" };
	bool newest;

	survey->pending = NULL;
	survey->pages++;
	if (err || !read_page(survey, answer, &arena, &page, &why)) {
		parameters_failed(survey, err ? err : &why);
		arena_clear(&arena);
		return;
	}
	newest = take_page(survey, &page);
	if (page.next_token)
		survey->next_token = arena_text(&survey->arena, span_of(page.next_token));
	else
		step_over(survey);
	arena_clear(&arena);
	if (newest)
		end(survey, NULL);
	else
		next_parameters(survey);
}

static void ask_path(struct survey *survey)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	ssm_path_body(&(struct ssm_path){ .path = survey->parameter->path,
	                                  .recursive = true,
	                                  .next_token = survey->next_token },
	              &body);
	ask_aws(survey, &aws_ssm_get_parameters_by_path, &body, on_parameters);
}

/* So many as go into one question. */
static void ask_parameters(struct survey *survey)
{
	const char *names[LIMIT_PARAMETERS];
	struct buf body = buf_with_max(LIMIT_AWS_BODY);
	const struct public_parameter *parameter = survey->parameter;

	survey->n_names = 0;
	for (; parameter->path && !parameter->listed && survey->n_names < LIMIT_PARAMETERS;
	     parameter++)
		names[survey->n_names++] = parameter->path;
	if (survey->n_names == 0) {
		ask_path(survey);
		return;
	}
	ssm_names_body(names, survey->n_names, &body);
	ask_aws(survey, &aws_ssm_get_parameters, &body, on_parameters);
}

/* ---- EC2: which images there are ------------------------------------------------------------- */

static void ask_images(struct survey *survey);

static void images_are_there(struct survey *survey)
{
	const struct offer *offer = survey->question.offer;

	survey->pages = 0;
	survey->parameter = offer->n && !offer->too_many ? offer->family->publisher->parameters
	                                                 : NULL;
	next_parameters(survey);
}

static void take_images(struct survey *survey, const struct ec2_images *page)
{
	struct offer *offer = survey->question.offer;

	offer_add(offer, page);
	survey->images.next_token = page->next_token
	                                    ? arena_text(&survey->arena, span_of(page->next_token))
	                                    : NULL;
	offer->too_many |= page->next_token && ++survey->pages == LIMIT_IMAGE_PAGES;
	if (page->next_token && !offer->too_many)
		ask_in_time(survey, ask_images);
	else
		images_are_there(survey);
}

static void on_images(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct survey *survey = ctx;
	struct ec2_images page = { .n = 0 };
	struct arena arena = { 0 };
	struct err why = { ERR_NONE, "" };

	survey->pending = NULL;
	if (err)
		end(survey, err);
	else if (!ec2_describe_images_answer(answer->body, &arena, &page, &why))
		end(survey, &why);
	else
		take_images(survey, &page);
	arena_clear(&arena);
}

static void ask_images(struct survey *survey)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	ec2_describe_images_body(&survey->images, &body);
	ask_aws(survey, &aws_ec2_describe_images, &body, on_images);
}

/* Whose images nobody may own cannot be asked for: there are none. */
static void ask_nothing(struct survey *survey)
{
	end(survey, NULL);
}

struct call *survey_start(const struct survey_question *question, survey_done_fn *done, void *ctx)
{
	struct survey *survey = xcalloc(1, sizeof(*survey));
	bool owned;

	*survey = (struct survey){
		.call = { cancel },
		.question = *question,
		.done = done,
		.ctx = ctx,
	};
	owned = offer_question(question->offer->family, &survey->arena, &survey->images);
	ask_in_time(survey, owned ? ask_images : ask_nothing);
	return &survey->call;
}
