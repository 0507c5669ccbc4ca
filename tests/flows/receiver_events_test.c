/*
 * Receivers and events: on the announcements' queue, in envelopes that nobody believes, and on a
 * queue of their own, where nothing else is understood.
 */
#include "tests/flows/receiving.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HIDDEN    120000 /* the visibility timeout */
#define CASES     "tests/cases/event/"
#define EXECUTION "6f1a52cc-3c0e-4a86-9d3e-2f0c7f2b7a10"
#define TOPIC     "arn:aws:sns:eu-west-1:111122223333:pipeline-events" /* of the cases */

static struct receiving on;
static struct world *world; /* where it happens */
static FILE *log_file;

static void begin(bool events_only)
{
	receiving_begin(&on, 1);
	world = on.world;
	world->rules.events_only = events_only;
	log_file = tmpfile();
	world->log.fd = fileno(log_file);
	receiving_add(&on);
}

static void end(void)
{
	receiving_end(&on);
	fclose(log_file);
}

static const char *log_text(void)
{
	static char text[65536];
	ssize_t n = pread(fileno(log_file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int logged(const char *words)
{
	int n = 0;

	for (const char *at = log_text(); (at = strstr(at, words)); at++)
		n++;
	return n;
}

static void receive(const char *path)
{
	world_announce_file(world, path);
	world_run(world, 1000);
}

/* ---- among announcements --------------------------------------------------------------------- */

static void check_hint(const char *path, const char *execution)
{
	begin(false);
	receive(path);
	CHECK_INT(on.events, 1);
	CHECK_TEXT(on.execution, execution);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(world->asked[PORT_CERTIFICATE], 0);
	CHECK_INT(logged("rejected"), 0);
	CHECK_INT(receiving_announcements(&on), 0);
	end();
}

TEST(an_event_in_an_envelope_is_a_hint_whoever_signed_it)
{
	check_hint(CASES "good-envelope-of-codestar/event.json", EXECUTION);
	check_hint(CASES "good-envelope-of-codebuild/event.json", "");
}

TEST(a_bare_event_of_codestar_is_a_hint)
{
	check_hint(CASES "good-codestar-pipeline/event.json", EXECUTION);
}

TEST(an_event_on_a_topic_that_is_listened_to_is_not_judged_as_an_announcement)
{
	static const struct topic_rule topics[] = { { .arn = TOPIC } };

	begin(false);
	world->policy.topics = topics;
	receive(CASES "good-envelope-of-codestar/event.json");
	CHECK_INT(on.events, 1);
	CHECK_INT(world->asked[PORT_CERTIFICATE], 0);
	CHECK_INT(receiving_announcements(&on), 0);
	end();
}

TEST(an_envelope_without_an_event_goes_through_the_gate)
{
	begin(false);
	receive(CASES "bad-envelope-of-announcement/event.json");
	CHECK_INT(on.events, 0);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(logged("topic_not_allowed"), 1);
	end();
}

/* Only who announces there can have published it, or somebody forges. */
TEST(an_event_on_a_topic_of_the_catalogue_goes_through_the_gate)
{
	static const char forged[] =
		"{\"Type\":\"Notification\",\"MessageId\":\"0b000000-0000-5000-8000-000000000001\","
		"\"TopicArn\":\"arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates\","
		"\"Message\":\"{\\\"source\\\":\\\"aws.codepipeline\\\",\\\"detail-type\\\":"
		"\\\"x\\\",\\\"detail\\\":{}}\",\"Timestamp\":\"2026-08-18T01:00:00.000Z\","
		"\"SignatureVersion\":\"1\",\"Signature\":\"\",\"SigningCertURL\":\"https://x\"}";

	begin(false);
	cloud_send(world->cloud, span_of(forged));
	world_run(world, 1000);
	CHECK_INT(on.events, 0);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(logged("signature_format"), 1);
	end();
}

TEST(many_events_are_told_each)
{
	begin(false);
	world_announce_file(world, CASES "good-stage/event.json");
	world_announce(world, 0);
	world_announce_file(world, CASES "good-envelope-of-codestar/event.json");
	world_announce_file(world, CASES "good-action/event.json");
	world_run(world, 1000);
	CHECK_INT(on.events, 3);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

/* ---- on a queue of their own ----------------------------------------------------------------- */

TEST(on_their_own_queue_events_go)
{
	begin(true);
	world_announce_file(world, CASES "good-envelope-of-codestar/event.json");
	world_announce_file(world, CASES "good-compact/event.json");
	world_run(world, 1000);
	CHECK_INT(on.events, 2);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(on_their_own_queue_anything_else_stays_and_is_logged_once)
{
	begin(true);
	world_announce(world, 0);
	cloud_send(world->cloud, SPAN("no JSON"));
	world_run(world, 1000 + 3 * HIDDEN);
	CHECK_INT(cloud_left(world->cloud), 2);
	CHECK_INT(world->cloud->messages[0].receives, 4);
	CHECK_INT(on.events, 0);
	CHECK_INT(receiving_announcements(&on), 0);
	CHECK_INT(world->asked[PORT_CERTIFICATE], 0);
	CHECK_INT(world->asked[PORT_DELETE], 0);
	CHECK_INT(logged("WARNING no_event"), 2);
	CHECK_INT(logged(" no_event"), 8);
	end();
}

int main(void)
{
	check_run(an_event_in_an_envelope_is_a_hint_whoever_signed_it);
	check_run(a_bare_event_of_codestar_is_a_hint);
	check_run(an_event_on_a_topic_that_is_listened_to_is_not_judged_as_an_announcement);
	check_run(an_envelope_without_an_event_goes_through_the_gate);
	check_run(an_event_on_a_topic_of_the_catalogue_goes_through_the_gate);
	check_run(many_events_are_told_each);
	check_run(on_their_own_queue_events_go);
	check_run(on_their_own_queue_anything_else_stays_and_is_logged_once);
	return check_done();
}
