/*
 * Which image is current. tests/cases/offer has a folder for each:
 *
 *	evergold.yaml     one family
 *	images.tsv        what EC2 answers: id, name, architecture, owner (account or alias), and
 *	                  when it was created; or, instead of that, a state
 *	recommended.tsv   ids that the public parameters name; may be absent
 *	want.txt          what EC2 is asked, and what is decided
 */
#include "common/decide/offer.h"

#include "common/base/buf.h"
#include "common/base/text.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#define ROOM   (64 * 1024)
#define REGION "eu-west-1"

static struct offer offer;
static struct arena arena;
static struct buf out;

static struct config *read_config(const char *dir)
{
	struct faults faults = { 0 };
	struct config *config;
	struct span text;

	text.at = check_read(dir, "evergold.yaml", &text.len);
	config = config_parse(text, "evergold.yaml", NULL, &faults);
	CHECK(config, "%s", faults.n ? faults.at[0].text : "");
	faults_clear(&faults);
	return config;
}

/* A line for each parameter, as people read it. */
static void write_question(const struct family *family)
{
	struct buf body = buf_with_max(ROOM);
	struct ec2_describe_images question;
	struct span rest, line;

	if (!offer_question(family, &arena, &question)) {
		buf_add_text(&out, "cannot be asked\n");
		return;
	}
	ec2_describe_images_body(&question, &body);
	rest = buf_span(&body);
	while (rest.len) {
		line = span_cut(&rest, '&');
		buf_addf(&out, "%.*s\n", SPAN_ARG(line));
	}
	buf_clear(&body);
}

static const char *text_of(struct span cell)
{
	return arena_text(&arena, cell);
}

static void on_image(const struct row *row)
{
	struct span owner = row->cells[3], last = row->cells[4];
	bool account = span_only(owner, "0123456789");
	struct ec2_image image = {
		.id = text_of(row->cells[0]),
		.name = row->cells[1].len ? text_of(row->cells[1]) : NULL,
		.architecture = row->cells[2].len ? text_of(row->cells[2]) : NULL,
		.owner_id = account ? text_of(owner) : "137112412989",
		.owner_alias = account ? NULL : text_of(owner),
		.state = "available",
	};

	if (!text_parse_time(last, &image.created_ms))
		image.state = text_of(last);
	offer_add(&offer, &(struct ec2_images){ .at = &image, .n = 1 });
}

static void on_recommended(const struct row *row)
{
	if (offer_recommend(&offer, row->cells[0]))
		buf_addf(&out, "%.*s is the newest\n", SPAN_ARG(row->cells[0]));
}

static void write_decision(void)
{
	struct decision decision;
	const struct offered *current = offer_decide(&offer, &decision);
	char time[TEXT_TIME_SIZE];

	buf_addf(&out, "%s: %s\n", outcome_word(reason_outcome(decision.reason)),
	         reason_word(decision.reason));
	if (decision.detail[0])
		buf_addf(&out, "%s\n", decision.detail);
	if (!current)
		return;
	text_time(current->created_ms, time);
	buf_addf(&out, "%.*s %.*s\nversion %.*s, created %s%s\n", SPAN_ARG(decision.image->id),
	         SPAN_ARG(decision.image->name), SPAN_ARG(decision.version), time,
	         current->recommended ? ", recommended" : "");
}

static void offer_case(const char *dir)
{
	struct config *config = read_config(dir);

	if (!config)
		return;
	out = buf_with_max(ROOM);
	offer.family = &config->families[0];
	offer.region = REGION;
	write_question(offer.family);
	rows_each(dir, "images.tsv", on_image);
	if (!check_missing(dir, "recommended.tsv"))
		rows_each(dir, "recommended.tsv", on_recommended);
	write_decision();
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
	offer_clear(&offer);
	arena_clear(&arena);
	config_free(config);
}

TEST(an_offer_has_its_maximum)
{
	struct faults faults = { 0 };
	struct config *config = config_parse(
		SPAN("families: [{name: web, publisher: amazon-linux-2023, images: al2023-*,"
	             " regions: [eu-west-1], pipeline: {name: p}}]"),
		"f", NULL, &faults);
	struct ec2_image image = {
		.id = "ami-00000000000000001",
		.name = "al2023-ami-2023.9.20251014.0-kernel-6.1-x86_64",
		.owner_alias = "amazon",
		.state = "available",
	};
	struct decision decision;

	offer.family = &config->families[0];
	offer.region = REGION;
	for (size_t i = 0; i < LIMIT_IMAGES; i++)
		offer_add(&offer, &(struct ec2_images){ .at = &image, .n = 1 });
	CHECK(offer_decide(&offer, &decision) != NULL);
	offer_add(&offer, &(struct ec2_images){ .at = &image, .n = 1 });
	CHECK(offer_decide(&offer, &decision) == NULL);
	CHECK_TEXT(decision.detail, "more than 4096 images fit; make the pattern narrower");
	CHECK_INT(offer.n, LIMIT_IMAGES);
	offer_clear(&offer);
	faults_clear(&faults);
	config_free(config);
}

int main(void)
{
	check_cases("tests/cases/offer", offer_case);
	check_run(an_offer_has_its_maximum);
	return check_done();
}
