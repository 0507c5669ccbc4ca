/*
 * catch_up: the other way to hear of a release: to ask.
 *
 * Each family in each of its regions is a line (line.h). All of them are asked about at start and
 * every `catch_up.every`, one after the other, at most one question a second. The first time comes
 * after what waits in the queue, so that nothing is adopted and then built a moment later; when the
 * queue does not answer for a minute it begins all the same.
 *
 * Besides, a line is asked about soon, and again with back-off, when an announcement has left it
 * open: one that names no images, or none in this region. When a day has brought nothing not older
 * than what was announced, that is given up, and people are told. After a restart the first round
 * takes its place. Last, a publisher that is silent for too long is asked about (silence.h).
 *
 * A line that fails is asked again with back-off; the others do not wait for it.
 */
#ifndef EVERGOLD_FLOWS_CATCH_UP_H
#define EVERGOLD_FLOWS_CATCH_UP_H

#include "common/decide/decide.h"
#include "worker/flows/ports.h"

struct catch_up_options {
	const struct ports *ports;
	const struct config *config;
	void (*builds_wanted)(void *ctx); /* rows were written */
	void (*told)(void *ctx);          /* a remark was written */
	void *ctx;
};

struct catch_up;

void catch_up_free(struct catch_up *catch_up);
struct catch_up *catch_up_new(const struct catch_up_options *options) OWNED(catch_up_free);

/* Everything that waited in the queue is recorded. */
void catch_up_drained(struct catch_up *catch_up);

/* An announcement's decision that has a release, but no image yet. Of several the newest counts. */
void catch_up_await(struct catch_up *catch_up, const struct decision *decision);

/* Ends at once. What a question would have found is found after the next start. */
void catch_up_stop(struct catch_up *catch_up);

#endif
