#include "common/aws/sigv4.h"

#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define ALGORITHM     "AWS4-HMAC-SHA256"
#define TERMINATOR    "aws4_request"
#define ADDED_HEADERS 3
#define DAY           8   /* characters of the date before the T */
#define OTHER_PARTS   256 /* of the canonical request: method, hash, ends of lines */

/* A request and what signing adds to it. The headers are sorted by name. */
struct prepared {
	const struct sigv4_request *request;
	char date[17];
	char body_sha256[DIGEST_SHA256_HEX];
	struct sigv4_header headers[SIGV4_MAX_HEADERS + ADDED_HEADERS];
	size_t n_headers;
};

/* ---- Headers --------------------------------------------------------------------------------- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int compare_names(struct span a, struct span b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		int order = (unsigned char)lower(a.at[i]) - (unsigned char)lower(b.at[i]);

		if (order != 0)
			return order;
	}
	return (a.len > b.len) - (a.len < b.len);
}

/* Behind those of the same name, whose values keep the order in which they were given. */
static void insert_header(struct prepared *prepared, struct span name, struct span value)
{
	struct sigv4_header *headers = prepared->headers;
	size_t at = prepared->n_headers++;

	for (; at > 0 && compare_names(headers[at - 1].name, name) > 0; at--)
		headers[at] = headers[at - 1];
	headers[at] = (struct sigv4_header){ name, value };
}

static bool repeats_name(const struct prepared *prepared, size_t i)
{
	return i > 0 &&
	       compare_names(prepared->headers[i - 1].name, prepared->headers[i].name) == 0;
}

static void add_lower(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		buf_add_char(out, lower(name.at[i]));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Trimmed, and each run of blanks inside as one. */
static void add_folded(struct buf *out, struct span value)
{
	value = span_trim(value);
	for (size_t i = 0; i < value.len; i++) {
		if (!is_blank(value.at[i]))
			buf_add_char(out, value.at[i]);
		else if (!is_blank(value.at[i - 1]))
			buf_add_char(out, ' ');
	}
}

static void add_headers(const struct prepared *prepared, struct buf *out)
{
	for (size_t i = 0; i < prepared->n_headers; i++) {
		if (repeats_name(prepared, i)) {
			buf_add_char(out, ',');
		} else {
			buf_add_text(out, i ? "\n" : "");
			add_lower(out, prepared->headers[i].name);
			buf_add_char(out, ':');
		}
		add_folded(out, prepared->headers[i].value);
	}
	buf_add_text(out, "\n");
}

static void add_header_names(const struct prepared *prepared, struct buf *out)
{
	for (size_t i = 0; i < prepared->n_headers; i++) {
		if (repeats_name(prepared, i))
			continue;
		buf_add_text(out, i ? ";" : "");
		add_lower(out, prepared->headers[i].name);
	}
}

/* ---- Path and query -------------------------------------------------------------------------- */

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_encoded(struct buf *out, char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char code[] = { '%', digits[(unsigned char)c >> 4], digits[c & 15] };

	if (is_unreserved(c))
		buf_add_char(out, c);
	else
		buf_add(out, (struct span){ code, sizeof code });
}

static void drop_segment(struct buf *path)
{
	while (path->len && path->at[path->len - 1] != '/')
		path->len--;
	if (path->len)
		path->at[--path->len] = '\0';
}

/* RFC 3986, 5.2.4, and no empty segments, as AWS wants it of every service but S3. */
static void add_normal_path(struct buf *out, struct span path)
{
	struct span rest = path;

	while (rest.len) {
		struct span segment = span_cut(&rest, '/');

		if (span_is(segment, "..")) {
			drop_segment(out);
		} else if (segment.len && !span_is(segment, ".")) {
			buf_add_char(out, '/');
			buf_add(out, segment);
		}
	}
	if (out->len == 0 || span_ends(path, SPAN("/")))
		buf_add_char(out, '/');
}

static void add_path(struct buf *out, const struct sigv4_request *request)
{
	struct buf normal = buf_with_max(request->path.len + 1);
	struct span path = request->path;

	if (request->normalize_path) {
		add_normal_path(&normal, path);
		path = buf_span(&normal);
	}
	for (size_t i = 0; i < path.len; i++) {
		if (path.at[i] == '/')
			buf_add_char(out, '/');
		else
			add_encoded(out, path.at[i]);
	}
	buf_clear(&normal);
}

struct parameter {
	struct span name, value; /* encoded */
};

static int by_name_then_value(const void *left, const void *right)
{
	const struct parameter *a = left, *b = right;
	int order = span_compare(a->name, b->name);

	return order ? order : span_compare(a->value, b->value);
}

static int hex_digit(char c)
{
	const char *found = c ? strchr(TEXT_HEX, lower(c)) : NULL;

	return found ? (int)(found - TEXT_HEX) : -1;
}

/* Encoded exactly once, whether it came encoded or not. The buffer must not move. */
static struct span encode_once(struct buf *out, struct span text)
{
	size_t from = out->len;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		int high = c == '%' && text.len - i > 2 ? hex_digit(text.at[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text.at[i + 2]) : -1;

		if (low >= 0) {
			c = (char)(high * 16 + low);
			i += 2;
		}
		add_encoded(out, c);
	}
	return span_part(buf_span(out), from, out->len);
}

static struct parameter *parameters_of(struct span query, struct buf *encoded, size_t *ret_n)
{
	struct parameter *parameters;
	size_t n = 1;

	for (size_t i = 0; i < query.len; i++)
		n += query.at[i] == '&';
	parameters = xcalloc(n, sizeof *parameters);
	buf_reserve(encoded, encoded->max);
	for (size_t i = 0; i < n; i++) {
		struct span value = span_cut(&query, '&');
		struct span name = span_cut(&value, '=');

		parameters[i].name = encode_once(encoded, name);
		parameters[i].value = encode_once(encoded, value);
	}
	*ret_n = n;
	return parameters;
}

static void add_query(struct buf *out, struct span query)
{
	struct buf encoded = buf_with_max(3 * query.len);
	struct parameter *parameters;
	size_t n;

	if (query.len == 0)
		return;
	parameters = parameters_of(query, &encoded, &n);
	qsort(parameters, n, sizeof *parameters, by_name_then_value);
	for (size_t i = 0; i < n; i++) {
		buf_add_text(out, i ? "&" : "");
		buf_add(out, parameters[i].name);
		buf_add_char(out, '=');
		buf_add(out, parameters[i].value);
	}
	free(parameters);
	buf_clear(&encoded);
}

/* ---- The two texts --------------------------------------------------------------------------- */

static void prepare(struct prepared *prepared, const struct sigv4_request *request,
                    const struct sigv4_credentials *credentials)
{
	const struct secret *token = credentials->session_token;

	assert(request->n_headers <= SIGV4_MAX_HEADERS);
	prepared->request = request;
	prepared->n_headers = 0;
	text_time_basic(request->time_ms, prepared->date);
	digest_sha256_hex(request->body, prepared->body_sha256);
	for (size_t i = 0; i < request->n_headers; i++)
		insert_header(prepared, request->headers[i].name, request->headers[i].value);
	insert_header(prepared, SPAN("x-amz-date"), span_of(prepared->date));
	if (request->sign_body)
		insert_header(prepared, SPAN("x-amz-content-sha256"),
		              span_of(prepared->body_sha256));
	if (token && secret_is_set(token) && !request->token_after)
		insert_header(prepared, SPAN("x-amz-security-token"), secret_reveal(token));
}

static void add_canonical_request(const struct prepared *prepared, struct buf *out)
{
	buf_add(out, prepared->request->method);
	buf_add_char(out, '\n');
	add_path(out, prepared->request);
	buf_add_char(out, '\n');
	add_query(out, prepared->request->query);
	buf_add_char(out, '\n');
	add_headers(prepared, out);
	buf_add_char(out, '\n');
	add_header_names(prepared, out);
	buf_addf(out, "\n%s", prepared->body_sha256);
}

void sigv4_canonical_request(const struct sigv4_request *request,
                             const struct sigv4_credentials *credentials, struct buf *out)
{
	struct prepared prepared;

	prepare(&prepared, request, credentials);
	add_canonical_request(&prepared, out);
}

static void add_scope(struct buf *out, const struct sigv4_request *request, const char *date)
{
	buf_addf(out, "%.*s/%.*s/%.*s/" TERMINATOR, DAY, date, SPAN_ARG(request->region),
	         SPAN_ARG(request->service));
}

void sigv4_string_to_sign(const struct sigv4_request *request, struct span canonical_request,
                          struct buf *out)
{
	char date[17], digest[DIGEST_SHA256_HEX];

	text_time_basic(request->time_ms, date);
	digest_sha256_hex(canonical_request, digest);
	buf_addf(out, ALGORITHM "\n%s\n", date);
	add_scope(out, request, date);
	buf_addf(out, "\n%s", digest);
}

/* ---- The signature --------------------------------------------------------------------------- */

struct key {
	unsigned char bytes[DIGEST_SHA256_SIZE];
};

static struct key derive(struct span key, struct span text)
{
	struct key derived;

	digest_hmac_sha256(key, text, derived.bytes);
	return derived;
}

static struct span key_span(const struct key *key)
{
	return (struct span){ (const char *)key->bytes, sizeof key->bytes };
}

/* The chain of keys; each is good for one day, region and service only. */
static struct key signing_key(const struct prepared *prepared, const struct secret *secret)
{
	const struct sigv4_request *request = prepared->request;
	struct span revealed = secret_reveal(secret);
	struct buf start = buf_with_max(strlen("AWS4") + revealed.len);
	struct key key;

	buf_add_text(&start, "AWS4");
	buf_add(&start, revealed);
	key = derive(buf_span(&start), (struct span){ prepared->date, DAY });
	key = derive(key_span(&key), request->region);
	key = derive(key_span(&key), request->service);
	key = derive(key_span(&key), SPAN(TERMINATOR));
	buf_wipe(&start);
	return key;
}

static void add_authorization(const struct prepared *prepared,
                              const struct sigv4_credentials *credentials,
                              struct sigv4_signature *signature)
{
	struct buf *out = &signature->authorization;

	buf_addf(out, ALGORITHM " Credential=%.*s/", SPAN_ARG(credentials->access_key_id));
	add_scope(out, prepared->request, prepared->date);
	buf_add_text(out, ", SignedHeaders=");
	add_header_names(prepared, out);
	buf_addf(out, ", Signature=%s", signature->signature);
}

/* For all of the canonical request: were it to grow, its session token would stay behind. */
static size_t room_for(const struct prepared *prepared)
{
	const struct sigv4_request *request = prepared->request;
	size_t room = OTHER_PARTS + 3 * (request->path.len + request->query.len); /* encoded */

	for (size_t i = 0; i < prepared->n_headers; i++)
		room += 2 * prepared->headers[i].name.len + prepared->headers[i].value.len + 3;
	return room < LIMIT_SIGNED_TEXT ? room : LIMIT_SIGNED_TEXT;
}

static void sign(const struct prepared *prepared, const struct secret *secret,
                 char ret_signature[DIGEST_SHA256_HEX])
{
	struct buf canonical = buf_with_max(LIMIT_SIGNED_TEXT), text = canonical;
	struct key key = signing_key(prepared, secret), mac;

	buf_reserve(&canonical, room_for(prepared));
	add_canonical_request(prepared, &canonical);
	sigv4_string_to_sign(prepared->request, buf_span(&canonical), &text);
	mac = derive(key_span(&key), buf_span(&text));
	text_hex(mac.bytes, sizeof mac.bytes, ret_signature);
	explicit_bzero(&key, sizeof key);
	buf_wipe(&canonical); /* it holds the session token */
	buf_clear(&text);
}

void sigv4_sign(const struct sigv4_request *request, const struct sigv4_credentials *credentials,
                struct sigv4_signature *ret_signature)
{
	struct prepared prepared;

	prepare(&prepared, request, credentials);
	*ret_signature = (struct sigv4_signature){
		.authorization = buf_with_max(LIMIT_SIGNED_TEXT),
	};
	memcpy(ret_signature->date, prepared.date, sizeof prepared.date);
	if (request->sign_body)
		memcpy(ret_signature->content_sha256, prepared.body_sha256,
		       sizeof prepared.body_sha256);
	sign(&prepared, credentials->secret_access_key, ret_signature->signature);
	add_authorization(&prepared, credentials, ret_signature);
}
