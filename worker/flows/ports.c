#include "worker/flows/ports.h"

#include "common/base/banned.h"

struct call *ports_after(const struct ports *ports, int64_t delay_ms, timer_done_fn *done,
                         void *ctx)
{
	return ports->timers->after(ports->timers, delay_ms, done, ctx);
}

int64_t ports_now_ms(const struct ports *ports)
{
	return ports->timers->now_ms(ports->timers);
}

double ports_random(const struct ports *ports)
{
	return ports->timers->random(ports->timers);
}
