/*
 * day: a busy day of the whole worker, in simulated time, on a disk whose power can be cut.
 *
 * Two families follow three releases; one of their pipelines fails twice. There are a duplicate,
 * a redelivery, an operator who retries the build that failed and puts a release into quarantine,
 * and an orderly restart. Golden and base parameters move, base parameters go back, and each build
 * has its messages in Slack.
 *
 * What should come of the day is the same whatever happens to the worker in it, and is checked at
 * its end: each build was started once by its token, has its row, its parameters and its messages,
 * and the queue is empty. Before each DeleteMessage it is checked that what the messages led to
 * would be there after the power went, and after each cut that the ledger is sound.
 */
#ifndef EVERGOLD_TESTS_POWER_DAY_H
#define EVERGOLD_TESTS_POWER_DAY_H

#include "tests/power/disk.h"

/* Where a day may be cut: before each of the first two, and on both sides of a request. */
enum day_point { POINT_CHANGE, POINT_STATEMENT, POINT_BEFORE, POINT_AFTER, POINTS };

/* what: borrowed until it returns. A receive that brings nothing is told of once in a row. */
typedef void day_point_fn(void *ctx, enum day_point point, const char *what);

/* What is not as it should be at the end of a day. */
struct day_end {
	int lost, twice; /* builds */
};

struct day {
	day_point_fn *on_point; /* NULL: nobody looks on */
	void *ctx;
	bool careless; /* the ledger's connection is told to sync nothing */
	struct day_end end;
};

/* The whole of it. What is not as it should be are failed checks. */
void day_live(struct day *day);

/*
 * From within on_point, in a process of its own, since it never goes back there: the power is cut,
 * the worker is started on what is left, and the rest of the day is lived.
 */
void day_go_on(struct day *day, enum disk_loss loss, uint64_t seed);

/*
 * Grows when something has moved since that would be there after such a cut: the disk, the cloud or
 * the clock. Two cuts of one moment are the same cut.
 */
uint64_t day_moment(enum disk_loss loss);

#endif
