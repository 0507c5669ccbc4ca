#include "common/decide/config_kinds.h"

#include "common/aws/endpoint.h"
#include "common/aws/role_arn.h"
#include "common/base/limits.h"
#include "common/base/nearest.h"
#include "common/base/pointer.h"
#include "common/base/text.h"
#include "common/decide/pattern.h"
#include "common/decide/template.h"
#include "common/decide/webhook_url.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

/* ---- Texts ----------------------------------------------------------------------------------- */

static bool has_format(const char *format, const char *text)
{
	regex_t regex;
	bool matches;

	if (!format)
		return true;
	if (regcomp(&regex, format, REG_EXTENDED | REG_NOSUB) != 0)
		abort(); /* a literal of ours */
	matches = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return matches;
}

static bool has_form(const struct kind *kind, struct span text)
{
	size_t longest = kind->longest ? kind->longest : LIMIT_CONFIG_TEXT;

	return text.len > 0 && text.len <= longest && has_format(kind->format, text.at);
}

/* A number or boolean whose letters would do, had they been quoted. */
static bool wants_quotes(const struct kind *kind, const struct yaml_node *node)
{
	bool scalar = node->kind == YAML_INTEGER || node->kind == YAML_FLOAT ||
	              node->kind == YAML_BOOL;

	return scalar && has_form(kind, node->text);
}

static bool check_text(struct reading *reading, const struct kind *kind,
                       const struct yaml_node *node)
{
	bool is_text = node->kind == YAML_TEXT;

	if (wants_quotes(kind, node))
		reading_fault(reading, node->place, "expected %s; quotes make it text: \"%.*s\"",
		              kind->wanted, SPAN_ARG(faults_quote(node->text)));
	else if (is_text && node->text.len > LIMIT_CONFIG_TEXT)
		reading_fault(reading, node->place, "longer than %d bytes", LIMIT_CONFIG_TEXT);
	else if (is_text && text_has_control(node->text))
		reading_fault(reading, node->place,
		              "control characters and line ends are not allowed");
	else if (!is_text || !has_form(kind, node->text))
		return reading_expected(reading, node, kind->wanted);
	else
		return true;
	return false;
}

static bool read_text(struct reading *reading, const struct setting *setting,
                      const struct yaml_node *node, void *value)
{
	if (!check_text(reading, setting->kind, node))
		return false;
	memcpy(value, &node->text.at, sizeof(node->text.at));
	return true;
}

#define KIND(kind_x, wanted_x, read_x, type) \
	const struct kind kind_x = { .wanted = (wanted_x), .read = (read_x), .size = sizeof(type) }
#define FORM(kind_x, wanted_x, longest_x, format_x) \
	const struct kind kind_x = {                \
		.wanted = (wanted_x),               \
		.read = read_text,                  \
		.format = (format_x),               \
		.size = sizeof(const char *),       \
		.longest = (longest_x),             \
	}

#define ACCOUNT         "[0-9]{12}"
#define ARN_OF(service) "arn:aws[a-z-]*:" service ":[a-z0-9-]+:" ACCOUNT
#define PARAMETER       "(/?[A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+)"
#define HOST            "https?://[^][/?#@ ]+"

/* Lengths and letters are those of AWS's API references: CodePipeline, SSM, SNS, SQS,
 * EventBridge. */
FORM(kind_name, "1 to 64 letters, digits, '.', '_' or '-'", 64, "^[A-Za-z0-9._-]+$");
FORM(kind_topic, "the ARN of an SNS topic", 320,
     "^arn:aws[a-z-]*:sns:[a-z0-9-]+:" ACCOUNT ":[A-Za-z0-9_-]+$");
FORM(kind_bus, "the name or ARN of an event bus", 350,
     "^(" ARN_OF("events") ":event-bus/)?[/._A-Za-z0-9-]{1,256}$");
FORM(kind_account, "an account id of 12 digits, or an owner alias such as amazon", 64,
     "^(" ACCOUNT "|[a-z][a-z-]*)$");
FORM(kind_url, "a URL such as https://slack.com/api", 1024, "^" HOST "(/[^/?# ]+)*$");
FORM(kind_queue_url,
     "a queue URL such as https://sqs.eu-west-1.amazonaws.com/111122223333/ami-announcements", 1024,
     "^" HOST "/" ACCOUNT "/[A-Za-z0-9_-]+$");
FORM(kind_path, "a path", 0, NULL);
FORM(kind_pipeline_name, "a pipeline's name: 1 to 100 letters, digits, '.', '@', '_' or '-'", 100,
     "^[A-Za-z0-9.@_-]+$");
FORM(kind_output, "an output variable's name: 1 to 128 letters, digits, '@', '_' or '-'", 128,
     "^[A-Za-z0-9@_-]+$");
FORM(kind_version, "a version such as 2023.9 or 2023.9.20251014.0", 64, "^[0-9]+([.-][0-9]+)*$");
FORM(kind_kernel, "a kernel line such as 6.1", 16, "^[0-9]+\\.[0-9]+$");
FORM(kind_channel, "a channel such as #golden-amis or its id", 81, "^#?[^]# @,<>[]+$");
FORM(kind_mention, "a mention such as <@U012345>, <!subteam^S012345> or <!here>", 64,
     "^<(@[UW][A-Z0-9]+|!subteam\\^S[A-Z0-9]+|!here|!channel|!everyone)>$");

static bool read_region(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *node, void *value)
{
	if (node->kind == YAML_TEXT && !aws_region_is_valid(node->text))
		return reading_expected(reading, node, setting->kind->wanted);
	return read_text(reading, setting, node, value);
}

KIND(kind_region, "a region such as eu-west-1", read_region, const char *);

/* Unlike other texts it may be empty. */
static bool read_pointer(struct reading *reading, const struct setting *setting,
                         const struct yaml_node *node, void *value)
{
	if (!pointer_is_valid(node->text))
		return reading_expected(reading, node, setting->kind->wanted);
	if (node->kind != YAML_TEXT || node->text.len)
		return read_text(reading, setting, node, value);
	memcpy(value, &node->text.at, sizeof(node->text.at));
	return true;
}

KIND(kind_pointer, "a JSON pointer: \"\", or /part/part, with ~1 for '/' and ~0 for '~'",
     read_pointer, const char *);

static bool read_listen(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *node, void *value)
{
	const char *colon = node->text.len ? strrchr(node->text.at, ':') : NULL;
	uint64_t port = 0;

	if (colon && (!text_number(span_of(colon + 1), 65535, &port) || port == 0))
		return reading_expected(reading, node, setting->kind->wanted);
	return read_text(reading, setting, node, value);
}

const struct kind kind_listen = {
	.wanted = "HOST:PORT such as 127.0.0.1:9464",
	.read = read_listen,
	.format = "^([A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+\\]):[0-9]+$",
	.size = sizeof(const char *),
	.longest = 300,
};

static bool read_role(struct reading *reading, const struct setting *setting,
                      const struct yaml_node *node, void *value)
{
	struct role_arn arn;

	if (node->kind == YAML_TEXT && !role_arn_parse(node->text, &arn))
		return reading_expected(reading, node, setting->kind->wanted);
	return read_text(reading, setting, node, value);
}

const struct kind kind_role = {
	.wanted = "the ARN of a role such as arn:aws:iam::444455556666:role/start-golden",
	.read = read_role,
	.format = "^arn:",
	.size = sizeof(const char *),
};

/* ---- Parameters ------------------------------------------------------------------------------ */

#define DEEPEST 15 /* levels of a name, Systems Manager API reference, PutParameter */

static bool is_reserved(const char *name)
{
	name += *name == '/';
	return strncasecmp(name, "aws", 3) == 0 || strncasecmp(name, "ssm", 3) == 0;
}

static int levels_of(const char *name)
{
	int levels = 1;

	for (name += *name == '/'; *name; name++)
		levels += *name == '/';
	return levels;
}

static bool read_parameter(struct reading *reading, const struct setting *setting,
                           const struct yaml_node *node, void *value)
{
	if (!read_text(reading, setting, node, value))
		return false;
	if (is_reserved(node->text.at))
		reading_fault(reading, node->place,
		              "names that begin with aws or ssm are reserved by AWS");
	else if (levels_of(node->text.at) > DEEPEST)
		reading_fault(reading, node->place, "a parameter's name has at most %d levels",
		              DEEPEST);
	else
		return true;
	return false;
}

const struct kind kind_parameter = {
	.wanted = "a parameter's name such as /golden/al2023/ami_id",
	.read = read_parameter,
	.format = "^" PARAMETER "$",
	.size = sizeof(const char *),
	.longest = 1011,
};

static bool read_golden(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *node, void *value)
{
	static const struct setting name = { .kind = &kind_parameter };
	struct golden_parameter golden = { .place = node->place };

	if (node->kind == YAML_MAP)
		section_read(reading, setting->section, node, &golden);
	else if (node->kind != YAML_TEXT)
		return reading_expected(reading, node, setting->kind->wanted);
	else if (!read_parameter(reading, &name, node, &golden.name))
		return false;
	memcpy(value, &golden, sizeof(golden));
	return true;
}

KIND(kind_golden, "a parameter's name, or {name: NAME, region: REGION}", read_golden,
     struct golden_parameter);

/* ---- Choices --------------------------------------------------------------------------------- */

#define MOST_WORDS 16

static size_t list_words(const struct word *words, const char *ret_words[MOST_WORDS],
                         struct buf *out)
{
	size_t n = 0;

	for (; n < MOST_WORDS && words[n].word; n++) {
		ret_words[n] = words[n].word;
		buf_addf(out, "%s%s",
		         n == 0              ? ""
		         : words[n + 1].word ? ", "
		                             : " or ",
		         words[n].word);
	}
	return n;
}

static void report_choice(struct reading *reading, const struct setting *setting,
                          const struct yaml_node *node)
{
	const char *words[MOST_WORDS], *meant;
	struct buf all = buf_with_max(200);
	size_t n = list_words(setting->words, words, &all);

	meant = node->kind == YAML_TEXT ? nearest_word(node->text, words, n) : NULL;
	if (meant)
		reading_fault(reading, node->place, "expected %s, got '%.*s' (did you mean '%s'?)",
		              buf_text(&all), SPAN_ARG(faults_quote(node->text)), meant);
	else
		(void)reading_expected(reading, node, buf_text(&all));
	buf_clear(&all);
}

/* A word may look like a number. */
static const struct word *find_choice(struct reading *reading, const struct setting *setting,
                                      const struct yaml_node *node)
{
	for (const struct word *word = setting->words; word->word; word++) {
		if ((node->kind == YAML_TEXT || node->kind == YAML_INTEGER) &&
		    span_is(node->text, word->word))
			return word;
	}
	report_choice(reading, setting, node);
	return NULL;
}

static bool read_choice(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *node, void *value)
{
	const struct word *word = find_choice(reading, setting, node);

	if (word)
		memcpy(value, &word->means, sizeof(word->means));
	return word;
}

static bool read_is_first(struct reading *reading, const struct setting *setting,
                          const struct yaml_node *node, void *value)
{
	const struct word *word = find_choice(reading, setting, node);
	bool is_first = word == setting->words;

	if (word)
		memcpy(value, &is_first, sizeof(is_first));
	return word;
}

static bool read_unsupported(struct reading *reading, const struct setting *setting,
                             const struct yaml_node *node, void *value)
{
	(void)setting;
	(void)value;
	reading_fault(reading, node->key_place, "not supported by this version");
	return false;
}

static bool read_shape(struct reading *reading, const struct setting *setting,
                       const struct yaml_node *node, void *value)
{
	const struct word *word = find_choice(reading, setting, node);
	enum shape shape = word == setting->words ? SHAPE_V1 : SHAPE_GENERIC;

	if (word)
		memcpy(value, &shape, sizeof(shape));
	return word;
}

KIND(kind_choice, "one of some words", read_choice, const char *);
KIND(kind_is_first, "one of some words", read_is_first, bool);
KIND(kind_shape, "one of some words", read_shape, enum shape);
const struct kind kind_unsupported = { .wanted = "nothing yet", .read = read_unsupported };

/* ---- Secrets --------------------------------------------------------------------------------- */

static const struct source {
	const char *key;
	enum secret_source source;
	const char *wanted, *format;
} sources[] = {
	{ "env", SECRET_ENV, "the name of an environment variable", "^[A-Za-z_][A-Za-z0-9_]*$" },
	{ "file", SECRET_FILE, "a path", NULL },
	{ "ssm", SECRET_SSM, "a parameter's name such as /evergold/slack-token, or its ARN",
	  "^(" PARAMETER "|" ARN_OF("ssm") ":parameter(/[A-Za-z0-9_.-]+)+)$" },
	{ "secretsmanager", SECRET_SECRETSMANAGER,
	  "a secret's ARN such as "
	  "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf",
	  "^" ARN_OF("secretsmanager") ":secret:[A-Za-z0-9/_+=.@!-]+$" },
};

#define SECRETS "{env: NAME}, {file: PATH}, {ssm: NAME} or {secretsmanager: ARN}"

/* What stands in the place of a secret is never quoted: it may be the secret. */
static bool report_secret(struct reading *reading, const struct yaml_node *node)
{
	if (node->kind != YAML_REFUSED)
		reading_fault(reading, node->place,
		              "a secret is not written in the file, only where it is: " SECRETS);
	return false;
}

static const struct source *find_source(const struct yaml_node *node)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (node->kind == YAML_MAP && node->n == 1 &&
		    span_is(node->first->key, sources[i].key))
			return &sources[i];
	}
	return NULL;
}

/* "arn:aws:ssm:REGION:ACCOUNT:…"; empty when it is no ARN. */
static struct span region_of(struct span name)
{
	if (!span_starts(name, SPAN("arn:")))
		return SPAN_NONE;
	for (int i = 0; i < 3; i++)
		(void)span_cut(&name, ':');
	return span_cut(&name, ':');
}

static bool is_where(const struct source *source, struct span name)
{
	struct span region = region_of(name);

	return name.len && name.len <= LIMIT_CONFIG_TEXT && !text_has_control(name) &&
	       has_format(source->format, name.at) && (!region.len || aws_region_is_valid(region));
}

static bool check_source(struct reading *reading, const struct source *source,
                         const struct yaml_node *name)
{
	bool fine = name->kind == YAML_TEXT && is_where(source, name->text);

	if (!fine && name->kind != YAML_REFUSED)
		reading_fault(reading, name->place, "expected %s", source->wanted);
	return fine;
}

static bool read_secret(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *node, void *value)
{
	const struct source *source = find_source(node);
	struct secret_ref ref;

	(void)setting;
	if (!source)
		return report_secret(reading, node);
	if (!check_source(reading, source, node->first))
		return false;
	ref = (struct secret_ref){
		.source = source->source,
		.name = node->first->text.at,
		.place = node->place,
	};
	if (region_of(node->first->text).len)
		ref.region = arena_text(&reading->config->arena, region_of(node->first->text));
	memcpy(value, &ref, sizeof(ref));
	return true;
}

KIND(kind_secret, SECRETS, read_secret, struct secret_ref);

/* A URL in a fault may be a secret all the same, so it is not quoted. */
static bool read_url(struct reading *reading, const struct kind *kind, const struct yaml_node *node,
                     struct sink_url *url)
{
	struct err err;

	if (!check_text(reading, kind, node))
		return false;
	if (!webhook_url_check(node->text, &err)) {
		reading_fault(reading, node->place, "%s", err.text);
		return false;
	}
	url->text = node->text.at;
	return true;
}

static bool read_webhook(struct reading *reading, const struct setting *setting,
                         const struct yaml_node *node, void *value)
{
	struct sink_url url = { .text = NULL };
	bool fine = node->kind == YAML_MAP ? read_secret(reading, setting, node, &url.place)
	                                   : read_url(reading, setting->kind, node, &url);

	if (fine)
		memcpy(value, &url, sizeof(url));
	return fine;
}

KIND(kind_webhook, "a URL such as https://hooks.example.org/evergold, or " SECRETS, read_webhook,
     struct sink_url);

/* ---- Patterns and variables ------------------------------------------------------------------ */

static bool read_pattern(struct reading *reading, const struct setting *setting,
                         const struct yaml_node *node, void *value)
{
	const struct yaml_node *regex = node->n == 1 ? yaml_child(node, "regex") : NULL;
	const struct yaml_node *text = regex ? regex : node;
	struct pattern pattern = { text->text.at, regex, text->place };
	struct err err;

	if (text->kind != YAML_TEXT)
		return reading_expected(reading, text, setting->kind->wanted);
	if (!(regex ? pattern_check_regex(text->text, &err)
	            : pattern_check_shell(text->text, &err))) {
		reading_fault(reading, text->place, "%s", err.text);
		return false;
	}
	memcpy(value, &pattern, sizeof(pattern));
	return true;
}

#define LONGEST_VALUE \
	1000 /* of a pipeline variable, CodePipeline API reference, PipelineVariable */

static bool check_value(struct reading *reading, const struct yaml_node *node)
{
	static const struct kind value = { .wanted = "text for the variable" };
	struct err err;

	if (!check_text(reading, &value, node))
		return false;
	if (node->text.len > LONGEST_VALUE)
		reading_fault(reading, node->place, "longer than %d characters", LONGEST_VALUE);
	else if (!template_check(node->text, &err))
		reading_fault(reading, node->place, "%s", err.text);
	else
		return true;
	return false;
}

static bool check_variable(struct reading *reading, const struct yaml_node *node)
{
	size_t length;
	bool fine;

	if (!has_form(&kind_output, node->key)) {
		reading_fault(reading, node->key_place,
		              "a variable's name has 1 to 128 letters, digits, '@', '_' or '-'");
		return false;
	}
	length = reading_enter(reading, node->key.at);
	fine = check_value(reading, node);
	reading_leave(reading, length);
	return fine;
}

static bool read_variables(struct reading *reading, const struct setting *setting,
                           const struct yaml_node *node, void *value)
{
	struct variable *variables;
	size_t n = 0;

	if (node->kind != YAML_MAP)
		return reading_expected(reading, node, setting->kind->wanted);
	if (node->n > LIMIT_VARIABLES) {
		reading_fault(reading, node->place, "a pipeline has at most %d variables",
		              LIMIT_VARIABLES);
		return false;
	}
	variables = arena_alloc(&reading->config->arena, node->n + 1, sizeof(*variables));
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		if (check_variable(reading, child))
			variables[n++] = (struct variable){ child->key.at, child->text.at,
				                            child->place };
	}
	memcpy(value, &variables, sizeof(variables));
	memcpy((char *)value - setting->offset + setting->count, &n, sizeof(n));
	return true;
}

KIND(kind_pattern, "a shell pattern, or {regex: \"^…$\"}", read_pattern, struct pattern);
const struct kind kind_variables = { .wanted = "a mapping of names to texts",
	                             .read = read_variables };

/* ---- Publishers ------------------------------------------------------------------------------ */

static const struct publisher *find_publisher(const struct config *config, struct span name)
{
	for (size_t i = 0; i < config->n_publishers; i++) {
		if (config->publishers[i].name && span_is(name, config->publishers[i].name))
			return &config->publishers[i];
	}
	return catalogue_find(name);
}

static void report_publisher(struct reading *reading, const struct yaml_node *node)
{
	const char *names[LIMIT_PUBLISHERS + CATALOGUE_MOST], *meant;
	size_t n = 0;

	for (size_t i = 0; i < catalogue_size; i++)
		names[n++] = catalogue[i].name;
	for (size_t i = 0; i < reading->config->n_publishers; i++) {
		if (reading->config->publishers[i].name)
			names[n++] = reading->config->publishers[i].name;
	}
	meant = nearest_word(node->text, names, n);
	reading_fault(reading, node->place, "no publisher is called '%.*s' (%s%s%s)",
	              SPAN_ARG(faults_quote(node->text)),
	              meant ? "did you mean '" : "`evergold publishers` lists the built-in ones",
	              meant ? meant : "", meant ? "'?" : "");
}

/* The configuration's own publishers are read before the families. */
static bool read_publisher(struct reading *reading, const struct setting *setting,
                           const struct yaml_node *node, void *value)
{
	const struct publisher *publisher;

	if (!check_text(reading, setting->kind, node))
		return false;
	publisher = find_publisher(reading->config, node->text);
	if (!publisher)
		report_publisher(reading, node);
	else if (publisher->withdraws)
		reading_fault(reading, node->place,
		              "%s only takes images back; it is heard with the publisher %s",
		              publisher->name, publisher->withdraws);
	else
		memcpy(value, &publisher, sizeof(publisher));
	return publisher && !publisher->withdraws;
}

KIND(kind_publisher, "a publisher's name", read_publisher, const struct publisher *);

/* ---- What holds others ----------------------------------------------------------------------- */

const struct kind kind_list = { .wanted = "a list such as [A, B]", .read = read_list };
const struct kind kind_section = { .wanted = "a mapping", .read = read_section };
