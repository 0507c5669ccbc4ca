#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/writer.h"
#include "common/release/catalogue.h"
#include "worker/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

static void add_json_list(struct writer *writer, const char *key, const char *const *texts)
{
	writer_array(writer, key);
	for (size_t i = 0; texts && texts[i]; i++)
		writer_text(writer, NULL, texts[i]);
	writer_end(writer);
}

static void add_json_parameters(struct writer *writer, const struct public_parameter *parameter)
{
	writer_array(writer, "parameters");
	for (; parameter && parameter->path; parameter++) {
		writer_object(writer, NULL);
		writer_text(writer, "path", parameter->path);
		writer_bool(writer, "listed", parameter->listed);
		writer_end(writer);
	}
	writer_end(writer);
}

static void add_json(struct buf *out, const struct publisher *publisher)
{
	struct writer *writer = writer_new();

	writer_text(writer, "name", publisher->name);
	writer_text(writer, "title", publisher->title);
	writer_text(writer, "topic", publisher->topic);
	add_json_list(writer, "more_topics", publisher->more_topics);
	writer_text(writer, "shape", shape_word(publisher->shape));
	writer_text(writer, "withdraws", publisher->withdraws);
	add_json_list(writer, "owners", publisher->owners);
	writer_text(writer, "name_pattern", publisher->name_pattern);
	writer_text(writer, "version_pattern", publisher->version_pattern);
	add_json_list(writer, "search", publisher->search);
	add_json_parameters(writer, publisher->parameters);
	add_json_list(writer, "examples", publisher->examples);
	writer_text(writer, "notes", publisher->notes);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

static void add_line(struct buf *out, const char *label, const char *text)
{
	if (text)
		buf_addf(out, "  %-8s%s\n", label, text);
}

static void add_lines(struct buf *out, const char *label, const char *const *texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		add_line(out, i ? "" : label, texts[i]);
}

/* The first one and how many more: some publishers have dozens that differ in one word. */
static void add_parameters(struct buf *out, const struct public_parameter *parameters)
{
	size_t n = 0;

	while (parameters && parameters[n].path)
		n++;
	if (n > 1)
		buf_addf(out, "  %-8s%s and %zu more\n", "ssm", parameters[0].path, n - 1);
	else if (n == 1)
		add_line(out, "ssm", parameters[0].path);
}

static void add_text(struct buf *out, const struct publisher *publisher)
{
	buf_addf(out, "%s%s: %s\n", out->len ? "\n" : "", publisher->name, publisher->title);
	add_line(out, "topic", publisher->topic ? publisher->topic : "none; evergold asks AWS");
	add_lines(out, "", publisher->more_topics);
	add_line(out, "shape", shape_word(publisher->shape));
	if (publisher->withdraws)
		buf_addf(out, "  takes   images of %s back\n", publisher->withdraws);
	add_lines(out, "owner", publisher->owners);
	add_line(out, "names", publisher->name_pattern);
	add_lines(out, "", publisher->examples);
	add_parameters(out, publisher->parameters);
	add_line(out, "notes", publisher->notes);
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
