#include "common/base/digest.h"

#include "common/base/text.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#define ALPHABET_448 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define ALPHABET_896                                               \
	"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn" \
	"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

/* The examples of FIPS 180 that NIST publishes for SHA-256. */
TEST(sha256_of_the_examples)
{
	static const struct {
		const char *text, *want;
	} examples[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ ALPHABET_448,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ ALPHABET_896,
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};

	char hex[DIGEST_SHA256_HEX];

	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		digest_sha256_hex(span_of(examples[i].text), hex);
		CHECK_TEXT(hex, examples[i].want);
	}
	digest_sha256_hex(SPAN_NONE, hex);
	CHECK_TEXT(hex, examples[0].want);
}

TEST(sha256_of_a_million_letters)
{
	static char letters[1000000];
	char hex[DIGEST_SHA256_HEX];

	memset(letters, 'a', sizeof(letters));
	digest_sha256_hex((struct span){ letters, sizeof(letters) }, hex);
	CHECK_TEXT(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* `len` bytes that count up from `first` in steps of `step`. */
struct run {
	unsigned char first, step;
	size_t len;
};

static struct span bytes_of(struct run run, char *room)
{
	for (size_t i = 0; i < run.len; i++)
		room[i] = (char)(run.first + i * run.step);
	return (struct span){ room, run.len };
}

static void check_hmac(struct span key, struct span bytes, const char *want)
{
	unsigned char mac[DIGEST_SHA256_SIZE];
	char hex[DIGEST_SHA256_HEX];

	digest_hmac_sha256(key, bytes, mac);
	text_hex(mac, sizeof(mac), hex);
	CHECK_TEXT(hex, want);
}

/* The examples of FIPS 180. */
TEST(sha1_of_the_examples)
{
	char hex[DIGEST_SHA1_HEX];

	digest_sha1_hex(SPAN("abc"), hex);
	CHECK_TEXT(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
	digest_sha1_hex(SPAN(ALPHABET_448), hex);
	CHECK_TEXT(hex, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
	digest_sha1_hex(SPAN_NONE, hex);
	CHECK_TEXT(hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

/* RFC 4231, sections 4.2 to 4.8 without 4.6, which is about truncation. */
TEST(hmac_of_the_rfc)
{
	char key[200], bytes[200];

	check_hmac(bytes_of((struct run){ 0x0b, 0, 20 }, key), SPAN("Hi There"),
	           "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	check_hmac(SPAN("Jefe"), SPAN("what do ya want for nothing?"),
	           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	check_hmac(bytes_of((struct run){ 0xaa, 0, 20 }, key),
	           bytes_of((struct run){ 0xdd, 0, 50 }, bytes),
	           "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	check_hmac(bytes_of((struct run){ 1, 1, 25 }, key),
	           bytes_of((struct run){ 0xcd, 0, 50 }, bytes),
	           "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
	check_hmac(bytes_of((struct run){ 0xaa, 0, 131 }, key),
	           SPAN("Test Using Larger Than Block-Size Key - Hash Key First"),
	           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	check_hmac(bytes_of((struct run){ 0xaa, 0, 131 }, key),
	           SPAN("This is a test using a larger than block-size key and a larger than "
	                "block-size data. The key needs to be hashed before being used by the "
	                "HMAC algorithm."),
	           "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(hmac_of_nothing_by_nothing)
{
	check_hmac(SPAN_NONE, SPAN_NONE,
	           "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* RFC 1321, appendix A.5. */
TEST(md5_of_the_rfc)
{
	static const struct {
		const char *text, *want;
	} examples[] = {
		{ "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "a", "0cc175b9c0f1b6a831c399e269772661" },
		{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
	};

	char hex[DIGEST_MD5_HEX];

	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		digest_md5_hex(span_of(examples[i].text), hex);
		CHECK_TEXT(hex, examples[i].want);
	}
	digest_md5_hex(SPAN_NONE, hex);
	CHECK_TEXT(hex, examples[0].want);
}

/* The check value of RFC 1952's polynomial, and what zlib says of the others. */
TEST(crc32_as_zlib_has_it)
{
	char bytes[256];

	CHECK_INT(digest_crc32(SPAN("123456789")), 0xcbf43926);
	CHECK_INT(digest_crc32(SPAN_NONE), 0);
	CHECK_INT(digest_crc32(SPAN("a")), 0xe8b7be43);
	CHECK_INT(digest_crc32(SPAN("{}")), 0xa3a6bf43);
	CHECK_INT(digest_crc32(bytes_of((struct run){ 0, 0, 32 }, bytes)), 0x190a55ad);
	CHECK_INT(digest_crc32(bytes_of((struct run){ 0, 1, 256 }, bytes)), 0x29058c73);
}

int main(void)
{
	check_run(sha256_of_the_examples);
	check_run(sha256_of_a_million_letters);
	check_run(sha1_of_the_examples);
	check_run(hmac_of_the_rfc);
	check_run(hmac_of_nothing_by_nothing);
	check_run(md5_of_the_rfc);
	check_run(crc32_as_zlib_has_it);
	return check_done();
}
