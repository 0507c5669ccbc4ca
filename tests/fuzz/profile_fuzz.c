#include "common/aws/profile.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(struct span part, struct span text)
{
	return !part.len || (part.at >= text.at && part.at + part.len <= text.at + text.len);
}

/* Whatever the file holds: each setting is a part of the text and has its line. */
static void read_section(const struct aws_text *text, enum aws_section_kind kind, struct span name)
{
	struct aws_section section;
	struct aws_setting endpoint;

	if (aws_services_endpoint(text, name, SPAN("sqs"), &endpoint, NULL) &&
	    (!is_inside(endpoint.value, text->text) || (endpoint.value.len && !endpoint.line)))
		abort();
	if (!aws_section_read(text, kind, name, &section, NULL))
		return;
	for (size_t i = 0; i < AWS_KEYS; i++) {
		const struct aws_setting *setting = &section.settings[i];

		if (!is_inside(setting->value, text->text) ||
		    (setting->value.len && !setting->line))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };

	read_section(&(struct aws_text){ AWS_CREDENTIALS_FILE, text, "" }, AWS_PROFILE,
	             SPAN("default"));
	read_section(&(struct aws_text){ AWS_CONFIG_FILE, text, "" }, AWS_PROFILE, SPAN("default"));
	read_section(&(struct aws_text){ AWS_CONFIG_FILE, text, "" }, AWS_SSO_SESSION,
	             SPAN("corp"));
	return 0;
}
