#include "common/aws/wire_ec2.h"

#include "common/aws/form.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/base/xml.h"

#include <string.h>

#include "common/base/banned.h"

#define FIRST_ROOM 16

/* ---- The question ---------------------------------------------------------------------------- */

static void add_filter(struct buf *out, size_t number, const struct ec2_filter *filter)
{
	form_add(out, span_of(filter->name), "Filter.%zu.Name", number);
	for (size_t i = 0; i < filter->values.n; i++)
		form_add(out, span_of(filter->values.at[i]), "Filter.%zu.Value.%zu", number, i + 1);
}

void ec2_describe_images_body(const struct ec2_describe_images *describe, struct buf *out)
{
	form_begin(out, &aws_ec2_describe_images);
	for (size_t i = 0; i < describe->image_ids.n; i++)
		form_add(out, span_of(describe->image_ids.at[i]), "ImageId.%zu", i + 1);
	for (size_t i = 0; i < describe->owners.n; i++)
		form_add(out, span_of(describe->owners.at[i]), "Owner.%zu", i + 1);
	for (size_t i = 0; i < describe->n_filters; i++)
		add_filter(out, i + 1, &describe->filters[i]);
	if (describe->include_deprecated)
		form_add_bool(out, "IncludeDeprecated", true);
	if (describe->max_results)
		form_add_number(out, "MaxResults", describe->max_results);
	form_add_text(out, "NextToken", describe->next_token);
}

/* ---- The answer ------------------------------------------------------------------------------ */

#define ANSWER "DescribeImagesResponse"
#define IMAGE  ANSWER "/imagesSet/item"

struct image_answer {
	struct ec2_image image;
	const char *created, *deprecated;
};

static const struct xml_field image_fields[] = {
	XML_TEXT(struct image_answer, image.id, "imageId", true),
	XML_TEXT(struct image_answer, image.state, "imageState", true),
	XML_TEXT(struct image_answer, image.name, "name", false),
	XML_TEXT(struct image_answer, image.architecture, "architecture", false),
	XML_TEXT(struct image_answer, image.owner_id, "imageOwnerId", false),
	XML_TEXT(struct image_answer, image.owner_alias, "imageOwnerAlias", false),
	XML_TEXT(struct image_answer, image.root_device_type, "rootDeviceType", false),
	XML_TEXT(struct image_answer, image.virtualization, "virtualizationType", false),
	XML_TEXT(struct image_answer, image.platform, "platform", false),
	XML_TEXT(struct image_answer, created, "creationDate", false),
	XML_TEXT(struct image_answer, deprecated, "deprecationTime", false),
};

static const struct xml_field page_fields[] = {
	XML_TEXT(struct ec2_images, next_token, "nextToken", false),
};

struct page {
	struct ec2_images images;
	size_t room;
	struct image_answer answer; /* of the image that is being read */
	struct xml_binding image, rest;
	struct arena *arena;
	bool answered, fine;
	struct err *reterr;
};

static bool take_time(const char *text, const char *name, int64_t *ret_ms, struct err *reterr)
{
	return !text || text_parse_time(span_of(text), ret_ms) ||
	       err_set(reterr, ERR_MALFORMED, "%s is no time", name);
}

/* What grows is left in the arena: at most as much again. */
static void keep(struct page *page, const struct ec2_image *image)
{
	struct ec2_images *images = &page->images;

	if (images->n == page->room) {
		struct ec2_image *before = images->at;

		page->room = page->room ? 2 * page->room : FIRST_ROOM;
		images->at = arena_alloc(page->arena, page->room, sizeof *images->at);
		if (before)
			memcpy(images->at, before, images->n * sizeof *before);
	}
	images->at[images->n++] = *image;
}

static bool finish_image(struct page *page)
{
	struct image_answer *answer = &page->answer;
	struct ec2_image *image = &answer->image;

	if (!xml_bound(&page->image, page->reterr) ||
	    !take_time(answer->created, "creationDate", &image->created_ms, page->reterr) ||
	    !take_time(answer->deprecated, "deprecationTime", &image->deprecated_ms, page->reterr))
		return err_wrap(page->reterr, "image %s", image->id ? image->id : "without an id");
	keep(page, image);
	*answer = (struct image_answer){ .created = NULL };
	return true;
}

static void on_close(void *ctx, struct span path)
{
	struct page *page = ctx;

	page->answered |= span_is(path, ANSWER);
	if (page->fine && span_is(path, IMAGE))
		page->fine = finish_image(page);
}

static void on_leaf(void *ctx, struct span path, struct span text)
{
	struct page *page = ctx;

	xml_take(&page->image, path, text);
	xml_take(&page->rest, path, text);
	on_close(ctx, path); /* an empty item is an image, too */
}

static bool read_page(struct span xml, struct page *page)
{
	static const struct xml_events events = { .on_leaf = on_leaf, .on_close = on_close };

	page->fine = true;
	page->image = (struct xml_binding){ .root = IMAGE "/",
		                            .fields = image_fields,
		                            .n_fields = ARRAY_LEN(image_fields),
		                            .arena = page->arena,
		                            .target = &page->answer };
	page->rest = (struct xml_binding){ .root = ANSWER "/",
		                           .fields = page_fields,
		                           .n_fields = ARRAY_LEN(page_fields),
		                           .arena = page->arena,
		                           .target = &page->images };
	if (!xml_read(xml, &events, page, page->reterr) || !page->fine)
		return false;
	if (!page->answered)
		return err_set(page->reterr, ERR_MALFORMED, "no " ANSWER);
	return xml_bound(&page->rest, page->reterr);
}

bool ec2_knows_no_image(const struct aws_error *error)
{
	return error && span_starts(span_of(error->code), SPAN("InvalidAMIID."));
}

bool ec2_describe_images_answer(struct span xml, struct arena *arena, struct ec2_images *ret_images,
                                struct err *reterr)
{
	struct page page = { .arena = arena, .reterr = reterr };

	if (!read_page(xml, &page))
		return err_wrap(reterr, "DescribeImages");
	*ret_images = page.images;
	return true;
}
