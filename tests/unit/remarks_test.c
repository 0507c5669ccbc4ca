/*
 * What people are told of what is no build of ours, and under which key it is told once.
 */
#include "common/say/remarks.h"

#include "tests/unit/check.h"

static const struct publisher publisher = { .name = "corp-linux" };
static const struct announcement announcement = { .message_id = { "m-1", 3 },
	                                          .publisher = &publisher };

static void check_words(struct remark_words words, const char *key, const char *text)
{
	CHECK_TEXT(words.key, key);
	CHECK_TEXT(words.text, text);
}

TEST(of_two_images_both_are_named)
{
	const struct family family = { .name = "web" };
	const struct image one = { .name = SPAN("al-a"), .id = SPAN("ami-1") };
	const struct image other = { .name = SPAN("al-b"), .id = SPAN("ami-2") };
	const struct decision decision = { .family = &family,
		                           .region = "eu-west-1",
		                           .version = { "9.4", 3 },
		                           .rivals = { &one, &other } };
	struct arena arena = { 0 };

	check_words(remark_ambiguous(&announcement, &decision, &arena),
	            "ambiguous/web/eu-west-1/9.4",
	            "Nothing is started for web in eu-west-1: two images of corp-linux 9.4 fit and "
	            "are equally new, al-a (ami-1) and al-b (ami-2). Make `images` narrower, or "
	            "exclude one of them.");
	arena_clear(&arena);
}

static void check_unreadable(struct span subject, const char *said)
{
	struct decision rejected = { .reason = REASON_PAYLOAD, .detail = "no images" };
	const struct notification notification = {
		.announcement = announcement,
		.envelope = { .subject = subject },
		.decisions = { &rejected, 1 },
	};
	struct arena arena = { 0 };
	struct buf want = buf_with_max(1000);

	buf_addf(&want,
	         "corp-linux has announced something that cannot be read, and nothing was decided "
	         "for it. Subject: %s. What was wrong: no images. Message m-1 stays in the queue "
	         "until the redrive policy moves it to the dead-letter queue.",
	         said);
	check_words(remark_unreadable(&notification, &arena), "unreadable/corp-linux/m-1",
	            buf_text(&want));
	buf_clear(&want);
	arena_clear(&arena);
}

TEST(of_what_cannot_be_read_the_subject_is_told)
{
	check_unreadable(SPAN("New images"), "New images");
	check_unreadable(SPAN_NONE, "(none)");
}

static void check_execution(struct codepipeline_execution execution, const char *ended)
{
	const struct build build = { .pipeline = "golden",
		                     .pipeline_region = "eu-west-1",
		                     .execution_id = "6f1a52cc" };
	struct arena arena = { 0 };
	struct buf want = buf_with_max(1000);

	execution.status = EXECUTION_FAILED;
	buf_addf(&want,
	         "An execution of golden in eu-west-1 that evergold did not start has ended: %s "
	         "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/golden/"
	         "executions/6f1a52cc/timeline?region=eu-west-1",
	         ended);
	check_words(remark_other_execution(&build, &execution, &arena), "execution/6f1a52cc/Failed",
	            buf_text(&want));
	buf_clear(&want);
	arena_clear(&arena);
}

TEST(of_an_execution_of_others_it_is_told_who_started_it)
{
	check_execution((struct codepipeline_execution){ 0 }, "Failed.");
	check_execution((struct codepipeline_execution){ .summary = "no space" },
	                "Failed, no space.");
	check_execution((struct codepipeline_execution){ .trigger = "PollForSourceChanges" },
	                "Failed. It was started by PollForSourceChanges.");
	check_execution(
		(struct codepipeline_execution){ .trigger = "StartPipelineExecution",
	                                         .trigger_detail = "arn:aws:iam::1:user/x" },
		"Failed. It was started by StartPipelineExecution, arn:aws:iam::1:user/x.");
}

int main(void)
{
	check_run(of_two_images_both_are_named);
	check_run(of_what_cannot_be_read_the_subject_is_told);
	check_run(of_an_execution_of_others_it_is_told_who_started_it);
	return check_done();
}
