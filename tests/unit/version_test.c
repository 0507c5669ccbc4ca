/*
 * Which release is newer: pairs and names in tests/cases/version, and what holds for any versions.
 */
#include "common/decide/version.h"

#include "common/base/buf.h"
#include "common/release/release.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <stdint.h>

#define CASES    "tests/cases/version"
#define VERSIONS 80

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

static void order_row(const struct row *row)
{
	struct span a = row->cells[0], b = row->cells[2];
	int want = span_is(row->cells[1], "<") ? -1 : 0;

	CHECK(want || span_is(row->cells[1], "="), "line %d", row->line);
	CHECK(sign(version_compare(a, b)) == want, "line %d", row->line);
	CHECK(sign(version_compare(b, a)) == -want, "line %d, the other way round", row->line);
}

TEST(versions_are_ordered)
{
	rows_each(CASES, "order.tsv", order_row);
}

static void name_row(const struct row *row)
{
	struct span found = version_in_name(row->cells[0], row->cells[1]);

	CHECK(span_equal(found, row->cells[2]), "line %d: %.*s", row->line, SPAN_ARG(found));
}

TEST(names_hold_versions)
{
	rows_each(CASES, "in_name.tsv", name_row);
}

static void part_row(const struct row *row)
{
	int want = span_is(row->cells[1], "<") ? -1 : span_is(row->cells[1], ">");

	CHECK(sign(version_compare_part(row->cells[0], row->cells[2])) == want, "line %d",
	      row->line);
}

TEST(a_version_stands_for_all_that_begin_with_it)
{
	rows_each(CASES, "part.tsv", part_row);
}

static void kernel_row(const struct row *row)
{
	struct span kernel = kernel_in_name(row->cells[0]);

	CHECK(span_equal(kernel, row->cells[1]), "line %d: %.*s", row->line, SPAN_ARG(kernel));
}

TEST(names_hold_kernel_lines)
{
	rows_each(CASES, "kernel.tsv", kernel_row);
}

/* ---- Any versions, always the same ----------------------------------------------------------- */

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Few digits and fields, so that many are equal or differ in one place. */
static void invent(uint32_t *state, struct buf *out)
{
	static const char *const separators[] = { ".", "-", "..", " v", "/" };
	uint32_t fields = next_random(state) % 5;

	for (uint32_t i = 0; i < fields; i++) {
		if (i || next_random(state) % 4 == 0)
			buf_add_text(out, separators[next_random(state) % 5]);
		if (next_random(state) % 3 == 0)
			buf_add_char(out, '0');
		buf_addf(out, "%u", next_random(state) % 4 * 9);
	}
}

static int compare(const struct buf *a, const struct buf *b)
{
	return sign(version_compare(buf_span(a), buf_span(b)));
}

static void check_three(const struct buf *a, const struct buf *b, const struct buf *c)
{
	if (compare(a, b) <= 0 && compare(b, c) <= 0)
		CHECK(compare(a, c) == (compare(a, b) || compare(b, c) ? -1 : 0), "%s, %s, %s",
		      buf_text(a), buf_text(b), buf_text(c));
}

TEST(the_order_is_an_order)
{
	struct buf versions[VERSIONS];
	uint32_t state = 20251020;

	for (size_t i = 0; i < VERSIONS; i++) {
		versions[i] = buf_with_max(100);
		invent(&state, &versions[i]);
	}
	for (size_t i = 0; i < VERSIONS; i++) {
		CHECK(compare(&versions[i], &versions[i]) == 0);
		for (size_t j = 0; j < VERSIONS; j++) {
			CHECK(compare(&versions[i], &versions[j]) ==
			      -compare(&versions[j], &versions[i]));
			for (size_t k = 0; k < VERSIONS; k++)
				check_three(&versions[i], &versions[j], &versions[k]);
		}
	}
	for (size_t i = 0; i < VERSIONS; i++)
		buf_clear(&versions[i]);
}

int main(void)
{
	check_run(versions_are_ordered);
	check_run(names_hold_versions);
	check_run(a_version_stands_for_all_that_begin_with_it);
	check_run(names_hold_kernel_lines);
	check_run(the_order_is_an_order);
	return check_done();
}
