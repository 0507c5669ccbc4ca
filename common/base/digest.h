/*
 * digest: SHA-256, HMAC-SHA-256 and MD5, through OpenSSL.
 *
 * MD5 serves only where AWS uses it to find transmission errors (SQS MD5OfBody) or to name a file.
 */
#ifndef EVERGOLD_BASE_DIGEST_H
#define EVERGOLD_BASE_DIGEST_H

#include "common/base/span.h"

#define DIGEST_SHA256_SIZE 32
#define DIGEST_SHA256_HEX  65 /* with NUL */
#define DIGEST_MD5_HEX     33

void digest_sha256(struct span bytes, unsigned char ret_digest[DIGEST_SHA256_SIZE]);
void digest_sha256_hex(struct span bytes, char ret_hex[DIGEST_SHA256_HEX]);
void digest_hmac_sha256(struct span key, struct span bytes,
                        unsigned char ret_mac[DIGEST_SHA256_SIZE]);

/* "" on a host that forbids MD5 (FIPS): the caller then goes without. */
void digest_md5_hex(struct span bytes, char ret_hex[DIGEST_MD5_HEX]);

#endif
