#include "common/base/text.h"
#include "common/decide/config_kinds.h"

#include <string.h>

#include "common/base/banned.h"

static void put_number(const struct setting *setting, int64_t number, void *value)
{
	int narrow = (int)number;

	if (setting->size == sizeof(number))
		memcpy(value, &number, sizeof(number));
	else
		memcpy(value, &narrow, sizeof(narrow));
}

static bool is_in_range(const struct setting *setting, int64_t number)
{
	return (number >= setting->min && number <= setting->max) ||
	       (setting->or_zero && number == 0);
}

static bool read_integer(struct reading *reading, const struct setting *setting,
                         const struct yaml_node *node, void *value)
{
	if (node->kind != YAML_INTEGER)
		return reading_expected(reading, node, setting->kind->wanted);
	if (!is_in_range(setting, node->number)) {
		reading_fault(reading, node->place, "must be %lld to %lld, got %lld",
		              (long long)setting->min, (long long)setting->max,
		              (long long)node->number);
		return false;
	}
	put_number(setting, node->number, value);
	return true;
}

static bool read_bool(struct reading *reading, const struct setting *setting,
                      const struct yaml_node *node, void *value)
{
	bool yes = node->number != 0;

	if (node->kind != YAML_BOOL)
		return reading_expected(reading, node, setting->kind->wanted);
	memcpy(value, &yes, sizeof(yes));
	return true;
}

static const struct unit {
	char letter;
	int64_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

static bool parse_duration(const struct yaml_node *node, int64_t *ret_s)
{
	struct span digits = span_part(node->text, 0, node->text.len ? node->text.len - 1 : 0);
	uint64_t number;

	*ret_s = 0;
	if (node->kind == YAML_INTEGER)
		return node->number == 0; /* other numbers need their unit */
	if (node->kind != YAML_TEXT || !text_number(digits, 999999999, &number))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (node->text.at[digits.len] == units[i].letter)
			*ret_s = (int64_t)number * units[i].seconds;
	}
	return *ret_s > 0 || strchr("smhd", node->text.at[digits.len]);
}

static void add_duration(struct buf *out, int64_t seconds)
{
	size_t i = 0;

	while (seconds % units[i].seconds != 0)
		i++;
	if (seconds == 0)
		i = ARRAY_LEN(units) - 1;
	buf_addf(out, "%lld%c", (long long)(seconds / units[i].seconds), units[i].letter);
}

static void report_duration(struct reading *reading, const struct setting *setting,
                            const struct yaml_node *node)
{
	struct buf range = buf_with_max(100);

	add_duration(&range, setting->min);
	buf_add_text(&range, " to ");
	add_duration(&range, setting->max);
	reading_fault(reading, node->place, "must be %s%s, got %.*s", buf_text(&range),
	              setting->or_zero ? " or 0" : "", SPAN_ARG(node->text));
	buf_clear(&range);
}

static bool read_duration(struct reading *reading, const struct setting *setting,
                          const struct yaml_node *node, void *value)
{
	int64_t seconds;

	if (!parse_duration(node, &seconds))
		return reading_expected(reading, node, setting->kind->wanted);
	if (!is_in_range(setting, seconds)) {
		report_duration(reading, setting, node);
		return false;
	}
	put_number(setting, seconds, value);
	return true;
}

const struct kind kind_integer = { .wanted = "a whole number", .read = read_integer };
const struct kind kind_duration = { .wanted = "a duration such as 90s, 15m, 6h or 14d",
	                            .read = read_duration };
const struct kind kind_bool = { .wanted = "true or false",
	                        .read = read_bool,
	                        .size = sizeof(bool) };
