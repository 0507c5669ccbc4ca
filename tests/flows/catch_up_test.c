/*
 * Catch-up: when it asks, what it makes of the answers, and what it tells.
 */
#include "tests/flows/catching.h"
#include "tests/unit/check.h"

static struct catching on;
static struct world *world; /* where it happens */

static void begin(void)
{
	catching_begin(&on);
	world = on.world;
}

static void end(void)
{
	catching_end(&on);
}

/* ---- when it begins -------------------------------------------------------------------------- */

TEST(nothing_is_asked_before_the_queue_is_drained)
{
	begin();
	world_run(world, 59000);
	CHECK_INT(world->asked[PORT_IMAGES], 0);
	catching_drain(&on);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	CHECK_INT(on.wanted, 0);
	catch_up_drained(on.catch_up);
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	end();
}

TEST(without_the_queue_it_asks_after_a_minute)
{
	begin();
	world_run(world, 70000);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	CHECK_INT(catching_logged(&on, "catch_up_without_queue"), 1);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	catching_drain(&on);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	end();
}

TEST(what_the_ledger_knows_is_asked_for_without_the_queue)
{
	begin();
	catching_drain(&on);
	catch_up_free(on.catch_up);
	catching_add_new(&on);
	catching_start(&on);
	world_run(world, 70000);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	CHECK_INT(on.wanted, 1);
	CHECK_INT(catching_logged(&on, "missed_announcement"), 1);
	end();
}

TEST(a_stop_ends_everything_at_every_moment)
{
	for (int moment = 0; moment < 14; moment++) {
		begin();
		catch_up_drained(on.catch_up);
		world->by_hand = true;
		for (int i = 0; i < moment; i++) {
			if (world_waiting(world))
				world_release(world, 0, FATE_FINE);
			else
				simulation_run_next(world->simulation);
		}
		catch_up_stop(on.catch_up);
		CHECK(world->pending == NULL);
		CHECK_INT(simulation_waiting(world->simulation), 0);
		catch_up_drained(on.catch_up);
		world_run(world, DAY);
		CHECK(world->pending == NULL);
		end();
	}
}

/* ---- how often ------------------------------------------------------------------------------- */

TEST(it_asks_again_every_six_hours)
{
	begin();
	catching_drain(&on);
	world_run(world, 5 * HOUR);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	catching_add_new(&on);
	world_run(world, HOUR + MINUTE);
	CHECK_INT(world->asked[PORT_IMAGES], 2);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	world_run(world, 10 * DAY);
	CHECK(world->asked[PORT_IMAGES] >= 40 && world->asked[PORT_IMAGES] <= 48, "%d",
	      world->asked[PORT_IMAGES]);
	CHECK_INT(on.wanted, 1);
	end();
}

TEST(a_page_a_second)
{
	begin();
	for (int i = 0; i < 4; i++)
		catching_add(&on, NEW, "2023.9.20260801.0", "2026-07-28T00:00:00.000Z");
	world->cloud->page = 1;
	catch_up_drained(on.catch_up);
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
		catching_add(&on, NEW, "2023.9.20260801.0", "2026-07-28T00:00:00.000Z");
	world->cloud->page = 1;
	catching_drain(&on);
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
	catch_up_drained(on.catch_up);
	world_run(world, 20000);
	CHECK_INT(catching_logged(&on, "catch_up_failed"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 0);
	world_run(world, 2 * MINUTE);
	CHECK_INT(catching_logged(&on, "catch_up_failed"), 1);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
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
	catching_drain(&on);
	CHECK_INT(catching_logged(&on, "catch_up_failed"), 1);
	world_run(world, 2 * MINUTE);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	end();
}

TEST(failures_are_asked_again_ever_later)
{
	begin();
	world_always(world, PORT_IMAGES, FATE_TRANSIENT);
	catching_drain(&on);
	world_run(world, DAY);
	CHECK(world->asked[PORT_IMAGES] >= 24 && world->asked[PORT_IMAGES] <= 60, "%d",
	      world->asked[PORT_IMAGES]);
	end();
}

TEST(parameters_that_cannot_be_read_are_no_failure)
{
	begin();
	world_always(world, PORT_PARAMETERS, FATE_BROKEN); /* access denied */
	catching_drain(&on);
	CHECK_INT(catching_logged(&on, "parameters_unreadable"), 2);
	CHECK_INT(catching_logged(&on, "catch_up_failed"), 0);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	end();
}

TEST(a_conflict_is_decided_again)
{
	begin();
	world_next(world, PORT_RECORD, FATE_TRANSIENT);
	catching_drain(&on);
	CHECK_INT(world->asked[PORT_RECALL], 2);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	end();
}

TEST(an_answer_of_the_ledger_that_is_lost_makes_nothing_twice)
{
	begin();
	world_next(world, PORT_RECORD, FATE_LOST);
	catching_drain(&on);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 1);
	CHECK_INT(catching_logged(&on, "catch_up_failed"), 0);
	end();
}

/* ---- the first look -------------------------------------------------------------------------- */

TEST(the_first_look_builds_when_it_is_told_to)
{
	begin();
	world->config->catch_up.adopt = false;
	catching_drain(&on);
	CHECK_INT(world->asked[PORT_PARAMETER], 1);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	CHECK_INT(catching_logged(&on, "missed_announcement"), 0);
	end();
}

TEST(what_the_base_parameter_names_is_adopted)
{
	for (int adopt = 0; adopt < 2; adopt++) {
		begin();
		world->config->catch_up.adopt = adopt;
		cloud_set_parameter(world->cloud, "/golden/base", OLD);
		catching_drain(&on);
		CHECK_INT(catching_builds(&on, "adopted"), 1);
		CHECK_INT(world_count(world, "SELECT base_written FROM builds"), 1);
		CHECK_INT(catching_builds(&on, "wanted"), 0);
		end();
	}
}

TEST(a_base_parameter_that_cannot_be_read_names_nothing)
{
	begin();
	world->config->catch_up.adopt = false;
	cloud_set_parameter(world->cloud, "/golden/base", OLD);
	world_next(world, PORT_PARAMETER, FATE_REFUSED);
	catching_drain(&on);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	end();
	begin();
	world->config->catch_up.adopt = false;
	cloud_set_parameter(world->cloud, "/golden/base", OLD);
	world_next(world, PORT_PARAMETER, FATE_TRANSIENT);
	catching_drain(&on);
	CHECK_INT(catching_logged(&on, "catch_up_failed"), 1);
	world_run(world, 2 * MINUTE);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	end();
}

/* ---- what cannot be decided ------------------------------------------------------------------ */

TEST(several_images_are_told_and_not_built)
{
	begin();
	world->cloud->n_images = 0;
	catching_add_newest(&on);
	world->cloud->images[world->cloud->n_images++] = (struct cloud_image){
		NEW, "al2023-ami-2023.10.20260815.0x-kernel-6.1-x86_64", "2026-08-17T00:00:00.000Z"
	};
	catching_drain(&on);
	CHECK_INT(catching_notices(&on, "ambiguous"), 1);
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

	catch_up_await(on.catch_up, &decision);
}

TEST(what_was_announced_is_looked_for_until_it_is_there)
{
	begin();
	catching_drain(&on);
	await("2023.10.20260815.0");
	world_run(world, 100);
	CHECK_INT(world->asked[PORT_IMAGES], 2);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_IMAGES] >= 6 && world->asked[PORT_IMAGES] <= 12, "%d",
	      world->asked[PORT_IMAGES]);
	catching_add_newest(&on);
	world_run(world, HOUR);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	CHECK_INT(catching_logged(&on, "missed_announcement"), 0);
	world->asked[PORT_IMAGES] = 0;
	world_run(world, 3 * HOUR);
	CHECK_INT(world->asked[PORT_IMAGES], 0);
	CHECK_INT(catching_notices(&on, "unresolved"), 0);
	end();
}

TEST(what_never_comes_is_given_up_after_a_day_and_told)
{
	begin();
	catching_drain(&on);
	await("2023.10.20260815.0");
	world_run(world, 23 * HOUR);
	CHECK_INT(catching_logged(&on, "unresolved_given_up"), 0);
	world_run(world, 3 * HOUR);
	CHECK_INT(catching_logged(&on, "unresolved_given_up"), 1);
	CHECK_INT(catching_notices(&on, "unresolved"), 1);
	end();
}

/* Announcements come in any order, and again. */
TEST(of_two_that_were_announced_the_newer_is_looked_for)
{
	begin();
	catching_drain(&on);
	await("2023.10.20260815.0");
	world_run(world, HOUR);
	await("2023.9.20260701.0");
	await("");
	world_run(world, 12 * HOUR);
	await("2023.10.20260815.0");
	catching_add_newest(&on);
	world_run(world, 2 * HOUR);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	end();
	begin();
	catching_drain(&on);
	await("2023.10.20260815.0");
	world_run(world, 12 * HOUR);
	await("2023.9.20260701.0");
	await("2023.10.20260815.0");
	world_run(world, 14 * HOUR);
	CHECK_INT(catching_logged(&on, "unresolved_given_up"), 1);
	CHECK_INT(catching_notices(&on, "unresolved"), 1);
	end();
}

TEST(without_a_version_only_a_new_image_will_do)
{
	begin();
	catching_drain(&on);
	await("");
	world_run(world, 26 * HOUR);
	CHECK_INT(catching_logged(&on, "unresolved_given_up"), 1);
	CHECK_INT(catching_notices(&on, "unresolved"), 0);
	await("");
	catching_add_new(&on);
	world_run(world, MINUTE);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	end();
}

TEST(what_was_announced_is_built_at_the_first_look)
{
	begin();
	await("2023.9.20260701.0");
	catching_drain(&on);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	CHECK_INT(catching_builds(&on, "adopted"), 0);
	end();
}

TEST(off_means_only_what_was_left_open)
{
	begin();
	world->config->catch_up.every_s = 0;
	catch_up_free(on.catch_up);
	catching_start(&on);
	catching_drain(&on);
	world_run(world, 3 * DAY);
	CHECK_INT(world->asked[PORT_IMAGES], 0);
	CHECK_INT(world->asked[PORT_HEARD], 0);
	await("2023.9.20260701.0");
	world_run(world, 3 * DAY);
	CHECK_INT(world->asked[PORT_IMAGES], 1);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
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

/* Its announcement names no image. What may be meant by one is not: that is not its own. */
TEST(what_was_adopted_is_built_when_its_release_is_announced)
{
	begin();
	catching_drain(&on);
	await("");
	await("2023.9.20260601.0");
	world_run(world, HOUR);
	CHECK_INT(catching_builds(&on, "adopted"), 1);
	announced("2023.9.20260701.0", 0);
	await("2023.9.20260701.0");
	world_run(world, HOUR);
	CHECK_INT(catching_builds(&on, "wanted"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 1);
	end();
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
	catching_drain(&on);
	world_run(world, 2 * DAY);
	CHECK_INT(catching_logged(&on, "quiet_confirmed"), 0);
	world_run(world, 2 * DAY);
	CHECK_INT(catching_logged(&on, "quiet_confirmed"), 1);
	world_run(world, 19 * DAY);
	CHECK_INT(catching_logged(&on, "quiet_confirmed"), 1);
	world_run(world, 3 * DAY);
	CHECK_INT(catching_logged(&on, "quiet_confirmed"), 2);
	CHECK_INT(catching_notices(&on, "missed"), 0);
	CHECK_INT(catching_logged(&on, "subscription_gone"), 0);
	end();
}

TEST(a_release_that_was_not_announced_means_that_the_subscription_is_gone)
{
	begin();
	announced_each_fortnight();
	catching_add_newest(&on);
	catching_drain(&on);
	world_run(world, 4 * DAY);
	CHECK_INT(catching_logged(&on, "subscription_gone"), 1);
	CHECK_INT(catching_logged(&on, "quiet_confirmed"), 0);
	CHECK_INT(catching_notices(&on, "missed"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE key ="
	                             " 'missed/amazon-linux-2023/2023.10.20260815.0'"),
	          1);
	world_run(world, 22 * DAY);
	CHECK_INT(catching_logged(&on, "subscription_gone"), 2);
	CHECK_INT(catching_notices(&on, "missed"), 1);
	end();
}

TEST(a_silence_is_not_confirmed_before_the_answer_is_there)
{
	begin();
	announced_each_fortnight();
	catching_drain(&on);
	world_run(world, 2 * DAY);
	world_always(world, PORT_IMAGES, FATE_TRANSIENT);
	world_run(world, 3 * DAY);
	CHECK_INT(catching_logged(&on, "quiet_confirmed"), 0);
	world_always(world, PORT_IMAGES, FATE_FINE);
	world_run(world, 2 * HOUR);
	CHECK_INT(catching_logged(&on, "quiet_confirmed"), 1);
	end();
}

int main(void)
{
	check_run(nothing_is_asked_before_the_queue_is_drained);
	check_run(without_the_queue_it_asks_after_a_minute);
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
	check_run(several_images_are_told_and_not_built);
	check_run(what_was_announced_is_looked_for_until_it_is_there);
	check_run(what_never_comes_is_given_up_after_a_day_and_told);
	check_run(of_two_that_were_announced_the_newer_is_looked_for);
	check_run(without_a_version_only_a_new_image_will_do);
	check_run(what_was_announced_is_built_at_the_first_look);
	check_run(off_means_only_what_was_left_open);
	check_run(what_was_adopted_is_built_when_its_release_is_announced);
	check_run(a_silence_is_looked_into_and_confirmed);
	check_run(a_release_that_was_not_announced_means_that_the_subscription_is_gone);
	check_run(a_silence_is_not_confirmed_before_the_answer_is_there);
	return check_done();
}
