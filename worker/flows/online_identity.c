#include "common/aws/wire_sts.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/say/repair.h"
#include "worker/flows/online_checks.h"

#include <string.h>

#include "common/base/banned.h"

/* ---- Credentials ----------------------------------------------------------------------------- */

#define SOURCES                                                                                 \
	"the first that is configured is taken: environment, AWS profile (role, web identity, " \
	"IAM Identity Center, keys, process), container, instance metadata"

static const char *lifetime(struct online *online, int64_t expires_ms)
{
	char time[TEXT_TIME_SIZE];

	if (!expires_ms)
		return "which does not expire";
	text_time(expires_ms, time);
	return arena_printf(&online->texts, "which %s %s",
	                    expires_ms > ports_now_ms(online->options.ports) ? "expires at"
	                                                                     : "expired at",
	                    time);
}

static void on_credentials(void *ctx, const struct credentials *credentials, const struct err *err)
{
	struct online *online = ctx;
	bool expired;

	online->pending = NULL;
	if (!credentials) {
		online_tell(online, ONLINE_FAILED, err->text, SOURCES);
		return;
	}
	online->has_credentials = true;
	expired = credentials->expires_ms &&
	          credentials->expires_ms <= ports_now_ms(online->options.ports);
	online_tell(online, expired ? ONLINE_WARNING : ONLINE_OK,
	            arena_printf(&online->texts, "from %s, access key %s, %s", credentials->source,
	                         credentials->access_key_id,
	                         lifetime(online, credentials->expires_ms)),
	            expired ? ONLINE_EXPIRED : NULL);
}

static void ask_credentials(struct online *online)
{
	struct credentials_provider *credentials = online->options.ports->credentials;

	online->pending = credentials->get(credentials, on_credentials, online);
}

/* ---- Identity -------------------------------------------------------------------------------- */

static void on_identity(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	struct sts_identity identity;
	struct err why;

	online->pending = NULL;
	if (err) {
		online_fail(online, err);
	} else if (!sts_identity_answer(answer->body, &online->texts, &identity, &why)) {
		online_fail(online, &why);
	} else {
		if (!online->at->about)
			online->identity = arena_text(&online->kept, span_of(identity.arn));
		online_tell(online, ONLINE_OK,
		            arena_printf(&online->texts, "account %s, %s", identity.account,
		                         identity.arn),
		            NULL);
	}
}

static void ask_who(struct online *online, const char *region, const struct aws_role *role)
{
	const struct ports *ports = online->options.ports;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	sts_identity_body(&body);
	online->pending = ports->aws(ports->world,
	                             &(struct aws_request){
					     .operation = &aws_sts_get_caller_identity,
					     .region = region,
					     .role = role,
					     .body = buf_span(&body),
				     },
	                             on_identity, online);
	buf_clear(&body);
}

static const char *region_of(const struct family *family)
{
	return family->pipeline.region ? family->pipeline.region : family->regions[0];
}

/* Any region's STS knows who we are; the nearest one is asked. */
static const char *home_region(const struct config *config)
{
	if (config->region)
		return config->region;
	if (config->queue.region)
		return config->queue.region;
	return config->n_families ? region_of(&config->families[0]) : NULL;
}

static void ask_identity(struct online *online)
{
	const char *region = home_region(online->options.config);

	if (region)
		ask_who(online, region, NULL);
	else
		online_tell(online, ONLINE_FAILED, "no region to ask in",
		            "set region in the configuration, or AWS_REGION");
}

static const struct online_check credentials_check = {
	.name = "credentials",
	.ask = ask_credentials,
};

static const struct online_check identity_check = {
	.name = "identity",
	.signs = true,
	.denied = "this needs no permission: a policy of the organization or of a VPC endpoint "
		  "denies it",
	.ask = ask_identity,
};

void online_list_identity(struct online *online)
{
	online_add(online, &credentials_check, credentials_check.name, NULL);
	online_add(online, &identity_check, identity_check.name, NULL);
}

/* ---- Roles ----------------------------------------------------------------------------------- */

static void ask_role(struct online *online)
{
	const struct family *family = online->at->about;
	const struct aws_role role = {
		.arn = family->pipeline.role_arn,
		.session_name = ONLINE_ROLE_SESSION,
		.region = region_of(family),
	};

	ask_who(online, role.region, &role);
}

static void repair_role(struct online *online, const struct err *err)
{
	const struct family *family = online->at->about;
	struct buf line = buf_with_max(LIMIT_AWS_BODY);
	const struct repair_grant grant = {
		.principal = online->identity,
		.actions = (const char *const[]){ "sts:AssumeRole", NULL },
		.resource = family->pipeline.role_arn,
	};

	if (strstr(err->text, "AccessDenied") && online->identity &&
	    repair_add_grant(&grant, &line))
		online_repair(online, "%s", buf_text(&line));
	buf_clear(&line);
}

static const struct online_check role_check = {
	.name = "role",
	.signs = true,
	.denied = ONLINE_NO_ROLE,
	.ask = ask_role,
	.repair = repair_role,
};

static bool was_listed(const struct config *config, size_t before, const char *role_arn)
{
	for (size_t i = 0; i < before; i++) {
		const char *arn = config->families[i].pipeline.role_arn;

		if (arn && strcmp(arn, role_arn) == 0)
			return true;
	}
	return false;
}

void online_list_roles(struct online *online)
{
	const struct config *config = online->options.config;

	for (size_t i = 0; i < config->n_families; i++) {
		const struct family *family = &config->families[i];
		const char *arn = family->pipeline.role_arn;

		if (arn && !was_listed(config, i, arn))
			online_add(online, &role_check, arena_printf(&online->kept, "role %s", arn),
			           family);
	}
}
