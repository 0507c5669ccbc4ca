#include "common/decide/config_golden.h"

#include "common/aws/endpoint.h"
#include "common/aws/role_arn.h"

#include <string.h>

#include "common/base/banned.h"

/* ---- which parameter it is ------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Of our own account the number is not known; it is taken for none of the others. */
static struct span account_of(const struct family *family, const struct golden_parameter *golden)
{
	const char *role = golden->role_arn ? golden->role_arn : family->pipeline.role_arn;

	return role_arn_account(span_of(role));
}

static bool is_written_in(const struct family *family, const struct golden_parameter *golden,
                          const char *region)
{
	if (golden->region)
		return same_text(golden->region, region);
	for (size_t i = 0; i < family->n_regions; i++) {
		if (same_text(family->regions[i], region))
			return true;
	}
	return false;
}

static bool share_region(const struct family *a, const struct golden_parameter *of_a,
                         const struct family *b, const struct golden_parameter *of_b)
{
	if (of_a->region)
		return is_written_in(b, of_b, of_a->region);
	for (size_t i = 0; i < a->n_regions; i++) {
		if (is_written_in(b, of_b, a->regions[i]))
			return true;
	}
	return false;
}

static bool is_same(const struct family *a, const struct golden_parameter *of_a,
                    const struct family *b, const struct golden_parameter *of_b)
{
	return same_text(of_a->name, of_b->name) &&
	       span_equal(account_of(a, of_a), account_of(b, of_b)) &&
	       share_region(a, of_a, b, of_b);
}

bool config_golden_shared(const struct family *a, const struct family *b)
{
	for (size_t i = 0; i < a->n_golden_parameters; i++) {
		for (size_t j = 0; j < b->n_golden_parameters; j++) {
			if (is_same(a, &a->golden_parameters[i], b, &b->golden_parameters[j]))
				return true;
		}
	}
	return false;
}

/* ---- what is wrong with it ------------------------------------------------------------------- */

static void check_twice(struct reading *reading, const struct family *family, size_t at)
{
	const struct golden_parameter *golden = &family->golden_parameters[at];
	const struct golden_parameter *other = family->golden_parameters;

	while (other < golden && !is_same(family, golden, family, other))
		other++;
	if (other < golden)
		reading_fault(reading, golden->place, "%s is written already, by what is at %d:%d",
		              golden->name, other->place.line, other->place.column);
}

static void check_output(struct reading *reading, const struct yaml_node *node,
                         const struct golden_parameter *golden)
{
	if (!golden->output && !yaml_is_set(node, "golden_output"))
		reading_fault(reading, golden->place,
		              "golden_output is missing, which names the golden AMI");
}

/* Each build would write its own region's AMI over that of the other. */
static void check_region(struct reading *reading, const struct family *family,
                         const struct golden_parameter *golden)
{
	if (golden->region && family->n_regions > 1)
		reading_fault(reading, golden->region_place,
		              "the builds of %zu regions would overwrite each other here; without "
		              "region each writes its own",
		              family->n_regions);
}

/* Nobody is let into another partition; the pipeline's own role is checked where it stands. */
static void check_partition(struct reading *reading, const struct family *family,
                            const struct golden_parameter *golden)
{
	const char *own = family->n_regions ? family->regions[0] : NULL;
	const char *region = golden->region ? golden->region : own;
	const char *arn = golden->role_arn ? golden->role_arn : family->pipeline.role_arn;
	struct role_arn role;

	if (!region || !role_arn_parse(span_of(arn), &role) ||
	    span_is(role.partition, aws_partition_of(span_of(region))->name))
		return;
	if (golden->role_arn)
		reading_fault(
			reading, golden->role_place,
			"role_arn must be of the partition %s, to which the region %s belongs",
			aws_partition_of(span_of(region))->name, region);
	else if (golden->region)
		reading_fault(reading, golden->region_place,
		              "%s is in another partition than the pipeline's role", region);
}

static void check_one(struct reading *reading, const struct yaml_node *node,
                      const struct family *family, size_t at)
{
	const struct golden_parameter *golden = &family->golden_parameters[at];

	check_output(reading, node, golden);
	check_region(reading, family, golden);
	check_partition(reading, family, golden);
	check_twice(reading, family, at);
}

void config_check_golden(struct reading *reading, const struct yaml_node *node,
                         const struct family *family)
{
	size_t length = reading_enter(reading, "golden_parameter");

	for (size_t i = 0; i < family->n_golden_parameters; i++)
		check_one(reading, node, family, i);
	reading_leave(reading, length);
}
