#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

bool err_set(struct err *reterr, enum err_kind kind, const char *format, ...)
{
	va_list args;

	if (!reterr)
		return false;
	reterr->kind = kind;
	va_start(args, format);
	vsnprintf(reterr->text, sizeof(reterr->text), format, args);
	va_end(args);
	return false;
}

bool err_wrap(struct err *reterr, const char *format, ...)
{
	char inner[sizeof(reterr->text)];
	size_t used;
	va_list args;

	if (!reterr)
		return false;
	memcpy(inner, reterr->text, sizeof(inner));
	va_start(args, format);
	vsnprintf(reterr->text, sizeof(reterr->text), format, args);
	va_end(args);
	used = strlen(reterr->text);
	snprintf(reterr->text + used, sizeof(reterr->text) - used, ": %s", inner);
	return false;
}
