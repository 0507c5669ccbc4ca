/* In whose name the builder asks: everything of a build in the role of its row. */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#define ROLE    "arn:aws:iam::444455556666:role/start-golden"
#define MINUTE  60000
#define AS_ROLE " as " ROLE ", evergold-web, of eu-west-1\n"

static struct building on;
static struct world *world; /* where it happens */

/* ---- What is asked --------------------------------------------------------------------------- */

static struct buf asked;
static struct call *(*answer)(void *world, const struct aws_request *request, aws_done_fn *done,
                              void *ctx);

static struct call *note(void *ctx, const struct aws_request *request, aws_done_fn *done,
                         void *done_ctx)
{
	const struct aws_role *role = request->role;

	buf_addf(&asked, "%s in %s", request->operation->name, request->region);
	if (role)
		buf_addf(&asked, " as %s, %s, of %s", role->arn, role->session_name, role->region);
	buf_add_char(&asked, '\n');
	return answer(ctx, request, done, done_ctx);
}

static void begin(const char *sql)
{
	building_begin(&on, 1);
	world = on.world;
	sql_run(world->path, sql);
	asked = buf_with_max(4096);
	answer = world->ports.aws;
	world->ports.aws = note;
}

static void end(void)
{
	buf_clear(&asked);
	building_end(&on);
}

/* ---- Builds ---------------------------------------------------------------------------------- */

TEST(everything_of_a_build_is_asked_in_its_role)
{
	begin("UPDATE builds SET role_arn = '" ROLE "', region = 'us-east-1'");
	world->cloud->polls = 1;
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_TEXT(buf_text(&asked),
	           "GetPipeline in eu-west-1" AS_ROLE "DescribeImages in us-east-1" AS_ROLE
	           "StartPipelineExecution in eu-west-1" AS_ROLE "GetParameter in eu-west-1" AS_ROLE
	           "GetParameter in eu-west-1" AS_ROLE "PutParameter in eu-west-1" AS_ROLE
	           "GetPipelineExecution in eu-west-1" AS_ROLE
	           "ListActionExecutions in eu-west-1" AS_ROLE "DescribeImages in us-east-1" AS_ROLE
	           "GetParameter in us-east-1" AS_ROLE "PutParameter in us-east-1" AS_ROLE);
	end();
}

TEST(without_a_role_it_is_ourselves_who_ask)
{
	begin("UPDATE builds SET role_arn = NULL");
	world->cloud->polls = 1;
	world_run(world, 5 * MINUTE);
	CHECK_TEXT(buf_text(&asked), "GetPipeline in eu-west-1\n"
	                             "DescribeImages in eu-west-1\n"
	                             "StartPipelineExecution in eu-west-1\n"
	                             "GetParameter in eu-west-1\n"
	                             "GetParameter in eu-west-1\n"
	                             "PutParameter in eu-west-1\n"
	                             "GetPipelineExecution in eu-west-1\n"
	                             "ListActionExecutions in eu-west-1\n"
	                             "DescribeImages in eu-west-1\n"
	                             "GetParameter in eu-west-1\n"
	                             "PutParameter in eu-west-1\n");
	end();
}

/* As the client tells it when STS says no. */
TEST(a_role_that_cannot_be_assumed_is_told_once_and_tried_again)
{
	begin("UPDATE builds SET role_arn = '" ROLE "'");
	world_always(world, PORT_START, FATE_BROKEN);
	world_run(world, 60 * MINUTE);
	CHECK(world->asked[PORT_START] > 2);
	CHECK_INT(building_notices(&on), 1);
	world_always(world, PORT_START, FATE_FINE);
	world_run(world, 120 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT((int)world->cloud->n_executions, 1);
	end();
}

int main(void)
{
	check_run(everything_of_a_build_is_asked_in_its_role);
	check_run(without_a_role_it_is_ourselves_who_ask);
	check_run(a_role_that_cannot_be_assumed_is_told_once_and_tried_again);
	return check_done();
}
