/*
 * lane_times: when the lanes of a sink may be used again, and so which families may be told of.
 *
 * In memory alone: a restart tries each lane at once.
 */
#ifndef EVERGOLD_FLOWS_LANE_TIMES_H
#define EVERGOLD_FLOWS_LANE_TIMES_H

#include "worker/flows/sink.h"

struct lane_time {
	const char *name; /* as sink->lane() gave it */
	int64_t open_ms;  /* steady */
	int failures;     /* in a row */
};

struct lane_times {
	struct lane_time lanes[LIMIT_FAMILIES + 1];
	size_t n;
	const char *families[LIMIT_FAMILIES]; /* of the last wish */
};

/* Made when it is not there. Borrowed; NULL for no lane. */
struct lane_time *lane_times_of(struct lane_times *times, const struct sink *sink,
                                const char *family);

/* Which notices go through open lanes. Its families are borrowed until the next wish. */
void lane_times_wish(struct lane_times *times, const struct sink *sink, const struct config *config,
                     int64_t now_ms, struct notice_wish *ret_wish);

/* When the first that is shut opens; -1: none is. */
int64_t lane_times_next_ms(const struct lane_times *times, int64_t now_ms);

#endif
