#include "tests/flows/simulated_time.h"

#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

struct alarm {
	struct call call; /* first: what the caller holds */
	struct simulation *simulation;
	struct alarm *next;
	int64_t due_ms;
	timer_done_fn *done;
	void *ctx;
};

struct simulation {
	struct timers timers; /* first: what the modules hold */
	int64_t steady_ms;
	int64_t wall_ahead_ms; /* of steady_ms */
	uint64_t random;
	struct alarm *alarms; /* owned, by due time, then by age */
};

static void detach(struct alarm *alarm)
{
	struct alarm **at = &alarm->simulation->alarms;

	while (*at != alarm)
		at = &(*at)->next;
	*at = alarm->next;
}

static void cancel(struct call *call)
{
	struct alarm *alarm = (struct alarm *)call;

	detach(alarm);
	free(alarm);
}

static struct call *after(struct timers *timers, int64_t delay_ms, timer_done_fn *done, void *ctx)
{
	struct simulation *simulation = (struct simulation *)timers;
	struct alarm *alarm = xcalloc(1, sizeof(*alarm));
	struct alarm **at = &simulation->alarms;

	*alarm = (struct alarm){ .call = { cancel },
		                 .simulation = simulation,
		                 .due_ms = simulation->steady_ms + delay_ms,
		                 .done = done,
		                 .ctx = ctx };
	while (*at && (*at)->due_ms <= alarm->due_ms)
		at = &(*at)->next;
	alarm->next = *at;
	*at = alarm;
	return &alarm->call;
}

static int64_t steady_ms(struct timers *timers)
{
	return ((struct simulation *)timers)->steady_ms;
}

static int64_t now_ms(struct timers *timers)
{
	struct simulation *simulation = (struct simulation *)timers;

	return simulation->steady_ms + simulation->wall_ahead_ms;
}

/* Knuth's MMIX generator; its upper 53 bits make the double. */
static double next_random(struct timers *timers)
{
	struct simulation *simulation = (struct simulation *)timers;

	simulation->random = simulation->random * 6364136223846793005U + 1442695040888963407U;
	return (double)(simulation->random >> 11) / 9007199254740992.0;
}

struct simulation *simulation_new(void)
{
	struct simulation *simulation = xcalloc(1, sizeof(*simulation));

	simulation->timers = (struct timers){ after, now_ms, steady_ms, next_random };
	simulation->wall_ahead_ms = SIMULATION_START_MS;
	simulation->random = 1;
	return simulation;
}

void simulation_free(struct simulation *simulation)
{
	while (simulation && simulation->alarms)
		cancel(&simulation->alarms->call);
	free(simulation);
}

struct timers *simulation_timers(struct simulation *simulation)
{
	return &simulation->timers;
}

bool simulation_run_next(struct simulation *simulation)
{
	struct alarm *alarm = simulation->alarms;

	if (!alarm)
		return false;
	detach(alarm);
	if (alarm->due_ms > simulation->steady_ms)
		simulation->steady_ms = alarm->due_ms;
	alarm->done(alarm->ctx);
	free(alarm);
	return true;
}

void simulation_advance(struct simulation *simulation, int64_t ms)
{
	int64_t until_ms = simulation->steady_ms + ms;

	while (simulation->alarms && simulation->alarms->due_ms <= until_ms)
		simulation_run_next(simulation);
	simulation->steady_ms = until_ms;
}

void simulation_forget(struct simulation *simulation)
{
	simulation->alarms = NULL;
}

size_t simulation_waiting(const struct simulation *simulation)
{
	size_t n = 0;

	for (const struct alarm *alarm = simulation->alarms; alarm; alarm = alarm->next)
		n++;
	return n;
}

int64_t simulation_next_ms(const struct simulation *simulation)
{
	return simulation->alarms ? simulation->alarms->due_ms - simulation->steady_ms : -1;
}

void simulation_set_wall(struct simulation *simulation, int64_t now)
{
	simulation->wall_ahead_ms = now - simulation->steady_ms;
}
