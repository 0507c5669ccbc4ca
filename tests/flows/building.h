/*
 * building: a builder in a scripted world, and what it tells.
 */
#ifndef TESTS_FLOWS_BUILDING_H
#define TESTS_FLOWS_BUILDING_H

#include "tests/flows/scripted_world.h"
#include "worker/flows/builder.h"

/* What the first build puts, as the cloud's puts name it. */
#define BUILDING_BASE   "/golden/base=ami-00000000000000001"
#define BUILDING_GOLDEN "/golden/ami=ami-0000000000000901d"

/* What the base parameter holds before. */
#define BUILDING_EARLIER "ami-0000000000000ba5e"

struct building {
	struct world *world;
	struct builder *builder;
	int moved, idle, quiet; /* how often each was told of */
};

/* With so many builds that are wanted; and with more wishes of their family. */
void building_begin(struct building *building, size_t builds);
void building_begin_wishing(struct building *building, size_t builds, const char *wishes);
void building_begin_golden(struct building *building, size_t builds, const char *golden);
void building_end(struct building *building);

/* The process is gone; another one goes on with the ledger. */
void building_restart(struct building *building);

/* Runs until this port is asked once more; at most an hour. */
void building_run_until_asked(struct building *building, enum port port);

/* An event of this execution comes. */
void building_hint(struct building *building, const char *execution_id);

/* Rows of the ledger. Those in trouble: something is wrong around the execution. */
int64_t building_finished(const struct building *building);
int64_t building_troubled(const struct building *building);
/* Of what is not as usual, or has ended. */
int64_t building_notices(const struct building *building);

bool building_was_put(const struct building *building, const char *put);

#endif
