#include "worker/cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "common/base/banned.h"

#define FIRST_MS 1000
#define EVERY_MS 100

void progress_begin(struct progress *progress, struct timers *timers)
{
	bool seen = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);

	*progress = (struct progress){ .timers = seen ? timers : NULL };
	if (progress->timers)
		progress->begun_ms = timers->steady_ms(timers);
}

void progress_messages(struct progress *progress, size_t n)
{
	int64_t now_ms, since_ms;

	if (!progress->timers)
		return;
	now_ms = progress->timers->steady_ms(progress->timers);
	since_ms = now_ms - progress->begun_ms;
	if (since_ms < FIRST_MS || now_ms - progress->shown_ms < EVERY_MS)
		return;
	progress->shown_ms = now_ms;
	progress->shown = true;
	fprintf(stderr, "\r%zu messages, %lld a second\033[K", n,
	        (long long)((int64_t)n * 1000 / since_ms));
}

void progress_erase(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
