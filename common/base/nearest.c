#include "common/base/nearest.h"

#include <string.h>

#include "common/base/banned.h"

#define LONGEST 40 /* letters; longer words are near to nothing */

struct row {
	size_t at[LONGEST + 1];
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The row of distances for the i-th letter of a, from those for the one and two before it. */
static struct row next_row(struct span a, struct span b, size_t i, const struct row before[2])
{
	const size_t *last = before[0].at, *one_before = before[1].at;
	struct row row = { { i + 1 } };

	for (size_t j = 0; j < b.len; j++) {
		bool same = a.at[i] == b.at[j];
		bool swapped = i > 0 && j > 0 && a.at[i] == b.at[j - 1] && a.at[i - 1] == b.at[j];

		row.at[j + 1] = least(least(last[j + 1], row.at[j]) + 1, last[j] + !same);
		if (swapped)
			row.at[j + 1] = least(row.at[j + 1], one_before[j - 1] + 1);
	}
	return row;
}

static size_t distance(struct span a, struct span b)
{
	struct row before[2] = { { { 0 } }, { { 0 } } };

	for (size_t j = 0; j <= b.len; j++)
		before[0].at[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		struct row row = next_row(a, b, i, before);

		before[1] = before[0];
		before[0] = row;
	}
	return before[0].at[b.len];
}

const char *nearest_word(struct span word, const char *const *words, size_t n)
{
	size_t allowed = word.len < 6 ? 1 : word.len / 3;
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		struct span other = span_of(words[i]);
		size_t apart;

		if (word.len > LONGEST || other.len > LONGEST)
			continue;
		apart = word.len >= 3 && span_starts(other, word) ? 1 : distance(word, other);
		if (apart > allowed || (best && apart == allowed))
			continue;
		best = words[i];
		allowed = apart;
	}
	return best;
}
