#include "common/decide/saved.h"

#include "common/base/members.h"

#include "common/base/banned.h"

bool saved_is_document(struct span text)
{
	struct reader reader;
	bool is;

	reader_init(&reader, text);
	reader_skip(&reader);
	is = reader_done(&reader, NULL);
	reader_clear(&reader);
	return is;
}

/* Does the object have all of these keys? The text may be faulty after them. */
static bool has_keys(struct span document, const char *const *keys, size_t n)
{
	struct reader reader;
	struct span key;
	size_t found = 0;

	reader_init(&reader, document);
	if (reader_peek(&reader) == JSON_OBJECT) {
		reader_object(&reader);
		while (reader_member(&reader, &key)) {
			for (size_t i = 0; i < n; i++)
				found += span_is(key, keys[i]);
			reader_skip(&reader);
		}
	}
	reader_clear(&reader);
	return found == n;
}

bool saved_is_envelope(struct span document)
{
	static const char *const keys[] = { "Type", "TopicArn" };

	return has_keys(document, keys, ARRAY_LEN(keys));
}

/* Puts the reader before the value of the document's member; false when it has no such member. */
static bool find_member(struct reader *reader, const char *name)
{
	struct span key;

	if (reader_peek(reader) != JSON_OBJECT)
		return false;
	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (span_is(key, name))
			return true;
		reader_skip(reader);
	}
	return false;
}

/* Puts the reader before the first element of the list; false when there is no such list. */
static bool find_list(struct saved *saved, const char *name)
{
	reader_init(&saved->reader, saved->document);
	if (find_member(&saved->reader, name) && reader_peek(&saved->reader) == JSON_ARRAY) {
		reader_array(&saved->reader);
		saved->list = name;
		return true;
	}
	reader_clear(&saved->reader);
	return false;
}

void saved_open(struct saved *saved, struct span document)
{
	*saved = (struct saved){ .document = document };
	if (!saved_is_document(document) || saved_is_envelope(document))
		return;
	if (!find_list(saved, "Messages"))
		(void)find_list(saved, "Records");
}

void saved_close(struct saved *saved)
{
	reader_clear(&saved->reader);
	*saved = (struct saved){ 0 };
}

struct element {
	struct span body, sns;
};

static void read_sns(struct reader *reader, void *target)
{
	reader_raw(reader, &((struct element *)target)->sns);
}

/* What is no SQS message and no SNS record is handed out as it is, and will be rejected. */
static struct saved_item read_element(struct saved *saved)
{
	static const struct member members[] = {
		MEMBER_STRING(struct element, body, "Body", false),
		MEMBER_NESTED("Sns", read_sns, false),
	};
	struct element element = { SPAN_NONE, SPAN_NONE };
	size_t start = saved->reader.at;

	members_read(&saved->reader, members, ARRAY_LEN(members), &element);
	if (element.body.at)
		return (struct saved_item){ element.body, ENVELOPE_SQS };
	if (element.sns.at)
		return (struct saved_item){ element.sns, ENVELOPE_LAMBDA };
	return (struct saved_item){
		span_trim(span_part(saved->document, start, saved->reader.at - start)),
		ENVELOPE_SQS,
	};
}

bool saved_next(struct saved *saved, struct saved_item *ret_item)
{
	if (saved->done)
		return false;
	if (!saved->list) {
		saved->done = true;
		*ret_item = (struct saved_item){ saved->document, ENVELOPE_SQS };
		return true;
	}
	if (reader_element(&saved->reader)) {
		*ret_item = read_element(saved);
		return true;
	}
	saved->done = true;
	return false;
}
