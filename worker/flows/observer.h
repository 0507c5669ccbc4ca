/*
 * observer: tells when executions have ended that others started, in pipelines with tell_all.
 *
 * An event says that one has ended. When the ledger says that it is none of ours, CodePipeline is
 * asked in the name of the family's account, and only what it confirms is told, as a remark: once
 * for each execution and status. Whose it is may be unclear while we start one there, and then it
 * is looked at again. One is asked about at a time, LIMIT_OBSERVED wait, and none is tried more
 * than LIMIT_TRIES times; what comes to nothing is said in the log. All of it is in memory.
 */
#ifndef EVERGOLD_FLOWS_OBSERVER_H
#define EVERGOLD_FLOWS_OBSERVER_H

#include "common/aws/event.h"
#include "common/decide/config.h"
#include "worker/flows/ports.h"

struct observer_options {
	const struct ports *ports;
	const struct config *config;
	void (*told)(void *ctx); /* there may be something to tell people */
	void *ctx;
};

struct observer;

void observer_free(struct observer *observer);
struct observer *observer_new(const struct observer_options *options) OWNED(observer_free);

void observer_saw(struct observer *observer, const struct event *event); /* copied */
void observer_stop(struct observer *observer);                           /* asks nothing more */

#endif
