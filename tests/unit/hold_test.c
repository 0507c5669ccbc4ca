/* What keeps a wanted build from being started: each condition, their order, and until when. */
#include "common/decide/hold.h"

#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOW    INT64_C(1795082400000) /* 2026-11-19T10:00:00Z, a Thursday */

/* Berlin in winter: an hour ahead of UTC. */
static const struct zone berlin = { .first_offset_s = 3600 };

static struct window_setting office = {
	.hours = { .at = { { .days = 0x1f, .from_min = 8 * 60, .to_min = 17 * 60 } }, .n = 1 },
	.zone = &berlin,
};

static struct family family;
static struct facts facts;
static struct hold_question question;

/* Nothing holds it. */
static void begin(void)
{
	family = (struct family){ .name = "web" };
	facts = (struct facts){ 0 };
	question = (struct hold_question){
		.family = &family,
		.facts = &facts,
		.release = "2023.9.20251027.0",
		.announced_ms = NOW,
		.now_ms = NOW,
	};
}

static void check_hold(enum reason reason, int64_t in_ms)
{
	struct hold hold = hold_judge(&question);

	CHECK_TEXT(reason_word(hold.reason), reason_word(reason));
	if (reason != REASON_MATCHED)
		CHECK_INT(hold.until_ms - question.now_ms, in_ms);
}

static void check_free(void)
{
	check_hold(REASON_MATCHED, 0);
}

TEST(nothing_holds_what_has_no_reason)
{
	begin();
	check_free();
	facts.line_known = true;
	snprintf(facts.newest, sizeof(facts.newest), "2023.9.20251013.0");
	check_free();
}

TEST(a_release_soaks_to_the_millisecond)
{
	begin();
	family.soak_s = 3600;
	check_hold(REASON_SOAKING, HOUR);
	question.announced_ms = NOW - HOUR + 1;
	check_hold(REASON_SOAKING, 1);
	CHECK(hold_ripe_ms(&family, NOW) < question.announced_ms);
	question.announced_ms = NOW - HOUR;
	check_free();
	CHECK_INT(hold_ripe_ms(&family, NOW) - question.announced_ms, 0);
}

TEST(a_long_soak_is_asked_again_after_a_day)
{
	begin();
	family.soak_s = 14 * 24 * 3600;
	check_hold(REASON_SOAKING, DAY);
	CHECK(strstr(hold_judge(&question).detail, "2026-12-03T10:00:00") != NULL);
	question.announced_ms = NOW - 13 * DAY;
	check_hold(REASON_SOAKING, DAY);
	question.announced_ms = NOW - 13 * DAY - 1;
	check_hold(REASON_SOAKING, DAY - 1);
}

/* 10:00 in UTC is 11:00 in Berlin; 16:00 is when the office closes there. */
TEST(a_window_counts_by_the_clocks_of_its_zone)
{
	begin();
	family.window = office;
	check_free();
	question.now_ms = NOW + 6 * HOUR - 1;
	check_free();
	question.now_ms = NOW + 6 * HOUR;
	check_hold(REASON_OUTSIDE_WINDOW, 15 * HOUR); /* 07:00 in UTC */
	question.now_ms = NOW + 21 * HOUR - 1;
	check_hold(REASON_OUTSIDE_WINDOW, 1);
	question.now_ms = NOW + 21 * HOUR;
	check_free();
}

TEST(a_window_without_zone_is_in_utc)
{
	begin();
	family.window = office;
	family.window.zone = NULL;
	question.now_ms = NOW + 7 * HOUR - 1;
	check_free();
	question.now_ms = NOW + 7 * HOUR;
	check_hold(REASON_OUTSIDE_WINDOW, 15 * HOUR);
}

TEST(a_weekend_is_asked_again_after_a_day)
{
	begin();
	family.window = office;
	question.now_ms = NOW + DAY + 12 * HOUR; /* Friday, 22:00 */
	check_hold(REASON_OUTSIDE_WINDOW, DAY);
}

TEST(failures_hold_from_the_limit_on)
{
	begin();
	facts.failures = 2;
	check_free();
	family.stop_after_failures = 3;
	check_free();
	facts.failures = 3;
	check_hold(REASON_FAILING, 15 * MINUTE);
	CHECK(strstr(hold_judge(&question).detail, "last 3 executions failed") != NULL);
	facts.failures = family.stop_after_failures = 1;
	CHECK(strstr(hold_judge(&question).detail, "last 1 execution failed") != NULL);
	family.stop_after_failures = 0;
	check_free();
}

TEST(a_running_build_holds_the_next)
{
	begin();
	facts.busy = true;
	check_hold(REASON_PIPELINE_BUSY, 15 * MINUTE);
}

TEST(it_yields_to_a_newer_release_alone)
{
	static const char *const rivals[] = { "", "2023.9.20251026.9", "2023.9.20251027.0" };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(rivals); i++) {
		snprintf(facts.rival, sizeof(facts.rival), "%s", rivals[i]);
		check_free();
	}
	snprintf(facts.rival, sizeof(facts.rival), "2023.10.20251027.0");
	check_hold(REASON_PIPELINE_BUSY, 15 * MINUTE);
	CHECK(strstr(hold_judge(&question).detail, "2023.10.20251027.0") != NULL);
	question.release = NULL; /* not a row yet */
	check_free();
}

/* All conditions at once; each is taken away when it was the reason. */
TEST(the_first_condition_that_holds_is_the_reason)
{
	begin();
	snprintf(facts.quarantine, sizeof(facts.quarantine), "it panics");
	snprintf(facts.family_hold, sizeof(facts.family_hold), "the fair");
	family.soak_s = 24 * 3600;
	family.window = office;
	question.now_ms = NOW + 12 * HOUR;
	family.stop_after_failures = 1;
	facts.failures = 1;
	facts.busy = true;
	snprintf(facts.rival, sizeof(facts.rival), "2023.10.20251027.0");
	check_hold(REASON_QUARANTINED, DAY);
	CHECK_TEXT(hold_judge(&question).detail, "it panics");
	facts.quarantine[0] = '\0';
	check_hold(REASON_FAMILY_HELD, DAY);
	CHECK_TEXT(hold_judge(&question).detail, "the fair");
	facts.family_hold[0] = '\0';
	check_hold(REASON_SOAKING, 12 * HOUR);
	family.soak_s = 0;
	check_hold(REASON_OUTSIDE_WINDOW, 9 * HOUR);
	family.window.hours.n = 0;
	check_hold(REASON_FAILING, 15 * MINUTE);
	facts.failures = 0;
	check_hold(REASON_PIPELINE_BUSY, 15 * MINUTE);
	facts.busy = false;
	check_hold(REASON_PIPELINE_BUSY, 15 * MINUTE);
	facts.rival[0] = '\0';
	check_free();
}

/* What an operator asks for again waits for no wish of its family, but for what is a fact. */
TEST(without_a_family_there_are_no_wishes)
{
	begin();
	question.family = NULL;
	facts.failures = 100;
	check_free();
	CHECK_INT(hold_ripe_ms(NULL, NOW), NOW);
	facts.busy = true;
	check_hold(REASON_PIPELINE_BUSY, 15 * MINUTE);
	snprintf(facts.family_hold, sizeof(facts.family_hold), "the fair");
	check_hold(REASON_FAMILY_HELD, DAY);
	snprintf(facts.quarantine, sizeof(facts.quarantine), "it panics");
	check_hold(REASON_QUARANTINED, DAY);
}

int main(void)
{
	check_run(nothing_holds_what_has_no_reason);
	check_run(a_release_soaks_to_the_millisecond);
	check_run(a_long_soak_is_asked_again_after_a_day);
	check_run(a_window_counts_by_the_clocks_of_its_zone);
	check_run(a_window_without_zone_is_in_utc);
	check_run(a_weekend_is_asked_again_after_a_day);
	check_run(failures_hold_from_the_limit_on);
	check_run(a_running_build_holds_the_next);
	check_run(it_yields_to_a_newer_release_alone);
	check_run(the_first_condition_that_holds_is_the_reason);
	check_run(without_a_family_there_are_no_wishes);
	return check_done();
}
