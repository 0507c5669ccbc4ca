/*
 * Executions that others started: which are told, what of them, and how often AWS is asked.
 */
#include "worker/flows/observer.h"

#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define SECOND 1000
#define MINUTE 60000
#define OTHER  "0f0f0f0f" CLOUD_ID_REST

static struct world *world;
static struct observer *observer;
static struct family family; /* the only one */
static int told;

static void on_told(void *ctx)
{
	(void)ctx;
	told++;
}

static void begin(void)
{
	world = world_new(&(struct world_options){ .folder = temporary_empty() });
	family = world->config->families[0];
	family.pipeline.tell_all = true;
	world->config->families = &family;
	told = 0;
	observer = observer_new(&(struct observer_options){
		.ports = &world->ports,
		.config = world->config,
		.told = on_told,
	});
}

static void end(void)
{
	observer_free(observer);
	world_free(world);
}

static struct event ended(const char *execution_id)
{
	return (struct event){
		.level = EVENT_PIPELINE,
		.account = SPAN("111122223333"),
		.region = SPAN("eu-west-1"),
		.pipeline = SPAN("golden-web"),
		.execution_id = span_of(execution_id),
		.state = SPAN("FAILED"),
	};
}

static void see(struct event event)
{
	observer_saw(observer, &event);
}

/* What CodePipeline says of the next execution that it is asked for. */
static void answer(const char *status)
{
	static char text[512];

	snprintf(text, sizeof(text),
	         "{\"pipelineExecution\":{\"status\":\"%s\",\"trigger\":{\"triggerType\":"
	         "\"StartPipelineExecution\",\"triggerDetail\":\"arn:aws:iam::111122223333:"
	         "user/ada\"}}}",
	         status);
	world_next_text(world, PORT_GET, text);
}

static int64_t remarks(const char *where)
{
	char sql[300];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM notices WHERE %s", where);
	return world_count(world, sql);
}

TEST(what_others_started_is_told_once_it_has_ended)
{
	begin();
	answer("Failed");
	see(ended(OTHER));
	world_run(world, SECOND);
	CHECK_INT(told, 1);
	CHECK_INT(remarks("kind = 'other_execution' AND family = 'web' AND key = 'execution/" OTHER
	                  "/Failed'"),
	          1);
	CHECK_INT(remarks("text LIKE '%golden-web in eu-west-1%Failed%StartPipelineExecution, "
	                  "arn:aws:iam::111122223333:user/ada.%executions/" OTHER "/timeline%'"),
	          1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 0);
	end();
}

TEST(only_what_aws_confirms_is_told)
{
	begin();
	answer("Succeeded");
	see(ended(OTHER));
	world_run(world, SECOND);
	CHECK_INT(remarks("key = 'execution/" OTHER "/Succeeded'"), 1);
	answer("InProgress");
	see(ended(CLOUD_FIRST_ID));
	world_run(world, 10 * MINUTE);
	CHECK_INT(remarks("1"), 1);
	CHECK_INT(world->asked[PORT_GET], 2);
	end();
}

TEST(repeated_events_tell_nothing_more)
{
	begin();
	for (int i = 0; i < 3; i++) {
		answer("Failed");
		see(ended(OTHER));
		see(ended(OTHER));
		world_run(world, MINUTE);
	}
	CHECK_INT(remarks("1"), 1);
	CHECK_INT(world->asked[PORT_GET], 3);
	answer("Succeeded"); /* a stage was retried */
	see(ended(OTHER));
	world_run(world, MINUTE);
	CHECK_INT(remarks("1"), 2);
	end();
}

static void check_unasked(struct event event)
{
	see(event);
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_OWNER], 0);
	CHECK_INT(world->asked[PORT_GET], 0);
}

TEST(what_is_no_end_or_of_no_pipeline_of_ours_is_not_asked_for)
{
	struct event event = ended(OTHER);

	begin();
	event.state = SPAN("STARTED");
	check_unasked(event);
	event = ended(OTHER);
	event.level = EVENT_STAGE;
	check_unasked(event);
	event = ended(OTHER);
	event.pipeline = SPAN("another");
	check_unasked(event);
	event = ended(OTHER);
	event.region = SPAN("us-east-1");
	check_unasked(event);
	check_unasked(ended(""));
	family.pipeline.tell_all = false;
	check_unasked(ended(OTHER));
	end();
}

TEST(of_a_role_only_its_own_account_is_asked_for)
{
	begin();
	family.pipeline.role_arn = "arn:aws:iam::444455556666:role/start";
	check_unasked(ended(OTHER));
	family.pipeline.role_arn = "arn:aws:iam::111122223333:role/start";
	answer("Failed");
	see(ended(OTHER));
	world_run(world, SECOND);
	CHECK_INT(remarks("1"), 1);
	end();
}

static void set(const char *assignments)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "UPDATE builds SET %s", assignments);
	sql_run(world->path, sql);
}

TEST(our_own_are_not_told)
{
	begin();
	world_want_builds(world, 1);
	set("state = 'started', execution_id = '" OTHER "'");
	see(ended(OTHER));
	world_run(world, 10 * MINUTE);
	CHECK_INT(world->asked[PORT_OWNER], 1);
	CHECK_INT(world->asked[PORT_GET], 0);
	end();
}

TEST(while_we_start_one_it_is_looked_at_again)
{
	begin();
	world_want_builds(world, 1);
	set("admitted = 1");
	see(ended(OTHER));
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_GET], 0);
	set("state = 'started', execution_id = '" CLOUD_FIRST_ID "'");
	answer("Failed");
	world_run(world, MINUTE);
	CHECK_INT(remarks("1"), 1);
	end();
}

TEST(what_fails_is_tried_again_but_not_for_ever)
{
	begin();
	world_next(world, PORT_OWNER, FATE_BROKEN);
	world_next(world, PORT_GET, FATE_TRANSIENT);
	world_next_text(world, PORT_GET, "no JSON");
	answer("Failed");
	see(ended(OTHER));
	world_run(world, 5 * MINUTE);
	CHECK_INT(remarks("1"), 1);
	world_always(world, PORT_GET, FATE_TRANSIENT);
	world->asked[PORT_GET] = 0;
	see(ended(CLOUD_FIRST_ID));
	world_run(world, 300 * MINUTE);
	CHECK_INT(world->asked[PORT_GET], 10);
	world_always(world, PORT_GET, FATE_REFUSED);
	see(ended(CLOUD_FIRST_ID));
	world_run(world, 300 * MINUTE);
	CHECK_INT(world->asked[PORT_GET], 11);
	end();
}

TEST(many_are_asked_for_one_after_the_other)
{
	char id[40];

	begin();
	world_always(world, PORT_GET, FATE_REFUSED);
	for (int i = 0; i < LIMIT_OBSERVED + 10; i++) {
		snprintf(id, sizeof(id), "%08x" CLOUD_ID_REST, (unsigned)i);
		see(ended(id));
	}
	world_run(world, WORLD_LATENCY_MS - 1);
	CHECK_INT(world->asked[PORT_OWNER], 1);
	world_run(world, 10 * MINUTE);
	CHECK_INT(world->asked[PORT_GET], LIMIT_OBSERVED);
	end();
}

TEST(one_that_hangs_is_left_at_the_stop)
{
	begin();
	world_next(world, PORT_GET, FATE_HELD);
	see(ended(OTHER));
	world_run(world, SECOND);
	observer_stop(observer);
	see(ended(CLOUD_FIRST_ID));
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_GET], 1);
	end();
}

int main(void)
{
	check_run(what_others_started_is_told_once_it_has_ended);
	check_run(only_what_aws_confirms_is_told);
	check_run(repeated_events_tell_nothing_more);
	check_run(what_is_no_end_or_of_no_pipeline_of_ours_is_not_asked_for);
	check_run(of_a_role_only_its_own_account_is_asked_for);
	check_run(our_own_are_not_told);
	check_run(while_we_start_one_it_is_looked_at_again);
	check_run(what_fails_is_tried_again_but_not_for_ever);
	check_run(many_are_asked_for_one_after_the_other);
	check_run(one_that_hangs_is_left_at_the_stop);
	return check_done();
}
