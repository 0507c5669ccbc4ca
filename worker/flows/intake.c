#include "worker/flows/intake.h"

#include "common/base/mem.h"
#include "worker/flows/redrive.h"

#include <stdlib.h>

#include "common/base/banned.h"

struct intake {
	struct intake_options options;
	struct deletions *deletions;
	struct leases *leases;
	struct pacing *pacing;
	struct redrive *redrive;
	struct receiver *receivers[LIMIT_RECEIVERS];
	size_t n, n_receiving;
	bool emptied; /* a receive has brought nothing */
	bool hurried;
};

static void on_came_back(void *ctx, bool empty)
{
	struct intake *intake = ctx;
	size_t i = 0;

	intake->emptied |= empty;
	redrive_ask(intake->redrive);
	while (i < intake->n && !receiver_has_batch(intake->receivers[i]))
		i++;
	if (intake->options.drained && intake->emptied && i == intake->n)
		intake->options.drained(intake->options.ctx);
}

static void on_idle(void *ctx)
{
	struct intake *intake = ctx;

	intake->options.quiet(intake->options.ctx);
}

/* Not while somebody still receives, who would get it again. */
static void hand_back(struct intake *intake)
{
	if (intake->n_receiving)
		return;
	if (intake->hurried)
		deletions_leave(intake->deletions);
	leases_hand_back(intake->leases);
}

static void on_stopped(void *ctx)
{
	struct intake *intake = ctx;

	intake->n_receiving--;
	hand_back(intake);
	intake->options.quiet(intake->options.ctx);
}

struct intake *intake_new(const struct intake_options *options)
{
	struct intake *intake = xcalloc(1, sizeof(*intake));

	intake->options = *options;
	intake->leases = leases_new(&intake->options.queue);
	intake->deletions = deletions_new(&intake->options.queue, intake->leases);
	intake->pacing = pacing_new(options->queue.ports);
	intake->redrive = redrive_new(&intake->options.queue);
	intake->n = intake->n_receiving = options->receivers;
	for (size_t i = 0; i < intake->n; i++)
		intake->receivers[i] = receiver_new(&(struct receiver_options){
			.queue = &intake->options.queue,
			.rules = options->rules,
			.deletions = intake->deletions,
			.leases = intake->leases,
			.pacing = intake->pacing,
			.listener = options->listener,
			.recorder = options->recorder,
			.came_back = on_came_back,
			.stopped = on_stopped,
			.ctx = intake,
		});
	return intake;
}

void intake_free(struct intake *intake)
{
	if (!intake)
		return;
	for (size_t i = 0; i < intake->n; i++)
		receiver_free(intake->receivers[i]);
	redrive_free(intake->redrive);
	pacing_free(intake->pacing);
	deletions_free(intake->deletions);
	leases_free(intake->leases);
	free(intake);
}

void intake_stop(struct intake *intake)
{
	if (!intake)
		return;
	redrive_stop(intake->redrive);
	deletions_on_idle(intake->deletions, on_idle, intake);
	leases_on_idle(intake->leases, on_idle, intake);
	for (size_t i = 0; i < intake->n; i++)
		receiver_stop(intake->receivers[i]);
}

void intake_hurry(struct intake *intake)
{
	if (!intake)
		return;
	intake->hurried = true;
	for (size_t i = 0; i < intake->n; i++)
		receiver_hurry(intake->receivers[i]);
	hand_back(intake);
}

void intake_abort(struct intake *intake)
{
	for (size_t i = 0; intake && i < intake->n; i++)
		receiver_abort(intake->receivers[i]);
}

bool intake_is_over(const struct intake *intake)
{
	return !intake || (intake->n_receiving == 0 && deletions_idle(intake->deletions) &&
	                   leases_idle(intake->leases));
}
