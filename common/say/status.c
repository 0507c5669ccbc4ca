#include "common/say/status.h"

#include "common/base/plain.h"
#include "common/base/text.h"
#include "common/say/history.h"
#include "common/say/table.h"

#include <string.h>

#include "common/base/banned.h"

/* ---- the lines in their order ---------------------------------------------------------------- */

/* What is done with each line; family NULL: the configuration has dropped it. */
typedef void line_fn(void *ctx, const struct family *family, const struct overview_line *line);

static bool is_tracked(const struct config *config, const struct overview_line *line)
{
	const struct family *family = config_family(config, line->family);

	for (size_t i = 0; family && i < family->n_regions; i++) {
		if (strcmp(family->regions[i], line->region) == 0)
			return true;
	}
	return false;
}

static void each_of_family(const struct status *status, const struct family *family, line_fn *fn,
                           void *ctx)
{
	for (size_t i = 0; i < family->n_regions; i++) {
		const struct overview_line nothing = {
			.family = family->name,
			.region = family->regions[i],
			.publisher = family->publisher->name,
		};
		const struct overview_line *known = overview_line(status->overview, family->name,
		                                                  family->regions[i]);

		fn(ctx, family, known ? known : &nothing);
	}
}

static void each_line(const struct status *status, line_fn *fn, void *ctx)
{
	const struct config *config = status->config;
	const struct overview *overview = status->overview;

	for (size_t i = 0; i < config->n_families; i++)
		each_of_family(status, &config->families[i], fn, ctx);
	for (size_t i = 0; i < overview->n_lines; i++) {
		if (overview->lines[i].n_open && !is_tracked(config, &overview->lines[i]))
			fn(ctx, NULL, &overview->lines[i]);
	}
}

/* ---- for scripts ----------------------------------------------------------------------------- */

static void write_build(struct writer *writer, const char *key, const struct build *build)
{
	if (!build) {
		writer_null(writer, key);
		return;
	}
	writer_object(writer, key);
	history_write(writer, build);
	writer_end(writer);
}

static void write_line(void *ctx, const struct family *family, const struct overview_line *line)
{
	struct writer *writer = ctx;

	writer_object(writer, NULL);
	writer_text(writer, "family", line->family);
	writer_text(writer, "region", line->region);
	writer_text(writer, "publisher", line->publisher);
	writer_bool(writer, "tracked", family != NULL);
	writer_integer(writer, "failures", line->failures);
	write_build(writer, "built", line->built);
	writer_array(writer, "open");
	for (size_t i = 0; i < line->n_open; i++)
		write_build(writer, NULL, &line->open[i]);
	writer_end(writer);
	writer_end(writer);
}

static void write_holds(struct writer *writer, const struct overview *overview)
{
	writer_array(writer, "holds");
	for (size_t i = 0; i < overview->n_holds; i++) {
		const struct family_hold *hold = &overview->holds[i];

		writer_object(writer, NULL);
		writer_text(writer, "family", hold->family);
		writer_text(writer, "reason", hold->reason[0] ? hold->reason : NULL);
		writer_time(writer, "since", hold->since_ms);
		writer_end(writer);
	}
	writer_end(writer);
}

static void write_quarantines(struct writer *writer, const struct overview *overview)
{
	writer_array(writer, "quarantines");
	for (size_t i = 0; i < overview->n_quarantines; i++) {
		const struct quarantine *quarantine = &overview->quarantines[i];

		writer_object(writer, NULL);
		writer_text(writer, "what", quarantine->what);
		writer_text(writer, "family", quarantine->family[0] ? quarantine->family : NULL);
		writer_text(writer, "reason", quarantine->reason);
		writer_time(writer, "since", quarantine->since_ms);
		writer_end(writer);
	}
	writer_end(writer);
}

static void write_undelivered(struct writer *writer, const struct overview *overview)
{
	writer_array(writer, "undelivered");
	for (size_t i = 0; i < overview->n_undelivered; i++) {
		const struct undelivered *undelivered = &overview->undelivered[i];

		writer_object(writer, NULL);
		writer_text(writer, "sink", undelivered->sink);
		writer_integer(writer, "notices", undelivered->n);
		writer_time(writer, "since", undelivered->since_ms);
		writer_text(writer, "reason", undelivered->reason);
		writer_end(writer);
	}
	writer_end(writer);
}

void status_json(const struct status *status, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_time(writer, "time", status->now_ms);
	writer_array(writer, "lines");
	each_line(status, write_line, writer);
	writer_end(writer);
	write_holds(writer, status->overview);
	write_quarantines(writer, status->overview);
	write_undelivered(writer, status->overview);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

/* ---- for people ------------------------------------------------------------------------------ */

struct tables {
	const struct status *status;
	struct buf *out;
	size_t family_width;
	bool begun; /* the table that is written has its head */
};

static void measure(void *ctx, const struct family *family, const struct overview_line *line)
{
	struct tables *tables = ctx;
	size_t len = strlen(line->family) + 1;

	(void)family;
	tables->family_width = len > tables->family_width ? len : tables->family_width;
}

/* The head of a table comes with its first row, after an empty line. */
static bool begin(struct tables *tables, const char *first, const char *last)
{
	struct buf *out = tables->out;

	if (tables->begun)
		return false;
	tables->begun = true;
	if (out->len)
		buf_add_char(out, '\n');
	table_cell(out, span_of(first), tables->family_width);
	table_cell(out, SPAN("REGION"), TABLE_REGION);
	table_cell(out, SPAN("RELEASE"), TABLE_RELEASE);
	buf_add_text(out, last);
	return true;
}

static void add_line(struct tables *tables, const struct overview_line *line, const char *release)
{
	table_cell(tables->out, span_of(line->family), tables->family_width);
	table_cell(tables->out, span_of(line->region), TABLE_REGION);
	table_cell(tables->out, span_of(release), TABLE_RELEASE);
}

static void add_built_time(const struct build *built, struct buf *out)
{
	if (!built)
		buf_add_char(out, '-');
	else if (built->state == BUILD_ADOPTED)
		buf_add_text(out, "before evergold");
	else
		table_add_time(out, built->finished_ms);
}

static void add_built(void *ctx, const struct family *family, const struct overview_line *line)
{
	struct tables *tables = ctx;
	const struct build *built = line->built;
	struct buf *out = tables->out;

	if (begin(tables, "FAMILY", "")) {
		table_cell(out, SPAN("BASE AMI"), TABLE_IMAGE);
		table_cell(out, SPAN("GOLDEN AMI"), TABLE_IMAGE);
		buf_add_text(out, "BUILT (UTC)\n");
	}
	add_line(tables, line, built ? built->release : NULL);
	table_cell(out, span_of(built ? built->image_id : NULL), TABLE_IMAGE);
	table_cell(out, span_of(built ? built->golden_ami : NULL), TABLE_IMAGE);
	add_built_time(built, out);
	if (built && built->withdrawn_ms)
		buf_add_text(out, "  (withdrawn)");
	if (built && built->n_golden_moves && !built->golden_written)
		buf_add_text(out, "  (not in every golden_parameter)");
	if (!family)
		buf_add_text(out, "  (not in the configuration)");
	buf_add_char(out, '\n');
}

static void add_since(struct tables *tables, int64_t since_ms)
{
	table_add_time(tables->out, since_ms);
	buf_add_text(tables->out, " UTC, for ");
	text_add_duration(tables->out, tables->status->now_ms - since_ms);
}

static void add_running(void *ctx, const struct family *family, const struct overview_line *line)
{
	struct tables *tables = ctx;

	(void)family;
	for (size_t i = 0; i < line->n_open; i++) {
		const struct build *build = &line->open[i];

		if (build->state != BUILD_STARTED)
			continue;
		begin(tables, "BUILDING", "SINCE\n");
		add_line(tables, line, build->release);
		add_since(tables, build->started_ms);
		buf_add_text(tables->out, ": ");
		plain_add(tables->out, span_of(build->pipeline));
		buf_add_char(tables->out, ' ');
		plain_add(tables->out, span_of(build->execution_id));
		buf_add_char(tables->out, '\n');
	}
}

static void add_waiting(void *ctx, const struct family *family, const struct overview_line *line)
{
	struct tables *tables = ctx;

	(void)family;
	for (size_t i = 0; i < line->n_open; i++) {
		const struct build *build = &line->open[i];

		if (build->state != BUILD_WANTED)
			continue;
		begin(tables, "WAITING", "NEXT LOOK (UTC)   WHY\n");
		add_line(tables, line, build->release);
		table_time_cell(tables->out, build->due_ms);
		history_add_cause(build, tables->out);
		buf_add_char(tables->out, '\n');
	}
}

static void add_table(struct tables *tables, line_fn *fn)
{
	tables->begun = false;
	each_line(tables->status, fn, tables);
}

/* ---- for people: what has been said, and what keeps failing ---------------------------------- */

/* Sentences, after an empty line. */
static void begin_sentence(struct tables *tables, const char *about)
{
	if (!tables->begun)
		buf_add_char(tables->out, '\n');
	tables->begun = true;
	plain_add(tables->out, span_of(about));
}

static void add_reason(struct tables *tables, const char *reason)
{
	if (reason[0])
		buf_add_text(tables->out, ": ");
	plain_add(tables->out, span_of(reason));
	buf_add_char(tables->out, '\n');
}

/* Once for each family: all its lines know the same number. */
static bool is_first_of_family(const struct overview *overview, size_t at)
{
	return at == 0 || strcmp(overview->lines[at - 1].family, overview->lines[at].family) != 0;
}

static bool is_stopped(const struct config *config, const struct overview_line *line)
{
	const struct family *family = config_family(config, line->family);

	return family && family->stop_after_failures &&
	       line->failures >= family->stop_after_failures;
}

static void add_failures(struct tables *tables)
{
	const struct overview *overview = tables->status->overview;

	for (size_t i = 0; i < overview->n_lines; i++) {
		const struct overview_line *line = &overview->lines[i];
		bool stopped = is_stopped(tables->status->config, line);

		if (!line->failures || !is_first_of_family(overview, i))
			continue;
		begin_sentence(tables, line->family);
		buf_addf(tables->out, ": %d execution%s in a row failed%s\n", line->failures,
		         line->failures > 1 ? "s" : "",
		         stopped ? ", and no other release is started" : "");
	}
}

static void add_holds(struct tables *tables)
{
	const struct overview *overview = tables->status->overview;

	for (size_t i = 0; i < overview->n_holds; i++) {
		begin_sentence(tables, overview->holds[i].family);
		buf_add_text(tables->out, " is held since ");
		add_since(tables, overview->holds[i].since_ms);
		add_reason(tables, overview->holds[i].reason);
	}
}

static void add_quarantines(struct tables *tables)
{
	const struct overview *overview = tables->status->overview;

	for (size_t i = 0; i < overview->n_quarantines; i++) {
		const struct quarantine *quarantine = &overview->quarantines[i];

		begin_sentence(tables, quarantine->what);
		buf_add_text(tables->out, " is in quarantine");
		if (quarantine->family[0])
			buf_add_text(tables->out, " for ");
		plain_add(tables->out, span_of(quarantine->family));
		buf_add_text(tables->out, " since ");
		add_since(tables, quarantine->since_ms);
		add_reason(tables, quarantine->reason);
	}
}

static void add_undelivered(struct tables *tables)
{
	const struct overview *overview = tables->status->overview;

	for (size_t i = 0; i < overview->n_undelivered; i++) {
		const struct undelivered *undelivered = &overview->undelivered[i];

		begin_sentence(tables, undelivered->sink);
		buf_addf(tables->out, " is still to be told %lld thing%s, since ",
		         (long long)undelivered->n, undelivered->n > 1 ? "s" : "");
		add_since(tables, undelivered->since_ms);
		add_reason(tables, undelivered->reason ? undelivered->reason : "");
	}
}

void status_text(const struct status *status, struct buf *out)
{
	struct tables tables = {
		.status = status,
		.out = out,
		.family_width = strlen("BUILDING") + 1,
	};

	each_line(status, measure, &tables);
	add_table(&tables, add_built);
	add_table(&tables, add_running);
	add_table(&tables, add_waiting);
	tables.begun = false;
	add_failures(&tables);
	add_holds(&tables);
	add_quarantines(&tables);
	add_undelivered(&tables);
}
