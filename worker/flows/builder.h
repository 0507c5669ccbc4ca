/*
 * builder: moves every unfinished build of the ledger on, whoever wrote its row.
 *
 * It sleeps until the next row is due. At most LIMIT_BUILDS_MOVED rows move at a time.
 */
#ifndef EVERGOLD_FLOWS_BUILDER_H
#define EVERGOLD_FLOWS_BUILDER_H

#include "common/aws/event.h"
#include "worker/flows/build.h"

struct builder_options {
	const struct ports *ports;
	const struct config *config;
	void (*moved)(void *ctx); /* rows were written; maybe a notice too */
	void (*idle)(void *ctx);  /* no unfinished build is left; may be NULL */
	void (*quiet)(void *ctx); /* after builder_stop(): a step has ended */
	void *ctx;
};

struct builder;

void builder_free(struct builder *builder); /* abandons what is under way */
struct builder *builder_new(const struct builder_options *options) OWNED(builder_free);

void builder_wake(struct builder *builder); /* there are new rows */

void builder_hurry(struct builder *builder, const struct event *event); /* as hints.h says */

/* Starts nothing more. builder_is_quiet(): nothing is under way. */
void builder_stop(struct builder *builder);
bool builder_is_quiet(const struct builder *builder);

#endif
