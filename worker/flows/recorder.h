/*
 * recorder: keeps every received message in a folder, for later replay.
 *
 * Nothing depends on it: a message that cannot be kept is judged like any other. That it cannot is
 * logged once, and once that it can again.
 */
#ifndef EVERGOLD_FLOWS_RECORDER_H
#define EVERGOLD_FLOWS_RECORDER_H

#include "worker/adapters/archive.h"
#include "worker/adapters/log.h"

struct recorder {
	struct archive *archive; /* borrowed; NULL: keeps nothing */
	const struct log *log;
	bool troubled;
};

void recorder_keep(struct recorder *recorder, const struct sqs_message *message);

#endif
