#include "tests/power/day.h"

#include "common/base/limits.h"
#include "tests/flows/scripted_world.h"
#include "tests/flows/temporary.h"
#include "tests/power/disk_vfs.h"
#include "tests/unit/check.h"
#include "worker/flows/worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

#define MINUTE      60000
#define STOP_MS     25000
#define QUARANTINED "2023.9.20260802.0"

static const char families[] =
	"  - name: flaky\n"
	"    publisher: amazon-linux-2023\n"
	"    images: al2023-ami-2023.*-kernel-6.1-x86_64\n"
	"    regions: [eu-west-1]\n"
	"    pipeline: {name: golden-flaky, variables: {BASE: \"{image_id}\"}}\n"
	"    base_parameter: /flaky/base\n"
	"    golden_parameter: /flaky/ami\n"
	"    golden_output: GOLDEN_AMI_ID\n"
	"    slack: {channel: \"#flaky\"}\n";

#define FIRST "ami-00000000000000001" /* the images of the announcements */
#define LAST  "ami-00000000000000003"

/* What is to be built; everything else would be too much. */
static const struct wanted {
	const char *family, *image;
	int attempt;
	const char *told; /* in its message */
} wanted[] = {
	{ "web", FIRST, 0, "golden AMI built" },   { "flaky", FIRST, 0, "build failed" },
	{ "flaky", FIRST, 1, "golden AMI built" }, { "web", LAST, 0, "golden AMI built" },
	{ "flaky", LAST, 0, "build failed" },
};

static struct {
	struct day *day; /* whose it is */
	struct disk disk;
	struct world *world; /* NULL: the ledger was never opened */
	struct worker *worker;
	size_t step; /* of the script, which is under way */
	bool stopped;
	bool acknowledged; /* the operator's command was, that is under way */
	bool idle;         /* the last receive has brought nothing */
	bool judging;      /* nobody looks on */
	uint64_t moments[LOSSES];
	int64_t moment_ms; /* of the clock, when it was looked at last */
} on;

/* ---- looking on ------------------------------------------------------------------------------ */

static void tell(enum day_point point, const char *what)
{
	if (on.day->on_point && !on.judging)
		on.day->on_point(on.day->ctx, point, what);
}

static void move_on(bool seen, bool kept)
{
	on.moments[LOSS_UNSYNCED] += kept;
	on.moments[LOSS_NONE] += seen;
	on.moments[LOSS_SOME]++;
}

uint64_t day_moment(enum disk_loss loss)
{
	int64_t now_ms = on.world ? world_now_ms(on.world) : 0;

	if (now_ms != on.moment_ms)
		move_on(true, true);
	on.moment_ms = now_ms;
	return on.moments[loss];
}

static void on_change(void *ctx, enum disk_change change)
{
	static const char *const words[] = { "make", "write", "truncate", "sync", "remove" };

	(void)ctx;
	tell(POINT_CHANGE, words[change]);
	move_on(change != DISK_SYNC, change == DISK_SYNC);
}

static void on_statement(void *ctx, const char *sql)
{
	(void)ctx;
	tell(POINT_STATEMENT, sql);
}

/* ---- each deletion --------------------------------------------------------------------------- */

static int64_t number(struct sqlite *sqlite, const char *sql, struct span argument)
{
	struct err err = { ERR_NONE, "" };
	struct sqlite_query *query = sqlite_query(sqlite, sql);
	int64_t found = -1;

	if (argument.at)
		sqlite_give_span(query, argument);
	if (sqlite_step(query))
		found = sqlite_integer(query, 0);
	CHECK(sqlite_finish(query, &err), "%s", err.text);
	return found;
}

/* Of the announcement in a message of the queue. */
static struct span announcement_id(const char *handle)
{
	static const char before[] = "\"MessageId\": \"";
	const char *body = on.world->cloud->messages[strtoul(handle, NULL, 10)].body;
	const char *at = strstr(body, before);

	return CHECK(at) ? (struct span){ at + strlen(before), 36 } : SPAN("");
}

static void judge(struct sqlite *kept, const char *request)
{
	for (size_t i = 0; cloud_text(request, "ReceiptHandle", i)[0]; i++) {
		struct span id = announcement_id(cloud_text(request, "ReceiptHandle", i));

		CHECK(number(kept, "SELECT count(*) FROM announcements WHERE message_id = ?", id),
		      "%.*s is deleted from the queue, and its record is not durable",
		      SPAN_ARG(id));
		CHECK_INT(number(kept, "SELECT count(*) FROM decisions WHERE message_id = ?", id),
		          2);
	}
}

/* What would be there if the power went now decides whether messages may go. */
static void check_durable(const char *request)
{
	struct err err = { ERR_NONE, "" };
	struct sqlite *kept;

	on.judging = true;
	disk_copy_kept(&on.disk, "ledger.db", "kept.db");
	disk_copy_kept(&on.disk, "ledger.db-wal", "kept.db-wal");
	kept = sqlite_open("kept.db", &err);
	if (CHECK(kept != NULL, "%s", err.text))
		judge(kept, request);
	sqlite_close(kept);
	on.judging = false;
}

/* ---- requests -------------------------------------------------------------------------------- */

static const char *name_of(enum port port)
{
	static const char *const names[] = {
		[PORT_RECEIVE] = "ReceiveMessage",
		[PORT_DELETE] = "DeleteMessageBatch",
		[PORT_VISIBILITY] = "ChangeMessageVisibilityBatch",
		[PORT_ATTRIBUTES] = "GetQueueAttributes",
		[PORT_DESCRIBE] = "DescribeImages",
		[PORT_IMAGES] = "DescribeImages of a line",
		[PORT_PARAMETERS] = "GetParameters",
		[PORT_PARAMETER] = "GetParameter",
		[PORT_PIPELINE] = "GetPipeline",
		[PORT_EXECUTIONS] = "ListPipelineExecutions",
		[PORT_START] = "StartPipelineExecution",
		[PORT_GET] = "GetPipelineExecution",
		[PORT_LIST] = "ListActionExecutions",
		[PORT_PUT] = "PutParameter",
		[PORT_CERTIFICATE] = "the certificate",
		[PORT_SLACK] = "Slack",
		[PORT_SECRET] = "the secret",
	};

	return names[port];
}

static void on_request(void *ctx, enum port port, const char *body, bool after)
{
	bool was_idle = on.idle;

	(void)ctx;
	if (!after)
		on.idle = port == PORT_RECEIVE &&
		          !cloud_has_visible(on.world->cloud, body, world_now_ms(on.world));
	if (port == PORT_DELETE && !after)
		check_durable(body);
	if (after)
		move_on(true, true);
	if (!was_idle || !on.idle)
		tell(after ? POINT_AFTER : POINT_BEFORE, name_of(port));
}

/* ---- lives of the worker --------------------------------------------------------------------- */

static void on_stopped(void *ctx)
{
	(void)ctx;
	on.stopped = true;
}

static void run(const char *sql)
{
	struct err err = { ERR_NONE, "" };

	on.judging = true;
	CHECK(sqlite_run(ledger_sqlite_rows(on.world->sqlite), sql, &err), "%s", err.text);
	on.judging = false;
}

/* Slack's channels have been used before, so that their history can be read. */
static void know_channels(void)
{
	run("INSERT OR IGNORE INTO channels VALUES ('#web', 'CWEB'), ('#flaky', 'CFLAKY')");
}

static void start_worker(void)
{
	know_channels();
	if (on.day->careless)
		run("PRAGMA synchronous = OFF");
	on.stopped = false;
	on.worker = worker_new(&(struct worker_options){
		.ports = &on.world->ports,
		.config = on.world->config,
		.rules = &on.world->rules,
		.stopped = on_stopped,
	});
}

static void stop_worker(void)
{
	worker_stop(on.worker);
	world_run(on.world, STOP_MS);
	CHECK(on.stopped);
	worker_free(on.worker);
	on.worker = NULL;
}

/* An operator's command looks for the file itself. */
static void leave_a_file(const char *folder)
{
	char path[LIMIT_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/ledger.db", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
}

static void open_world(void)
{
	leave_a_file(temporary_folder());
	on.world = world_new(&(struct world_options){
		.folder = temporary_folder(),
		.families = families,
	});
	on.world->on_request = on_request;
	on.world->cloud->fails = "golden-flaky";
}

/* ---- an operator ----------------------------------------------------------------------------- */

static void acknowledge(void *ctx, const struct err *err)
{
	(void)ctx;
	on.acknowledged = CHECK(!err, "%s", err ? err->text : "");
}

static void on_retried(void *ctx, const struct build *build, const struct err *err)
{
	(void)build;
	acknowledge(ctx, err);
}

static struct ledger_sqlite *open_hand(void)
{
	struct err err = { ERR_NONE, "" };
	struct ledger_sqlite *hand = ledger_sqlite_open(on.world->path, LEDGER_OPERATE,
	                                                on.world->ports.timers, &err);

	on.acknowledged = false;
	if (!CHECK(hand != NULL, "%s", err.text))
		abort();
	return hand;
}

static void close_hand(struct ledger_sqlite *hand)
{
	world_run(on.world, 0);
	CHECK(on.acknowledged);
	ledger_sqlite_free(hand);
}

/* Who was cut off in the midst of it looks first whether it was done. */
static void retry(void)
{
	struct ledger_sqlite *hand = open_hand();
	struct ledger *ledger = ledger_sqlite_ledger(hand);

	on.acknowledged = number(ledger_sqlite_rows(hand),
	                         "SELECT count(*) FROM builds WHERE family = 'flaky' AND attempt",
	                         SPAN_NONE) > 0;
	if (!on.acknowledged)
		ledger->retry(ledger, "flaky", "eu-west-1", on_retried, NULL);
	close_hand(hand);
}

static void quarantine(void)
{
	static const struct quarantine bad = { .family = "", .what = QUARANTINED, .reason = "bad" };
	struct ledger_sqlite *hand = open_hand();
	struct ledger *ledger = ledger_sqlite_ledger(hand);

	ledger->quarantine(ledger, &bad, acknowledge, NULL);
	close_hand(hand);
}

/* ---- the script ------------------------------------------------------------------------------ */

static void announce_first(void)
{
	world_announce(on.world, 0);
}

static void announce_quarantined(void)
{
	world_announce(on.world, 1);
}

static void announce_last(void)
{
	on.world->cloud->fails = "golden-flaky";
	world_announce(on.world, 2);
}

/* SQS hands it out once more, though it was deleted. */
static void redeliver(void)
{
	on.world->cloud->messages[0].deleted = false;
	on.world->cloud->messages[0].visible_ms = 0;
}

static void restart(void)
{
	stop_worker();
	world_restart(on.world);
	start_worker();
}

static void end_day(void)
{
	stop_worker();
}

static const struct step {
	int minute;
	void (*happen)(void);
} script[] = {
	{ 1, announce_first }, { 3, announce_first }, { 12, retry },
	{ 20, quarantine },    { 20, restart },       { 21, announce_quarantined },
	{ 23, announce_last }, { 24, redeliver },     { 40, end_day },
};

static void live_on(void)
{
	for (; on.step < ARRAY_LEN(script); on.step++) {
		int64_t at_ms = script[on.step].minute * MINUTE;

		if (at_ms > world_now_ms(on.world))
			world_run(on.world, at_ms - world_now_ms(on.world));
		script[on.step].happen();
	}
}

/* ---- what came of it ------------------------------------------------------------------------- */

static int64_t count(const char *sql)
{
	return number(ledger_sqlite_rows(on.world->sqlite), sql, SPAN_NONE);
}

static void derive(const struct wanted *one, struct build *ret_build)
{
	*ret_build = (struct build){
		.family = one->family,
		.pipeline_region = "eu-west-1",
		.pipeline = strcmp(one->family, "web") == 0 ? "golden-web" : "golden-flaky",
		.region = "eu-west-1",
		.image_id = one->image,
		.attempt = one->attempt,
	};
	build_derive_token(ret_build);
}

/* The execution of this token, counted from 1; 0: there is none. */
static size_t execution_of(const char *token)
{
	const struct cloud *cloud = on.world->cloud;

	for (size_t i = 0; i < cloud->n_executions; i++) {
		if (strcmp(cloud->executions[i].token, token) == 0)
			return i + 1;
	}
	return 0;
}

static void check_build(const struct wanted *one)
{
	struct build build;
	size_t execution;

	derive(one, &build);
	execution = execution_of(build.token);
	on.day->end.lost += execution == 0;
	CHECK(execution, "%s of %s, attempt %d, was not started", one->image, one->family,
	      one->attempt);
	CHECK_INT(number(ledger_sqlite_rows(on.world->sqlite),
	                 "SELECT count(*) FROM builds JOIN notices ON notices.build = builds.id"
	                 " WHERE token = ? AND state = 'finished' AND notices.kind = 'finished'",
	                 span_of(build.token)),
	          1);
}

/* It has a message that was edited to its end, and the details in its thread. */
static void check_told(const struct wanted *one)
{
	const struct slack_channels *slack = &on.world->cloud->slack;
	struct build build;
	char mark[32];
	int roots = 0, replies = 0;

	derive(one, &build);
	snprintf(mark, sizeof(mark), "build %.12s", build.token);
	for (size_t i = 0; i < slack->n_posts && i < SLACK_LOG; i++) {
		const struct slack_shown *shown = &slack->posts[i];
		bool ours = strstr(shown->body, mark) != NULL;

		roots += ours && !shown->thread[0] && strstr(shown->body, one->told);
		replies += ours && shown->thread[0];
	}
	CHECK(roots == 1 && replies == 1, "%s of %s, attempt %d: %d messages, %d replies",
	      one->image, one->family, one->attempt, roots, replies);
}

static void check_golden(const char *parameter, const struct wanted *last)
{
	char ami[64];
	struct build build;

	derive(last, &build);
	snprintf(ami, sizeof(ami), "ami-%012zx0901d", execution_of(build.token) - 1);
	CHECK_TEXT(cloud_parameter(on.world->cloud, parameter), ami);
}

static void check_day(void)
{
	struct cloud *cloud = on.world->cloud;

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		check_build(&wanted[i]);
		check_told(&wanted[i]);
	}
	on.day->end.twice = (int)(cloud->n_executions + (size_t)on.day->end.lost) -
	                    (int)ARRAY_LEN(wanted);
	CHECK_INT(cloud->n_executions, ARRAY_LEN(wanted));
	CHECK_INT(count("SELECT count(*) FROM builds WHERE state IN ('wanted', 'started')"), 0);
	CHECK_INT(count("SELECT count(*) FROM builds WHERE state = 'finished'"), ARRAY_LEN(wanted));
	CHECK_INT(cloud_left(cloud), 0);
	CHECK_INT(cloud->slack.n_posts, 2 * ARRAY_LEN(wanted));
	CHECK_INT(count("SELECT count(*) FROM deliveries"), 0);
	check_golden("/golden/ami", &wanted[3]);
	check_golden("/flaky/ami", &wanted[2]);
	CHECK_TEXT(cloud_parameter(cloud, "/golden/base"), LAST);
	CHECK_TEXT(cloud_parameter(cloud, "/flaky/base"), FIRST);
}

/* ---- whole days, and the rest of one --------------------------------------------------------- */

void day_live(struct day *day)
{
	memset(&on, 0, sizeof(on));
	on.day = day;
	on.disk.on_change = on_change;
	disk_vfs_register(&on.disk, on_statement, NULL);
	open_world();
	start_worker();
	live_on();
	check_day();
	world_free(on.world);
}

/* A lock goes with its process; here the process goes on, and so the file goes. */
static void unlock(void)
{
	char path[LIMIT_PATH];

	snprintf(path, sizeof(path), "%s/ledger.db.lock", temporary_folder());
	unlink(path);
}

static void reopen(void)
{
	if (on.world) {
		world_forget(on.world);
		world_restart(on.world);
	} else {
		open_world();
	}
	on.judging = true;
	CHECK_INT(count("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
	          1);
	on.judging = false;
}

void day_go_on(struct day *day, enum disk_loss loss, uint64_t seed)
{
	on.day = day;
	on.judging = false;
	disk_vfs_forget();
	disk_cut(&on.disk, loss, seed);
	unlock();
	reopen();
	start_worker();
	live_on();
	check_day();
}
