#include "common/decide/overview.h"

#include "common/decide/version.h"

#include <string.h>

#include "common/base/banned.h"

const struct overview_line *overview_line(const struct overview *overview, const char *family,
                                          const char *region)
{
	for (size_t i = 0; i < overview->n_lines; i++) {
		const struct overview_line *line = &overview->lines[i];

		if (strcmp(line->family, family) == 0 && strcmp(line->region, region) == 0)
			return line;
	}
	return NULL;
}

static bool is_about(const struct quarantine *quarantine, const struct overview_line *line)
{
	if (quarantine->family[0])
		return strcmp(quarantine->family, line->family) == 0;
	return quarantine->publisher && strcmp(quarantine->publisher, line->publisher) == 0;
}

static bool is_over(const struct quarantine *quarantine, const struct overview_line *line)
{
	return quarantine->release && line->newest &&
	       version_compare(span_of(line->newest), span_of(quarantine->release)) > 0;
}

bool overview_in_force(const struct overview *overview, const struct quarantine *quarantine)
{
	size_t about = 0, over = 0;

	for (size_t i = 0; i < overview->n_lines; i++) {
		if (!is_about(quarantine, &overview->lines[i]))
			continue;
		about++;
		over += is_over(quarantine, &overview->lines[i]);
	}
	return about == 0 || over < about;
}
