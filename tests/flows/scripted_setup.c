#include "common/base/mem.h"
#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"
#include "worker/adapters/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

#define PEM  "tests/cases/sns_certificate/good/certificate.pem"
#define NOON 1787014800000 /* 2026-08-18T01:00:00Z: when the announcements are fresh */

static const char config_text[] =
	"region: eu-west-1\n"
	"queue:\n"
	"  url: " CLOUD_QUEUE "\n"
	"%s"
	"  receivers: %d\n"
	"families:\n"
	"  - name: web\n"
	"    publisher: amazon-linux-2023\n"
	"    images: al2023-ami-2023.*-kernel-6.1-x86_64\n"
	"    regions: [eu-west-1]\n"
	"    pipeline: {name: golden-web, variables: {BASE: \"{image_id}\"}}\n"
	"    base_parameter: /golden/base\n"
	"    golden_parameter: %s\n"
	"    golden_output: GOLDEN_AMI_ID\n"
	"%s"
	"    slack: {channel: \"#web\"}\n"
	"%s"
	"slack: {token: {env: SLACK_TOKEN}, channel: \"#golden\"}\n";

static const char events_text[] = "  events_url: " CLOUD_EVENTS "\n";

/* ---- life ------------------------------------------------------------------------------------ */

static struct buf file_of(const char *path)
{
	struct buf text = buf_with_max(LIMIT_MESSAGE_BODY);
	struct err err = { ERR_NONE, "" };

	CHECK(file_read(path, &text, &err), "%s", err.text);
	return text;
}

static void open_ledger(struct world *world)
{
	struct err err = { ERR_NONE, "" };

	world->sqlite = ledger_sqlite_open(world->path, world->path ? LEDGER_WRITE : LEDGER_EMPTY,
	                                   world->ports.timers, &err);
	if (!CHECK(world->sqlite != NULL, "%s", err.text))
		abort();
}

static void read_config(struct world *world, const struct world_options *options)
{
	struct buf text = buf_with_max(LIMIT_CONFIG_FILE);
	struct faults faults = { 0 };

	buf_addf(&text, config_text, options->events ? events_text : "",
	         options->receivers ? options->receivers : 1,
	         options->golden ? options->golden : "/golden/ami",
	         options->wishes ? options->wishes : "",
	         options->families ? options->families : "");
	world->config = config_parse(buf_span(&text), "evergold.yaml", NULL, &faults);
	if (!CHECK(world->config != NULL, "%s", faults.n ? faults.at[0].text : ""))
		abort();
	faults_clear(&faults);
	buf_clear(&text);
}

static void make_rules(struct world *world)
{
	static const struct topic_rule topics[] = {
		{ .arn = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates" },
	};
	enum reason reason;

	world->pem = file_of(PEM);
	world->certificate = certificate_parse(buf_span(&world->pem), &reason, NULL);
	world->policy = (struct gate_policy){
		.topics = topics,
		.n_topics = ARRAY_LEN(topics),
		.max_age_s = INT64_C(15) * 24 * 3600,
		.pinned = &world->certificate,
		.n_pinned = 1,
	};
	world->rules = (struct message_rules){
		.config = world->config,
		.policy = &world->policy,
		.judge_age = true,
	};
}

static int64_t log_time_ms(void)
{
	return 0;
}

struct world *world_new(const struct world_options *options)
{
	struct world *world = xcalloc(1, sizeof(*world));
	struct buf path = buf_with_max(LIMIT_PATH);

	world->simulation = simulation_new();
	simulation_set_wall(world->simulation, NOON);
	world->cloud = cloud_new();
	for (size_t i = 0; i < PORTS; i++)
		world->bodies[i] = buf_with_max(LIMIT_SQS_ANSWER);
	world->slack_url = world->slack_token = buf_with_max(LIMIT_URL);
	if (options->folder)
		buf_addf(&path, "%s/ledger.db", options->folder);
	world->path = path.len ? buf_take(&path) : NULL;
	read_config(world, options);
	make_rules(world);
	world->log = (struct log){
		.level = LOG_DEBUG,
		.fd = getenv("LOG") ? STDERR_FILENO : -1,
		.now_ms = log_time_ms,
	};
	world_make_ports(world);
	open_ledger(world);
	return world;
}

void world_restart(struct world *world)
{
	CHECK(world->pending == NULL);
	ledger_sqlite_free(world->sqlite);
	open_ledger(world);
	world->crashed = false;
	world->crash_at = 0;
	memset(world->failing, 0, sizeof(world->failing));
}

void world_forget(struct world *world)
{
	world->pending = NULL;
	world->starting = false;
	world->sqlite = NULL;
	simulation_forget(world->simulation);
}

void world_free(struct world *world)
{
	if (!world)
		return;
	CHECK(world->pending == NULL);
	CHECK_INT(simulation_waiting(world->simulation), 0);
	ledger_sqlite_free(world->sqlite);
	certificate_free(world->certificate);
	config_free(world->config);
	for (size_t i = 0; i < PORTS; i++)
		buf_clear(&world->bodies[i]);
	buf_clear(&world->slack_url);
	buf_clear(&world->slack_token);
	buf_clear(&world->pem);
	cloud_free(world->cloud);
	simulation_free(world->simulation);
	free(world->path);
	free(world);
}

/* ---- what happens ---------------------------------------------------------------------------- */

void world_run(struct world *world, int64_t ms)
{
	int64_t until_ms = world_now_ms(world) + ms;
	int64_t next_ms = simulation_next_ms(world->simulation);

	while (!world->crashed && next_ms >= 0 && world_now_ms(world) + next_ms <= until_ms) {
		simulation_run_next(world->simulation);
		next_ms = simulation_next_ms(world->simulation);
	}
	if (!world->crashed)
		simulation_advance(world->simulation, until_ms - world_now_ms(world));
}

struct span world_announcement(int number)
{
	static struct buf texts[12];
	char path[64];

	snprintf(path, sizeof(path), "tests/cases/announcements/%d.json", number);
	if (texts[number].len == 0)
		texts[number] = file_of(path);
	return buf_span(&texts[number]);
}

void world_announce(struct world *world, int number)
{
	cloud_send(world->cloud, world_announcement(number));
}

void world_announce_file(struct world *world, const char *path)
{
	struct buf text = file_of(path);

	cloud_send(world->cloud, buf_span(&text));
	buf_clear(&text);
}

void world_next_reply(struct world *world, enum port port, const struct reply *reply)
{
	if (CHECK(world->n_next[port] < ARRAY_LEN(world->next[port])))
		world->next[port][world->n_next[port]++] = *reply;
}

void world_next(struct world *world, enum port port, enum fate fate)
{
	world_next_reply(world, port, &(struct reply){ .fate = fate });
}

void world_next_text(struct world *world, enum port port, const char *text)
{
	world_next_reply(world, port, &(struct reply){ .fate = FATE_TEXT, .text = text });
}

void world_always(struct world *world, enum port port, enum fate fate)
{
	world->always[port] = (struct reply){ .fate = fate };
}

void world_always_code(struct world *world, enum port port, const char *code)
{
	world->always[port] = (struct reply){ .fate = FATE_REFUSED, .code = code };
}

const char *world_body(const struct world *world, enum port port)
{
	return buf_text(&world->bodies[port]);
}

/* ---- the ledger's rows ----------------------------------------------------------------------- */

int64_t world_count(const struct world *world, const char *sql)
{
	return sql_number(world->path, sql);
}

/* Each in a region of its own, so that none waits for another. */
static struct build build_of_image(const struct world *world, size_t number, struct arena *arena)
{
	struct build build = {
		.family = world->config->families[0].name,
		.pipeline_region = "eu-west-1",
		.pipeline = "golden-web",
		.region = number == 1 ? "eu-west-1" : arena_printf(arena, "eu-west-%zu", number),
		.image_id = arena_printf(arena, "ami-%017zx", number),
		.publisher = "amazon-linux-2023",
		.release = "2023.9.20260801.0",
		.image_name = CLOUD_IMAGE_NAME,
		.variables = "{}",
	};

	build_derive_token(&build);
	return build;
}

static void on_written(void *ctx, const struct err *err)
{
	bool *written = ctx;

	*written = CHECK(err == NULL, "%s", err ? err->text : "");
}

/* It takes one turn, and what else is due at this moment. */
static void finish_writing(struct world *world, const bool *written)
{
	while (!*written && simulation_next_ms(world->simulation) == 0)
		simulation_run_next(world->simulation);
	CHECK(*written);
}

void world_want_builds(struct world *world, size_t n)
{
	bool written = false;
	struct ledger *real = ledger_sqlite_ledger(world->sqlite);
	struct build *builds = xcalloc(n, sizeof(*builds));
	struct arena arena = { 0 };
	struct announcement announcement = { .message_id = SPAN("m"), .topic = SPAN("t") };

	for (size_t i = 0; i < n; i++)
		builds[i] = build_of_image(world, i + 1, &arena);
	real->record(real,
	             &(struct ledger_entry){
			     .announcement = &announcement,
			     .builds = builds,
			     .n_builds = n,
		     },
	             1, on_written, &written);
	finish_writing(world, &written);
	arena_clear(&arena);
	free(builds);
}

/* How a row is when such a thing is noticed of it. */
static void move_to(struct build *row, enum notice_kind kind)
{
	bool started = kind == NOTICE_STARTED || kind == NOTICE_FINISHED;
	bool ended = kind == NOTICE_FINISHED || kind == NOTICE_GIVEN_UP;

	row->state = kind == NOTICE_SUPERSEDED ? BUILD_SUPERSEDED
	             : ended                   ? BUILD_FINISHED
	             : started                 ? BUILD_STARTED
	                                       : BUILD_WANTED;
	row->held = kind == NOTICE_HELD ? REASON_FAILING : REASON_MATCHED;
	row->trouble = started || kind == NOTICE_SUPERSEDED ? NULL : "as the script says";
	row->execution_id = started ? CLOUD_FIRST_ID : NULL;
	row->status = !started ? EXECUTION_UNKNOWN
	              : ended  ? EXECUTION_SUCCEEDED
	                       : EXECUTION_IN_PROGRESS;
	row->started_ms = started ? row->due_ms : 0;
	row->finished_ms = ended ? row->due_ms : 0;
}

/* save() wants the whole row. */
void world_add_notice(struct world *world, int64_t build, enum notice_kind kind)
{
	struct ledger *real = ledger_sqlite_ledger(world->sqlite);
	struct arena arena = { 0 };
	bool written = false;
	struct build row = build_of_image(world, (size_t)build, &arena);

	row.id = build;
	row.due_ms = ports_now_ms(&world->ports);
	move_to(&row, kind);
	real->save(real, &row, &kind, on_written, &written);
	finish_writing(world, &written);
	arena_clear(&arena);
}

void world_remark(struct world *world, const struct remark *remark)
{
	struct ledger *real = ledger_sqlite_ledger(world->sqlite);
	bool written = false;

	real->tell(real, remark, on_written, &written);
	finish_writing(world, &written);
}
