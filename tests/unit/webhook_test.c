#include "common/say/webhook.h"

#include "tests/unit/check.h"

#include <string.h>

/* The vector that the specification's own libraries are tested with. */
#define ID        "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIME_MS   INT64_C(1614265330000)
#define BODY      "{\"test\": 2432232314}"
#define KEY       "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

#define KEY_24 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
#define KEY_64                                        \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"    \
	"Hh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0" \
	"+Pw=="

static bool sign(const char *secret, struct webhook_headers *ret_headers, struct err *reterr)
{
	struct secret kept = secret_of(span_of(secret));
	bool fine = webhook_sign(&(struct webhook_message){ ID, TIME_MS, SPAN(BODY) }, &kept,
	                         ret_headers, reterr);

	secret_clear(&kept);
	return fine;
}

static void check_signature(const char *secret, const char *want)
{
	struct webhook_headers headers;
	struct err err = { 0 };

	if (CHECK(sign(secret, &headers, &err), "%s", err.text))
		CHECK_TEXT(headers.signature, want);
}

TEST(a_message_is_signed_as_the_specification_says)
{
	struct webhook_headers headers;

	if (!CHECK(sign("whsec_" KEY, &headers, NULL)))
		return;
	CHECK_TEXT(headers.id, "webhook-id: " ID);
	CHECK_TEXT(headers.timestamp, "webhook-timestamp: 1614265330");
	CHECK_TEXT(headers.signature, "webhook-signature: " SIGNATURE);
	check_signature(KEY, "webhook-signature: " SIGNATURE);
}

TEST(each_key_of_a_rotation_signs)
{
	struct webhook_headers old;

	if (!CHECK(sign(KEY_24, &old, NULL)))
		return;
	CHECK(!strstr(old.signature, SIGNATURE));
	check_signature("whsec_" KEY "  whsec_" KEY, "webhook-signature: " SIGNATURE " " SIGNATURE);
	check_signature(KEY " " KEY " " KEY " " KEY,
	                "webhook-signature: " SIGNATURE " " SIGNATURE " " SIGNATURE " " SIGNATURE);
}

TEST(the_longest_and_the_shortest_key_sign)
{
	struct webhook_headers headers;

	CHECK(sign(KEY_24, &headers, NULL));
	CHECK(sign(KEY_64, &headers, NULL));
}

static void check_refused(const char *secret, const char *why)
{
	struct webhook_headers headers;
	struct err err = { 0 };

	CHECK(!sign(secret, &headers, &err), "%s", secret);
	CHECK(err.kind == ERR_BROKEN);
	CHECK(strstr(err.text, why) && !strstr(err.text, secret), "%s", err.text);
}

TEST(what_is_no_key_signs_nothing)
{
	check_refused("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=", "no key"); /* 23 bytes */
	check_refused("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMz"
	              "Q1Njc4OTo7PD0+P0A=",
	              "no key"); /* 65 bytes */
	check_refused("a password that people know", "no key");
	check_refused("whsec_ " KEY, "no key");
	check_refused("whsk_" KEY, "no key");
	check_refused(KEY " " KEY " " KEY " " KEY " " KEY, "more than 4");
}

static struct webhook_answer answer(int status, const char *retry_after)
{
	struct webhook_answer answer;

	webhook_read_answer(&(struct webhook_reply){ status, span_of(retry_after) }, &answer);
	CHECK(answer.sent == (answer.err.kind == ERR_NONE));
	return answer;
}

TEST(only_2xx_is_sent)
{
	static const int passing[] = { 408, 425, 429, 500, 502, 503, 504, 599 };
	static const int refused[] = { 100, 301, 302, 307, 308, 400, 401, 403, 404, 410, 422 };

	CHECK(answer(200, NULL).sent && answer(202, NULL).sent && answer(299, NULL).sent);
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		CHECK_INT(answer(passing[i], NULL).err.kind, ERR_TRANSIENT);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		CHECK_INT(answer(refused[i], NULL).err.kind, ERR_REFUSED);
		CHECK_INT(answer(refused[i], NULL).key_refused,
		          refused[i] == 401 || refused[i] == 403);
	}
	CHECK_TEXT(answer(410, NULL).err.text, "the webhook answers 410: it is gone");
}

TEST(a_receiver_says_when_to_come_again)
{
	CHECK_INT(answer(429, "30").retry_after_ms, 30000);
	CHECK_INT(answer(503, "86400").retry_after_ms, 86400000);
	CHECK_INT(answer(503, "86401").retry_after_ms, -1);
	CHECK_INT(answer(503, "Wed, 21 Oct 2026 07:28:00 GMT").retry_after_ms, -1);
	CHECK_INT(answer(503, "-1").retry_after_ms, -1);
	CHECK_INT(answer(503, NULL).retry_after_ms, -1);
}

int main(void)
{
	check_run(a_message_is_signed_as_the_specification_says);
	check_run(each_key_of_a_rotation_signs);
	check_run(the_longest_and_the_shortest_key_sign);
	check_run(what_is_no_key_signs_nothing);
	check_run(only_2xx_is_sent);
	check_run(a_receiver_says_when_to_come_again);
	return check_done();
}
