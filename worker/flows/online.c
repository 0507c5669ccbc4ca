#include "worker/flows/online.h"

#include "common/aws/wire_pipeline.h"
#include "common/aws/wire_queue.h"
#include "common/aws/wire_sts.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/decide/preflight.h"
#include "worker/flows/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define QUESTION_S    45 /* three attempts of the client, and what is between them */
#define ALL_S         150
#define FEW_RECEIVES  3
#define SHORT_KEEPING (24 * 3600)

#define ROLE_SESSION "evergold-check"

struct check {
	const char *name;
	bool signs;         /* it needs credentials */
	const char *denied; /* hint: what has to be allowed */
	void (*ask)(struct online *online);
};

struct item {
	const struct check *check;
	const char *name;
	const struct family *family;               /* whose role it is; else NULL */
	const struct preflight_pipeline *pipeline; /* that is looked at; else NULL */
};

struct online {
	struct online_options options;
	struct item *items; /* owned */
	size_t n, at;
	struct call *pending, *deadline;
	int64_t end_ms; /* steady: of all questions */
	bool has_credentials;
	struct arena names; /* of items, and the pipelines */
	struct arena texts; /* of the present result */
};

static void begin(void *ctx);

/* ---- The end of one check -------------------------------------------------------------------- */

static void tell(struct online *online, enum online_status status, const char *detail,
                 const char *hint)
{
	const struct online_result result = {
		.status = status,
		.check = online->items[online->at].name,
		.detail = detail,
		.hint = hint,
	};

	call_cancel(online->deadline);
	online->deadline = NULL;
	online->pending = ports_after(online->options.ports, 0, begin, online);
	online->at++;
	online->options.result(online->options.ctx, &result);
	arena_clear(&online->texts);
}

/* ---- What repairs a failure ------------------------------------------------------------------ */

#define UNKNOWN_KEY "AWS knows no such access key: it was deleted, or is of another partition"
#define WRONG_KEY   "the secret access key is not the one of this access key"
#define EXPIRED     "renew the session, or let evergold find a source that renews itself"
#define NO_QUEUE    "make queue.url the URL of a queue that is there, in its region and account"
#define NO_PIPELINE \
	"make pipeline.name the name of a pipeline that is there, in its region and account"
#define NO_ROLE "allow sts:AssumeRole on the role, and let its trust policy name the identity above"
#define UNREACHED                                                                                  \
	"see that this host is reached: DNS, routes and VPC endpoints, HTTPS_PROXY and NO_PROXY, " \
	"AWS_ENDPOINT_URL"

static const struct {
	const char *code, *hint;
} repairs[] = {
	{ "InvalidClientTokenId", UNKNOWN_KEY },
	{ "UnrecognizedClientException", UNKNOWN_KEY },
	{ "SignatureDoesNotMatch", WRONG_KEY },
	{ "InvalidSignatureException", WRONG_KEY },
	{ "ExpiredToken", EXPIRED },
	{ "QueueDoesNotExist", NO_QUEUE },
	{ "NonExistentQueue", NO_QUEUE },
	{ "PipelineNotFound", NO_PIPELINE },
	{ "AssumeRole: AccessDenied", NO_ROLE },
};

/* By the code in the text: a role that is refused comes as an error without an answer. */
static const char *hint_of(const struct online *online, const struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(repairs); i++) {
		if (strstr(err->text, repairs[i].code))
			return repairs[i].hint;
	}
	if (strstr(err->text, "AccessDenied"))
		return online->items[online->at].check->denied;
	return err->kind == ERR_TRANSIENT ? UNREACHED : NULL;
}

static void fail(struct online *online, const struct err *err)
{
	tell(online, ONLINE_FAILED, err->text, hint_of(online, err));
}

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
		tell(online, ONLINE_FAILED, err->text, SOURCES);
		return;
	}
	online->has_credentials = true;
	expired = credentials->expires_ms &&
	          credentials->expires_ms <= ports_now_ms(online->options.ports);
	tell(online, expired ? ONLINE_WARNING : ONLINE_OK,
	     arena_printf(&online->texts, "from %s, access key %s, %s", credentials->source,
	                  credentials->access_key_id, lifetime(online, credentials->expires_ms)),
	     expired ? EXPIRED : NULL);
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
		fail(online, err);
	} else if (!sts_identity_answer(answer->body, &online->texts, &identity, &why)) {
		fail(online, &why);
	} else {
		tell(online, ONLINE_OK,
		     arena_printf(&online->texts, "account %s, %s", identity.account, identity.arn),
		     NULL);
	}
}

static void ask_who(struct online *online, struct aws_request *request)
{
	const struct ports *ports = online->options.ports;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	sts_identity_body(&body);
	request->operation = &aws_sts_get_caller_identity;
	request->body = buf_span(&body);
	online->pending = ports->aws(ports->world, request, on_identity, online);
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
		ask_who(online, &(struct aws_request){ .region = region });
	else
		tell(online, ONLINE_FAILED, "no region to ask in",
		     "set region in the configuration, or AWS_REGION");
}

/* ---- Queue ----------------------------------------------------------------------------------- */

/* Something that works, but not well. */
struct oddity {
	bool (*is_there)(const struct sqs_attributes *queue);
	const char *what, *hint;
};

static bool has_no_dead_letters(const struct sqs_attributes *queue)
{
	return !queue->dead_letter_arn;
}

static bool gives_up_early(const struct sqs_attributes *queue)
{
	return queue->max_receives >= 0 && queue->max_receives < FEW_RECEIVES;
}

static bool forgets_early(const struct sqs_attributes *queue)
{
	return queue->retention_s >= 0 && queue->retention_s < SHORT_KEEPING;
}

static const struct oddity oddities[] = {
	{ has_no_dead_letters, "no redrive policy",
	  "give the queue a redrive policy: what is rejected comes back until the queue forgets "
	  "it" },
	{ gives_up_early, "maxReceiveCount is under 3",
	  "raise maxReceiveCount: a passing trouble must not cost an announcement" },
	{ forgets_early, "messages are kept for less than a day",
	  "raise MessageRetentionPeriod: what comes while no worker runs is lost" },
};

static const char *described(struct online *online, const struct sqs_attributes *queue)
{
	const char *text = queue->arn;

	if (queue->waiting >= 0)
		text = arena_printf(&online->texts, "%s, about %" PRId64 " messages waiting", text,
		                    queue->waiting);
	if (queue->dead_letter_arn)
		text = arena_printf(&online->texts, "%s, to %s after %" PRId64 " receives", text,
		                    queue->dead_letter_arn, queue->max_receives);
	return text;
}

static void judge_queue(struct online *online, const struct sqs_attributes *queue)
{
	const char *detail = described(online, queue), *hint = NULL;

	for (size_t i = 0; i < ARRAY_LEN(oddities); i++) {
		if (!oddities[i].is_there(queue))
			continue;
		detail = arena_printf(&online->texts, "%s, %s", detail, oddities[i].what);
		hint = hint ? arena_printf(&online->texts, "%s; %s", hint, oddities[i].hint)
		            : oddities[i].hint;
	}
	tell(online, hint ? ONLINE_WARNING : ONLINE_OK, detail, hint);
}

/* arn:aws:sqs:REGION:ACCOUNT:NAME */
static struct span region_of_arn(const char *arn)
{
	struct span rest = span_of(arn);

	for (int i = 0; i < 3; i++)
		span_cut(&rest, ':');
	return span_cut(&rest, ':');
}

static void on_queue(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	const char *region = online->options.config->queue.region;
	struct sqs_attributes queue;
	struct err why;

	online->pending = NULL;
	if (err) {
		fail(online, err);
	} else if (!sqs_attributes_answer(answer->body, &online->texts, &queue, &why)) {
		fail(online, &why);
	} else if (!span_is(region_of_arn(queue.arn), region)) {
		tell(online, ONLINE_FAILED,
		     arena_printf(&online->texts, "%s is not in %s, where it was asked for",
		                  queue.arn, region),
		     "name the queue's own region in queue.url, or as the default region");
	} else {
		judge_queue(online, &queue);
	}
}

static void ask_queue(struct online *online)
{
	const struct config *config = online->options.config;
	const struct queue queue = queue_of_announcements(online->options.ports, config);
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	if (!config->queue.url) {
		tell(online, ONLINE_SKIPPED, "queue.url is not set", NULL);
		return;
	}
	sqs_attributes_body(span_of(config->queue.url), &body);
	online->pending = queue_start(
		&(struct queue_request){
			.queue = &queue,
			.operation = &aws_sqs_get_queue_attributes,
			.body = &body,
		},
		on_queue, online);
	buf_clear(&body);
}

/* ---- Roles ----------------------------------------------------------------------------------- */

static void ask_role(struct online *online)
{
	const struct family *family = online->items[online->at].family;
	const struct aws_role role = {
		.arn = family->pipeline.role_arn,
		.session_name = ROLE_SESSION,
		.region = region_of(family),
	};

	ask_who(online, &(struct aws_request){ .region = role.region, .role = &role });
}

/* ---- Pipelines ------------------------------------------------------------------------------- */

static void judge_pipeline(struct online *online, const struct pipeline_declaration *declaration)
{
	static const enum online_status statuses[] = {
		[PREFLIGHT_FINE] = ONLINE_OK,
		[PREFLIGHT_ODD] = ONLINE_WARNING,
		[PREFLIGHT_WRONG] = ONLINE_FAILED,
	};
	const struct preflight_question question = {
		.config = online->options.config,
		.pipeline = online->items[online->at].pipeline,
		.declaration = declaration,
	};
	struct preflight judged = preflight_judge(&question, &online->texts);

	tell(online, statuses[judged.verdict], judged.detail, judged.hint);
}

static void on_pipeline(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	struct pipeline_declaration declaration;
	struct err why;

	online->pending = NULL;
	if (err)
		fail(online, err);
	else if (!pipeline_get_answer(answer->body, &online->texts, &declaration, &why))
		fail(online, &why);
	else
		judge_pipeline(online, &declaration);
}

static void ask_pipeline(struct online *online)
{
	const struct ports *ports = online->options.ports;
	const struct preflight_pipeline *pipeline = online->items[online->at].pipeline;
	const struct aws_role role = {
		.arn = pipeline->role_arn,
		.session_name = ROLE_SESSION,
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

/* ---- One check after the other --------------------------------------------------------------- */

static const struct check checks[] = {
	{ "credentials", false, NULL, ask_credentials },
	{ "identity", true,
	  "this needs no permission: a policy of the organization or of a VPC endpoint denies it",
	  ask_identity },
	{ "queue", true,
	  "allow sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and "
	  "sqs:ChangeMessageVisibility on the queue; of another account, in its policy, too",
	  ask_queue },
};

static const struct check role_check = { "role", true, NO_ROLE, ask_role };

static const struct check pipeline_check = {
	"pipeline", true,
	"allow codepipeline:GetPipeline on the pipeline, to its role_arn if it has one",
	ask_pipeline
};

static int64_t steady_ms(const struct online *online)
{
	return online->options.ports->timers->steady_ms(online->options.ports->timers);
}

static void on_deadline(void *ctx)
{
	struct online *online = ctx;
	bool all = steady_ms(online) >= online->end_ms;

	online->deadline = NULL;
	call_cancel(online->pending);
	tell(online, ONLINE_FAILED,
	     arena_printf(&online->texts, "no answer in time: %d s for %s",
	                  all ? ALL_S : QUESTION_S, all ? "all checks" : "a check"),
	     UNREACHED);
}

static void set_deadline(struct online *online)
{
	int64_t left_ms = online->end_ms - steady_ms(online);
	int64_t most_ms = QUESTION_S * INT64_C(1000);

	if (left_ms < 0)
		left_ms = 0;
	online->deadline = ports_after(online->options.ports, left_ms < most_ms ? left_ms : most_ms,
	                               on_deadline, online);
}

static void begin(void *ctx)
{
	struct online *online = ctx;
	const struct check *check;

	online->pending = NULL;
	if (online->at == online->n) {
		online->options.ended(online->options.ctx);
		return;
	}
	check = online->items[online->at].check;
	if (check->signs && !online->has_credentials) {
		tell(online, ONLINE_SKIPPED, "needs credentials", NULL);
		return;
	}
	set_deadline(online);
	check->ask(online);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static bool was_listed(const struct online *online, const char *role_arn)
{
	for (size_t i = ARRAY_LEN(checks); i < online->n; i++) {
		if (strcmp(online->items[i].family->pipeline.role_arn, role_arn) == 0)
			return true;
	}
	return false;
}

static void list_roles(struct online *online)
{
	const struct config *config = online->options.config;

	for (size_t i = 0; i < config->n_families; i++) {
		const struct family *family = &config->families[i];
		const char *arn = family->pipeline.role_arn;

		if (arn && !was_listed(online, arn))
			online->items[online->n++] = (struct item){
				.check = &role_check,
				.name = arena_printf(&online->names, "%s %s", role_check.name, arn),
				.family = family,
			};
	}
}

/* One name may be that of a pipeline in each of several accounts. */
static const char *pipeline_name(struct online *online, const struct preflight_pipeline *pipeline)
{
	const char *arn = pipeline->role_arn;

	return arena_printf(&online->names, "%s %s in %s%s%s", pipeline_check.name, pipeline->name,
	                    pipeline->region, arn ? " as " : "", arn ? arn : "");
}

static void list(struct online *online)
{
	const struct config *config = online->options.config;
	const struct preflight_pipeline *pipelines;
	size_t n;

	pipelines = preflight_pipelines(config, &online->names, &n);
	online->items = xcalloc(ARRAY_LEN(checks) + config->n_families + n, sizeof(*online->items));
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		online->items[online->n++] = (struct item){ .check = &checks[i],
			                                    .name = checks[i].name };
	list_roles(online);
	for (size_t i = 0; i < n; i++)
		online->items[online->n++] = (struct item){
			.check = &pipeline_check,
			.name = pipeline_name(online, &pipelines[i]),
			.pipeline = &pipelines[i],
		};
}

struct online *online_new(const struct online_options *options)
{
	struct online *online = xcalloc(1, sizeof(*online));

	online->options = *options;
	list(online);
	online->end_ms = steady_ms(online) + ALL_S * INT64_C(1000);
	online->pending = ports_after(options->ports, 0, begin, online);
	return online;
}

void online_free(struct online *online)
{
	if (!online)
		return;
	call_cancel(online->pending);
	call_cancel(online->deadline);
	arena_clear(&online->names);
	arena_clear(&online->texts);
	free(online->items);
	free(online);
}
