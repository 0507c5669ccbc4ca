#include "common/base/digest.h"

#include "common/base/text.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define CRC32_POLYNOMIAL 0xedb88320u /* bits reversed */

static bool digest(const EVP_MD *kind, struct span bytes, unsigned char *ret_digest)
{
	return EVP_Digest(bytes.at ? bytes.at : "", bytes.len, ret_digest, NULL, kind, NULL) == 1;
}

void digest_sha256(struct span bytes, unsigned char ret_digest[DIGEST_SHA256_SIZE])
{
	if (!digest(EVP_sha256(), bytes, ret_digest))
		abort();
}

void digest_sha256_hex(struct span bytes, char ret_hex[DIGEST_SHA256_HEX])
{
	unsigned char bin[DIGEST_SHA256_SIZE];

	digest_sha256(bytes, bin);
	text_hex(bin, sizeof(bin), ret_hex);
}

void digest_hmac_sha256(struct span key, struct span bytes,
                        unsigned char ret_mac[DIGEST_SHA256_SIZE])
{
	unsigned int len = 0;

	if (!HMAC(EVP_sha256(), key.at ? key.at : "", (int)key.len,
	          (const unsigned char *)(bytes.at ? bytes.at : ""), bytes.len, ret_mac, &len))
		abort();
	assert(len == DIGEST_SHA256_SIZE);
}

void digest_md5_hex(struct span bytes, char ret_hex[DIGEST_MD5_HEX])
{
	unsigned char bin[16];

	ret_hex[0] = '\0';
	if (digest(EVP_md5(), bytes, bin))
		text_hex(bin, sizeof(bin), ret_hex);
}

void digest_sha1_hex(struct span bytes, char ret_hex[DIGEST_SHA1_HEX])
{
	unsigned char bin[20];

	ret_hex[0] = '\0';
	if (digest(EVP_sha1(), bytes, bin))
		text_hex(bin, sizeof(bin), ret_hex);
}

static uint32_t crc32_byte(uint32_t crc, unsigned char byte)
{
	crc ^= byte;
	for (int bit = 0; bit < 8; bit++)
		crc = crc & 1 ? crc >> 1 ^ CRC32_POLYNOMIAL : crc >> 1;
	return crc;
}

uint32_t digest_crc32(struct span bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes.len; i++)
		crc = crc32_byte(crc, (unsigned char)bytes.at[i]);
	return ~crc;
}
