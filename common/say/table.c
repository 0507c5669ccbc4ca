#include "common/say/table.h"

#include "common/base/plain.h"
#include "common/base/text.h"

#include "common/base/banned.h"

void table_cell(struct buf *out, struct span text, size_t width)
{
	size_t before = out->len, shown;

	plain_add(out, text.len ? text : SPAN("-"));
	shown = text_utf8_count(span_part(buf_span(out), before, out->len));
	do
		buf_add_char(out, ' ');
	while (++shown <= width);
}

void table_add_time(struct buf *out, int64_t ms)
{
	char time[TEXT_TIME_SIZE];

	text_time(ms, time);
	buf_addf(out, "%.10s %.5s", time, time + 11);
}

void table_time_cell(struct buf *out, int64_t ms)
{
	struct buf time = buf_with_max(TEXT_TIME_SIZE);

	if (ms)
		table_add_time(&time, ms);
	table_cell(out, buf_span(&time), TABLE_TIME);
	buf_clear(&time);
}
