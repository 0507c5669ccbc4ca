#include "common/base/pointer.h"
#include "common/release/shape.h"

#include "common/base/banned.h"

/* Each value is found and read by itself, so that the pointers may go through one another. */
struct generic {
	const struct pointers *pointers;
	struct release *release;
	struct span region; /* that is being read */
	struct err *reterr;
};

/* A copy without escapes, in the release's arena. */
static bool read_text(struct span json, struct arena *arena, struct span *ret_text)
{
	struct reader reader;
	struct span text;
	bool read;

	reader_init(&reader, json);
	read = reader_string(&reader, &text);
	if (read)
		*ret_text = span_of(arena_text(arena, text)); /* the reader refuses NUL */
	reader_clear(&reader);
	return read;
}

static bool text_at(const struct generic *generic, struct span json, const char *pointer,
                    struct span *ret_text)
{
	struct span value;

	if (!pointer_find(json, span_of(pointer), &value))
		return err_set(generic->reterr, ERR_MALFORMED, "nothing at the pointer \"%s\"",
		               pointer);
	if (!read_text(value, &generic->release->arena, ret_text))
		return err_set(generic->reterr, ERR_MALFORMED, "no text at the pointer \"%s\"",
		               pointer);
	return true;
}

static bool read_entry(const struct generic *generic, struct span json)
{
	struct image *image = shape_add_image(generic->release);

	image->region = generic->region;
	return text_at(generic, json, generic->pointers->name, &image->name) &&
	       text_at(generic, json, generic->pointers->id, &image->id);
}

static bool read_next(const struct generic *generic, struct reader *reader)
{
	struct span json;

	return reader_raw(reader, &json) && read_entry(generic, json);
}

static bool read_entries(const struct generic *generic, struct reader *reader)
{
	bool read = true;

	if (reader_peek(reader) != JSON_ARRAY)
		return read_next(generic, reader);
	reader_array(reader);
	while (read && reader_element(reader))
		read = read_next(generic, reader);
	return read;
}

static bool read_regions(struct generic *generic, struct span json)
{
	bool read = true;
	struct reader reader;
	struct span key;

	reader_init(&reader, json);
	if (reader_peek(&reader) != JSON_OBJECT)
		read = err_set(generic->reterr, ERR_MALFORMED,
		               "no object of regions at the pointer \"%s\"",
		               generic->pointers->regions);
	reader_object(&reader);
	while (read && reader_member(&reader, &key)) {
		generic->region = span_of(arena_text(&generic->release->arena, key));
		read = read_entries(generic, &reader);
	}
	reader_clear(&reader);
	return read;
}

/* Afterwards it is known to be JSON, and its parts are read without looking for faults. */
static bool check_json(struct span text, struct reader *reader, struct err *reterr)
{
	reader_init(reader, text);
	reader_skip(reader);
	return reader_done(reader, reterr);
}

bool shape_generic_parse(const struct publisher *publisher, const struct release_text *text,
                         struct release *release, struct err *reterr)
{
	struct generic generic = {
		.pointers = &publisher->pointers,
		.release = release,
		.reterr = reterr,
	};
	struct span regions;

	if (!check_json(text->body, &release->reader, reterr) ||
	    !text_at(&generic, text->body, publisher->pointers.version, &release->version))
		return false;
	if (!pointer_find(text->body, span_of(publisher->pointers.regions), &regions))
		return err_set(reterr, ERR_MALFORMED, "nothing at the pointer \"%s\"",
		               publisher->pointers.regions);
	return read_regions(&generic, regions);
}
