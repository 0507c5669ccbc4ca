#include "common/aws/retry.h"

#include "tests/unit/check.h"

#define ALMOST_ONE 0.999999

static int64_t delay_ms(enum retry_class class, int attempt, double random, int64_t server_ms)
{
	return retry_delay_ms(&(struct retry_failure){ class, attempt, RETRY_BASE_MS, server_ms },
	                      random);
}

TEST(transient_delays_double_from_50_ms)
{
	CHECK_INT(delay_ms(RETRY_TRANSIENT, 1, 0.5, -1), 25);
	CHECK_INT(delay_ms(RETRY_TRANSIENT, 2, 0.5, -1), 50);
	CHECK_INT(delay_ms(RETRY_TRANSIENT, 3, 0.5, -1), 100);
	CHECK_INT(delay_ms(RETRY_TRANSIENT, 1, 0, -1), 0);
}

TEST(a_service_may_be_asked_again_sooner)
{
	struct retry_failure failure = { RETRY_TRANSIENT, 2, 25, -1 };

	CHECK_INT(retry_delay_ms(&failure, 0.5), 25);
	failure.class = RETRY_THROTTLING;
	CHECK_INT(retry_delay_ms(&failure, 0.5), 1000);
}

TEST(throttled_delays_double_from_1_s)
{
	CHECK_INT(delay_ms(RETRY_THROTTLING, 1, 0.5, -1), 500);
	CHECK_INT(delay_ms(RETRY_THROTTLING, 4, 0.5, -1), 4000);
}

TEST(no_delay_passes_20_s)
{
	CHECK_INT(delay_ms(RETRY_THROTTLING, 6, 0.5, -1), 10000);
	CHECK_INT(delay_ms(RETRY_THROTTLING, 1000000, ALMOST_ONE, -1), 19999);
	CHECK_INT(delay_ms(RETRY_TRANSIENT, 1000000, 0.5, -1), 10000);
}

TEST(clock_and_credentials_are_mended_at_once)
{
	CHECK_INT(delay_ms(RETRY_CLOCK, 1, ALMOST_ONE, -1), 0);
	CHECK_INT(delay_ms(RETRY_CREDENTIALS, 9, ALMOST_ONE, -1), 0);
}

TEST(the_server_may_lengthen_a_delay_by_5_s)
{
	CHECK_INT(delay_ms(RETRY_THROTTLING, 1, 0.5, 0), 500);
	CHECK_INT(delay_ms(RETRY_THROTTLING, 1, 0.5, 499), 500);
	CHECK_INT(delay_ms(RETRY_THROTTLING, 1, 0.5, 2000), 2000);
	CHECK_INT(delay_ms(RETRY_THROTTLING, 1, 0.5, 5500), 5500);
	CHECK_INT(delay_ms(RETRY_THROTTLING, 1, 0.5, INT64_MAX), 5500);
}

TEST(a_quota_ends_retries)
{
	struct retry_quota quota = { RETRY_QUOTA };
	int retries = 0;

	while (retry_quota_take(&quota, RETRY_TRANSIENT))
		retries++;
	CHECK_INT(retries, 35);
	CHECK_INT(quota.tokens, 10);
	CHECK(retry_quota_take(&quota, RETRY_THROTTLING), "a cheaper one still fits");
	CHECK_INT(quota.tokens, 5);
}

TEST(success_gives_back_what_its_retry_cost)
{
	struct retry_quota quota = { 100 };

	CHECK(retry_quota_take(&quota, RETRY_TRANSIENT));
	retry_quota_refund(&quota, RETRY_TRANSIENT);
	CHECK_INT(quota.tokens, 100);
	retry_quota_refund(&quota, RETRY_NEVER);
	CHECK_INT(quota.tokens, 101);
}

TEST(a_quota_never_passes_its_start)
{
	struct retry_quota quota = { RETRY_QUOTA };

	retry_quota_refund(&quota, RETRY_TRANSIENT);
	retry_quota_refund(&quota, RETRY_NEVER);
	CHECK_INT(quota.tokens, RETRY_QUOTA);
}

TEST(what_is_never_retried_takes_nothing)
{
	struct retry_quota quota = { RETRY_QUOTA };

	CHECK(!retry_quota_take(&quota, RETRY_NEVER));
	CHECK_INT(quota.tokens, RETRY_QUOTA);
}

TEST(a_loop_backs_off_to_its_maximum)
{
	CHECK_INT(retry_backoff_ms(0, 1000, 60000, 0), 500);
	CHECK_INT(retry_backoff_ms(0, 1000, 60000, ALMOST_ONE), 999);
	CHECK_INT(retry_backoff_ms(3, 1000, 60000, 0.5), 6000);
	CHECK_INT(retry_backoff_ms(6, 1000, 60000, 0), 30000);
	CHECK_INT(retry_backoff_ms(2000000000, 1000, 60000, ALMOST_ONE), 59999);
	CHECK_INT(retry_backoff_ms(62, 3, INT64_MAX, 0), INT64_MAX / 2);
}

int main(void)
{
	check_run(transient_delays_double_from_50_ms);
	check_run(a_service_may_be_asked_again_sooner);
	check_run(throttled_delays_double_from_1_s);
	check_run(no_delay_passes_20_s);
	check_run(clock_and_credentials_are_mended_at_once);
	check_run(the_server_may_lengthen_a_delay_by_5_s);
	check_run(a_quota_ends_retries);
	check_run(success_gives_back_what_its_retry_cost);
	check_run(a_quota_never_passes_its_start);
	check_run(what_is_never_retried_takes_nothing);
	check_run(a_loop_backs_off_to_its_maximum);
	return check_done();
}
