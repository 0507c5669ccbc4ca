#include "worker/flows/redrive.h"

#include "tests/flows/scripted_world.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

#define QUEUE(redrive) "{\"Attributes\":{\"QueueArn\":\"arn:aws:sqs:eu-west-1:1:q\"" redrive "}}"
#define GIVES_UP_AFTER(receives)                                                    \
	QUEUE(",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:dead\\\"," \
	      "\\\"maxReceiveCount\\\":" receives "}\"")

static struct world *world;
static struct queue queue;
static struct redrive *redrive;
static FILE *file;

static void begin(void)
{
	world = world_new(&(struct world_options){ .folder = temporary_empty() });
	file = tmpfile();
	world->log.fd = fileno(file);
	queue = queue_of_announcements(&world->ports, world->config);
	redrive = redrive_new(&queue);
}

static void end(void)
{
	redrive_free(redrive);
	world_free(world);
	fclose(file);
}

static bool logged(const char *words)
{
	static char text[16384];
	ssize_t n = pread(fileno(file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strstr(text, words) != NULL;
}

static void ask(const char *attributes)
{
	world->cloud->attributes = attributes;
	redrive_ask(redrive);
	world_run(world, 1000);
}

TEST(a_queue_without_a_policy_is_warned_of)
{
	begin();
	ask(QUEUE(""));
	CHECK(logged("no redrive policy"));
	end();
}

TEST(one_that_gives_up_early_is_warned_of)
{
	begin();
	ask(GIVES_UP_AFTER("1"));
	CHECK(logged("maxReceiveCount is under 3"));
	end();
}

TEST(one_that_is_well_set_up_is_not_spoken_of)
{
	begin();
	ask(GIVES_UP_AFTER("3"));
	CHECK(!logged("redrive"));
	end();
}

TEST(it_is_asked_only_once)
{
	begin();
	ask(QUEUE(""));
	ask(QUEUE(""));
	CHECK_INT(world->asked[PORT_ATTRIBUTES], 1);
	end();
}

TEST(who_may_not_ask_works_all_the_same)
{
	begin();
	world_always_code(world, PORT_ATTRIBUTES, "AccessDenied");
	ask(QUEUE(""));
	CHECK(logged("redrive_unknown"));
	end();
}

TEST(an_answer_that_is_none_says_nothing)
{
	begin();
	ask("<html>");
	CHECK(logged("redrive_unknown"));
	CHECK(!logged("no redrive policy"));
	end();
}

TEST(no_answer_comes_after_a_stop)
{
	begin();
	world_next(world, PORT_ATTRIBUTES, FATE_HELD);
	ask(QUEUE(""));
	redrive_stop(redrive);
	CHECK(world->pending == NULL);
	ask(QUEUE(""));
	CHECK_INT(world->asked[PORT_ATTRIBUTES], 1);
	end();
}

int main(void)
{
	check_run(a_queue_without_a_policy_is_warned_of);
	check_run(one_that_gives_up_early_is_warned_of);
	check_run(one_that_is_well_set_up_is_not_spoken_of);
	check_run(it_is_asked_only_once);
	check_run(who_may_not_ask_works_all_the_same);
	check_run(an_answer_that_is_none_says_nothing);
	check_run(no_answer_comes_after_a_stop);
	return check_done();
}
