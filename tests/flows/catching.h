/*
 * catching: catch-up in a scripted world with some images, and what it tells.
 */
#ifndef TESTS_FLOWS_CATCHING_H
#define TESTS_FLOWS_CATCHING_H

#include "tests/flows/scripted_world.h"
#include "worker/flows/catch_up.h"

#include <stdio.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define OLD    "ami-00000000000000001"
#define NEW    "ami-00000000000000002"
#define NEWEST "ami-00000000000000003"

struct catching {
	struct world *world;
	struct catch_up *catch_up;
	FILE *log;
	int wanted, told; /* how often each was told of */
};

/* A world with the old image, and catch-up in it that has not begun. */
void catching_begin(struct catching *catching);
void catching_end(struct catching *catching);

void catching_start(struct catching *catching); /* once more, in the same world */
void catching_drain(struct catching *catching); /* and run for a minute */

void catching_add(struct catching *catching, const char *id, const char *version,
                  const char *created);
void catching_add_new(struct catching *catching);
void catching_add_newest(struct catching *catching);

int catching_logged(const struct catching *catching, const char *event);
int64_t catching_builds(const struct catching *catching, const char *state);
int64_t catching_notices(const struct catching *catching, const char *kind);

#endif
