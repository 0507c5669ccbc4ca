/*
 * Any bytes as a name of AWS's, a URL, a pointer into JSON, and as text that is shown. What is
 * accepted lies in the text; what is shown is one line of UTF-8.
 */
#include "common/aws/container_uri.h"
#include "common/aws/role_arn.h"
#include "common/base/plain.h"
#include "common/base/pointer.h"
#include "common/base/reader.h"
#include "common/base/text.h"
#include "common/base/web_url.h"
#include "common/sns/signer.h"
#include "common/sns/topic_arn.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void container(struct span text)
{
	struct err err = { 0 };

	if (!container_uri_check(text, &err))
		must(err.kind == ERR_MALFORMED && err.text[0]);
}

static bool lies_in(struct span part, struct span whole)
{
	return !part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void topic(struct span text)
{
	struct buf host = buf_with_max(300);
	struct topic_arn arn;

	if (topic_arn_parse(text, &arn)) {
		must(lies_in(arn.region, text) && lies_in(arn.name, text) && arn.account.len == 12);
		if (signer_host(&arn, &host))
			must(!text_has_control(buf_span(&host)) && signer_name(&arn, &host));
	}
	buf_clear(&host);
}

static void url(struct span text)
{
	struct err err = { 0 };
	struct web_url url;

	if (web_url_parse(text, &url, &err))
		must(url.host.len && lies_in(url.host, text) && lies_in(url.rest, text));
	else
		must(err.kind == ERR_MALFORMED && err.text[0]);
}

/* The first line is the pointer, the rest the JSON, if it is any. */
static void pointer(struct span text)
{
	struct span where = span_cut(&text, '\n'), value;
	struct reader reader;
	bool fine;

	reader_init(&reader, text);
	reader_skip(&reader);
	fine = reader_done(&reader, NULL);
	reader_clear(&reader);
	if (fine && pointer_is_valid(where) && pointer_find(text, where, &value))
		must(value.len && lies_in(value, text));
}

static void show(struct span text)
{
	struct buf plain = buf_with_max(16 * text.len + 16);

	plain_add(&plain, text);
	must(!plain.overflow && text_is_utf8(buf_span(&plain)) &&
	     !text_has_control(buf_span(&plain)));
	buf_clear(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct role_arn role;

	topic(text);
	url(text);
	pointer(text);
	show(text);
	container(text);
	if (role_arn_parse(text, &role))
		must(lies_in(role.account, text));
	return 0;
}
