/*
 * Loaded before libcrypto (LD_PRELOAD), it makes a system that forbids SHA-1 in signatures, as RHEL
 * does: no verification with that digest begins.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <openssl/evp.h>
#include <string.h>

int EVP_DigestVerifyInit(EVP_MD_CTX *context, EVP_PKEY_CTX **ret_key_context, const EVP_MD *type,
                         ENGINE *engine, EVP_PKEY *key)
{
	int (*call)(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *, EVP_PKEY *);
	void *found = dlsym(RTLD_NEXT, "EVP_DigestVerifyInit");

	memcpy(&call, &found, sizeof(call));
	return EVP_MD_is_a(type, "SHA1") ? 0 : call(context, ret_key_context, type, engine, key);
}
