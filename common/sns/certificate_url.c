#include "common/sns/certificate_url.h"

#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/sns/signer.h"

#include "common/base/banned.h"

#define ID_SIZE  32
#define URL_PATH "/SimpleNotificationService-"
#define URL_END  ".pem"

/* What comes before the hex digits. */
static bool add_beginning(const struct topic_arn *topic, struct buf *out)
{
	buf_add_text(out, "https://");
	if (!signer_host(topic, out))
		return false;
	buf_add_text(out, URL_PATH);
	return !out->overflow;
}

bool certificate_url_is_allowed(struct span url, const struct topic_arn *topic)
{
	struct buf beginning = buf_with_max(LIMIT_HOST_NAME + sizeof("https://" URL_PATH));
	bool allowed = add_beginning(topic, &beginning) && span_starts(url, buf_span(&beginning));
	struct span rest = span_part(url, beginning.len, url.len);

	buf_clear(&beginning);
	return allowed && rest.len == ID_SIZE + sizeof(URL_END) - 1 &&
	       span_only(span_part(rest, 0, ID_SIZE), TEXT_HEX) && span_ends(rest, SPAN(URL_END));
}

struct span certificate_url_id(struct span url)
{
	size_t tail = ID_SIZE + sizeof(URL_END) - 1;

	return url.len < tail ? SPAN_NONE : span_part(url, url.len - tail, ID_SIZE);
}
