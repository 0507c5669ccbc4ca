#include "common/decide/config_window.h"

#include <string.h>

#include "common/base/banned.h"

static struct place place_of_zone(const struct yaml_node *node, struct span zone)
{
	return yaml_place_in(node, (size_t)(zone.at - node->text.at));
}

static bool read_window(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *node, void *value)
{
	struct window_setting window = { .text = node->text.at, .zone_place = node->place };
	struct err err = { ERR_NONE, "" };
	size_t at;

	if (node->kind != YAML_TEXT)
		return reading_expected(reading, node, setting->kind->wanted);
	if (!window_parse(node->text, &window.hours, &at, &err)) {
		reading_fault(reading, yaml_place_in(node, at), "%s", err.text);
		return false;
	}
	if (window.hours.zone.len)
		window.zone_place = place_of_zone(node, window.hours.zone);
	memcpy(value, &window, sizeof(window));
	return true;
}

const struct kind kind_window = {
	.wanted = "days, hours and time zone such as Mon-Fri 08:00-17:00 Europe/Berlin",
	.read = read_window,
	.size = sizeof(struct window_setting),
};

static bool read_weekly(struct reading *reading, const struct setting *setting,
                        const struct yaml_node *node, void *value)
{
	struct digest_setting digest = { .text = node->text.at, .zone_place = node->place };
	struct err err = { ERR_NONE, "" };
	size_t at;

	if (node->kind != YAML_TEXT)
		return reading_expected(reading, node, setting->kind->wanted);
	if (!window_parse_weekly(node->text, &digest.at, &at, &err)) {
		reading_fault(reading, yaml_place_in(node, at), "%s", err.text);
		return false;
	}
	if (digest.at.zone.len)
		digest.zone_place = place_of_zone(node, digest.at.zone);
	memcpy(value, &digest, sizeof(digest));
	return true;
}

const struct kind kind_weekly = {
	.wanted = "a day, time and time zone such as Mon 09:00 Europe/Berlin",
	.read = read_weekly,
	.size = sizeof(struct digest_setting),
};

/* What a family before this one found; NULL: none did. */
static const struct zone *known_zone(const struct config *config, const struct family *family)
{
	for (const struct family *other = config->families; other < family; other++) {
		if (other->window.zone &&
		    span_equal(other->window.hours.zone, family->window.hours.zone))
			return other->window.zone;
	}
	return NULL;
}

static bool find_zone(struct config *config, struct family *family, zone_find_fn *find,
                      struct err *reterr)
{
	struct window_setting *window = &family->window;

	window->zone = window->hours.zone.len ? known_zone(config, family) : &zone_utc;
	if (!window->zone)
		window->zone = find(window->hours.zone, &config->arena, reterr);
	return window->zone;
}

static void find_zone_of_digest(struct config *config, zone_find_fn *find, struct faults *faults)
{
	struct digest_setting *digest = &config->slack.digest;
	struct err err;

	digest->zone = digest->at.zone.len ? find(digest->at.zone, &config->arena, &err)
	                                   : &zone_utc;
	if (!digest->zone)
		faults_add(faults, digest->zone_place, false, "slack.digest: %s", err.text);
}

bool config_find_zones(struct config *config, zone_find_fn *find, struct faults *faults)
{
	size_t errors_before = faults->n_errors;
	struct family *families;

	memcpy(&families, &config->families, sizeof(families)); /* const for all others */
	for (size_t i = 0; i < config->n_families; i++) {
		struct err err;

		if (families[i].window.text && !find_zone(config, &families[i], find, &err))
			faults_add(faults, families[i].window.zone_place, false,
			           "families[%zu].window: %s", i, err.text);
	}
	if (config->slack.digest.text)
		find_zone_of_digest(config, find, faults);
	return faults->n_errors == errors_before;
}
