/*
 * config: what the user wrote into evergold.yaml, checked. config_settings.c has all settings.
 *
 * A struct config is complete and consistent or does not exist. Texts live in its arena. Places
 * keep their line and column, so that later findings can name them too.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_H
#define EVERGOLD_DECIDE_CONFIG_H

#include "common/base/arena.h"
#include "common/decide/faults.h"
#include "common/decide/window.h"
#include "common/release/catalogue.h"
#include "common/sns/topic_rule.h"

#include <stdint.h>

/* How a secret is named in the file; it is never written there itself. */
enum secret_source { SECRET_NONE, SECRET_ENV, SECRET_FILE, SECRET_SSM, SECRET_SECRETSMANAGER };

struct secret_ref {
	enum secret_source source;
	const char *name;   /* of the variable, path, parameter or ARN */
	const char *region; /* of the two in AWS: the ARN's, else the default */
	struct place place;
};

/* One pattern for image names: a shell pattern (fnmatch) or a POSIX extended regular expression. */
struct pattern {
	const char *text;
	bool regex;
	struct place place;
};

struct patterns {
	const struct pattern *at;
	size_t n;
};

/* Versions that are wanted, both ends included; of an end the fields that it has. NULL: any. */
struct versions {
	const char *min, *max;
	struct place min_place, max_place;
};

struct variable {
	const char *name, *value; /* the value is a template */
	struct place place;
};

struct pipeline {
	const char *name;
	const char *region;   /* NULL: the image's own region */
	const char *role_arn; /* NULL: the worker's own credentials */
	const struct variable *variables;
	size_t n_variables;
	bool tell_all; /* executions that others started are told, too */
	struct place place;
};

/* A parameter that is to name a family's golden AMI. */
struct golden_parameter {
	const char *name;
	const char *region;   /* NULL: the image's own */
	const char *role_arn; /* NULL: that of the pipeline, or none */
	const char *output;   /* NULL: the family's golden_output */
	struct place place, region_place, role_place;
};

/* When builds may start. */
struct window_setting {
	const char *text;        /* NULL: always */
	struct window hours;     /* of the text, and open always without one */
	const struct zone *zone; /* set by config_find_zones() */
	struct place zone_place;
};

/* When the week is told. */
struct digest_setting {
	const char *text; /* NULL: never */
	struct weekly at;
	const struct zone *zone; /* set by config_find_zones() */
	struct place zone_place;
};

struct family {
	const char *name;
	const struct publisher *publisher; /* built in, or one of the configuration's */
	struct patterns images, exclude;
	struct versions versions;
	const char *kernel;         /* "6.1"; NULL: any */
	const char *architecture;   /* "x86_64" or "arm64"; NULL: any */
	const char *const *regions; /* at least one */
	size_t n_regions;
	struct pipeline pipeline;
	const char *base_parameter, *golden_output; /* NULL when not set */
	const struct golden_parameter *golden_parameters;
	size_t n_golden_parameters;
	int64_t soak_s;
	struct window_setting window;
	int stop_after_failures;                   /* 0: never */
	const char *slack_channel, *slack_mention; /* NULL: the general one; nobody */
	struct place place;

	struct {
		struct place kernel, architecture, regions, soak, window, stop_after_failures;
	} places; /* of settings; that of the default is 0:0 */
};

enum sink_kind { SINK_SNS, SINK_WEBHOOK, SINK_EVENTBRIDGE };

/* A URL, which may be a secret. */
struct sink_url {
	const char *text; /* NULL: there: */
	struct secret_ref place;
};

/* Who is told besides Slack. */
struct sink_setting {
	const char *name; /* what the ledger knows it by; the word of its kind unless written */
	enum sink_kind kind;
	const char *topic;           /* of SNS: its ARN */
	const char *bus;             /* of EventBridge: its name or ARN */
	struct sink_url url;         /* of a webhook */
	struct secret_ref key;       /* signs what a webhook is sent */
	const char *region;          /* of topic or bus */
	const char *role_arn;        /* NULL: the worker's own credentials */
	const char *const *families; /* whose builds it is told; none: of all, and remarks */
	size_t n_families;
	struct place place;
};

struct config {
	struct arena arena;
	const char *file;   /* as named by the caller, for messages */
	const char *region; /* of the file, else the caller's default; may be NULL */

	struct {
		const char *url;    /* NULL when the file has no queue (replay, check) */
		const char *region; /* the one that the URL names, else the default */
		const char *events_url, *events_region; /* of a queue for events alone; NULL */
		int receivers, visibility_timeout_s;
	} queue;

	struct {
		const struct topic_rule *topics; /* as written; config_topics() gives all */
		size_t n_topics;
		int64_t max_age_s;
		const char *const *pinned_certificates; /* paths */
		size_t n_pinned_certificates;
		struct place place;
	} trust;
	const struct publisher *publishers; /* the configuration's own */
	const struct family *families;
	size_t n_publishers, n_families;

	struct {
		int64_t every_s; /* 0: only for what an announcement left open */
		bool adopt;      /* first: what is there at the first look is not built */
	} catch_up;

	struct {
		struct secret_ref token, webhook; /* at most one of them */
		const char *channel;
		const char *api_url; /* "https://slack.com/api" unless overridden */
		struct digest_setting digest;
	} slack;

	const struct sink_setting *sinks;
	size_t n_sinks;

	const char *ledger_sqlite;
	const char *http_listen, *record; /* NULL: off */
	const char *log_level;            /* "debug", "info", "warning", "error" */
	bool log_json;
};

void config_free(struct config *config);

/*
 * Reads the YAML text (JSON is YAML too). NULL when there is at least one error; all of them are in
 * *faults, up to LIMIT_FAULTS. An absent `region` is default_region, which may be NULL or "".
 */
struct config *config_parse(struct span text, const char *file, const char *default_region,
                            struct faults *faults) OWNED(config_free);

/*
 * Every topic that is listened to: of the publishers in use, and trust.topics, whose word about
 * signatures counts for the former, too. In the arena.
 */
const struct topic_rule *config_topics(const struct config *config, struct arena *arena,
                                       size_t *ret_n);

const struct family *config_family(const struct config *config, const char *name); /* or NULL */

/* "sns", "webhook" or "eventbridge" */
const char *sink_kind_word(enum sink_kind kind);

/* Is it told about the family? NULL: about none, which concerns those that are told about all. */
bool sink_wants(const struct sink_setting *sink, const char *family);

/* The publisher that announces on this topic, built in or the configuration's own; NULL: none. */
const struct publisher *config_publisher_of_topic(const struct config *config, struct span topic);

#endif
