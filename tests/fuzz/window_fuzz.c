/*
 * window: a text is refused with a place inside it, or is a window that is open at the moment that
 * it names, and not a second before. Of a list of texts the last line counts beside the whole.
 */
#include "common/decide/window.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct zone_change changes[] = { { 1774746000, 7200 }, { 1792890000, 3600 } };
static const struct zone berlin = { 3600, ARRAY_LEN(changes), changes };

static void must(bool held)
{
	if (!held)
		abort();
}

static void ask(const struct window *window, int64_t ms)
{
	int64_t opens = window_opens_ms(window, &berlin, ms);

	must(opens >= ms && window_is_open(window, &berlin, opens));
	must(opens == ms || !window_is_open(window, &berlin, opens - 1000));
}

static void use(const struct window *window)
{
	must(window->n > 0 && window->n <= LIMIT_WINDOW_RANGES);
	must(!window->zone.len || zone_name_is_valid(window->zone));
	for (size_t i = 0; i < window->n; i++)
		must(window->at[i].days && window->at[i].from_min < window->at[i].to_min);
	for (int64_t s = 1774000000; s < 1775000000; s += 86399)
		ask(window, s * 1000);
}

static void read_text(struct span text)
{
	struct err err = { 0 };
	struct window window;
	size_t at;

	if (window_parse(text, &window, &at, &err))
		use(&window);
	else
		must(err.kind == ERR_MALFORMED && err.text[0] && at <= text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size }, line = text;

	read_text(text);
	while (text.len)
		line = span_cut(&text, '\n');
	read_text(line);
	return 0;
}
