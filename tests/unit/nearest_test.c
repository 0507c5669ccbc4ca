#include "common/base/nearest.h"

#include "tests/unit/check.h"

#include <string.h>

static const char *const words[] = {
	"region", "regions", "queue", "publishers", "families", "log"
};

static const struct {
	const char *word, *near;
} rows[] = {
	{ "region", "region" },
	{ "regoin", "region" },
	{ "regionss", "regions" },
	{ "qeue", "queue" },
	{ "publisher", "publishers" },
	{ "familys", "families" },
	{ "lgo", "log" },
	{ "log2", "log" },
	{ "lo", "log" },
	{ "pub", "publishers" },
	{ "pu", NULL },
	{ "zebra", NULL },
	{ "", NULL },
	{ "x", NULL },
	{ "queeeue", "queue" },
	{ "notpublishers", "publishers" },
};

TEST(near_words_are_found)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *near = nearest_word(span_of(rows[i].word), words, ARRAY_LEN(words));

		CHECK_TEXT(near ? near : "", rows[i].near ? rows[i].near : "");
	}
}

TEST(long_words_are_near_to_nothing)
{
	char text[2000];
	const char *const long_words[] = { text, "region" };

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	CHECK_TEXT(nearest_word(SPAN("regoin"), long_words, 2), "region");
	CHECK(!nearest_word((struct span){ text, sizeof(text) }, words, ARRAY_LEN(words)));
	CHECK(!nearest_word(SPAN("region"), NULL, 0));
}

int main(void)
{
	check_run(near_words_are_found);
	check_run(long_words_are_near_to_nothing);
	return check_done();
}
