#include "common/decide/silence.h"

#include <string.h>

#include "common/base/banned.h"

/* Keeps the gaps in order, the shortest first. */
static void insert(int64_t gaps[SILENCE_GAPS], size_t n, int64_t gap)
{
	size_t at = n;

	while (at > 0 && gaps[at - 1] > gap)
		at--;
	memmove(&gaps[at + 1], &gaps[at], (n - at) * sizeof(*gaps));
	gaps[at] = gap;
}

int64_t silence_usual_ms(const int64_t *at_ms, size_t n)
{
	int64_t gaps[SILENCE_GAPS], later_ms = n ? at_ms[0] : 0;
	size_t found = 0;

	for (size_t i = 1; i < n && found < SILENCE_GAPS; i++) {
		if (later_ms - at_ms[i] >= SILENCE_BURST_MS) {
			insert(gaps, found++, later_ms - at_ms[i]);
			later_ms = at_ms[i];
		}
	}
	if (found + 1 < SILENCE_LEAST)
		return 0;
	return found % 2 ? gaps[found / 2] : (gaps[found / 2 - 1] + gaps[found / 2]) / 2;
}

int64_t silence_patience_ms(int64_t usual_ms)
{
	return usual_ms + usual_ms / 2;
}
