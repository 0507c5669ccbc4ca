#include "common/aws/wire_pipeline.h"
#include "common/base/limits.h"
#include "common/decide/preflight.h"
#include "worker/flows/online_checks.h"

#include <string.h>

#include "common/base/banned.h"

/* ---- Pipelines ------------------------------------------------------------------------------- */

/* The file is what people edit: no one change is right for all. */
static void repair_declaration(struct online *online)
{
	const struct preflight_pipeline *pipeline = online->at->about;

	online_repair(
		online,
		"aws codepipeline get-pipeline --region %s --name %s --query pipeline "
		">pipeline.json && \"$EDITOR\" pipeline.json && "
		"aws codepipeline update-pipeline --region %s --pipeline file://pipeline.json",
		pipeline->region, pipeline->name, pipeline->region);
}

static void judge_pipeline(struct online *online, const struct pipeline_declaration *declaration)
{
	static const enum online_status statuses[] = {
		[PREFLIGHT_FINE] = ONLINE_OK,
		[PREFLIGHT_ODD] = ONLINE_WARNING,
		[PREFLIGHT_WRONG] = ONLINE_FAILED,
	};
	const struct preflight_question question = {
		.config = online->options.config,
		.pipeline = online->at->about,
		.declaration = declaration,
	};
	struct preflight judged = preflight_judge(&question, &online->texts);

	if (judged.verdict != PREFLIGHT_FINE)
		repair_declaration(online);
	online_tell(online, statuses[judged.verdict], judged.detail, judged.hint);
}

static void on_pipeline(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	struct pipeline_declaration declaration;
	struct err why;

	online->pending = NULL;
	if (err)
		online_fail(online, err);
	else if (!pipeline_get_answer(answer->body, &online->texts, &declaration, &why))
		online_fail(online, &why);
	else
		judge_pipeline(online, &declaration);
}

static void ask_pipeline(struct online *online)
{
	const struct ports *ports = online->options.ports;
	const struct preflight_pipeline *pipeline = online->at->about;
	const struct aws_role role = {
		.arn = pipeline->role_arn,
		.session_name = ONLINE_ROLE_SESSION,
		.region = pipeline->region,
	};
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	pipeline_get_body(pipeline->name, &body);
	online->pending = ports->aws(ports->world,
	                             &(struct aws_request){
					     .operation = &aws_codepipeline_get_pipeline,
					     .region = pipeline->region,
					     .role = role.arn ? &role : NULL,
					     .body = buf_span(&body),
				     },
	                             on_pipeline, online);
	buf_clear(&body);
}

static const char *const actions[] = {
	"codepipeline:GetPipeline",          "codepipeline:StartPipelineExecution",
	"codepipeline:GetPipelineExecution", "codepipeline:ListPipelineExecutions",
	"codepipeline:ListActionExecutions", NULL,
};

static void repair_pipeline(struct online *online, const struct err *err)
{
	const struct preflight_pipeline *pipeline = online->at->about;

	if (strstr(err->text, "PipelineNotFound"))
		online_repair(online,
		              "aws codepipeline list-pipelines --region %s "
		              "--query 'pipelines[].name'",
		              pipeline->region);
	else if (online_is_denied(err))
		online_repair_grant(online,
		                    &(struct online_resource){ pipeline->role_arn, "codepipeline",
		                                               pipeline->region, "",
		                                               pipeline->name },
		                    actions);
}

static const struct online_check pipeline_check = {
	.name = "pipeline",
	.signs = true,
	.denied = "allow codepipeline:GetPipeline on the pipeline, to its role_arn if it has one",
	.ask = ask_pipeline,
	.repair = repair_pipeline,
};

/* One name may be that of a pipeline in each of several accounts. */
static const char *name_of(struct online *online, const struct preflight_pipeline *pipeline)
{
	const char *arn = pipeline->role_arn;

	return arena_printf(&online->kept, "pipeline %s in %s%s%s", pipeline->name,
	                    pipeline->region, arn ? " as " : "", arn ? arn : "");
}

void online_list_pipelines(struct online *online)
{
	const struct preflight_pipeline *pipelines;
	size_t n;

	pipelines = preflight_pipelines(online->options.config, &online->kept, &n);
	for (size_t i = 0; i < n; i++)
		online_add(online, &pipeline_check, name_of(online, &pipelines[i]), &pipelines[i]);
}
