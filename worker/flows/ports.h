/*
 * ports: the world as the flows see it.
 *
 * main's commands fill in the real one, tests a scripted one under simulated time. Every operation
 * follows the rules of adapters/call.h.
 */
#ifndef EVERGOLD_FLOWS_PORTS_H
#define EVERGOLD_FLOWS_PORTS_H

#include "worker/adapters/http.h"
#include "worker/adapters/ledger.h"
#include "worker/adapters/log.h"
#include "worker/adapters/timers.h"
#include "worker/aws/certificates.h"
#include "worker/aws/client.h"
#include "worker/aws/secrets.h"

struct ports {
	struct timers *timers;
	struct ledger *ledger;
	const struct log *log;
	struct credentials_provider *credentials; /* which there are; aws() takes them by itself */
	void *world;                              /* first argument of the functions below */
	struct call *(*aws)(void *world, const struct aws_request *request, aws_done_fn *done,
	                    void *ctx);
	struct call *(*certificate)(void *world, const char *url, certificate_done_fn *done,
	                            void *ctx);
	struct call *(*http)(void *world, const struct http_request *request, http_done_fn *done,
	                     void *ctx);
	struct call *(*secret)(void *world, const struct secret_ref *ref, secret_done_fn *done,
	                       void *ctx);
};

/* Shorthands. */
struct call *ports_after(const struct ports *ports, int64_t delay_ms, timer_done_fn *done,
                         void *ctx);
int64_t ports_now_ms(const struct ports *ports);
double ports_random(const struct ports *ports);

#endif
