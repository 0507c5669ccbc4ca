#include "common/aws/wire_ssm.h"

#include "common/aws/wire_codepipeline.h"
#include "common/base/members.h"
#include "common/base/writer.h"

#include <inttypes.h>

#include "common/base/banned.h"

#define MAX_VERSION 9007199254740992.0 /* 2^53: up to here a JSON number is exact */

/* ---- GetParameter ---------------------------------------------------------------------------- */

void ssm_get_body(const char *name, bool with_decryption, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Name", name);
	writer_bool(writer, "WithDecryption", with_decryption);
	writer_finish(writer, out);
}

struct parameter_answer {
	struct span name; /* only of several */
	struct span value;
	double version;
	struct span type, data_type; /* only of one */
	const char *missing;         /* inside Parameter */
};

static const struct member parameter_members[] = {
	MEMBER_STRING(struct parameter_answer, value, "Value", true),
	MEMBER_NUMBER(struct parameter_answer, version, "Version", true),
	MEMBER_STRING(struct parameter_answer, type, "Type", false),
	MEMBER_STRING(struct parameter_answer, data_type, "DataType", false),
};

static void read_parameter(struct reader *reader, void *target)
{
	struct parameter_answer *answer = target;

	answer->missing = members_read(reader, parameter_members, ARRAY_LEN(parameter_members),
	                               answer);
}

static const struct member get_members[] = {
	MEMBER_NESTED("Parameter", read_parameter, true),
};

static bool take_version(double number, int64_t *ret_version, struct err *reterr)
{
	if (!(number >= 1 && number <= MAX_VERSION))
		return err_set(reterr, ERR_MALFORMED, "Version is not 1 or more");
	*ret_version = (int64_t)number;
	return true;
}

static bool parse_get(struct reader *reader, struct parameter_answer *answer, int64_t *ret_version,
                      struct err *reterr)
{
	if (!members_parse(reader, get_members, ARRAY_LEN(get_members), answer, reterr))
		return false;
	if (answer->missing)
		return err_set(reterr, ERR_MALFORMED, "a parameter without %s", answer->missing);
	return take_version(answer->version, ret_version, reterr);
}

static const char *text_or_null(struct arena *arena, struct span text)
{
	return text.at ? arena_text(arena, text) : NULL;
}

bool ssm_get_answer(struct span json, struct arena *arena, struct ssm_parameter *ret_parameter,
                    struct err *reterr)
{
	struct parameter_answer answer = { .missing = NULL };
	struct reader reader;
	int64_t version = 0;
	bool fine;

	reader_init(&reader, json);
	fine = parse_get(&reader, &answer, &version, reterr);
	if (fine)
		*ret_parameter = (struct ssm_parameter){
			.value = arena_text(arena, answer.value),
			.version = version,
			.type = text_or_null(arena, answer.type),
			.data_type = text_or_null(arena, answer.data_type),
		};
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetParameter");
}

bool ssm_get_secret_answer(struct span json, struct secret *ret_secret, struct err *reterr)
{
	struct parameter_answer answer = { .missing = NULL };
	struct reader reader;
	int64_t version = 0;
	bool fine;

	reader_init(&reader, json);
	fine = parse_get(&reader, &answer, &version, reterr);
	if (fine)
		*ret_secret = secret_of(answer.value);
	buf_wipe(&reader.unescaped);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetParameter");
}

/* ---- GetParameters, GetParametersByPath ------------------------------------------------------ */

void ssm_names_body(const char *const *names, size_t n, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_array(writer, "Names");
	for (size_t i = 0; i < n; i++)
		writer_text(writer, NULL, names[i]);
	writer_end(writer);
	writer_finish(writer, out);
}

void ssm_path_body(const struct ssm_path *path, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Path", path->path);
	writer_bool(writer, "Recursive", path->recursive);
	writer_integer(writer, "MaxResults", LIMIT_PARAMETERS);
	if (path->next_token)
		writer_text(writer, "NextToken", path->next_token);
	writer_finish(writer, out);
}

struct page_answer {
	struct ssm_page *page;
	struct arena *arena;
	struct span next_token;
	const char *missing;
	bool too_many, bad_version;
};

static const struct member named_members[] = {
	MEMBER_STRING(struct parameter_answer, name, "Name", true),
	MEMBER_STRING(struct parameter_answer, value, "Value", true),
	MEMBER_NUMBER(struct parameter_answer, version, "Version", true),
};

static void keep(struct page_answer *answer, const struct parameter_answer *parameter)
{
	struct ssm_page *page = answer->page;
	int64_t version = 0;

	if (page->n == LIMIT_PARAMETERS) {
		answer->too_many = true;
		return;
	}
	if (!take_version(parameter->version, &version, NULL))
		answer->bad_version = true;
	page->at[page->n].name = arena_text(answer->arena, parameter->name);
	page->at[page->n].parameter.value = arena_text(answer->arena, parameter->value);
	page->at[page->n++].parameter.version = version;
}

static void read_named(struct reader *reader, struct page_answer *answer)
{
	struct parameter_answer parameter = { .missing = NULL };
	const char *missing = members_read(reader, named_members, ARRAY_LEN(named_members),
	                                   &parameter);

	if (!answer->missing)
		answer->missing = missing;
	keep(answer, &parameter);
}

static void read_parameters(struct reader *reader, void *target)
{
	reader_array(reader);
	while (reader_element(reader))
		read_named(reader, target);
}

static const struct member page_members[] = {
	MEMBER_NESTED("Parameters", read_parameters, false),
	MEMBER_STRING(struct page_answer, next_token, "NextToken", false),
};

static bool parse_page(struct reader *reader, struct page_answer *answer, struct err *reterr)
{
	if (!members_parse(reader, page_members, ARRAY_LEN(page_members), answer, reterr))
		return false;
	if (answer->missing)
		return err_set(reterr, ERR_MALFORMED, "a parameter without %s", answer->missing);
	if (answer->too_many)
		return err_set(reterr, ERR_MALFORMED, "more than %d parameters", LIMIT_PARAMETERS);
	if (answer->bad_version)
		return err_set(reterr, ERR_MALFORMED, "Version is not 1 or more");
	return true;
}

/* An empty token is none: asking with it would be refused. */
static bool read_page(struct span json, struct arena *arena, struct ssm_page *ret_page,
                      struct err *reterr)
{
	struct page_answer answer = { .page = ret_page, .arena = arena };
	struct reader reader;
	bool fine;

	*ret_page = (struct ssm_page){ .n = 0 };
	reader_init(&reader, json);
	fine = parse_page(&reader, &answer, reterr);
	if (fine && answer.next_token.len)
		ret_page->next_token = arena_text(arena, answer.next_token);
	if (!fine)
		ret_page->n = 0;
	reader_clear(&reader);
	return fine;
}

bool ssm_names_answer(struct span json, struct arena *arena, struct ssm_page *ret_page,
                      struct err *reterr)
{
	return read_page(json, arena, ret_page, reterr) || err_wrap(reterr, "GetParameters");
}

bool ssm_path_answer(struct span json, struct arena *arena, struct ssm_page *ret_page,
                     struct err *reterr)
{
	return read_page(json, arena, ret_page, reterr) || err_wrap(reterr, "GetParametersByPath");
}

/* ---- GetParameterHistory --------------------------------------------------------------------- */

#define HISTORY_PAGE 50 /* the API's maximum */

void ssm_history_body(const char *name, const char *next_token, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Name", name);
	writer_integer(writer, "MaxResults", HISTORY_PAGE);
	if (next_token)
		writer_text(writer, "NextToken", next_token);
	writer_finish(writer, out);
}

struct history_answer {
	struct ssm_history *history;
	struct arena *arena;
	struct span next_token;
	const char *missing;
};

struct version_answer {
	struct span value;
	double version, modified_s;
};

static const struct member version_members[] = {
	MEMBER_STRING(struct version_answer, value, "Value", true),
	MEMBER_NUMBER(struct version_answer, version, "Version", true),
	MEMBER_NUMBER(struct version_answer, modified_s, "LastModifiedDate", true),
};

static void read_version(struct reader *reader, struct history_answer *answer)
{
	struct ssm_history *history = answer->history;
	struct version_answer version = { SPAN_NONE, 0, 0 };
	const char *missing = members_read(reader, version_members, ARRAY_LEN(version_members),
	                                   &version);
	int64_t number = 0;

	if (!missing && !take_version(version.version, &number, NULL))
		missing = "a number of 1 or more";
	if (!answer->missing)
		answer->missing = missing;
	if (history->n == LIMIT_VERSIONS)
		return;
	history->at[history->n++] = (struct ssm_version){
		.value = arena_text(answer->arena, version.value),
		.version = number,
		.modified_ms = codepipeline_time_ms(version.modified_s),
	};
}

static void read_versions(struct reader *reader, void *target)
{
	reader_array(reader);
	while (reader_element(reader))
		read_version(reader, target);
}

static const struct member history_members[] = {
	MEMBER_NESTED("Parameters", read_versions, false),
	MEMBER_STRING(struct history_answer, next_token, "NextToken", false),
};

bool ssm_history_answer(struct span json, struct arena *arena, struct ssm_history *history,
                        struct err *reterr)
{
	struct history_answer answer = { .history = history, .arena = arena };
	size_t before = history->n;
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, history_members, ARRAY_LEN(history_members), &answer, reterr);
	if (fine && answer.missing)
		fine = err_set(reterr, ERR_MALFORMED, "a version without %s", answer.missing);
	if (fine)
		history->next_token = answer.next_token.len ? arena_text(arena, answer.next_token)
		                                            : NULL;
	else
		history->n = before;
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetParameterHistory");
}

/* ---- PutParameter ---------------------------------------------------------------------------- */

void ssm_put_body(const struct ssm_put *put, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Name", put->name);
	writer_text(writer, "Value", put->value);
	writer_text(writer, "Type", "String");
	writer_text(writer, "DataType", put->data_type ? put->data_type : SSM_TEXT);
	writer_bool(writer, "Overwrite", put->overwrite);
	writer_finish(writer, out);
}

static const struct member put_members[] = {
	MEMBER_NUMBER(struct parameter_answer, version, "Version", true),
};

bool ssm_put_answer(struct span json, int64_t *ret_version, struct err *reterr)
{
	struct parameter_answer answer = { .missing = NULL };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, put_members, ARRAY_LEN(put_members), &answer, reterr) &&
	       take_version(answer.version, ret_version, reterr);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "PutParameter");
}

bool ssm_put_answer_after(struct span json, int64_t read_version, int64_t *ret_version,
                          struct err *reterr)
{
	if (!ssm_put_answer(json, ret_version, reterr))
		return false;
	if (*ret_version == read_version + 1)
		return true;
	return err_set(reterr, ERR_REFUSED,
	               "PutParameter: wrote version %" PRId64 " over another after %" PRId64,
	               *ret_version, read_version);
}
