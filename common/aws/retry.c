#include "common/aws/retry.h"

#include "common/base/banned.h"

#define LONGEST_MS      20000
#define SERVER_SLACK_MS 5000 /* a delay that the server asks for is at most this much longer */
#define SUCCESS_TOKENS  1

/* Clock and credentials are mended once, at once, so waiting would not help them. */
static const struct {
	int cost;
	int64_t base_ms;
} classes[] = {
	[RETRY_NEVER] = { .cost = 0, .base_ms = 0 },
	[RETRY_TRANSIENT] = { .cost = 14, .base_ms = 50 },
	[RETRY_THROTTLING] = { .cost = 5, .base_ms = 1000 },
	[RETRY_CLOCK] = { .cost = 5, .base_ms = 0 },
	[RETRY_CREDENTIALS] = { .cost = 5, .base_ms = 0 },
};

bool retry_quota_take(struct retry_quota *quota, enum retry_class class)
{
	if (class == RETRY_NEVER || quota->tokens < classes[class].cost)
		return false;
	quota->tokens -= classes[class].cost;
	return true;
}

void retry_quota_refund(struct retry_quota *quota, enum retry_class last_class)
{
	quota->tokens += last_class == RETRY_NEVER ? SUCCESS_TOKENS : classes[last_class].cost;
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

int64_t retry_delay_ms(enum retry_class class, int attempt, double random, int64_t server_ms)
{
	int64_t most = doubled(classes[class].base_ms, attempt - 1, LONGEST_MS);
	int64_t delay = (int64_t)((double)most * random);

	if (server_ms <= delay)
		return delay;
	return server_ms < delay + SERVER_SLACK_MS ? server_ms : delay + SERVER_SLACK_MS;
}

int64_t retry_backoff_ms(int failures, int64_t base_ms, int64_t max_ms, double random)
{
	int64_t most = doubled(base_ms, failures, max_ms), half = most / 2;

	return half + (int64_t)((double)(most - half) * random);
}
