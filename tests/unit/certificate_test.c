/*
 * Certificates are data in tests/cases/sns_certificate, made by tests/hostile/catalogue: each is
 * `good` for a topic in us-east-1 at 2026-08-18T01:00:00Z, or is refused for the reason given.
 */
#include "common/sns/certificate.h"

#include "common/base/base64.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/sns/pem.h"
#include "common/sns/signer.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <string.h>

#define AT_MS INT64_C(1787014800000)

static const char *judge(struct span pem)
{
	enum reason reason = REASON_MATCHED;
	struct err err = { 0 };
	struct topic_arn topic = { .partition = SPAN("aws"), .region = SPAN("us-east-1") };
	struct certificate *certificate = certificate_parse(pem, &reason, &err);
	bool good = certificate && certificate_fits(certificate, &topic, AT_MS, &reason, &err);

	certificate_free(certificate);
	CHECK_INT(err.kind, good ? ERR_NONE : ERR_UNTRUSTED);
	CHECK_INT(reason == REASON_MATCHED, good);
	return good ? "good" : reason_word(reason);
}

static void certificate_case(const char *dir)
{
	struct buf got = buf_with_max(100);
	struct span pem;

	pem.at = check_read(dir, "certificate.pem", &pem.len);
	buf_addf(&got, "%s\n", judge(pem));
	CHECK_FILE(dir, "want.txt", buf_text(&got));
	buf_clear(&got);
}

static struct span good_pem(void)
{
	struct span pem;

	pem.at = check_read("tests/cases/sns_certificate/good", "certificate.pem", &pem.len);
	return pem;
}

TEST(an_empty_block_is_none)
{
	struct buf der = buf_with_max(100);

	CHECK(!pem_decode(SPAN("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), &der));
	CHECK(pem_decode(SPAN("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
	                 &der));
	buf_clear(&der);
}

TEST(id_is_the_name_of_the_file)
{
	struct err err = { 0 };
	struct buf der = buf_with_max(LIMIT_CERTIFICATE);
	enum reason reason;
	struct certificate *certificate = certificate_parse(good_pem(), &reason, &err);
	char hex[DIGEST_MD5_HEX] = "";

	if (CHECK(certificate, "%s", err.text) && CHECK(pem_decode(good_pem(), &der))) {
		digest_md5_hex(buf_span(&der), hex);
		CHECK_TEXT(certificate_id(certificate), hex);
	}
	buf_clear(&der);
	certificate_free(certificate);
}

static void wrap(const struct buf *der, struct buf *ret_pem)
{
	buf_reset(ret_pem);
	buf_add_text(ret_pem, "-----BEGIN CERTIFICATE-----\n");
	base64_encode(buf_span(der), ret_pem);
	buf_add_text(ret_pem, "\n-----END CERTIFICATE-----\n");
}

/* Wherever a byte is wrong: no crash, no leak, and never a fault without a reason. */
TEST(every_byte_changed_in_turn)
{
	struct buf der = buf_with_max(LIMIT_CERTIFICATE), pem = buf_with_max(2 * LIMIT_CERTIFICATE);
	int refused = 0;

	if (!CHECK(pem_decode(good_pem(), &der)))
		return;
	for (size_t i = 0; i < der.len; i++) {
		for (int bit = 1; bit < 0x100; bit <<= 3) {
			der.at[i] = (char)(der.at[i] ^ bit);
			wrap(&der, &pem);
			refused += strcmp(judge(buf_span(&pem)), "good") != 0;
			der.at[i] = (char)(der.at[i] ^ bit);
		}
	}
	CHECK(refused > 100, "%d", refused);
	buf_clear(&der);
	buf_clear(&pem);
}

TEST(every_beginning)
{
	struct span pem = good_pem();

	for (size_t len = 0; len < pem.len - 1; len++)
		CHECK_TEXT(judge(span_part(pem, 0, len)), "cert_body");
	CHECK_TEXT(judge(span_part(pem, 0, pem.len - 1)), "good");
}

TEST(no_name_is_right_where_no_partition_has_the_region)
{
	const struct topic_arn topic = { .partition = SPAN("aws-cn"), .region = SPAN("us-east-1") };
	const int64_t within_its_dates = INT64_C(1787014810000);
	enum reason reason = REASON_MATCHED;
	struct certificate *certificate = certificate_parse(good_pem(), &reason, NULL);

	if (CHECK(certificate)) {
		CHECK(!certificate_fits(certificate, &topic, within_its_dates, &reason, NULL));
		CHECK_INT(reason, REASON_CERT_NAME);
	}
	certificate_free(certificate);
}

TEST(size_limit)
{
	static char pem[LIMIT_CERTIFICATE + 1];

	memset(pem, 'A', sizeof(pem));
	CHECK_TEXT(judge((struct span){ pem, sizeof(pem) }), "cert_body");
	CHECK_TEXT(judge(SPAN_NONE), "cert_body");
}

static enum reason verify(struct span version, struct span signature)
{
	struct envelope envelope = { .signature_version = version, .signature = signature };
	enum reason reason = REASON_MATCHED;
	struct err err = { 0 };
	struct certificate *certificate = certificate_parse(good_pem(), &reason, &err);

	if (CHECK(certificate, "%s", err.text)) {
		CHECK(!certificate_verify(certificate, &envelope, &reason, &err));
		CHECK_INT(err.kind, ERR_UNTRUSTED);
	}
	certificate_free(certificate);
	return reason;
}

/* The gate has looked at both before; a caller that did not is no less safe. */
TEST(signature_version_and_format)
{
	CHECK_INT(verify(SPAN("3"), SPAN("AAAA")), REASON_SIGNATURE_VERSION);
	CHECK_INT(verify(SPAN_NONE, SPAN_NONE), REASON_SIGNATURE_VERSION);
	CHECK_INT(verify(SPAN("1"), SPAN("*")), REASON_SIGNATURE_FORMAT);
	CHECK_INT(verify(SPAN("2"), SPAN("AAAA")), REASON_SIGNATURE_FORMAT);
	CHECK_INT(verify(SPAN("2"), SPAN_NONE), REASON_SIGNATURE_FORMAT);
}

/* ---- URLs and names -------------------------------------------------------------------------- */

static void url_row(const struct row *row)
{
	struct topic_arn arn;
	struct reader reader;
	struct span url;
	bool allowed;

	reader_init(&reader, row->cells[1]);
	CHECK(topic_arn_parse(row->cells[0], &arn), "line %d", row->line);
	CHECK(reader_string(&reader, &url), "line %d", row->line);
	allowed = certificate_url_is_allowed(url, &arn);
	CHECK(span_is(row->cells[2], allowed ? "allowed" : "refused"), "line %d", row->line);
	CHECK(!allowed || certificate_url_id(url).len == 32, "line %d", row->line);
	reader_clear(&reader);
}

TEST(urls)
{
	rows_each("tests/cases/sns_url", "urls.tsv", url_row);
}

TEST(url_id_of_anything)
{
	CHECK(certificate_url_id(SPAN("")).len == 0);
	CHECK(certificate_url_id(SPAN(".pem")).len == 0);
	CHECK(span_is(certificate_url_id(SPAN("x-0123456789abcdef0123456789abcdef.pem")),
	              "0123456789abcdef0123456789abcdef"));
}

static void signer_row(const struct row *row)
{
	struct topic_arn arn = { .partition = row->cells[0], .region = row->cells[1] };
	struct buf host = buf_with_max(LIMIT_HOST_NAME), name = buf_with_max(LIMIT_HOST_NAME);

	if (!signer_host(&arn, &host))
		buf_add_text(&host, "-");
	if (!signer_name(&arn, &name))
		buf_add_text(&name, "-");
	CHECK(span_equal(buf_span(&host), row->cells[2]), "line %d: %s", row->line,
	      buf_text(&host));
	CHECK(span_equal(buf_span(&name), row->cells[3]), "line %d: %s", row->line,
	      buf_text(&name));
	buf_clear(&host);
	buf_clear(&name);
}

TEST(signers)
{
	rows_each("tests/cases/sns_signer", "signers.tsv", signer_row);
}

int main(void)
{
	check_cases("tests/cases/sns_certificate", certificate_case);
	check_run(an_empty_block_is_none);
	check_run(id_is_the_name_of_the_file);
	check_run(every_byte_changed_in_turn);
	check_run(every_beginning);
	check_run(no_name_is_right_where_no_partition_has_the_region);
	check_run(size_limit);
	check_run(signature_version_and_format);
	check_run(urls);
	check_run(url_id_of_anything);
	check_run(signers);
	return check_done();
}
