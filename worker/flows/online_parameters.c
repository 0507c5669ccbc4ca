#include "common/aws/wire_ssm.h"
#include "common/base/limits.h"
#include "worker/flows/online_checks.h"

#include <string.h>

#include "common/base/banned.h"

/* Where one is, and in whose name it is written. Borrowed from the configuration. */
struct parameter {
	const char *name, *region, *role_arn;
};

/* ---- One of them ----------------------------------------------------------------------------- */

static const char *const actions[] = { "ssm:GetParameter", "ssm:PutParameter", NULL };

static void repair_parameter(struct online *online, const struct err *err)
{
	const struct parameter *parameter = online->at->about;

	if (online_is_denied(err))
		online_repair_grant(online,
		                    &(struct online_resource){ parameter->role_arn, "ssm",
		                                               parameter->region, "parameter",
		                                               parameter->name },
		                    actions);
}

/* Nothing is written to find out whether it could be. */
static void on_parameter(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	struct ssm_parameter parameter;
	struct err why;

	online->pending = NULL;
	if (err && strstr(err->text, "ParameterNotFound"))
		online_tell(online, ONLINE_OK, "not there yet; the first build makes it", NULL);
	else if (err)
		online_fail(online, err);
	else if (!ssm_get_answer(answer->body, &online->texts, &parameter, &why))
		online_fail(online, &why);
	else
		online_tell(online, ONLINE_OK, parameter.value, NULL);
}

static void ask_parameter(struct online *online)
{
	const struct ports *ports = online->options.ports;
	const struct parameter *parameter = online->at->about;
	const struct aws_role role = {
		.arn = parameter->role_arn,
		.session_name = ONLINE_ROLE_SESSION,
		.region = parameter->region,
	};
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	ssm_get_body(parameter->name, false, &body);
	online->pending = ports->aws(ports->world,
	                             &(struct aws_request){
					     .operation = &aws_ssm_get_parameter,
					     .region = parameter->region,
					     .role = role.arn ? &role : NULL,
					     .body = buf_span(&body),
				     },
	                             on_parameter, online);
	buf_clear(&body);
}

static const struct online_check parameter_check = {
	.name = "parameter",
	.signs = true,
	.denied = "allow ssm:GetParameter and ssm:PutParameter on the parameter, to the role that "
		  "writes it if there is one",
	.ask = ask_parameter,
	.repair = repair_parameter,
};

/* ---- All of them ----------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_listed(const struct online *online, const struct parameter *parameter)
{
	for (const struct online_item *item = online->items; item; item = item->next) {
		const struct parameter *listed = item->about;

		if (item->check == &parameter_check && same_text(listed->name, parameter->name) &&
		    same_text(listed->region, parameter->region) &&
		    same_text(listed->role_arn, parameter->role_arn))
			return true;
	}
	return false;
}

/* Several families may share one. */
static void add(struct online *online, struct parameter parameter)
{
	struct parameter *kept = arena_alloc(&online->kept, 1, sizeof(*kept));
	const char *arn = parameter.role_arn;

	if (is_listed(online, &parameter))
		return;
	*kept = parameter;
	online_add(online, &parameter_check,
	           arena_printf(&online->kept, "parameter %s in %s%s%s", parameter.name,
	                        parameter.region, arn ? " as " : "", arn ? arn : ""),
	           kept);
}

/* The base parameter is where the pipeline is, a golden one where its AMI is. */
static void add_of_region(struct online *online, const struct family *family, const char *region)
{
	const struct pipeline *pipeline = &family->pipeline;

	if (family->base_parameter)
		add(online, (struct parameter){ family->base_parameter,
		                                pipeline->region ? pipeline->region : region,
		                                pipeline->role_arn });
	for (size_t i = 0; i < family->n_golden_parameters; i++) {
		const struct golden_parameter *golden = &family->golden_parameters[i];

		add(online, (struct parameter){
				    golden->name,
				    golden->region ? golden->region : region,
				    golden->role_arn ? golden->role_arn : pipeline->role_arn,
			    });
	}
}

void online_list_parameters(struct online *online)
{
	const struct config *config = online->options.config;

	if (!online->options.everything)
		return;
	for (size_t i = 0; i < config->n_families; i++) {
		for (size_t j = 0; j < config->families[i].n_regions; j++)
			add_of_region(online, &config->families[i], config->families[i].regions[j]);
	}
}
