#include "common/aws/wire_eventbridge.h"

#include "common/base/members.h"
#include "common/base/writer.h"

#include <stdio.h>

#include "common/base/banned.h"

/* ---- The request ----------------------------------------------------------------------------- */

static void add_resources(struct writer *writer, const struct eventbridge_event *event)
{
	writer_array(writer, "Resources");
	for (size_t i = 0; i < event->n_resources; i++)
		writer_text(writer, NULL, event->resources[i]);
	writer_end(writer);
}

static void add_event(struct writer *writer, const struct eventbridge_event *event)
{
	writer_object(writer, NULL);
	if (event->time_ms)
		writer_integer(writer, "Time", event->time_ms / 1000);
	writer_text(writer, "Source", event->source);
	if (event->n_resources)
		add_resources(writer, event);
	writer_text(writer, "DetailType", event->detail_type);
	writer_string(writer, "Detail", event->detail);
	if (event->bus)
		writer_text(writer, "EventBusName", event->bus);
	writer_end(writer);
}

void eventbridge_put_body(const struct eventbridge_event *event, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_array(writer, "Entries");
	add_event(writer, event);
	writer_end(writer);
	writer_finish(writer, out);
}

/* ---- The answer ------------------------------------------------------------------------------ */

struct entry {
	struct span id, code, message;
};

struct put_answer {
	struct entry entry; /* the last */
	size_t n;
};

static const struct member entry_members[] = {
	MEMBER_STRING(struct entry, id, "EventId", false),
	MEMBER_STRING(struct entry, code, "ErrorCode", false),
	MEMBER_STRING(struct entry, message, "ErrorMessage", false),
};

static void read_entries(struct reader *reader, void *target)
{
	struct put_answer *answer = target;

	reader_array(reader);
	while (reader_element(reader)) {
		answer->entry = (struct entry){ .id = SPAN_NONE };
		(void)members_read(reader, entry_members, ARRAY_LEN(entry_members), &answer->entry);
		answer->n++;
	}
}

static const struct member put_members[] = {
	MEMBER_NESTED("Entries", read_entries, true),
};

/* API reference, PutEventsResultEntry: these are worth putting again. */
static bool may_pass(struct span code)
{
	return span_is(code, "ThrottlingException") || span_is(code, "InternalFailure") ||
	       span_is(code, "InternalException");
}

static bool take_entry(const struct put_answer *answer, char ret_id[EVENTBRIDGE_ID],
                       struct err *reterr)
{
	const struct entry *entry = &answer->entry;

	if (answer->n != 1 || (!entry->id.len && !entry->code.len))
		return err_set(reterr, ERR_MALFORMED, "not one entry with an id or a code");
	if (entry->code.len)
		return err_set(reterr, may_pass(entry->code) ? ERR_TRANSIENT : ERR_REFUSED,
		               "%.*s: %.*s", SPAN_ARG(entry->code), SPAN_ARG(entry->message));
	ret_id[0] = '\0';
	if (entry->id.len < EVENTBRIDGE_ID)
		snprintf(ret_id, EVENTBRIDGE_ID, "%.*s", SPAN_ARG(entry->id));
	return true;
}

bool eventbridge_put_answer(struct span json, char ret_id[EVENTBRIDGE_ID], struct err *reterr)
{
	struct put_answer answer = { .n = 0 };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, put_members, ARRAY_LEN(put_members), &answer, reterr) &&
	       take_entry(&answer, ret_id, reterr);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "PutEvents");
}

/* ---- The bus --------------------------------------------------------------------------------- */

void eventbridge_bus_body(const char *bus, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Name", bus);
	writer_finish(writer, out);
}
