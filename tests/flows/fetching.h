/*
 * fetching: certificates whose fetches are answered when a test says so.
 *
 * Certificates come over https from Amazon's hosts alone, so nothing local can serve them. A
 * program that uses this is linked with its http instead of the worker's: it notes what is asked.
 */
#ifndef TESTS_FLOWS_FETCHING_H
#define TESTS_FLOWS_FETCHING_H

#include "common/base/limits.h"
#include "tests/flows/simulated_time.h"
#include "worker/aws/certificates.h"

#define FETCHING_URL "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem"

/* What a question came to. */
struct fetched {
	struct call *call;
	int done;
	char pem[64];
	struct err err;
	struct fetched *also_cancels;
	const char *also_asks;
	struct fetched *for_outcome;
};

struct fetching {
	struct simulation *simulation;
	struct certificates *certificates;
	struct http_call *asked[LIMIT_CERTIFICATES + 8]; /* in order; NULL once it is over */
	size_t n_asked;
	struct http_request last;
};

extern struct fetching fetching; /* http has no word for whose it is */

void fetching_begin(struct certificate_store *store); /* NULL: none */
void fetching_end(void);

void fetching_ask(struct fetched *outcome, const char *url);
void fetching_answer(size_t which, int status, const char *body);
void fetching_fail(size_t which, const char *why);

void fetching_fill(int n); /* with the first n of fetching_url(), ten a minute */

/* "https://sns…/7.pem", until the next. */
const char *fetching_url(int number);

#endif
