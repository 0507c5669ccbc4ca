#include "worker/cli/complain.h"

#include "common/base/plain.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/banned.h"

#define MAX_TEXT 4096

void complain(const char *format, ...)
{
	struct buf line = buf_with_max(16 * MAX_TEXT);
	char text[MAX_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_add_text(&line, "evergold: ");
	plain_add(&line, span_of(text));
	buf_add_char(&line, '\n');
	fputs(buf_text(&line), stderr);
	buf_clear(&line);
}
