/*
 * vigil: whether the images that golden AMIs were made from are still there.
 *
 * At start, and every `catch_up.every` after, EC2 is asked for the image of the newest build that
 * succeeded of each family and region, in the name of the account that built it. One that was
 * deregistered or made private is in quarantine from then on, the builds made from it are marked,
 * and people are told, once. When it is there again, the log says so, and nothing else happens.
 *
 * What cannot be asked is asked the next time.
 */
#ifndef EVERGOLD_FLOWS_VIGIL_H
#define EVERGOLD_FLOWS_VIGIL_H

#include "worker/flows/ports.h"

struct vigil_options {
	const struct ports *ports;
	const struct config *config;
	void (*told)(void *ctx); /* there may be something to tell people */
	void *ctx;
};

struct vigil;

void vigil_free(struct vigil *vigil); /* abandons what is under way */
struct vigil *vigil_new(const struct vigil_options *options) OWNED(vigil_free);

void vigil_stop(struct vigil *vigil); /* at once: it has nothing to finish */

#endif
