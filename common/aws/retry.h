/*
 * retry: when a failed attempt is worth another, and after how long.
 *
 * The standard mode of the AWS SDKs as revised for 2026: exponential back-off with full jitter,
 * base 50 ms (25 ms for DynamoDB, 1 s when throttled), at most 20 s, and a quota that stops retries
 * when everything fails. Random numbers and times are arguments.
 */
#ifndef EVERGOLD_AWS_RETRY_H
#define EVERGOLD_AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum retry_class {
	RETRY_NEVER,
	RETRY_TRANSIENT,  /* connection, timeout, 5xx */
	RETRY_THROTTLING, /* the service asks for less */
	RETRY_CLOCK,      /* our clock may be off: once, when the answer's Date gives an offset */
	RETRY_CREDENTIALS /* expired or replaced: once, after a forced renewal */
};

#define RETRY_QUOTA 500

struct retry_quota {
	int tokens; /* starts at RETRY_QUOTA; shared by all calls of one client */
};

/* Takes what a retry of this class costs; false: there is not enough, do not retry. */
bool retry_quota_take(struct retry_quota *quota, enum retry_class class);

/* After a success: gives back what the last retry cost, or 1 after none (RETRY_NEVER). */
void retry_quota_refund(struct retry_quota *quota, enum retry_class last_class);

#define RETRY_BASE_MS 50 /* of most services */

/* A failed attempt. */
struct retry_failure {
	enum retry_class class;
	int attempt;       /* from 1 */
	int base_ms;       /* the service's, for what is transient */
	int64_t server_ms; /* x-amz-retry-after of the answer, or -1 */
};

/* Milliseconds before the next attempt; random is in [0, 1). */
int64_t retry_delay_ms(const struct retry_failure *failure, double random);

/* For loops of ours that go on for ever: full jitter between half and all of base * 2^failures. */
int64_t retry_backoff_ms(int failures, int64_t base_ms, int64_t max_ms, double random);

#endif
