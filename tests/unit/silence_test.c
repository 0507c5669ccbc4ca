/*
 * How long a publisher usually is quiet.
 */
#include "common/decide/silence.h"

#include "tests/unit/check.h"

#define HOUR (3600 * INT64_C(1000))
#define DAY  (24 * HOUR)
#define NOW  (1000 * DAY)

/* What is learned of announcements that were made so many hours ago. */
static int64_t usual_hours(const int *ago, size_t n)
{
	int64_t at_ms[32];

	for (size_t i = 0; i < n; i++)
		at_ms[i] = NOW - ago[i] * HOUR;
	return silence_usual_ms(at_ms, n) / HOUR;
}

#define USUAL(...)                                \
	usual_hours((const int[]){ __VA_ARGS__ }, \
	            sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

TEST(of_two_announcements_nothing_is_learned)
{
	CHECK_INT(silence_usual_ms(NULL, 0), 0);
	CHECK_INT(USUAL(5), 0);
	CHECK_INT(USUAL(5, 300), 0);
	CHECK_INT(USUAL(0, 100, 300), 150);
}

TEST(the_median_is_not_led_astray_by_one_long_pause)
{
	CHECK_INT(USUAL(0, 168, 336, 5000), 168);
	CHECK_INT(USUAL(0, 168, 336, 504, 5000), 168);
	CHECK_INT(USUAL(0, 5000, 5168, 5336), 168);
	CHECK_INT(USUAL(0, 200, 300, 350), 100);
}

TEST(messages_about_one_release_count_as_one)
{
	CHECK_INT(USUAL(0, 0, 1, 2, 100, 101, 102), 0);
	CHECK_INT(USUAL(0, 1, 2, 100, 101, 102, 200, 201), 100);
	CHECK_INT(USUAL(0, 6, 12), 6);
}

TEST(only_the_last_gaps_count)
{
	CHECK_INT(USUAL(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 1100, 2100, 3100, 4100), 10);
}

TEST(one_and_a_half_times_that_is_patience)
{
	CHECK_INT(silence_patience_ms(14 * DAY), 21 * DAY);
	CHECK_INT(silence_patience_ms(0), 0);
}

int main(void)
{
	check_run(of_two_announcements_nothing_is_learned);
	check_run(the_median_is_not_led_astray_by_one_long_pause);
	check_run(messages_about_one_release_count_as_one);
	check_run(only_the_last_gaps_count);
	check_run(one_and_a_half_times_that_is_patience);
	return check_done();
}
