#include "worker/flows/lane_times.h"

#include <string.h>

#include "common/base/banned.h"

static struct lane_time *find(struct lane_times *times, const char *name)
{
	for (size_t i = 0; i < times->n; i++) {
		if (strcmp(times->lanes[i].name, name) == 0)
			return &times->lanes[i];
	}
	return NULL;
}

struct lane_time *lane_times_of(struct lane_times *times, const struct sink *sink,
                                const char *family)
{
	const char *name = sink->lane(sink, family);
	struct lane_time *lane = name ? find(times, name) : NULL;

	if (!name || lane)
		return lane;
	lane = &times->lanes[times->n++];
	*lane = (struct lane_time){ .name = name };
	return lane;
}

/* Where nobody is told nothing has to wait. */
static bool is_open(struct lane_times *times, const struct sink *sink, const char *family,
                    int64_t now_ms)
{
	const char *name = sink->lane(sink, family);
	const struct lane_time *lane = name ? find(times, name) : NULL;

	return !lane || lane->open_ms <= now_ms;
}

void lane_times_wish(struct lane_times *times, const struct sink *sink, const struct config *config,
                     int64_t now_ms, struct notice_wish *ret_wish)
{
	bool rest_is_open = is_open(times, sink, NULL, now_ms);
	size_t n = 0;

	for (size_t i = 0; i < config->n_families; i++) {
		const char *family = config->families[i].name;

		if (is_open(times, sink, family, now_ms) != rest_is_open)
			times->families[n++] = family;
	}
	*ret_wish = (struct notice_wish){
		.sink = sink->name,
		.merges = sink->merges,
		.families = times->families,
		.n_families = n,
		.alone = !rest_is_open,
	};
}

int64_t lane_times_next_ms(const struct lane_times *times, int64_t now_ms)
{
	int64_t next_ms = -1;

	for (size_t i = 0; i < times->n; i++) {
		int64_t open_ms = times->lanes[i].open_ms;

		if (open_ms > now_ms && (next_ms < 0 || open_ms < next_ms))
			next_ms = open_ms;
	}
	return next_ms;
}
