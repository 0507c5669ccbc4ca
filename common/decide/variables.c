#include "common/decide/variables.h"

#include "common/base/reader.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

const char *variables_write(const struct pipeline *pipeline, const struct template_values *values,
                            struct arena *arena)
{
	struct writer *writer = writer_new();
	struct buf text = buf_with_max(LIMIT_AWS_BODY);
	const char *json;

	for (size_t i = 0; i < pipeline->n_variables; i++) {
		buf_reset(&text);
		template_fill(span_of(pipeline->variables[i].value), values, &text);
		if (text.len)
			writer_string(writer, pipeline->variables[i].name, buf_span(&text));
	}
	buf_reset(&text);
	writer_finish(writer, &text);
	json = arena_text(arena, buf_span(&text));
	buf_clear(&text);
	return json;
}

size_t variables_read(const char *json, struct arena *arena,
                      struct codepipeline_variable ret_variables[LIMIT_VARIABLES])
{
	struct reader reader;
	struct span name, value;
	size_t n = 0;

	reader_init(&reader, span_of(json));
	reader_object(&reader);
	while (reader_member(&reader, &name)) {
		if (reader_string(&reader, &value) && n < LIMIT_VARIABLES)
			ret_variables[n++] = (struct codepipeline_variable){
				.name = arena_text(arena, name),
				.value = arena_text(arena, value),
			};
	}
	if (!reader_done(&reader, NULL))
		n = 0;
	reader_clear(&reader);
	return n;
}
