#include "common/decide/config_read.h"

#include "common/base/limits.h"
#include "common/base/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define MOST_ROWS 32 /* of one section */

/* ---- Where we are, and what is wrong there --------------------------------------------------- */

size_t reading_enter(struct reading *reading, const char *key)
{
	size_t length = reading->path.len;

	buf_addf(&reading->path, "%s%s", length ? "." : "", key);
	return length;
}

size_t reading_enter_at(struct reading *reading, size_t index)
{
	size_t length = reading->path.len;

	buf_addf(&reading->path, "[%zu]", index);
	return length;
}

const struct yaml_node *reading_enter_element(struct reading *reading, const struct yaml_node *root,
                                              const char *list, size_t at)
{
	(void)reading_enter(reading, list);
	(void)reading_enter_at(reading, at);
	return yaml_element(yaml_child(root, list), at);
}

void reading_leave(struct reading *reading, size_t length)
{
	reading->path.len = length;
	reading->path.at[length] = '\0';
}

static void say(struct reading *reading, struct place place, bool warning, const char *text)
{
	faults_add(reading->faults, place, warning, "%s%s%s", buf_text(&reading->path),
	           reading->path.len ? ": " : "", text);
}

void reading_fault(struct reading *reading, struct place place, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say(reading, place, false, text);
}

void reading_warn(struct reading *reading, struct place place, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say(reading, place, true, text);
}

bool reading_expected(struct reading *reading, const struct yaml_node *node, const char *wanted)
{
	static const char *const got[] = {
		[YAML_TEXT] = "'",
		[YAML_NULL] = "nothing",
		[YAML_BOOL] = "",
		[YAML_INTEGER] = "the number ",
		[YAML_FLOAT] = "the number ",
		[YAML_LIST] = "a list",
		[YAML_MAP] = "a mapping",
		[YAML_REFUSED] = NULL,
	};
	struct span quote = node->kind == YAML_NULL ? SPAN_NONE : faults_quote(node->text);

	if (got[node->kind]) /* what is refused has its fault already */
		reading_fault(reading, node->place, "expected %s, got %s%.*s%s", wanted,
		              got[node->kind], SPAN_ARG(quote), node->kind == YAML_TEXT ? "'" : "");
	return false;
}

/* ---- Sections -------------------------------------------------------------------------------- */

static void read_fallback(struct reading *reading, const struct setting *setting, void *target)
{
	struct yaml_node node;

	if (!setting->fallback)
		return;
	node = yaml_scalar(setting->fallback);
	(void)setting->kind->read(reading, setting, &node, (char *)target + setting->offset);
}

static void read_written(struct reading *reading, const struct setting *setting,
                         const struct yaml_node *node, void *target)
{
	size_t length = reading_enter(reading, setting->key);

	if (setting->place)
		memcpy((char *)target + setting->place, &node->place, sizeof(node->place));
	if (setting->kind->read(reading, setting, node, (char *)target + setting->offset) &&
	    setting->idle)
		reading_warn(reading, node->key_place, "not acted on by this version");
	reading_leave(reading, length);
}

/* What a section without mapping, or a mapping without the key, has for the setting. */
static void read_absent(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *section, void *target)
{
	if (setting->needed && section)
		reading_fault(reading, section->place, "%s is missing", setting->key);
	else if (setting->kind->read == read_section)
		(void)read_section(reading, setting, NULL, (char *)target + setting->offset);
	else
		read_fallback(reading, setting, target);
}

/* `channel: #builds` is a key without value and a comment, and no other fault would say so. */
static void warn_empty(struct reading *reading, const struct setting *setting,
                       const struct yaml_node *node)
{
	if (node->text.len == 0 && setting->kind->read != read_section && !setting->needed)
		reading_warn(reading, node->key_place,
		             "%s has no value (a text that begins with # needs quotes)",
		             setting->key);
}

static void read_setting(struct reading *reading, const struct setting *setting,
                         const struct yaml_node *section, void *target)
{
	const struct yaml_node *node = yaml_child(section, setting->key);

	if (node && node->kind == YAML_NULL)
		warn_empty(reading, setting, node);
	if (node && node->kind != YAML_NULL)
		read_written(reading, setting, node, target);
	else if (!node || !setting->or_null)
		read_absent(reading, setting, section, target);
}

static void report_unknown(struct reading *reading, const struct section *section,
                           const struct yaml_node *child)
{
	const char *keys[MOST_ROWS], *meant;

	for (size_t i = 0; i < section->n && i < MOST_ROWS; i++)
		keys[i] = section->settings[i].key;
	meant = nearest_word(child->key, keys, section->n < MOST_ROWS ? section->n : MOST_ROWS);
	reading_fault(reading, child->key_place, "unknown key '%.*s'%s%s%s",
	              SPAN_ARG(faults_quote(child->key)), meant ? " (did you mean '" : "",
	              meant ? meant : "", meant ? "'?)" : "");
}

static void check_keys(struct reading *reading, const struct section *section,
                       const struct yaml_node *node)
{
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		size_t i = 0;

		while (i < section->n && !span_is(child->key, section->settings[i].key))
			i++;
		if (i == section->n)
			report_unknown(reading, section, child);
	}
}

void section_read(struct reading *reading, const struct section *section,
                  const struct yaml_node *node, void *target)
{
	if (node && node->kind != YAML_MAP) {
		(void)reading_expected(reading, node, "a mapping");
		return;
	}
	if (node && section->place != NO_PLACE)
		memcpy((char *)target + section->place, &node->place, sizeof(node->place));
	for (size_t i = 0; i < section->n; i++)
		read_setting(reading, &section->settings[i], node, target);
	if (node)
		check_keys(reading, section, node);
}

bool read_section(struct reading *reading, const struct setting *setting,
                  const struct yaml_node *node, void *value)
{
	section_read(reading, setting->section, node, value);
	return true;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static bool is_repeated(const struct yaml_node *first, const struct yaml_node *node)
{
	for (; node->kind == YAML_TEXT && first != node; first = first->next) {
		if (first->kind == YAML_TEXT && span_equal(first->text, node->text))
			return true;
	}
	return false;
}

static bool check_length(struct reading *reading, const struct setting *setting,
                         const struct yaml_node *node)
{
	int64_t n = (int64_t)node->n;

	if (n < setting->min)
		reading_fault(reading, node->place, "at least %lld needed",
		              (long long)setting->min);
	else if (n > setting->max)
		reading_fault(reading, node->place, "at most %lld allowed, got %lld",
		              (long long)setting->max, (long long)n);
	return n >= setting->min && n <= setting->max;
}

static size_t element_size(const struct setting *setting)
{
	return setting->of->size ? setting->of->size : setting->section->size;
}

/* Reads the elements that are right, one after the other, and returns how many. */
static size_t read_elements(struct reading *reading, const struct setting *setting,
                            const struct yaml_node *list, char *array)
{
	const struct yaml_node *first = list->kind == YAML_LIST ? list->first : list;
	bool is_list = list->kind == YAML_LIST;
	struct setting element = *setting;
	size_t n = 0, index = 0;

	element.kind = setting->of;
	element.size = element_size(setting);
	for (const struct yaml_node *node = first; node; node = is_list ? node->next : NULL) {
		size_t length = is_list ? reading_enter_at(reading, index++) : reading->path.len;

		if (is_repeated(first, node))
			reading_fault(reading, node->place, "'%.*s' stands in the list twice",
			              SPAN_ARG(faults_quote(node->text)));
		else if (element.kind->read(reading, &element, node, array + n * element.size))
			n++;
		reading_leave(reading, length);
	}
	return n;
}

/* The array gets one zeroed element more, so that it can be read up to a NULL. */
bool read_list(struct reading *reading, const struct setting *setting, const struct yaml_node *node,
               void *value)
{
	char *array;
	size_t n;

	if (node->kind != YAML_LIST && !setting->or_one)
		return reading_expected(reading, node, setting->kind->wanted);
	if (node->kind == YAML_LIST && !check_length(reading, setting, node))
		return false;
	array = arena_alloc(&reading->config->arena, node->n + 2, element_size(setting));
	n = read_elements(reading, setting, node, array);
	memcpy(value, &array, sizeof(array));
	if (setting->count != NO_COUNT)
		memcpy((char *)value - setting->offset + setting->count, &n, sizeof(n));
	return true;
}
