#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/writer.h"
#include "common/release/catalogue.h"
#include "worker/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

static void add_json(struct buf *out, const struct publisher *publisher)
{
	struct writer *writer = writer_new();

	writer_text(writer, "name", publisher->name);
	writer_text(writer, "title", publisher->title);
	writer_text(writer, "topic", publisher->topic);
	writer_text(writer, "shape", shape_word(publisher->shape));
	writer_array(writer, "owners");
	for (size_t i = 0; publisher->owners[i]; i++)
		writer_text(writer, NULL, publisher->owners[i]);
	writer_end(writer);
	writer_text(writer, "name_pattern", publisher->name_pattern);
	writer_array(writer, "examples");
	for (size_t i = 0; publisher->examples && publisher->examples[i]; i++)
		writer_text(writer, NULL, publisher->examples[i]);
	writer_end(writer);
	writer_text(writer, "notes", publisher->notes);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

static void add_text(struct buf *out, const struct publisher *publisher)
{
	buf_addf(out, "%s%s: %s\n", out->len ? "\n" : "", publisher->name, publisher->title);
	buf_addf(out, "  topic   %s\n", publisher->topic);
	buf_addf(out, "  shape   %s\n", shape_word(publisher->shape));
	for (size_t i = 0; publisher->owners[i]; i++)
		buf_addf(out, "  owner   %s\n", publisher->owners[i]);
	buf_addf(out, "  names   %s\n", publisher->name_pattern);
	for (size_t i = 0; publisher->examples && publisher->examples[i]; i++)
		buf_addf(out, "          %s\n", publisher->examples[i]);
	buf_addf(out, "  notes   %s\n", publisher->notes);
}

static int publishers_main(const struct command *command, char **args)
{
	const char *format = "text";
	const struct option_row rows[] = { { "--format", "text|json", &format, NULL } };
	struct buf out = buf_with_max(LIMIT_AWS_ANSWER);
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), false }, args,
	                  &status))
		return status;
	for (size_t i = 0; i < catalogue_size; i++) {
		if (strcmp(format, "json") == 0)
			add_json(&out, &catalogue[i]);
		else
			add_text(&out, &catalogue[i]);
	}
	fputs(buf_text(&out), stdout);
	buf_clear(&out);
	return EXIT_DONE;
}

const struct command command_publishers = {
	.name = "publishers",
	.synopsis = "publishers [--format text|json]",
	.help = "Lists the publishers that evergold knows by itself: topic, shape, owners and\n"
		"image names. No configuration is read.\n",
	.main = publishers_main,
};
