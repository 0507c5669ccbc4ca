#include "common/decide/config_settings.h"

#include "common/base/limits.h"
#include "common/decide/config_kinds.h"
#include "common/decide/config_topics.h"
#include "common/decide/config_window.h"

#include "common/base/banned.h"

#define MINUTE      60
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)
#define YEAR        (365 * DAY)
#define WHOLE(rows) .settings = (rows), .n = ARRAY_LEN(rows)

/* ---- queue ----------------------------------------------------------------------------------- */

static const struct setting queue_settings[] = {
	{ .key = "url",
	  .kind = &kind_queue_url,
	  INTO(struct config, queue.url),
	  .needed = true,
	  .help = "the SQS queue that is subscribed to the announcements" },
	{ .key = "events_url",
	  .kind = &kind_queue_url,
	  INTO(struct config, queue.events_url),
	  .help = "an SQS queue for events alone; they are understood in the first one, too" },
	{ .key = "receivers",
	  .kind = &kind_integer,
	  INTO(struct config, queue.receivers),
	  .min = 1,
	  .max = LIMIT_RECEIVERS,
	  .fallback = "2",
	  .help = "long polls at a time" },
	/* SQS allows 0s to 12h; under 30s a slow fetch would bring every message twice. */
	{ .key = "visibility_timeout",
	  .kind = &kind_duration,
	  INTO(struct config, queue.visibility_timeout_s),
	  .min = 30,
	  .max = 12 * HOUR,
	  .fallback = "2m",
	  .help = "how long a received message is hidden from other receivers" },
};

static const struct section queue_section = { WHOLE(queue_settings), .place = NO_PLACE };

/* ---- trust ----------------------------------------------------------------------------------- */

static const struct word signatures[] = {
	{ "any", NULL }, { "1", "1" }, { "2", "2" }, { NULL, NULL }
};

static const struct setting topic_settings[] = {
	{ .key = "arn",
	  .kind = &kind_topic,
	  INTO(struct topic_rule, arn),
	  .needed = true,
	  .help = "the topic" },
	{ .key = "signature",
	  .kind = &kind_choice,
	  .words = signatures,
	  INTO(struct topic_rule, signature),
	  .fallback = "any",
	  .help = "the only version of signatures that counts: 1 is SHA-1, 2 is SHA-256" },
};

static const struct section topic_section = { WHOLE(topic_settings),
	                                      .size = sizeof(struct topic_rule),
	                                      .place = NO_PLACE };

static const struct setting trust_settings[] = {
	{ .key = "topics",
	  .kind = &kind_list,
	  .of = &kind_topic_rule,
	  .section = &topic_section,
	  INTO_LIST(struct config, trust.topics, trust.n_topics),
	  .max = LIMIT_TOPICS,
	  .help = "SNS topics that are believed besides those of the publishers in use" },
	{ .key = "max_age",
	  .kind = &kind_duration,
	  INTO(struct config, trust.max_age_s),
	  .min = MINUTE,
	  .max = YEAR,
	  .fallback = "15d",
	  .help = "announcements that are older are rejected; SQS keeps messages for at most 14d" },
	{ .key = "pinned_certificates",
	  .kind = &kind_list,
	  .of = &kind_path,
	  INTO_LIST(struct config, trust.pinned_certificates, trust.n_pinned_certificates),
	  .max = LIMIT_PINNED,
	  .help = "PEM files that stand in for the fetch of a signing certificate" },
};

static const struct section trust_section = { WHOLE(trust_settings),
	                                      .place = offsetof(struct config, trust.place) };

/* ---- publishers ------------------------------------------------------------------------------ */

static const struct word shapes[] = { { "v1", NULL }, { "generic", NULL }, { NULL, NULL } };

static const struct setting pointers_settings[] = {
	{ .key = "version",
	  .kind = &kind_pointer,
	  INTO(struct pointers, version),
	  .needed = true,
	  .help = "to the version of the release" },
	{ .key = "regions",
	  .kind = &kind_pointer,
	  INTO(struct pointers, regions),
	  .needed = true,
	  .help = "to the object that has an image, or an array of them, for each region" },
	{ .key = "name",
	  .kind = &kind_pointer,
	  INTO(struct pointers, name),
	  .needed = true,
	  .help = "inside one image's entry, to its name" },
	{ .key = "id",
	  .kind = &kind_pointer,
	  INTO(struct pointers, id),
	  .needed = true,
	  .help = "likewise, to its id" },
};

static const struct section pointers_section = { WHOLE(pointers_settings), .place = NO_PLACE };

static const struct setting publisher_settings[] = {
	{ .key = "name",
	  .kind = &kind_name,
	  INTO(struct publisher, name),
	  .needed = true,
	  .help = "what families call it" },
	{ .key = "topic",
	  .kind = &kind_topic,
	  INTO(struct publisher, topic),
	  .needed = true,
	  .help = "the SNS topic on which it announces" },
	{ .key = "shape",
	  .kind = &kind_shape,
	  INTO(struct publisher, shape),
	  .words = shapes,
	  .fallback = "v1",
	  .help = "how its announcements are written: v1 is Amazon Linux's way; generic needs "
	          "pointers" },
	{ .key = "pointers",
	  .kind = &kind_section,
	  .section = &pointers_section,
	  INTO(struct publisher, pointers),
	  .help = "JSON pointers (RFC 6901) into announcements of the shape generic" },
	{ .key = "owners",
	  .kind = &kind_list,
	  .of = &kind_account,
	  INTO(struct publisher, owners),
	  .count = NO_COUNT,
	  .min = 1,
	  .max = LIMIT_OWNERS,
	  .help = "accounts that may own its images; the topic's when absent" },
};

static const struct section publisher_section = { WHOLE(publisher_settings),
	                                          .size = sizeof(struct publisher),
	                                          .place = NO_PLACE };

/* ---- families -------------------------------------------------------------------------------- */

static const struct word architectures[] = {
	{ "x86_64", "x86_64" }, { "arm64", "arm64" }, { "amd64", "x86_64" },
	{ "aarch64", "arm64" }, { NULL, NULL },
};

static const struct setting pipeline_settings[] = {
	{ .key = "name",
	  .kind = &kind_pipeline_name,
	  INTO(struct pipeline, name),
	  .needed = true,
	  .help = "the CodePipeline pipeline to start" },
	{ .key = "region",
	  .kind = &kind_region,
	  INTO(struct pipeline, region),
	  .help = "where the pipeline is; the image's own region when absent" },
	{ .key = "role_arn",
	  .kind = &kind_role,
	  INTO(struct pipeline, role_arn),
	  .help = "a role to assume for it, for a pipeline in another account" },
	{ .key = "variables",
	  .kind = &kind_variables,
	  INTO_LIST(struct pipeline, variables, n_variables),
	  .help = "variables of the execution; the texts are templates" },
	{ .key = "tell_all",
	  .kind = &kind_bool,
	  INTO(struct pipeline, tell_all),
	  .help = "tell of executions that others started, too, when events come" },
};

static const struct section pipeline_section = { WHOLE(pipeline_settings),
	                                         .place = offsetof(struct pipeline, place) };

static const struct setting family_slack_settings[] = {
	{ .key = "channel",
	  .kind = &kind_channel,
	  INTO(struct family, slack_channel),
	  .help = "where this family's builds are told, instead of slack.channel" },
	{ .key = "mention_on_failure",
	  .kind = &kind_mention,
	  INTO(struct family, slack_mention),
	  .help = "who is called when a build fails" },
};

static const struct section family_slack_section = { WHOLE(family_slack_settings),
	                                             .place = NO_PLACE };

static const struct setting versions_settings[] = {
	{ .key = "min",
	  .kind = &kind_version,
	  INTO(struct versions, min),
	  PLACED(struct versions, min_place),
	  .help = "the oldest version that is wanted" },
	{ .key = "max",
	  .kind = &kind_version,
	  INTO(struct versions, max),
	  PLACED(struct versions, max_place),
	  .help = "the newest; 2023.12 takes all that begin with it" },
};

static const struct section versions_section = { WHOLE(versions_settings), .place = NO_PLACE };

static const struct setting golden_settings[] = {
	{ .key = "name",
	  .kind = &kind_parameter,
	  INTO(struct golden_parameter, name),
	  .needed = true,
	  .help = "the SSM parameter" },
	{ .key = "region",
	  .kind = &kind_region,
	  INTO(struct golden_parameter, region),
	  PLACED(struct golden_parameter, region_place),
	  .help = "where it is; the image's own region when absent" },
	{ .key = "role_arn",
	  .kind = &kind_role,
	  INTO(struct golden_parameter, role_arn),
	  PLACED(struct golden_parameter, role_place),
	  .help = "a role to assume for it; the pipeline's when absent" },
	{ .key = "output",
	  .kind = &kind_output,
	  INTO(struct golden_parameter, output),
	  .help = "the output variable that names its AMI; golden_output when absent" },
};

static const struct section golden_section = { WHOLE(golden_settings),
	                                       .size = sizeof(struct golden_parameter),
	                                       .place = offsetof(struct golden_parameter, place) };

static const struct setting family_settings[] = {
	{ .key = "name",
	  .kind = &kind_name,
	  INTO(struct family, name),
	  .needed = true,
	  .help = "what you call it; it is part of a build's identity" },
	{ .key = "publisher",
	  .kind = &kind_publisher,
	  INTO(struct family, publisher),
	  .needed = true,
	  .help = "whose announcements it follows" },
	{ .key = "images",
	  .kind = &kind_list,
	  .of = &kind_pattern,
	  INTO_LIST(struct family, images.at, images.n),
	  .min = 1,
	  .max = LIMIT_PATTERNS,
	  .or_one = true,
	  .needed = true,
	  .help = "patterns for the names of the images it wants" },
	{ .key = "exclude",
	  .kind = &kind_list,
	  .of = &kind_pattern,
	  INTO_LIST(struct family, exclude.at, exclude.n),
	  .max = LIMIT_PATTERNS,
	  .or_one = true,
	  .help = "patterns for names that it does not want after all" },
	{ .key = "versions",
	  .kind = &kind_section,
	  .section = &versions_section,
	  INTO(struct family, versions),
	  .help = "which versions it wants; any when absent" },
	{ .key = "kernel",
	  .kind = &kind_kernel,
	  INTO(struct family, kernel),
	  PLACED(struct family, places.kernel),
	  .help = "the kernel line in the image's name, exactly; any when absent" },
	{ .key = "architecture",
	  .kind = &kind_choice,
	  INTO(struct family, architecture),
	  PLACED(struct family, places.architecture),
	  .words = architectures,
	  .help = "of the image; any when absent" },
	{ .key = "regions",
	  .kind = &kind_list,
	  .of = &kind_region,
	  INTO_LIST(struct family, regions, n_regions),
	  PLACED(struct family, places.regions),
	  .min = 1,
	  .max = LIMIT_REGIONS,
	  .help = "one build in each; the default region when absent" },
	{ .key = "pipeline",
	  .kind = &kind_section,
	  .section = &pipeline_section,
	  INTO(struct family, pipeline),
	  .needed = true,
	  .help = "what is started" },
	{ .key = "base_parameter",
	  .kind = &kind_parameter,
	  INTO(struct family, base_parameter),
	  .help = "SSM parameter that gets the base AMI once the start is accepted" },
	{ .key = "golden_parameter",
	  .kind = &kind_list,
	  .of = &kind_golden,
	  .section = &golden_section,
	  INTO_LIST(struct family, golden_parameters, n_golden_parameters),
	  .min = 1,
	  .max = LIMIT_GOLDEN,
	  .or_one = true,
	  .help = "SSM parameters that get the golden AMI once the build succeeded" },
	{ .key = "golden_output",
	  .kind = &kind_output,
	  INTO(struct family, golden_output),
	  .help = "the action output variable that names the golden AMI" },
	{ .key = "soak",
	  .kind = &kind_duration,
	  INTO(struct family, soak_s),
	  PLACED(struct family, places.soak),
	  .max = YEAR,
	  .fallback = "0s",
	  .help = "how long a release waits before its build" },
	{ .key = "window",
	  .kind = &kind_window,
	  INTO(struct family, window),
	  PLACED(struct family, places.window),
	  .help = "when builds may start" },
	{ .key = "stop_after_failures",
	  .kind = &kind_integer,
	  INTO(struct family, stop_after_failures),
	  PLACED(struct family, places.stop_after_failures),
	  .max = 1000,
	  .fallback = "3",
	  .help = "failed builds in a row after which none is started; 0: never stop" },
	{ .key = "slack",
	  .kind = &kind_section,
	  .section = &family_slack_section,
	  .help = "where and whom to tell" },
};

static const struct section family_section = { WHOLE(family_settings),
	                                       .size = sizeof(struct family),
	                                       .place = offsetof(struct family, place) };

/* ---- The rest -------------------------------------------------------------------------------- */

static const struct word catch_up_firsts[] = {
	{ "adopt", NULL },
	{ "build", NULL },
	{ NULL, NULL },
};

static const struct setting catch_up_settings[] = {
	{ .key = "every",
	  .kind = &kind_duration,
	  INTO(struct config, catch_up.every_s),
	  .min = MINUTE,
	  .max = 30 * DAY,
	  .or_zero = true,
	  .fallback = "6h",
	  .help = "how often to ask for releases that no announcement told of; 0: never" },
	{ .key = "first",
	  .kind = &kind_is_first,
	  .words = catch_up_firsts,
	  INTO(struct config, catch_up.adopt),
	  .fallback = "adopt",
	  .help = "of a family that the ledger knows nothing of: adopt or build what there is" },
};

static const struct section catch_up_section = { WHOLE(catch_up_settings), .place = NO_PLACE };

static const struct setting slack_settings[] = {
	{ .key = "token",
	  .kind = &kind_secret,
	  INTO(struct config, slack.token),
	  .help = "a bot token: messages that are updated, and threads" },
	{ .key = "webhook",
	  .kind = &kind_secret,
	  INTO(struct config, slack.webhook),
	  .help = "an incoming webhook: one plain message per event" },
	{ .key = "channel",
	  .kind = &kind_channel,
	  INTO(struct config, slack.channel),
	  .help = "where builds are told, with a token" },
	{ .key = "digest",
	  .kind = &kind_weekly,
	  INTO(struct config, slack.digest),
	  .help = "when the week is told, such as Mon 09:00 Europe/Berlin" },
	{ .key = "api_url",
	  .kind = &kind_url,
	  INTO(struct config, slack.api_url),
	  .fallback = "https://slack.com/api",
	  .help = "where Slack's methods are" },
};

static const struct section slack_section = { WHOLE(slack_settings), .place = NO_PLACE };

static const struct setting sink_settings[] = {
	{ .key = "name",
	  .kind = &kind_name,
	  INTO(struct sink_setting, name),
	  .help = "what the log and the ledger call it; sns, webhook or eventbridge when absent" },
	{ .key = "sns",
	  .kind = &kind_topic,
	  INTO(struct sink_setting, topic),
	  .help = "the SNS topic that is told" },
	{ .key = "webhook",
	  .kind = &kind_webhook,
	  INTO(struct sink_setting, url),
	  .help = "the URL that is told, with POST, as the Standard Webhooks say" },
	{ .key = "key",
	  .kind = &kind_secret,
	  INTO(struct sink_setting, key),
	  .help = "of a webhook: the secret that signs what it is sent, whsec_ and base64" },
	{ .key = "eventbridge",
	  .kind = &kind_bus,
	  INTO(struct sink_setting, bus),
	  .help = "the event bus that is told, by name or ARN" },
	{ .key = "region",
	  .kind = &kind_region,
	  INTO(struct sink_setting, region),
	  .help = "of a bus that is named; the default region when absent" },
	{ .key = "role_arn",
	  .kind = &kind_role,
	  INTO(struct sink_setting, role_arn),
	  .help = "a role to assume for it, for a topic or bus in another account" },
	{ .key = "families",
	  .kind = &kind_list,
	  .of = &kind_name,
	  INTO_LIST(struct sink_setting, families, n_families),
	  .min = 1,
	  .max = LIMIT_FAMILIES,
	  .help = "whose builds it is told of; of all when absent" },
};

static const struct section sink_section = { WHOLE(sink_settings),
	                                     .size = sizeof(struct sink_setting),
	                                     .place = offsetof(struct sink_setting, place) };

static const struct setting ledger_settings[] = {
	{ .key = "sqlite",
	  .kind = &kind_path,
	  INTO(struct config, ledger_sqlite),
	  .fallback = "/var/lib/evergold/ledger.db",
	  .help = "the file of the embedded ledger" },
	{ .key = "dynamodb",
	  .kind = &kind_unsupported,
	  .help = "a table that several workers share" },
};

static const struct section ledger_section = { WHOLE(ledger_settings), .place = NO_PLACE };

static const struct setting http_settings[] = {
	{ .key = "listen",
	  .kind = &kind_listen,
	  INTO(struct config, http_listen),
	  .fallback = "127.0.0.1:9464",
	  .or_null = true,
	  .idle = true,
	  .help = "where health, metrics and status are served; null: nowhere" },
};

static const struct section http_section = { WHOLE(http_settings), .place = NO_PLACE };

static const struct word levels[] = {
	{ "debug", "debug" }, { "info", "info" }, { "warning", "warning" },
	{ "error", "error" }, { NULL, NULL },
};

static const struct word formats[] = { { "json", "json" }, { "text", "text" }, { NULL, NULL } };

static const struct setting log_settings[] = {
	{ .key = "level",
	  .kind = &kind_choice,
	  INTO(struct config, log_level),
	  .words = levels,
	  .fallback = "info",
	  .help = "the least important lines that are still written" },
	{ .key = "format",
	  .kind = &kind_is_first,
	  INTO(struct config, log_json),
	  .words = formats,
	  .fallback = "json",
	  .help = "json for machines, text for people" },
};

static const struct section log_section = { WHOLE(log_settings), .place = NO_PLACE };

/* publishers stand before families, which name them. */
static const struct setting root_settings[] = {
	{ .key = "region",
	  .kind = &kind_region,
	  INTO(struct config, region),
	  .help = "default for everything below" },
	{ .key = "queue",
	  .kind = &kind_section,
	  .section = &queue_section,
	  .help = "where announcements come from" },
	{ .key = "trust",
	  .kind = &kind_section,
	  .section = &trust_section,
	  .help = "what is believed" },
	{ .key = "publishers",
	  .kind = &kind_list,
	  .of = &kind_section,
	  .section = &publisher_section,
	  INTO_LIST(struct config, publishers, n_publishers),
	  .max = LIMIT_PUBLISHERS,
	  .help = "who announces, besides the built-in ones" },
	{ .key = "families",
	  .kind = &kind_list,
	  .of = &kind_section,
	  .section = &family_section,
	  INTO_LIST(struct config, families, n_families),
	  .min = 1,
	  .max = LIMIT_FAMILIES,
	  .needed = true,
	  .help = "what is tracked, and what to build from it" },
	{ .key = "catch_up",
	  .kind = &kind_section,
	  .section = &catch_up_section,
	  .help = "the other way to hear of a release: ask" },
	{ .key = "slack",
	  .kind = &kind_section,
	  .section = &slack_section,
	  .help = "how people are told" },
	{ .key = "sinks",
	  .kind = &kind_list,
	  .of = &kind_section,
	  .section = &sink_section,
	  INTO_LIST(struct config, sinks, n_sinks),
	  .max = LIMIT_SINKS,
	  .help = "who else is told" },
	{ .key = "ledger",
	  .kind = &kind_section,
	  .section = &ledger_section,
	  .help = "where it is kept what was decided and done" },
	{ .key = "http",
	  .kind = &kind_section,
	  .section = &http_section,
	  .help = "what the worker says about itself" },
	{ .key = "record",
	  .kind = &kind_path,
	  INTO(struct config, record),
	  .help = "folder that keeps every received message for later replay" },
	{ .key = "log",
	  .kind = &kind_section,
	  .section = &log_section,
	  .help = "what is written to standard error" },
};

const struct section config_section = { WHOLE(root_settings), .place = NO_PLACE };
