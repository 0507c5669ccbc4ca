#include "common/decide/golden.h"

#include "common/base/banned.h"

static const char *const state_words[] = {
	[GOLDEN_WAITING] = "waiting",
	[GOLDEN_WRITTEN] = "written",
	[GOLDEN_LEFT] = "left",
};

const char *golden_state_word(enum golden_state state)
{
	return state_words[state];
}

enum golden_state golden_state_of(struct span word)
{
	for (enum golden_state state = GOLDEN_WAITING; state < GOLDEN_LEFT; state++) {
		if (span_is(word, state_words[state]))
			return state;
	}
	return GOLDEN_LEFT;
}
