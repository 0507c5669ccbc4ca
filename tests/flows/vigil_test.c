/*
 * The vigil: which images are looked for and when, and what becomes of one that is gone.
 */
#include "worker/flows/vigil.h"

#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <string.h>

#define SECOND 1000
#define HOUR   (3600 * (int64_t)SECOND)
#define EVERY  (6 * HOUR) /* catch_up.every, unless it is set */

#define SUCCEED                                                       \
	"UPDATE builds SET state = 'finished', status = 'Succeeded'," \
	" execution_id = 'e-1', golden_ami = 'ami-g'"
#define FIRST   "ami-00000000000000001"
#define SECOND_ "ami-00000000000000002"

static struct world *world;
static struct vigil *vigil;
static int told;

static void on_told(void *ctx)
{
	(void)ctx;
	told++;
}

static void start(void)
{
	told = 0;
	vigil = vigil_new(&(struct vigil_options){
		.ports = &world->ports,
		.config = world->config,
		.told = on_told,
	});
}

/* So many builds, each in a region of its own, and what else happened to them. */
static void begin(size_t builds, const char *what_happened)
{
	world = world_new(&(struct world_options){ .folder = temporary_empty() });
	world_want_builds(world, builds);
	sql_run(world->path, what_happened);
	start();
}

static void end(void)
{
	vigil_free(vigil);
	world_free(world);
}

static int64_t remarks(void)
{
	return world_count(world, "SELECT count(*) FROM notices WHERE kind = 'withdrawn'");
}

static int64_t marked(void)
{
	return world_count(world, "SELECT count(*) FROM builds WHERE withdrawn_ms > 0");
}

TEST(images_that_are_there_are_looked_for_again_and_again)
{
	begin(2, SUCCEED);
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_DESCRIBE], 2);
	world_run(world, EVERY);
	CHECK_INT(world->asked[PORT_DESCRIBE], 4);
	CHECK_INT(world->asked[PORT_WITHDRAW], 0);
	CHECK_INT(told, 0);
	end();
}

TEST(an_image_that_is_gone_is_told_once_over_restarts)
{
	begin(2, SUCCEED);
	world->cloud->image_gone = SECOND_;
	world_run(world, SECOND);
	CHECK_INT(told, 1);
	CHECK_INT(remarks(), 1);
	CHECK_INT(marked(), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE family = 'web'"
	                             " AND key = 'gone/" SECOND_ "/web'"
	                             " AND text LIKE '" SECOND_ "%no longer available in"
	                             " eu-west-2%ami-g in eu-west-2%'"),
	          1);
	CHECK_INT(world_count(world, "SELECT what = '" SECOND_ "' FROM quarantines"), 1);
	world_run(world, EVERY);
	vigil_free(vigil);
	world_restart(world);
	start();
	world_run(world, EVERY);
	CHECK_INT(world->asked[PORT_WITHDRAW], 1);
	CHECK_INT(remarks(), 1);
	end();
}

TEST(an_image_in_another_state_is_gone)
{
	begin(1, SUCCEED);
	world->cloud->image_state = "deregistered";
	world_run(world, SECOND);
	CHECK_INT(remarks(), 1);
	end();
}

TEST(an_image_that_comes_back_is_no_news_for_people)
{
	begin(1, SUCCEED);
	world->cloud->image_gone = FIRST;
	world_run(world, SECOND);
	world->cloud->image_gone = NULL;
	world_run(world, EVERY);
	world->cloud->image_gone = FIRST;
	world_run(world, EVERY);
	CHECK_INT(remarks(), 1);
	CHECK_INT(marked(), 1);
	CHECK_INT(told, 1);
	end();
}

static void check_unasked(const char *what_happened)
{
	begin(1, what_happened);
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_OVERVIEW], 1);
	CHECK_INT(world->asked[PORT_DESCRIBE], 0);
	end();
}

TEST(what_was_not_built_by_us_is_not_looked_for)
{
	check_unasked("UPDATE builds SET state = 'adopted'");
	check_unasked("UPDATE builds SET state = 'finished', status = 'Failed', execution_id = 1");
	check_unasked("UPDATE builds SET state = 'wanted'");
	check_unasked(SUCCEED ", family = 'nobody-tracks-it'");
}

static void check_failure(enum port port, enum fate fate)
{
	begin(2, SUCCEED);
	world->cloud->image_gone = FIRST;
	world_next(world, port, fate);
	world_run(world, SECOND);
	CHECK_INT(remarks(), 0);
	world_run(world, EVERY);
	CHECK_INT(remarks(), 1);
	end();
}

TEST(what_cannot_be_asked_is_asked_the_next_time)
{
	check_failure(PORT_DESCRIBE, FATE_REFUSED);
	check_failure(PORT_DESCRIBE, FATE_TRANSIENT);
	check_failure(PORT_OVERVIEW, FATE_BROKEN);
	check_failure(PORT_WITHDRAW, FATE_BROKEN);
}

TEST(an_answer_that_is_none_takes_nothing_back)
{
	begin(1, SUCCEED);
	world_next_text(world, PORT_DESCRIBE, "<html>captive portal</html>");
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_WITHDRAW], 0);
	end();
}

TEST(a_part_of_an_answer_takes_nothing_back)
{
	begin(1, SUCCEED);
	world_next_text(world, PORT_DESCRIBE,
	                "<DescribeImagesResponse><imagesSet/><nextToken>2</nextToken>"
	                "</DescribeImagesResponse>");
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_DESCRIBE], 1);
	CHECK_INT(world->asked[PORT_WITHDRAW], 0);
	end();
}

TEST(one_region_that_fails_keeps_no_other_from_being_asked)
{
	begin(2, SUCCEED);
	world->cloud->image_gone = SECOND_;
	world_next(world, PORT_DESCRIBE, FATE_REFUSED);
	world_run(world, SECOND);
	CHECK_INT(remarks(), 1);
	end();
}

static void check_stop(enum port port)
{
	begin(1, SUCCEED);
	world->cloud->image_gone = FIRST;
	world_next(world, port, FATE_HELD);
	world_run(world, SECOND);
	vigil_stop(vigil);
	world_run(world, EVERY);
	CHECK_INT(told, 0);
	end();
}

TEST(a_stop_ends_it_at_once)
{
	check_stop(PORT_OVERVIEW);
	check_stop(PORT_DESCRIBE);
	check_stop(PORT_WITHDRAW);
}

int main(void)
{
	check_run(images_that_are_there_are_looked_for_again_and_again);
	check_run(an_image_that_is_gone_is_told_once_over_restarts);
	check_run(an_image_in_another_state_is_gone);
	check_run(an_image_that_comes_back_is_no_news_for_people);
	check_run(what_was_not_built_by_us_is_not_looked_for);
	check_run(what_cannot_be_asked_is_asked_the_next_time);
	check_run(an_answer_that_is_none_takes_nothing_back);
	check_run(a_part_of_an_answer_takes_nothing_back);
	check_run(one_region_that_fails_keeps_no_other_from_being_asked);
	check_run(a_stop_ends_it_at_once);
	return check_done();
}
