#include "common/say/explanation.h"

#include "common/base/plain.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

enum { WIDTH_MARK = 11, WIDTH_CONDITION = 19 };

/* ---- For people: the message ----------------------------------------------------------------- */

static size_t count_regions(const struct release *release)
{
	struct span last = SPAN_NONE;
	size_t n = 0;

	for (size_t i = 0; i < release->n_images; i++) {
		n += !span_equal(release->images[i].region, last);
		last = release->images[i].region;
	}
	return n;
}

static const char *ending(size_t n)
{
	return n == 1 ? "" : "s";
}

static void add_release(const struct notification *notification, struct buf *out)
{
	const struct publisher *publisher = notification->announcement.publisher;
	const struct release *release = &notification->release;
	size_t regions = count_regions(release);

	buf_add_text(out, "release  ");
	if (!publisher || (!release->version.len && !release->n_images)) {
		buf_add_text(out, publisher ? publisher->name : "of no publisher that is known");
	} else {
		buf_addf(out, "%s ", publisher->name);
		plain_add(out, release->version);
		buf_addf(out, ", %zu image%s in %zu region%s", release->n_images,
		         ending(release->n_images), regions, ending(regions));
	}
	buf_add_char(out, '\n');
}

static void add_trust(const struct notification *notification, struct buf *out)
{
	const struct verdict *verdict = &notification->verdict;

	buf_addf(out, "trust    %s", trust_word(verdict->trust));
	if (verdict->err.text[0]) {
		buf_add_text(out, ": ");
		plain_add(out, span_of(verdict->err.text));
	} else if (!notification->envelope.type.len) {
		buf_add_text(out, ": it has no envelope, and so no signature");
	} else if (verdict->trust == TRUST_UNCHECKED) {
		buf_add_text(out, ": no pinned certificate stands in for the one that signed it");
	}
	buf_add_char(out, '\n');
}

static const struct decision *rejection(const struct notification *notification)
{
	const struct decisions *decisions = &notification->decisions;

	return decisions->n && !decisions->at[0].family ? &decisions->at[0] : NULL;
}

void explanation_add_head(const struct explanation_head *head, struct buf *out)
{
	const struct notification *notification = head->notification;
	const struct announcement *announcement = &notification->announcement;
	const struct decision *whole = rejection(notification);

	buf_add_text(out, "message  ");
	plain_add(out,
	          announcement->message_id.len ? announcement->message_id : SPAN("without id"));
	buf_add_text(out, " of ");
	plain_add(out, announcement->topic.len ? announcement->topic : SPAN("no topic"));
	buf_add_text(out, "  (");
	plain_add(out, span_of(head->source));
	buf_add_text(out, ")\n");
	add_trust(notification, out);
	add_release(notification, out);
	if (!whole)
		return;
	buf_addf(out, "\n%s, %s: ", outcome_word(reason_outcome(whole->reason)),
	         reason_word(whole->reason));
	plain_add(out, span_of(whole->detail));
	buf_add_char(out, '\n');
}

/* ---- For people: one family and region ------------------------------------------------------- */

static const char *sign_of(enum mark mark)
{
	static const char *const signs[] = {
		[MARK_PASSED] = "passed",
		[MARK_FAILED] = "FAILED",
		[MARK_NOT_REACHED] = "not reached",
	};

	return signs[mark];
}

static void add_place(const char *file, struct place place, struct buf *out)
{
	plain_add(out, span_of(file));
	buf_addf(out, ":%d:%d", place.line, place.column);
}

static void add_condition(const char *file, const struct explained *explained, struct buf *out)
{
	bool alone = !explained->text[0] && !explained->place.line;

	buf_addf(out, "  %-*s  %-*s", WIDTH_MARK, sign_of(explained->mark),
	         alone ? 0 : WIDTH_CONDITION, explained->condition);
	if (explained->text[0])
		buf_add_text(out, "  ");
	plain_add(out, span_of(explained->text));
	if (explained->place.line) {
		buf_add_text(out, "  (");
		add_place(file, explained->place, out);
		buf_add_char(out, ')');
	}
	buf_add_char(out, '\n');
}

static void add_near_miss(const struct near_miss *miss, struct buf *out)
{
	buf_addf(out, "  would %s ", miss->rival ? "be ambiguous" : "match");
	plain_add(out, span_of(miss->with));
	if (miss->condition != CONDITION_NAME) {
		buf_add_text(out, ": ");
		plain_add(out, miss->image->name);
	}
	buf_add_text(out, " (");
	plain_add(out, miss->image->id);
	buf_add_text(out, ")\n");
}

static void add_image(const struct decision *decision, struct buf *out)
{
	const struct image *image = decision->image;

	if (!image)
		return;
	buf_add_text(out, "  image        ");
	plain_add(out, image->name);
	buf_add_text(out, " (");
	plain_add(out, image->id);
	buf_add_text(out, ")\n");
	if (!decision_starts(decision) || !decision->detail[0])
		return;
	buf_add_text(out, "  but          ");
	plain_add(out, span_of(decision->detail));
	buf_add_char(out, '\n');
}

void explanation_add(const struct explanation_head *head, const struct explanation *explanation,
                     struct buf *out)
{
	const struct decision *decision = explanation->decision;
	const struct near_misses *near = &explanation->near;

	buf_addf(out, "\n%s in %s: %s, %s  (", decision->family->name, decision->region,
	         outcome_word(reason_outcome(decision->reason)), reason_word(decision->reason));
	add_place(head->config->file, decision->family->place, out);
	buf_add_text(out, ")\n");
	for (size_t i = 0; i < explanation->n; i++)
		add_condition(head->config->file, &explanation->conditions[i], out);
	add_image(decision, out);
	for (size_t i = 0; i < near->n; i++)
		add_near_miss(&near->at[i], out);
	if (near->n == 0 && reason_outcome(decision->reason) == OUTCOME_IGNORED &&
	    decision->reason != REASON_NO_IMAGE_IN_REGION)
		buf_add_text(out, "  no image fails one condition alone\n");
}

/* ---- For people: who is not concerned -------------------------------------------------------- */

static bool is_concerned(const struct notification *notification, const struct family *family)
{
	const struct publisher *publisher = notification->announcement.publisher;

	return family->publisher == publisher || publisher_withdraws(publisher, family->publisher);
}

void explanation_add_others(const struct explanation_head *head, struct buf *out)
{
	const struct config *config = head->config;
	bool known = head->notification->announcement.publisher;
	size_t n = 0;

	for (size_t i = 0; known && i < config->n_families; i++) {
		const struct family *family = &config->families[i];

		if (!is_concerned(head->notification, family))
			buf_addf(out, "%s%s (%s)", n++ ? ", " : "\nnot concerned: ", family->name,
			         family->publisher->name);
	}
	if (n)
		buf_add_char(out, '\n');
}

/* ---- For scripts ----------------------------------------------------------------------------- */

static struct span or_null(struct span text)
{
	return text.len ? text : SPAN_NONE;
}

static void write_place(struct writer *writer, const char *file, struct place place)
{
	struct buf text = buf_with_max(2 * LIMIT_PATH);

	if (place.line)
		add_place(file, place, &text);
	writer_string(writer, "setting", or_null(buf_span(&text)));
	buf_clear(&text);
}

static void write_condition(struct writer *writer, const char *file,
                            const struct explained *explained)
{
	writer_object(writer, NULL);
	writer_text(writer, "condition", explained->condition);
	writer_text(writer, "mark", mark_word(explained->mark));
	writer_string(writer, "detail", or_null(span_of(explained->text)));
	write_place(writer, file, explained->place);
	writer_end(writer);
}

static void write_image(struct writer *writer, const struct image *image)
{
	writer_string(writer, "image_id", image ? image->id : SPAN_NONE);
	writer_string(writer, "image_name", image ? image->name : SPAN_NONE);
}

static void write_near_miss(struct writer *writer, const struct near_miss *miss)
{
	writer_object(writer, NULL);
	writer_text(writer, "with", miss->with);
	writer_bool(writer, "ambiguous", miss->rival);
	write_image(writer, miss->image);
	writer_end(writer);
}

static void write_lists(struct writer *writer, const char *file,
                        const struct explanation *explanation)
{
	writer_array(writer, "conditions");
	for (size_t i = 0; explanation && i < explanation->n; i++)
		write_condition(writer, file, &explanation->conditions[i]);
	writer_end(writer);
	writer_array(writer, "would_match");
	for (size_t i = 0; explanation && i < explanation->near.n; i++)
		write_near_miss(writer, &explanation->near.at[i]);
	writer_end(writer);
}

void explanation_json(const struct explanation_head *head, const struct decision *decision,
                      const struct explanation *explanation, struct buf *out)
{
	const struct announcement *announcement = &head->notification->announcement;
	const struct publisher *publisher = announcement->publisher;
	struct writer *writer = writer_new();

	writer_text(writer, "source", head->source);
	writer_string(writer, "message_id", or_null(announcement->message_id));
	writer_string(writer, "topic", or_null(announcement->topic));
	writer_text(writer, "trust", trust_word(head->notification->verdict.trust));
	writer_text(writer, "publisher", publisher ? publisher->name : NULL);
	writer_string(writer, "release", or_null(decision->version));
	writer_text(writer, "family", decision->family ? decision->family->name : NULL);
	writer_text(writer, "region", decision->region);
	writer_text(writer, "outcome", outcome_word(reason_outcome(decision->reason)));
	writer_text(writer, "reason", reason_word(decision->reason));
	write_image(writer, decision->image);
	writer_string(writer, "detail", or_null(span_of(decision->detail)));
	write_lists(writer, head->config->file, explanation);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}
