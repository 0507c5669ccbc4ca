/*
 * The whole worker while its ledger takes nothing: full, read-only, or with input/output errors.
 *
 * It breaks at every moment of a life, and works again some minutes later. Meanwhile nothing is
 * started, and nothing leaves the queue that was not recorded before; afterwards everything goes on
 * by itself, and each build is started exactly once.
 */
#include "tests/flows/scripted_world.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/flows/worker.h"

#define MINUTE   60000
#define MOMENTS  320  /* of one undisturbed life: until its last notice is sent */
#define LATE_MS  1000 /* then what was asked for before is answered */
#define EVERY_MS 2000 /* no flow asks a broken ledger more often */

static struct world *world;
static struct worker *worker;
static int stopped;

static void on_stopped(void *ctx)
{
	(void)ctx;
	stopped++;
}

static void begin(void)
{
	world = world_new(&(struct world_options){ .folder = temporary_empty(), .receivers = 1 });
	world->policy.n_pinned = 0;
	world->cloud->polls = 1;
	world_announce(world, 0);
	world_announce(world, 1);
	stopped = 0;
	worker = worker_new(&(struct worker_options){
		.ports = &world->ports,
		.config = world->config,
		.rules = &world->rules,
		.stopped = on_stopped,
	});
}

static void end(void)
{
	worker_stop(worker);
	world_run(world, MINUTE);
	CHECK_INT(stopped, 1);
	worker_free(worker);
	world_free(world);
}

/* Whatever it is asked: what is only read fails, too, on a disk that has gone. */
static void set_ledger(enum fate fate)
{
	for (enum port port = PORT_RECALL; port < PORTS; port++)
		world_always(world, port, fate);
}

static int asked_of_ledger(void)
{
	int asked = 0;

	for (enum port port = PORT_RECALL; port < PORTS; port++)
		asked += world->asked[port];
	return asked;
}

static int64_t recorded(void)
{
	return world_count(world, "SELECT count(*) FROM announcements");
}

static int deleted(void)
{
	int n = 0;

	for (size_t i = 0; i < world->cloud->n_messages; i++)
		n += world->cloud->messages[i].deleted;
	return n;
}

/* Answers that were under way may still come. */
static void check_outage(int64_t ms)
{
	size_t executions;
	int asked;

	set_ledger(FATE_BROKEN);
	world_run(world, LATE_MS);
	executions = world->cloud->n_executions;
	asked = asked_of_ledger();
	world_run(world, ms);
	CHECK_INT(world->cloud->n_executions, executions);
	CHECK(deleted() <= recorded(), "%d deleted, %d recorded", deleted(), (int)recorded());
	CHECK((asked_of_ledger() - asked) * (int64_t)EVERY_MS <= 8 * ms, "%d questions",
	      asked_of_ledger() - asked);
	set_ledger(FATE_FINE);
}

static void check_all_is_done(int moment)
{
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK(world->cloud->n_executions >= 1, "broken at moment %d", moment);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE state = 'finished'"),
	          world->cloud->n_executions);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"
	                             " WHERE state IN ('wanted', 'started')"),
	          0);
	CHECK_INT(world_count(world, "SELECT count(*) FROM deliveries"), 0);
	CHECK_INT(world->cloud->slack.n_posts, 2 * world->cloud->n_executions); /* and a reply */
}

TEST(it_goes_on_wherever_it_broke)
{
	for (int moment = 0; moment < MOMENTS; moment += 3) {
		begin();
		for (int i = 0; i < moment; i++)
			simulation_run_next(world->simulation);
		check_outage(5 * MINUTE);
		world_run(world, 20 * MINUTE);
		check_all_is_done(moment);
		end();
	}
}

int main(void)
{
	check_run(it_goes_on_wherever_it_broke);
	return check_done();
}
