#include "common/decide/preflight.h"

#include "common/base/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

/* ---- Which pipelines there are --------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_pipeline(const struct preflight_pipeline *a, const struct preflight_pipeline *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->region, b->region) == 0 &&
	       same_text(a->role_arn, b->role_arn);
}

/* Of the family's i-th region. */
static struct preflight_pipeline pipeline_of(const struct family *family, size_t i)
{
	const struct pipeline *pipeline = &family->pipeline;

	return (struct preflight_pipeline){
		.name = pipeline->name,
		.region = pipeline->region ? pipeline->region : family->regions[i],
		.role_arn = pipeline->role_arn,
	};
}

static void add_once(struct preflight_pipeline *pipelines, size_t *n,
                     struct preflight_pipeline pipeline)
{
	for (size_t i = 0; i < *n; i++) {
		if (same_pipeline(&pipelines[i], &pipeline))
			return;
	}
	pipelines[(*n)++] = pipeline;
}

const struct preflight_pipeline *preflight_pipelines(const struct config *config,
                                                     struct arena *arena, size_t *ret_n)
{
	struct preflight_pipeline *pipelines;
	size_t most = 0;

	for (size_t i = 0; i < config->n_families; i++)
		most += config->families[i].n_regions;
	pipelines = arena_alloc(arena, most, sizeof(*pipelines));
	*ret_n = 0;
	for (size_t i = 0; i < config->n_families; i++) {
		for (size_t j = 0; j < config->families[i].n_regions; j++)
			add_once(pipelines, ret_n, pipeline_of(&config->families[i], j));
	}
	return pipelines;
}

/* ---- Who starts it, and with what ------------------------------------------------------------ */

/* How many of the family's regions are built by the pipeline. */
static size_t regions_built(const struct family *family, const struct preflight_pipeline *by)
{
	size_t n = 0;

	for (size_t i = 0; i < family->n_regions; i++) {
		struct preflight_pipeline pipeline = pipeline_of(family, i);

		n += same_pipeline(&pipeline, by);
	}
	return n;
}

/* The next of the families that start it; NULL: of all the first, or no more. */
static const struct family *next_family(const struct preflight_question *question,
                                        const struct family *after)
{
	const struct config *config = question->config;
	const struct family *family = after ? after + 1 : config->families;

	while (family < config->families + config->n_families &&
	       regions_built(family, question->pipeline) == 0)
		family++;
	return family < config->families + config->n_families ? family : NULL;
}

static bool sends(const struct family *family, const char *variable)
{
	for (size_t i = 0; i < family->pipeline.n_variables; i++) {
		if (strcmp(family->pipeline.variables[i].name, variable) == 0)
			return true;
	}
	return false;
}

/* The first that sends the variable, or that does not. */
static const struct family *first_family(const struct preflight_question *question,
                                         const char *variable, bool sending)
{
	const struct family *family = next_family(question, NULL);

	while (family && sends(family, variable) != sending)
		family = next_family(question, family);
	return family;
}

/* ---- What can be wrong ----------------------------------------------------------------------- */

static void look_at_type(const struct preflight_question *question, struct buf *out)
{
	const struct family *family = next_family(question, NULL);

	while (family && family->pipeline.n_variables == 0)
		family = next_family(question, family);
	if (family && !question->declaration->takes_variables)
		buf_addf(out, ", ignores the variables that '%s' sends", family->name);
}

static bool declares(const struct pipeline_declaration *declaration, const char *variable)
{
	for (size_t i = 0; i < declaration->n_variables; i++) {
		if (strcmp(declaration->variables[i].name, variable) == 0)
			return true;
	}
	return false;
}

static const char *nearest_declared(const struct pipeline_declaration *declaration,
                                    const char *variable)
{
	const char *names[LIMIT_VARIABLES];

	for (size_t i = 0; i < declaration->n_variables; i++)
		names[i] = declaration->variables[i].name;
	return nearest_word(span_of(variable), names, declaration->n_variables);
}

static void add_undeclared(const struct preflight_question *question, const struct family *family,
                           const char *variable, struct buf *out)
{
	const char *near = nearest_declared(question->declaration, variable);

	buf_addf(out, ", does not declare '%s' that '%s' sends", variable, family->name);
	if (near)
		buf_addf(out, " (did you mean '%s'?)", near);
}

/* Each name once, though several families send it. */
static void look_at_undeclared(const struct preflight_question *question, struct buf *out)
{
	if (!question->declaration->takes_variables)
		return;
	for (const struct family *family = next_family(question, NULL); family;
	     family = next_family(question, family)) {
		for (size_t i = 0; i < family->pipeline.n_variables; i++) {
			const char *variable = family->pipeline.variables[i].name;

			if (!declares(question->declaration, variable) &&
			    first_family(question, variable, true) == family)
				add_undeclared(question, family, variable, out);
		}
	}
}

static void look_at_missing(const struct preflight_question *question, struct buf *out)
{
	const struct pipeline_declaration *declaration = question->declaration;

	for (size_t i = 0; i < declaration->n_variables; i++) {
		const struct pipeline_variable *variable = &declaration->variables[i];
		const struct family *without = first_family(question, variable->name, false);

		if (!variable->has_default && without)
			buf_addf(out, ", '%s' has no default and '%s' does not send it",
			         variable->name, without->name);
	}
}

/* In a variable or a parameter, unless the pipeline finds it by itself. */
static bool learns_base(const struct family *family)
{
	const struct pipeline *pipeline = &family->pipeline;

	for (size_t i = 0; i < pipeline->n_variables; i++) {
		const char *value = pipeline->variables[i].value;

		if (strstr(value, "{image_id}") || strstr(value, "{image_name}"))
			return true;
	}
	return family->base_parameter != NULL;
}

static void look_at_base(const struct preflight_question *question, struct buf *out)
{
	const struct family *family = next_family(question, NULL);

	while (family && learns_base(family))
		family = next_family(question, family);
	if (family)
		buf_addf(out, ", is not told which image '%s' builds on", family->name);
}

static void look_at_mode(const struct preflight_question *question, struct buf *out)
{
	size_t families = 0, builds = 0;

	for (const struct family *family = next_family(question, NULL); family;
	     family = next_family(question, family)) {
		families++;
		builds += regions_built(family, question->pipeline);
	}
	if (builds > 1 && question->declaration->mode == PIPELINE_SUPERSEDED)
		buf_addf(out, ", shared by %zu %s", families > 1 ? families : builds,
		         families > 1 ? "families" : "regions");
}

static const struct {
	void (*look)(const struct preflight_question *question, struct buf *out); /* ", what" */
	enum preflight_verdict verdict;
	const char *hint;
} rules[] = {
	{ look_at_type, PREFLIGHT_WRONG,
	  "make its type V2, or send no variables and let it read base_parameter" },
	{ look_at_undeclared, PREFLIGHT_WRONG,
	  "declare it in the pipeline, or correct pipeline.variables: CodePipeline ignores a name "
	  "that it does not know, and builds with defaults" },
	{ look_at_missing, PREFLIGHT_WRONG,
	  "send it by pipeline.variables, or give it a default: without a value an execution "
	  "fails at once" },
	{ look_at_base, PREFLIGHT_ODD,
	  "send {image_id} in pipeline.variables, or set base_parameter and let the pipeline read "
	  "it" },
	{ look_at_mode, PREFLIGHT_ODD,
	  "make its execution mode QUEUED or PARALLEL, which needs V2: a newer build supersedes "
	  "one that waits" },
};

/* ---- The judgement --------------------------------------------------------------------------- */

static void describe(const struct pipeline_declaration *declaration, struct buf *out)
{
	static const char *const modes[] = {
		[PIPELINE_SUPERSEDED] = "SUPERSEDED",
		[PIPELINE_QUEUED] = "QUEUED",
		[PIPELINE_PARALLEL] = "PARALLEL",
		[PIPELINE_OTHER] = "an unknown mode",
	};

	buf_addf(out, "%s, %s", declaration->takes_variables ? "V2" : "V1",
	         modes[declaration->mode]);
}

struct preflight preflight_judge(const struct preflight_question *question, struct arena *arena)
{
	struct buf detail = buf_with_max(LIMIT_AWS_BODY), hint = buf_with_max(LIMIT_AWS_BODY);
	struct preflight judged = { .verdict = PREFLIGHT_FINE };

	describe(question->declaration, &detail);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		size_t before = detail.len;

		rules[i].look(question, &detail);
		if (detail.len == before)
			continue;
		buf_addf(&hint, "%s%s", hint.len > 0 ? "; " : "", rules[i].hint);
		if (rules[i].verdict > judged.verdict)
			judged.verdict = rules[i].verdict;
	}
	judged.detail = arena_text(arena, buf_span(&detail));
	judged.hint = hint.len > 0 ? arena_text(arena, buf_span(&hint)) : NULL;
	buf_clear(&detail);
	buf_clear(&hint);
	return judged;
}

/* ---- One start ------------------------------------------------------------------------------- */

static bool is_sent(const struct variables *sent, const char *variable)
{
	for (size_t i = 0; i < sent->n; i++) {
		if (strcmp(sent->at[i].name, variable) == 0)
			return true;
	}
	return false;
}

/* NULL: it declares all. */
static const char *first_undeclared(const struct preflight_start *start)
{
	const struct variables *sent = start->sent;

	for (size_t i = 0; i < sent->n; i++) {
		if (!declares(start->declaration, sent->at[i].name))
			return sent->at[i].name;
	}
	return NULL;
}

/* NULL: nothing is missing. */
static const char *first_missing(const struct preflight_start *start)
{
	const struct pipeline_declaration *declaration = start->declaration;

	for (size_t i = 0; i < declaration->n_variables; i++) {
		const struct pipeline_variable *variable = &declaration->variables[i];

		if (!variable->has_default && !is_sent(start->sent, variable->name))
			return variable->name;
	}
	return NULL;
}

PRINTF_LIKE(3, 4)

static bool refuse(const struct preflight_start *start, char ret_detail[LIMIT_WHY],
                   const char *format, ...)
{
	int n = snprintf(ret_detail, LIMIT_WHY, "pipeline %.64s in %s ", start->build->pipeline,
	                 start->build->pipeline_region);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ret_detail + n, (size_t)(LIMIT_WHY - n), format, arguments);
	va_end(arguments);
	return false;
}

static bool refuse_undeclared(const struct preflight_start *start, const char *variable,
                              char ret_detail[LIMIT_WHY])
{
	const char *near = nearest_declared(start->declaration, variable);

	if (near)
		return refuse(start, ret_detail, "does not declare %.30s (did you mean %.30s?)",
		              variable, near);
	return refuse(start, ret_detail, "does not declare %.64s, which the build sends", variable);
}

bool preflight_may_start(const struct preflight_start *start, char ret_detail[LIMIT_WHY])
{
	const char *variable;

	if (!start->declaration)
		return refuse(start, ret_detail, "does not exist");
	if (!start->declaration->takes_variables)
		return start->sent->n == 0 ||
		       refuse(start, ret_detail,
		              "is of type V1, which ignores variables: make it V2, or send none");
	variable = first_undeclared(start);
	if (variable)
		return refuse_undeclared(start, variable, ret_detail);
	variable = first_missing(start);
	return !variable ||
	       refuse(start, ret_detail, "has no default for %.64s, which is not sent", variable);
}
