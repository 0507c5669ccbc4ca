/*
 * Catch-up: when it asks, what it makes of the answers, and what it tells.
 */
#include "worker/flows/catch_up.h"

#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define OLD    "ami-00000000000000001"
#define NEW    "ami-00000000000000002"
#define NEWEST "ami-00000000000000003"

static struct world *world;
static struct catch_up *catch_up;
static FILE *log_file;
static int wanted, told;

static void on_wanted(void *ctx)
{
	(void)ctx;
	wanted++;
}

static void on_told(void *ctx)
{
	(void)ctx;
	told++;
}

static void start(void)
{
	catch_up = catch_up_new(&(struct catch_up_options){
		.ports = &world->ports,
		.config = world->config,
		.builds_wanted = on_wanted,
		.told = on_told,
	});
}

static void add_image(const char *id, const char *version, const char *created)
{
	static char names[CLOUD_IMAGES][64];
	struct cloud *cloud = world->cloud;
	char *name = names[cloud->n_images];

	snprintf(name, sizeof(names[0]), "al2023-ami-%s-kernel-6.1-x86_64", version);
	cloud->images[cloud->n_images++] = (struct cloud_image){ id, name, created };
}

static void add_old(void)
{
	add_image(OLD, "2023.9.20260701.0", "2026-06-28T00:00:00.000Z");
}

static void add_new(void)
{
	add_image(NEW, "2023.9.20260801.0", "2026-07-28T00:00:00.000Z");
}

static void add_newest(void)
{
	add_image(NEWEST, "2023.10.20260815.0", "2026-08-17T00:00:00.000Z");
}

/* A world with an old image, and catch-up in it that has not begun. */
static void begin(void)
{
	world = world_new(&(struct world_options){ .folder = temporary_empty() });
	log_file = tmpfile();
	world->log.fd = fileno(log_file);
	world->log.json = true;
	wanted = told = 0;
	add_old();
	start();
}

static void end(void)
{
	catch_up_free(catch_up);
	world_free(world);
	fclose(log_file);
}

static int logged(const char *event)
{
	static char text[1024 * 1024];
	ssize_t n = pread(fileno(log_file), text, sizeof(text) - 1, 0);
	char wanted_text[80];
	int found = 0;

	text[n > 0 ? n : 0] = '\0';
	snprintf(wanted_text, sizeof(wanted_text), "\"event\":\"%s\"", event);
	for (const char *at = strstr(text, wanted_text); at; at = strstr(at + 1, wanted_text))
		found++;
	return found;
}

static int64_t builds(const char *state)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM builds WHERE state = '%s'", state);
	return world_count(world, sql);
}

static int64_t notices(const char *kind)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM notices WHERE kind = '%s'", kind);
	return world_count(world, sql);
}

static void drain(void)
{
	catch_up_drained(catch_up);
	world_run(world, MINUTE);
}

/* ---- when it begins -------------------------------------------------------------------------- */

TEST(nothing_is_asked_before_the_queue_is_drained)
{
	begin();
	world_run(world, 59000);
	CHECK_INT(world->asked[PORT_IMAGES], 0);
	drain();
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	CHECK_INT(builds("adopted"), 1);
	CHECK_INT(wanted, 0);
	catch_up_drained(catch_up);
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	end();
}

TEST(without_the_queue_it_asks_after_a_minute_and_adopts_later)
{
	begin();
	world_run(world, 70000);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	CHECK_INT(logged("catch_up_without_queue"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 0);
	drain();
	CHECK_INT(world->asked[PORT_IMAGES], 2);
	CHECK_INT(builds("adopted"), 1);
	end();
}

TEST(what_the_ledger_knows_is_asked_for_without_the_queue)
{
	begin();
	drain();
	catch_up_free(catch_up);
	add_new();
	start();
	world_run(world, 70000);
	CHECK_INT(builds("wanted"), 1);
	CHECK_INT(wanted, 1);
	CHECK_INT(logged("missed_announcement"), 1);
	end();
}

TEST(a_stop_ends_everything_at_every_moment)
{
	for (int moment = 0; moment < 14; moment++) {
		begin();
		catch_up_drained(catch_up);
		world->by_hand = true;
		for (int i = 0; i < moment; i++) {
			if (world_waiting(world))
				world_release(world, 0, FATE_FINE);
			else
				simulation_run_next(world->simulation);
		}
		catch_up_stop(catch_up);
		CHECK(world->pending == NULL);
		CHECK_INT(simulation_waiting(world->simulation), 0);
		catch_up_drained(catch_up);
		world_run(world, DAY);
		CHECK(world->pending == NULL);
		end();
	}
}

/* ---- how often ------------------------------------------------------------------------------- */

TEST(it_asks_again_every_six_hours)
{
	begin();
	drain();
	world_run(world, 5 * HOUR);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	add_new();
	world_run(world, HOUR + MINUTE);
	CHECK_INT(world->asked[PORT_IMAGES], 2);
	CHECK_INT(builds("wanted"), 1);
	world_run(world, 10 * DAY);
	CHECK(world->asked[PORT_IMAGES] >= 40 && world->asked[PORT_IMAGES] <= 48, "%d",
	      world->asked[PORT_IMAGES]);
	CHECK_INT(wanted, 1);
	end();
}

TEST(a_page_a_second)
{
	begin();
	for (int i = 0; i < 4; i++)
		add_image(NEW, "2023.9.20260801.0", "2026-07-28T00:00:00.000Z");
	world->cloud->page = 1;
	catch_up_drained(catch_up);
	world_run(world, 100);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	world_run(world, 3500);
	CHECK_INT(world->asked[PORT_IMAGES], 4);
	world_run(world, 10000);
	CHECK_INT(world->asked[PORT_IMAGES], 5);
	CHECK_INT(world->asked[PORT_PARAMETERS], 2); /* twelve, ten at a time */
	end();
}

TEST(more_pages_than_allowed_are_nothing)
{
	begin();
	for (int i = 0; i < LIMIT_IMAGE_PAGES + 1; i++)
		add_image(NEW, "2023.9.20260801.0", "2026-07-28T00:00:00.000Z");
	world->cloud->page = 1;
	drain();
	CHECK_INT(world->asked[PORT_IMAGES], LIMIT_IMAGE_PAGES);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 0);
	end();
}

/* ---- what fails ------------------------------------------------------------------------------ */

/* One failure of this port, then all goes well. */
static void check_fails_once(enum port port, enum fate fate)
{
	begin();
	world_next(world, port, fate);
	catch_up_drained(catch_up);
	world_run(world, 20000);
	CHECK_INT(logged("catch_up_failed"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 0);
	world_run(world, 2 * MINUTE);
	CHECK_INT(logged("catch_up_failed"), 1);
	CHECK_INT(builds("adopted"), 1);
	end();
}

TEST(what_fails_is_asked_again)
{
	check_fails_once(PORT_IMAGES, FATE_TRANSIENT);
	check_fails_once(PORT_IMAGES, FATE_REFUSED);
	check_fails_once(PORT_IMAGES, FATE_BROKEN);
	check_fails_once(PORT_PARAMETERS, FATE_TRANSIENT);
	check_fails_once(PORT_HEARD, FATE_BROKEN);
	check_fails_once(PORT_RECALL, FATE_BROKEN);
	check_fails_once(PORT_RECORD, FATE_BROKEN);
}

TEST(an_answer_that_is_none_is_asked_again)
{
	begin();
	world_next_text(world, PORT_IMAGES, "<html>");
	drain();
	CHECK_INT(logged("catch_up_failed"), 1);
	world_run(world, 2 * MINUTE);
	CHECK_INT(builds("adopted"), 1);
	end();
}

TEST(failures_are_asked_again_ever_later)
{
	begin();
	world_always(world, PORT_IMAGES, FATE_TRANSIENT);
	drain();
	world_run(world, DAY);
	CHECK(world->asked[PORT_IMAGES] >= 24 && world->asked[PORT_IMAGES] <= 60, "%d",
	      world->asked[PORT_IMAGES]);
	end();
}

TEST(parameters_that_cannot_be_read_are_no_failure)
{
	begin();
	world_always(world, PORT_PARAMETERS, FATE_BROKEN); /* access denied */
	drain();
	CHECK_INT(logged("parameters_unreadable"), 2);
	CHECK_INT(logged("catch_up_failed"), 0);
	CHECK_INT(builds("adopted"), 1);
	end();
}

TEST(a_conflict_is_decided_again)
{
	begin();
	world_next(world, PORT_RECORD, FATE_TRANSIENT);
	drain();
	CHECK_INT(world->asked[PORT_RECALL], 2);
	CHECK_INT(builds("adopted"), 1);
	end();
}

TEST(an_answer_of_the_ledger_that_is_lost_makes_nothing_twice)
{
	begin();
	world_next(world, PORT_RECORD, FATE_LOST);
	drain();
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 1);
	CHECK_INT(logged("catch_up_failed"), 0);
	end();
}

/* ---- the first look -------------------------------------------------------------------------- */

TEST(the_first_look_builds_when_it_is_told_to)
{
	begin();
	world->config->catch_up.adopt = false;
	drain();
	CHECK_INT(world->asked[PORT_BASE], 1);
	CHECK_INT(builds("wanted"), 1);
	CHECK_INT(logged("missed_announcement"), 0);
	end();
}

TEST(what_the_base_parameter_names_is_adopted)
{
	begin();
	world->config->catch_up.adopt = false;
	world->cloud->base = OLD;
	drain();
	CHECK_INT(builds("adopted"), 1);
	CHECK_INT(builds("wanted"), 0);
	end();
}

TEST(a_base_parameter_that_cannot_be_read_names_nothing)
{
	begin();
	world->config->catch_up.adopt = false;
	world->cloud->base = OLD;
	world_next(world, PORT_BASE, FATE_REFUSED);
	drain();
	CHECK_INT(builds("wanted"), 1);
	end();
	begin();
	world->config->catch_up.adopt = false;
	world->cloud->base = OLD;
	world_next(world, PORT_BASE, FATE_TRANSIENT);
	drain();
	CHECK_INT(logged("catch_up_failed"), 1);
	world_run(world, 2 * MINUTE);
	CHECK_INT(builds("adopted"), 1);
	end();
}

/* ---- what AWS recommends --------------------------------------------------------------------- */

TEST(a_pointer_that_stays_behind_is_told_once)
{
	begin();
	add_newest();
	drain();
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE image_id = '" NEWEST "'"),
	          1);
	world->cloud->recommended = OLD;
	world_run(world, DAY);
	CHECK(logged("moved_back") > 2);
	CHECK_INT(notices("withdrawn"), 0);
	world_run(world, DAY);
	CHECK_INT(notices("withdrawn"), 1);
	CHECK(told > 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE key ="
	                             " 'moved-back/web/eu-west-1/" OLD "'"),
	          1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 1);
	end();
}

#define VERSION "2023.10.20260815.0" /* of the newest */

/* The one build is of the newest release, and has succeeded. */
static void build_newest(void)
{
	sql_run(world->path, "UPDATE builds SET state = 'finished', status = 'Succeeded',"
	                     " execution_id = 'e-1', golden_ami = 'ami-g', image_id = '" NEWEST
	                     "', release = '" VERSION "';"
	                     "INSERT INTO lines VALUES ('web', 'eu-west-1', '" VERSION "')");
}

/* It is built, and is what AWS recommends. */
static void begin_recommended(void)
{
	begin();
	world->config->catch_up.adopt = false;
	add_newest();
	world->cloud->recommended = NEWEST;
	drain();
	build_newest();
	world_run(world, 6 * HOUR);
	CHECK_INT(notices("withdrawn"), 0);
}

static int64_t withdrawn(void)
{
	return world_count(world, "SELECT count(*) FROM builds WHERE withdrawn_ms > 0");
}

static int64_t quarantines(void)
{
	return world_count(world, "SELECT count(*) FROM quarantines"
	                          " WHERE family = 'web' AND what = '" VERSION "'");
}

TEST(what_aws_recommends_no_longer_is_taken_back_once)
{
	begin_recommended();
	world->cloud->recommended = OLD;
	world_run(world, 7 * HOUR);
	CHECK_INT(withdrawn(), 1);
	CHECK_INT(quarantines(), 1);
	CHECK_INT(notices("withdrawn"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE text LIKE"
	                             " '%was recommended before%Made from it%ami-g%'"),
	          1);
	sql_run(world->path, "DELETE FROM quarantines");
	world_run(world, 2 * DAY);
	CHECK_INT(quarantines(), 0);
	CHECK_INT(notices("withdrawn"), 1);
	end();
}

TEST(what_the_ledger_does_not_take_back_is_taken_back_later)
{
	begin_recommended();
	world->cloud->recommended = OLD;
	world_next(world, PORT_WITHDRAW, FATE_BROKEN);
	world_run(world, 7 * HOUR);
	CHECK_INT(logged("catch_up_failed"), 1);
	CHECK_INT(withdrawn(), 1);
	CHECK_INT(notices("withdrawn"), 1);
	end();
}

/* Its announcement came before its parameter moved. */
TEST(what_aws_recommends_not_yet_is_not_taken_back)
{
	begin();
	world->config->catch_up.adopt = false;
	world->cloud->recommended = OLD;
	drain();
	build_newest();
	world_run(world, 2 * DAY);
	CHECK_INT(withdrawn(), 0);
	CHECK_INT(quarantines(), 0);
	CHECK_INT(notices("withdrawn"), 1);
	end();
}

TEST(a_remark_that_the_ledger_does_not_take_is_told_later)
{
	begin();
	add_newest();
	drain();
	world->cloud->recommended = OLD;
	world_next(world, PORT_TELL, FATE_BROKEN);
	world_next(world, PORT_TELL, FATE_BROKEN);
	world_run(world, 2 * DAY);
	CHECK_INT(notices("withdrawn"), 1);
	CHECK_INT(logged("ledger_failed"), 2);
	end();
}

TEST(several_images_are_told_and_not_built)
{
	begin();
	world->cloud->n_images = 0;
	add_newest();
	world->cloud->images[world->cloud->n_images++] = (struct cloud_image){
		NEW, "al2023-ami-2023.10.20260815.0x-kernel-6.1-x86_64", "2026-08-17T00:00:00.000Z"
	};
	drain();
	CHECK_INT(notices("ambiguous"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 0);
	end();
}

/* ---- what announcements left open ------------------------------------------------------------ */

static void await(const char *version)
{
	const struct decision decision = {
		.family = &world->config->families[0],
		.region = world->config->families[0].regions[0],
		.reason = REASON_NOT_AVAILABLE_YET,
		.version = span_of(version),
	};

	catch_up_await(catch_up, &decision);
}

TEST(what_was_announced_is_looked_for_until_it_is_there)
{
	begin();
	drain();
	await("2023.10.20260815.0");
	world_run(world, 100);
	CHECK_INT(world->asked[PORT_IMAGES], 2);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_IMAGES] >= 6 && world->asked[PORT_IMAGES] <= 12, "%d",
	      world->asked[PORT_IMAGES]);
	add_newest();
	world_run(world, HOUR);
	CHECK_INT(builds("wanted"), 1);
	CHECK_INT(logged("missed_announcement"), 0);
	world->asked[PORT_IMAGES] = 0;
	world_run(world, 3 * HOUR);
	CHECK_INT(world->asked[PORT_IMAGES], 0);
	CHECK_INT(notices("unresolved"), 0);
	end();
}

TEST(what_never_comes_is_given_up_after_a_day_and_told)
{
	begin();
	drain();
	await("2023.10.20260815.0");
	world_run(world, 23 * HOUR);
	CHECK_INT(logged("unresolved_given_up"), 0);
	world_run(world, 3 * HOUR);
	CHECK_INT(logged("unresolved_given_up"), 1);
	CHECK_INT(notices("unresolved"), 1);
	end();
}

TEST(without_a_version_only_a_new_image_will_do)
{
	begin();
	drain();
	await("");
	world_run(world, 26 * HOUR);
	CHECK_INT(logged("unresolved_given_up"), 1);
	CHECK_INT(notices("unresolved"), 0);
	await("");
	add_new();
	world_run(world, MINUTE);
	CHECK_INT(builds("wanted"), 1);
	end();
}

TEST(what_was_announced_is_built_at_the_first_look)
{
	begin();
	await("2023.9.20260701.0");
	drain();
	CHECK_INT(builds("wanted"), 1);
	CHECK_INT(builds("adopted"), 0);
	end();
}

TEST(off_means_only_what_was_left_open)
{
	begin();
	world->config->catch_up.every_s = 0;
	catch_up_free(catch_up);
	start();
	drain();
	world_run(world, 3 * DAY);
	CHECK_INT(world->asked[PORT_IMAGES], 0);
	CHECK_INT(world->asked[PORT_HEARD], 0);
	await("2023.9.20260701.0");
	world_run(world, 3 * DAY);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	CHECK_INT(builds("wanted"), 1);
	end();
}

/* ---- silence --------------------------------------------------------------------------------- */

static void on_written(void *ctx, const struct err *err)
{
	*(bool *)ctx = err == NULL;
}

/* An announcement of a release, made so many days ago. */
static void announced(const char *release, int64_t days_ago)
{
	struct ledger *real = ledger_sqlite_ledger(world->sqlite);
	const struct family *family = &world->config->families[0];
	struct decision decision = {
		.family = family,
		.region = family->regions[0],
		.reason = REASON_ALREADY_STARTED,
		.version = span_of(release),
	};
	const struct announcement announcement = {
		.message_id = span_of(release),
		.topic = span_of(family->publisher->topic),
		.publisher = family->publisher,
		.announced_ms = ports_now_ms(&world->ports) - days_ago * DAY,
	};
	bool written = false;

	real->record(real,
	             &(struct ledger_entry){ .announcement = &announcement,
	                                     .decisions = &decision,
	                                     .n_decisions = 1 },
	             1, on_written, &written);
	while (!written && simulation_next_ms(world->simulation) == 0)
		simulation_run_next(world->simulation);
	CHECK(written);
}

static void announced_each_fortnight(void)
{
	announced("2023.9.20260601.0", 60);
	announced("2023.9.20260615.0", 46);
	announced("2023.9.20260629.0", 32);
	announced("2023.9.20260701.0", 18);
}

TEST(a_silence_is_looked_into_and_confirmed)
{
	begin();
	announced_each_fortnight();
	drain();
	world_run(world, 2 * DAY);
	CHECK_INT(logged("quiet_confirmed"), 0);
	world_run(world, 2 * DAY);
	CHECK_INT(logged("quiet_confirmed"), 1);
	world_run(world, 19 * DAY);
	CHECK_INT(logged("quiet_confirmed"), 1);
	world_run(world, 3 * DAY);
	CHECK_INT(logged("quiet_confirmed"), 2);
	CHECK_INT(notices("missed"), 0);
	CHECK_INT(logged("subscription_gone"), 0);
	end();
}

TEST(a_release_that_was_not_announced_means_that_the_subscription_is_gone)
{
	begin();
	announced_each_fortnight();
	add_newest();
	drain();
	world_run(world, 4 * DAY);
	CHECK_INT(logged("subscription_gone"), 1);
	CHECK_INT(logged("quiet_confirmed"), 0);
	CHECK_INT(notices("missed"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE key ="
	                             " 'missed/amazon-linux-2023/2023.10.20260815.0'"),
	          1);
	world_run(world, 22 * DAY);
	CHECK_INT(logged("subscription_gone"), 2);
	CHECK_INT(notices("missed"), 1);
	end();
}

TEST(a_silence_is_not_confirmed_before_the_answer_is_there)
{
	begin();
	announced_each_fortnight();
	drain();
	world_run(world, 2 * DAY);
	world_always(world, PORT_IMAGES, FATE_TRANSIENT);
	world_run(world, 3 * DAY);
	CHECK_INT(logged("quiet_confirmed"), 0);
	world_always(world, PORT_IMAGES, FATE_FINE);
	world_run(world, 2 * HOUR);
	CHECK_INT(logged("quiet_confirmed"), 1);
	end();
}

int main(void)
{
	check_run(nothing_is_asked_before_the_queue_is_drained);
	check_run(without_the_queue_it_asks_after_a_minute_and_adopts_later);
	check_run(what_the_ledger_knows_is_asked_for_without_the_queue);
	check_run(a_stop_ends_everything_at_every_moment);
	check_run(it_asks_again_every_six_hours);
	check_run(a_page_a_second);
	check_run(more_pages_than_allowed_are_nothing);
	check_run(what_fails_is_asked_again);
	check_run(an_answer_that_is_none_is_asked_again);
	check_run(failures_are_asked_again_ever_later);
	check_run(parameters_that_cannot_be_read_are_no_failure);
	check_run(a_conflict_is_decided_again);
	check_run(an_answer_of_the_ledger_that_is_lost_makes_nothing_twice);
	check_run(the_first_look_builds_when_it_is_told_to);
	check_run(what_the_base_parameter_names_is_adopted);
	check_run(a_base_parameter_that_cannot_be_read_names_nothing);
	check_run(a_pointer_that_stays_behind_is_told_once);
	check_run(what_aws_recommends_no_longer_is_taken_back_once);
	check_run(what_the_ledger_does_not_take_back_is_taken_back_later);
	check_run(what_aws_recommends_not_yet_is_not_taken_back);
	check_run(a_remark_that_the_ledger_does_not_take_is_told_later);
	check_run(several_images_are_told_and_not_built);
	check_run(what_was_announced_is_looked_for_until_it_is_there);
	check_run(what_never_comes_is_given_up_after_a_day_and_told);
	check_run(without_a_version_only_a_new_image_will_do);
	check_run(what_was_announced_is_built_at_the_first_look);
	check_run(off_means_only_what_was_left_open);
	check_run(a_silence_is_looked_into_and_confirmed);
	check_run(a_release_that_was_not_announced_means_that_the_subscription_is_gone);
	check_run(a_silence_is_not_confirmed_before_the_answer_is_there);
	return check_done();
}
