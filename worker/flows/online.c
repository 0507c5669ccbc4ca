#include "worker/flows/online.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/say/repair.h"
#include "worker/flows/online_checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define QUESTION_S 45 /* three attempts of the client, and what is between them */
#define ALL_S      150

#define ROOM_REPAIR 4096 /* bytes of a command line */

static void begin(void *ctx);

/* ---- The end of one check -------------------------------------------------------------------- */

void online_tell(struct online *online, enum online_status status, const char *detail,
                 const char *hint)
{
	const struct online_result result = {
		.status = status,
		.check = online->at->name,
		.detail = detail,
		.hint = hint,
		.repair = online->repair,
	};

	call_cancel(online->deadline);
	online->deadline = NULL;
	online->pending = ports_after(online->options.ports, 0, begin, online);
	online->at = online->at->next;
	online->repair = NULL;
	online->options.result(online->options.ctx, &result);
	arena_clear(&online->texts);
}

/* ---- What repairs a failure ------------------------------------------------------------------ */

#define UNKNOWN_KEY "AWS knows no such access key: it was deleted, or is of another partition"
#define WRONG_KEY   "the secret access key is not the one of this access key"
#define NO_QUEUE    "make queue.url the URL of a queue that is there, in its region and account"
#define NO_PIPELINE \
	"make pipeline.name the name of a pipeline that is there, in its region and account"
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
	{ "ExpiredToken", ONLINE_EXPIRED },
	{ "QueueDoesNotExist", NO_QUEUE },
	{ "NonExistentQueue", NO_QUEUE },
	{ "PipelineNotFound", NO_PIPELINE },
	{ "AssumeRole: AccessDenied", ONLINE_NO_ROLE },
};

bool online_is_denied(const struct err *err)
{
	return strstr(err->text, "AccessDenied") && !strstr(err->text, "AssumeRole");
}

/* By the code in the text: a role that is refused comes as an error without an answer. */
static const char *hint_of(const struct online *online, const struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(repairs); i++) {
		if (strstr(err->text, repairs[i].code))
			return repairs[i].hint;
	}
	if (online_is_denied(err))
		return online->at->check->denied;
	return err->kind == ERR_TRANSIENT ? UNREACHED : NULL;
}

void online_fail(struct online *online, const struct err *err)
{
	const struct online_check *check = online->at->check;

	if (check->repair)
		check->repair(online, err);
	online_tell(online, ONLINE_FAILED, err->text, hint_of(online, err));
}

void online_repair(struct online *online, const char *format, ...)
{
	char text[ROOM_REPAIR];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	online->repair = arena_text(&online->texts, span_of(text));
}

void online_repair_grant(struct online *online, const struct online_resource *resource,
                         const char *const *actions)
{
	const char *principal = resource->role_arn ? resource->role_arn : online->identity;
	struct buf arn = buf_with_max(LIMIT_URL), line = buf_with_max(LIMIT_AWS_BODY);

	if (principal) {
		repair_add_arn(&(struct repair_resource){ principal, resource->service,
		                                          resource->region, resource->kind,
		                                          resource->name },
		               &arn);
		if (repair_add_grant(&(struct repair_grant){ principal, actions, buf_text(&arn) },
		                     &line))
			online->repair = arena_text(&online->texts, buf_span(&line));
	}
	buf_clear(&arn);
	buf_clear(&line);
}

/* ---- One check after the other --------------------------------------------------------------- */

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
	online_tell(online, ONLINE_FAILED,
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
	const struct online_check *check;

	online->pending = NULL;
	if (!online->at) {
		online->options.ended(online->options.ctx);
		return;
	}
	check = online->at->check;
	if (check->signs && !online->has_credentials) {
		online_tell(online, ONLINE_SKIPPED, "needs credentials", NULL);
		return;
	}
	set_deadline(online);
	check->ask(online);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void (*const groups[])(struct online *online) = {
	online_list_signatures, online_list_identity, online_list_queues,
	online_list_topics,     online_list_roles,    online_list_pipelines,
	online_list_parameters, online_list_slack,    online_list_sinks,
};

void online_add(struct online *online, const struct online_check *check, const char *name,
                const void *about)
{
	struct online_item *item = arena_alloc(&online->kept, 1, sizeof(*item));

	*item = (struct online_item){ .check = check, .name = name, .about = about };
	*online->end = item;
	online->end = &item->next;
}

struct online *online_new(const struct online_options *options)
{
	struct online *online = xcalloc(1, sizeof(*online));

	online->options = *options;
	online->end = &online->items;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		groups[i](online);
	online->at = online->items;
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
	secret_clear(&online->token);
	arena_clear(&online->kept);
	arena_clear(&online->texts);
	free(online);
}
