/*
 * xml: what is told is well-nested, no deeper than allowed and UTF-8 without NUL; a document type
 * or an entity of its own is never accepted.
 */
#include "common/base/xml.h"

#include "common/base/limits.h"
#include "common/base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct walk {
	size_t depth, leaves;
};

static void must(bool held)
{
	if (!held)
		abort();
}

static size_t depth_of(struct span path)
{
	size_t depth = 0;

	for (; path.len; depth++)
		(void)span_cut(&path, '/');
	return depth;
}

static void on_open(void *ctx, struct span path)
{
	struct walk *walk = ctx;

	must(depth_of(path) == ++walk->depth && walk->depth <= LIMIT_XML_DEPTH);
}

static void on_leaf(void *ctx, struct span path, struct span text)
{
	struct walk *walk = ctx;

	must(depth_of(path) == walk->depth-- && text_is_utf8(text));
	must(text.len <= LIMIT_XML_LEAF && !(text.len && memchr(text.at, '\0', text.len)));
	walk->leaves++;
}

static void on_close(void *ctx, struct span path)
{
	struct walk *walk = ctx;

	must(depth_of(path) == walk->depth-- && walk->leaves);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xml_events events = { on_open, on_leaf, on_close };
	struct span text = { (const char *)data, size };
	struct walk walk = { 0, 0 };
	struct err err = { 0 };

	if (xml_read(text, &events, &walk, &err))
		must(walk.depth == 0 && walk.leaves && text_is_utf8(text));
	else
		must(err.kind == ERR_MALFORMED && err.text[0]);
	return 0;
}
