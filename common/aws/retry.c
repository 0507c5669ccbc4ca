#include "common/aws/retry.h"

#include "common/base/banned.h"

#define LONGEST_MS      20000
#define SERVER_SLACK_MS 5000 /* a delay that the server asks for is at most this much longer */
#define THROTTLED_MS    1000
#define SUCCESS_TOKENS  1

static const int costs[] = {
	[RETRY_NEVER] = 0, [RETRY_TRANSIENT] = 14,  [RETRY_THROTTLING] = 5,
	[RETRY_CLOCK] = 5, [RETRY_CREDENTIALS] = 5,
};

bool retry_quota_take(struct retry_quota *quota, enum retry_class class)
{
	if (class == RETRY_NEVER || quota->tokens < costs[class])
		return false;
	quota->tokens -= costs[class];
	return true;
}

void retry_quota_refund(struct retry_quota *quota, enum retry_class last_class)
{
	quota->tokens += last_class == RETRY_NEVER ? SUCCESS_TOKENS : costs[last_class];
	if (quota->tokens > RETRY_QUOTA)
		quota->tokens = RETRY_QUOTA;
}

/* base * 2^doublings, at most max; both are positive or 0. */
static int64_t doubled(int64_t base_ms, int doublings, int64_t max_ms)
{
	while (doublings-- > 0 && base_ms > 0 && base_ms < max_ms)
		base_ms = base_ms > max_ms / 2 ? max_ms : base_ms * 2;
	return base_ms < max_ms ? base_ms : max_ms;
}

/* Clock and credentials are mended once, at once, so waiting would not help them. */
static int64_t base_ms(const struct retry_failure *failure)
{
	if (failure->class == RETRY_TRANSIENT)
		return failure->base_ms;
	return failure->class == RETRY_THROTTLING ? THROTTLED_MS : 0;
}

int64_t retry_delay_ms(const struct retry_failure *failure, double random)
{
	int64_t most = doubled(base_ms(failure), failure->attempt - 1, LONGEST_MS);
	int64_t delay = (int64_t)((double)most * random), longest = delay + SERVER_SLACK_MS;

	if (failure->server_ms <= delay)
		return delay;
	return failure->server_ms < longest ? failure->server_ms : longest;
}

int64_t retry_backoff_ms(int failures, int64_t base_ms, int64_t max_ms, double random)
{
	int64_t most = doubled(base_ms, failures, max_ms), half = most / 2;

	return half + (int64_t)((double)(most - half) * random);
}
