#include "common/aws/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define NAME_SIZE 96

static void add_byte(struct buf *out, char byte)
{
	static const char kept[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-._~";

	if (byte == ' ')
		buf_add_char(out, '+');
	else if (byte != '\0' && strchr(kept, byte))
		buf_add_char(out, byte);
	else
		buf_addf(out, "%%%02X", (unsigned int)(unsigned char)byte);
}

static void add_pair(struct buf *out, const char *name, struct span value)
{
	if (out->len)
		buf_add_char(out, '&');
	buf_add_text(out, name);
	buf_add_char(out, '=');
	for (size_t i = 0; i < value.len; i++)
		add_byte(out, value.at[i]);
}

void form_begin(struct buf *out, const struct aws_operation *operation)
{
	add_pair(out, "Action", span_of(operation->name));
	add_pair(out, "Version", span_of(aws_service_info(operation->service)->version));
}

void form_add(struct buf *out, struct span value, const char *name, ...)
{
	char full[NAME_SIZE];
	va_list values;

	va_start(values, name);
	vsnprintf(full, sizeof full, name, values);
	va_end(values);
	add_pair(out, full, value);
}

void form_add_text(struct buf *out, const char *name, const char *text)
{
	if (text)
		add_pair(out, name, span_of(text));
}

void form_add_number(struct buf *out, const char *name, long number)
{
	char text[24];

	snprintf(text, sizeof text, "%ld", number);
	add_pair(out, name, span_of(text));
}

void form_add_bool(struct buf *out, const char *name, bool value)
{
	add_pair(out, name, value ? SPAN("true") : SPAN("false"));
}
