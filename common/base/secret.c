#include "common/base/secret.h"

#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct secret secret_of(struct span text)
{
	return (struct secret){ .owned_ = xspandup(text), .size_ = text.len };
}

struct secret secret_copy(const struct secret *secret)
{
	return secret->owned_ ? secret_of(secret_reveal(secret)) : (struct secret){ 0 };
}

void secret_clear(struct secret *secret)
{
	if (secret->owned_)
		explicit_bzero(secret->owned_, secret->size_);
	free(secret->owned_);
	*secret = (struct secret){ 0 };
}

bool secret_is_set(const struct secret *secret)
{
	return secret->owned_ != NULL;
}

struct span secret_reveal(const struct secret *secret)
{
	return (struct span){ secret->owned_, secret->size_ };
}
