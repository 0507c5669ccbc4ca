/*
 * endpoint: an accepted override is its own origin and has a host; whatever names a region names a
 * valid one. The cases are lists, so the last line counts beside the whole.
 */
#include "common/aws/endpoint.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void override(struct span url)
{
	struct span origin = SPAN_NONE, again;
	struct err err = { 0 };

	if (!aws_endpoint_check(url, &origin, &err)) {
		must(err.kind == ERR_MALFORMED && err.text[0]);
		return;
	}
	must(span_starts(url, origin) && url.len - origin.len <= 1);
	must(aws_endpoint_check(origin, &again, NULL) && span_equal(origin, again));
	must(aws_endpoint_host(origin).len > 0);
}

static void region(struct span url)
{
	struct span region = aws_queue_region(url);

	must(region.len == 0 || aws_region_is_valid(region));
	must(aws_partition_of(url)->dns_suffix[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size }, line = text;

	while (text.len)
		line = span_cut(&text, '\n');
	override((struct span){ (const char *)data, size });
	override(line);
	region(line);
	return 0;
}
