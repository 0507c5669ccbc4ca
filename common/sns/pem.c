#include "common/sns/pem.h"

#include "common/base/base64.h"

#include "common/base/banned.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END   "-----END CERTIFICATE-----"

/* A CR belongs to the line's end only where LF follows it. */
static struct span cut_line(struct span *rest)
{
	size_t before = rest->len;
	struct span line = span_cut(rest, '\n');

	if (line.len < before && span_ends(line, SPAN("\r")))
		line.len--;
	return line;
}

/* Joins the lines up to the END line. What is no base64 in them is left to the decoder to refuse.
 */
static bool join_body(struct span *rest, struct buf *out)
{
	while (rest->len) {
		struct span line = cut_line(rest);

		if (span_is(line, PEM_END))
			return !out->overflow;
		if (line.len == 0)
			return false;
		buf_add(out, line);
	}
	return false;
}

bool pem_decode(struct span text, struct buf *ret_der)
{
	struct buf body = buf_with_max(text.len);
	bool good;

	good = span_is(cut_line(&text), PEM_BEGIN) && join_body(&text, &body) && text.len == 0 &&
	       body.len > 0 && base64_decode(buf_span(&body), ret_der);
	buf_clear(&body);
	return good;
}
