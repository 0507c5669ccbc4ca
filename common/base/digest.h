/*
 * digest: SHA-256, HMAC-SHA-256, SHA-1 and MD5, through OpenSSL; and CRC-32.
 *
 * MD5 serves only where AWS uses it to find transmission errors (SQS MD5OfBody) or to name a file,
 * SHA-1 only where the AWS CLI names the files of ~/.aws/sso/cache with it. CRC-32 is that of
 * RFC 1952, section 8, which DynamoDB sends with its answers.
 */
#ifndef EVERGOLD_BASE_DIGEST_H
#define EVERGOLD_BASE_DIGEST_H

#include "common/base/span.h"

#include <stdint.h>

#define DIGEST_SHA256_SIZE 32
#define DIGEST_SHA256_HEX  65 /* with NUL */
#define DIGEST_SHA1_HEX    41
#define DIGEST_MD5_HEX     33

void digest_sha256(struct span bytes, unsigned char ret_digest[DIGEST_SHA256_SIZE]);
void digest_sha256_hex(struct span bytes, char ret_hex[DIGEST_SHA256_HEX]);
void digest_hmac_sha256(struct span key, struct span bytes,
                        unsigned char ret_mac[DIGEST_SHA256_SIZE]);

/* "" on a host that forbids MD5 (FIPS): the caller then goes without. */
void digest_md5_hex(struct span bytes, char ret_hex[DIGEST_MD5_HEX]);

/* "" on a host that forbids SHA-1. */
void digest_sha1_hex(struct span bytes, char ret_hex[DIGEST_SHA1_HEX]);

uint32_t digest_crc32(struct span bytes);

#endif
