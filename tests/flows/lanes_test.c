/* Which builds wait for each other: those of one account and region. */
#include "worker/flows/lanes.h"

#include "tests/unit/check.h"

#define ROLE(account, name) "arn:aws:iam::" account ":role/" name

static struct build build_of(const char *role_arn, const char *region)
{
	return (struct build){ .role_arn = role_arn, .pipeline_region = region };
}

static bool enter(struct lanes *lanes, const char *role_arn, const char *region, int64_t now_ms)
{
	struct build build = build_of(role_arn, region);

	return lanes_enter(lanes, &build, now_ms);
}

TEST(a_lane_is_of_an_account_and_a_region)
{
	struct lanes lanes = { 0 };

	CHECK(enter(&lanes, NULL, "eu-west-1", 0));
	CHECK(!enter(&lanes, NULL, "eu-west-1", 0));
	CHECK(enter(&lanes, NULL, "us-east-1", 0));
	CHECK(enter(&lanes, ROLE("444455556666", "web"), "eu-west-1", 0));
	CHECK(!enter(&lanes, ROLE("444455556666", "web"), "eu-west-1", 0));
	CHECK(!enter(&lanes, ROLE("444455556666", "another"), "eu-west-1", 0));
	CHECK(enter(&lanes, ROLE("444455556666", "another"), "us-east-1", 0));
	CHECK(enter(&lanes, ROLE("777788889999", "web"), "eu-west-1", 0));
	CHECK_INT((int)lanes.n, 5);
	lanes_clear(&lanes);
}

TEST(a_lane_opens_a_while_after_it_was_left)
{
	struct build build = build_of(ROLE("444455556666", "web"), "eu-west-1");
	struct lanes lanes = { 0 };

	CHECK(lanes_enter(&lanes, &build, 1000));
	CHECK_INT((int)lanes_open_in_ms(&lanes, 1000), -1);
	lanes_leave(&lanes, &build, true, 1500);
	CHECK(!lanes_enter(&lanes, &build, 1500));
	CHECK_INT((int)lanes_open_in_ms(&lanes, 1500), 2000);
	CHECK(lanes_enter(&lanes, &build, 3500));
	lanes_clear(&lanes);
}

TEST(what_was_only_looked_at_leaves_its_lane_open)
{
	struct build build = build_of(NULL, "eu-west-1");
	struct lanes lanes = { 0 };

	CHECK(lanes_enter(&lanes, &build, 1000));
	lanes_leave(&lanes, &build, true, 1000);
	CHECK(lanes_enter(&lanes, &build, 3000));
	lanes_leave(&lanes, &build, false, 3000);
	CHECK_INT((int)lanes_open_in_ms(&lanes, 3000), -1);
	CHECK(lanes_enter(&lanes, &build, 3000));
	lanes_clear(&lanes);
}

int main(void)
{
	check_run(a_lane_is_of_an_account_and_a_region);
	check_run(a_lane_opens_a_while_after_it_was_left);
	check_run(what_was_only_looked_at_leaves_its_lane_open);
	return check_done();
}
