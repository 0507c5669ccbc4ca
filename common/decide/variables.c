#include "common/decide/variables.h"

#include "common/base/reader.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

const char *variables_write(const struct pipeline *pipeline, const struct template_values *values,
                            struct arena *arena)
{
	struct writer *writer = writer_new();
	struct buf value = buf_with_max(LIMIT_VARIABLE), all = buf_with_max(LIMIT_MESSAGE_BODY);
	const char *json;

	for (size_t i = 0; i < pipeline->n_variables; i++) {
		buf_reset(&value);
		template_fill(span_of(pipeline->variables[i].value), values, &value);
		if (value.len)
			writer_string(writer, pipeline->variables[i].name, buf_span(&value));
	}
	writer_finish(writer, &all);
	json = arena_text(arena, buf_span(&all));
	buf_clear(&value);
	buf_clear(&all);
	return json;
}

static struct template_values values_of(const struct build *build)
{
	return (struct template_values){
		.image_id = span_of(build->image_id),
		.image_name = span_of(build->image_name),
		.release = span_of(build->release),
		.region = span_of(build->region),
		.architecture = span_of(build->architecture),
		.family = span_of(build->family),
		.publisher = span_of(build->publisher),
		.message_id = span_of(build->message_id),
		.notes_url = span_of(build->notes_url),
		.build = span_of(build->token),
	};
}

const char *variables_of_build(const struct pipeline *pipeline, const struct build *build,
                               struct arena *arena)
{
	struct template_values values = values_of(build);

	return variables_write(pipeline, &values, arena);
}

bool variables_read(const char *json, struct arena *arena, struct variables *ret_variables,
                    struct err *reterr)
{
	struct reader reader;
	struct span name, value;
	size_t n = 0;
	bool fine;

	reader_init(&reader, span_of(json));
	reader_object(&reader);
	while (reader_member(&reader, &name)) {
		if (reader_string(&reader, &value) && n++ < LIMIT_VARIABLES)
			ret_variables->at[n - 1] = (struct codepipeline_variable){
				.name = arena_text(arena, name),
				.value = arena_text(arena, value),
			};
	}
	ret_variables->n = n;
	fine = reader_done(&reader, reterr);
	if (fine && n > LIMIT_VARIABLES)
		fine = err_set(reterr, ERR_MALFORMED, "%zu, more than %d", n, LIMIT_VARIABLES);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "the build's variables");
}
