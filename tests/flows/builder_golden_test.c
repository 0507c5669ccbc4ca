/*
 * The builder's golden parameters: what has to be true before one is written, and whatever EC2 and
 * Parameter Store answer.
 */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define MINUTE 60000
#define HOUR   (60 * MINUTE)
#define NAME   "/golden/ami"
#define ROLE   "arn:aws:iam::444455556666:role/publish"
#define TWO    "[/golden/ami, {name: /golden/copy, region: us-east-1, role_arn: \"" ROLE "\"}]"

static struct building on;
static struct world *world; /* where it happens */

static void begin(size_t builds)
{
	building_begin(&on, builds);
	world = on.world;
}

static void begin_golden(const char *golden)
{
	building_begin_golden(&on, 1, golden);
	world = on.world;
}

static void end(void)
{
	building_end(&on);
}

static bool is(const char *condition)
{
	char sql[400];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM builds WHERE id = 1 AND %s", condition);
	return world_count(world, sql) == 1;
}

static int64_t moves(const char *condition)
{
	char sql[400];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM golden_moves WHERE %s", condition);
	return world_count(world, sql);
}

static void holds(const char *name, const char *value)
{
	CHECK_TEXT(cloud_parameter(world->cloud, name), value);
}

/* ---- the move -------------------------------------------------------------------------------- */

TEST(what_it_held_is_remembered_before_it_moves)
{
	begin(1);
	(void)cloud_set_parameter(world->cloud, NAME, "ami-000000000000000d1");
	building_run_until_asked(&on, PORT_LIST);
	world_next(world, PORT_PUT, FATE_HELD);
	world_run(world, MINUTE);
	CHECK_INT(moves("previous = 'ami-000000000000000d1' AND state = 'waiting'"), 1);
	holds(NAME, "ami-000000000000000d1");
	world_release(world, 0, FATE_FINE);
	world_run(world, MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(is("golden_written AND golden_previous = 'ami-000000000000000d1'"));
	CHECK(is("golden_ami = '" CLOUD_GOLDEN "' AND trouble IS NULL"));
	CHECK_INT(moves("state = 'written' AND version = 2 AND at_ms > 0"), 1);
	end();
}

TEST(one_that_did_not_exist_is_created)
{
	begin(1);
	world_run(world, 5 * MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(strstr(world_body(world, PORT_PUT), "\"Overwrite\":false") != NULL);
	CHECK(is("golden_written AND golden_previous IS NULL"));
	end();
}

TEST(one_that_names_the_ami_already_is_not_put)
{
	begin(1);
	(void)cloud_set_parameter(world->cloud, NAME, CLOUD_GOLDEN);
	world_run(world, 5 * MINUTE);
	CHECK(!building_was_put(&on, BUILDING_GOLDEN));
	CHECK(is("golden_written AND trouble IS NULL"));
	CHECK_INT(moves("state = 'written' AND version = 1"), 1);
	end();
}

TEST(one_that_was_created_meanwhile_is_read_again)
{
	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_next(world, PORT_PUT, FATE_HELD);
	world_run(world, MINUTE);
	(void)cloud_set_parameter(world->cloud, NAME, "ami-000000000000000d1");
	world_release(world, 0, FATE_FINE);
	world_run(world, 5 * MINUTE);
	holds(NAME, "ami-000000000000000d1");
	CHECK(is("NOT golden_written AND trouble LIKE '%somebody wrote ami-000000000000000d1%'"));
	end();
}

TEST(one_that_somebody_moves_meanwhile_is_left_alone)
{
	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_next(world, PORT_PUT, FATE_TRANSIENT);
	building_run_until_asked(&on, PORT_PUT);
	(void)cloud_set_parameter(world->cloud, NAME, "ami-000000000000000d1");
	world_run(world, 5 * MINUTE);
	holds(NAME, "ami-000000000000000d1");
	CHECK(is("NOT golden_written AND trouble = '/golden/ami in eu-west-1 was not written:"
	         " somebody wrote ami-000000000000000d1 meanwhile'"));
	end();
}

TEST(one_that_somebody_removes_meanwhile_stays_removed)
{
	begin(1);
	(void)cloud_set_parameter(world->cloud, NAME, "ami-000000000000000d1");
	building_run_until_asked(&on, PORT_LIST);
	world_next(world, PORT_PUT, FATE_TRANSIENT);
	building_run_until_asked(&on, PORT_PUT);
	(void)cloud_set_parameter(world->cloud, NAME, NULL);
	world_run(world, 5 * MINUTE);
	CHECK(is("trouble LIKE '%somebody has removed it meanwhile'"));
	end();
}

TEST(what_holds_secrets_is_no_place_for_it)
{
	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_next_text(
		world, PORT_PARAMETER,
		"{\"Parameter\":{\"Type\":\"SecureString\",\"Value\":\"x\",\"Version\":1}}");
	world_run(world, 5 * MINUTE);
	CHECK(!building_was_put(&on, BUILDING_GOLDEN));
	CHECK(is("trouble LIKE '%it is a SecureString and no String'"));
	end();
}

/* ---- failures -------------------------------------------------------------------------------- */

TEST(it_outlasts_an_outage)
{
	begin(1);
	building_run_until_asked(&on, PORT_GET);
	world_always(world, PORT_PUT, FATE_TRANSIENT);
	world_run(world, 20 * MINUTE);
	CHECK_INT(building_finished(&on), 0);
	world_always(world, PORT_PUT, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK(building_was_put(&on, BUILDING_GOLDEN));
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 0);
	end();
}

static void check_given_up(enum port port)
{
	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_always(world, port, FATE_TRANSIENT);
	world_run(world, 48 * HOUR);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	CHECK_INT(moves("state = 'left'"), 1);
	CHECK(!building_was_put(&on, BUILDING_GOLDEN));
	end();
}

TEST(it_is_given_up_at_last)
{
	check_given_up(PORT_PUT);
	check_given_up(PORT_PARAMETER);
	check_given_up(PORT_DESCRIBE);
}

static void check_refused(enum port port)
{
	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_always(world, port, FATE_REFUSED);
	world_run(world, 5 * MINUTE);
	CHECK(is("state = 'finished' AND NOT golden_written"));
	CHECK(is("trouble LIKE '/golden/ami in eu-west-1 was not written: %as the script says%'"));
	end();
}

TEST(what_is_refused_is_told_at_once)
{
	check_refused(PORT_PUT);
	check_refused(PORT_PARAMETER);
	check_refused(PORT_DESCRIBE);
}

/* As keys that have expired are, and rights that are missing: people are told once meanwhile. */
static void check_denied(enum port port)
{
	int asked_before;

	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_always(world, port, FATE_BROKEN);
	world_run(world, 20 * HOUR);
	CHECK(is("state = 'started' AND trouble LIKE 'a golden parameter cannot be written now: "
	         "%'"));
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE kind = 'started'"), 2);
	CHECK_INT(building_finished(&on), 0);
	asked_before = world->asked[port];
	CHECK(asked_before < 45, "%d", asked_before);
	world_always(world, port, FATE_FINE);
	world_run(world, HOUR);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(is("state = 'finished' AND golden_written AND trouble IS NULL"));
	end();
}

TEST(what_is_denied_is_told_and_asked_again_for_a_day)
{
	check_denied(PORT_PUT);
	check_denied(PORT_PARAMETER);
	check_denied(PORT_DESCRIBE);
	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_always(world, PORT_PUT, FATE_BROKEN);
	world_run(world, 26 * HOUR);
	CHECK(is("state = 'finished' AND trouble LIKE '/golden/ami in eu-west-1 was not written: "
	         "%'"));
	end();
}

TEST(what_a_proxy_answers_is_asked_again)
{
	begin(1);
	building_run_until_asked(&on, PORT_LIST);
	world_next_text(world, PORT_DESCRIBE, "<html>");
	world_next_text(world, PORT_PARAMETER, "<html>");
	world_next_text(world, PORT_PUT, "<html>");
	world_run(world, 5 * MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(is("golden_written AND trouble IS NULL"));
	end();
}

/* ---- the AMI --------------------------------------------------------------------------------- */

static void check_output(const char *output)
{
	begin(1);
	world->cloud->output = output;
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 1);
	CHECK_INT((int)world->cloud->n_puts, 1);
	CHECK_INT(moves("state = 'left' AND value IS NULL"), 1);
	end();
}

TEST(only_an_image_id_becomes_golden)
{
	check_output(NULL);
	check_output("");
	check_output("ami-");
	check_output("see the log");
}

TEST(an_ami_that_is_being_made_is_waited_for)
{
	begin(1);
	world->cloud->golden_state = "pending";
	world_run(world, 3 * HOUR);
	CHECK_INT(building_finished(&on), 0);
	CHECK_INT(moves("state = 'waiting' AND previous IS NULL AND detail LIKE '%is pending'"), 1);
	world->cloud->golden_state = "available";
	world_run(world, 5 * MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(is("golden_written AND trouble IS NULL"));
	end();
}

TEST(an_ami_that_came_to_nothing_is_told_at_once)
{
	begin(1);
	world->cloud->golden_state = "failed";
	world_run(world, 5 * MINUTE);
	CHECK(is("state = 'finished' AND trouble LIKE '%" CLOUD_GOLDEN " is failed'"));
	CHECK(!building_was_put(&on, BUILDING_GOLDEN));
	end();
}

TEST(an_ami_that_nobody_knows_may_become_known)
{
	begin(1);
	world->cloud->golden_state = NULL;
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 0);
	world->cloud->golden_state = "available";
	world_run(world, 5 * MINUTE);
	CHECK(is("golden_written AND trouble IS NULL"));
	end();
}

TEST(an_ami_that_nobody_knows_is_told_before_long)
{
	begin(1);
	world->cloud->golden_state = NULL;
	world_run(world, HOUR);
	CHECK(is("state = 'finished' AND trouble LIKE '%" CLOUD_GOLDEN " is not there'"));
	CHECK(!building_was_put(&on, BUILDING_GOLDEN));
	end();
}

/* ---- what EC2 checks ------------------------------------------------------------------------- */

TEST(what_ec2_checks_is_written_when_it_can_be_read)
{
	begin(1);
	cloud_set_parameter(world->cloud, NAME, "ami-000000000000000d1")->data_type =
		"aws:ec2:image";
	world->cloud->let_in = false;
	world_run(world, 5 * MINUTE);
	CHECK(strstr(world_body(world, PORT_PUT), "\"DataType\":\"aws:ec2:image\"") != NULL);
	CHECK_INT(building_finished(&on), 0);
	world->cloud->let_in = true;
	world_run(world, 5 * MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(is("golden_written AND trouble IS NULL"));
	end();
}

TEST(what_ec2_does_not_let_in_is_told)
{
	begin(1);
	cloud_set_parameter(world->cloud, NAME, "ami-000000000000000d1")->data_type =
		"aws:ec2:image";
	world->cloud->let_in = false;
	world_run(world, 48 * HOUR);
	CHECK(is("NOT golden_written AND trouble LIKE '%EC2 has not let it in yet'"));
	holds(NAME, "ami-000000000000000d1");
	end();
}

/* ---- several --------------------------------------------------------------------------------- */

static struct buf asked; /* for golden parameters */
static struct call *(*answer)(void *world, const struct aws_request *request, aws_done_fn *done,
                              void *ctx);

static struct call *note(void *ctx, const struct aws_request *request, aws_done_fn *done,
                         void *done_ctx)
{
	if (request->role)
		buf_addf(&asked, "%s in %s as %s\n", request->operation->name, request->region,
		         request->role->arn);
	return answer(ctx, request, done, done_ctx);
}

TEST(each_is_written_where_it_is_by_whom_it_takes)
{
	begin_golden(TWO);
	asked = buf_with_max(4096);
	answer = world->ports.aws;
	world->ports.aws = note;
	world_run(world, 5 * MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	holds("/golden/copy", CLOUD_GOLDEN);
	CHECK_TEXT(buf_text(&asked), "DescribeImages in us-east-1 as " ROLE "\n"
	                             "GetParameter in us-east-1 as " ROLE "\n"
	                             "PutParameter in us-east-1 as " ROLE "\n");
	CHECK(is("golden_written AND trouble IS NULL"));
	CHECK_INT(moves("target = 'us-east-1:444455556666:/golden/copy' AND position = 1"), 1);
	buf_clear(&asked);
	end();
}

TEST(one_that_cannot_be_written_keeps_the_others_from_nothing)
{
	begin_golden(TWO);
	building_run_until_asked(&on, PORT_LIST);
	world_next(world, PORT_PUT, FATE_REFUSED);
	world_run(world, 5 * MINUTE);
	holds(NAME, "");
	holds("/golden/copy", CLOUD_GOLDEN);
	CHECK(is("NOT golden_written AND trouble LIKE '/golden/ami in eu-west-1 was not "
	         "written:%'"));
	end();
}

TEST(one_that_has_to_wait_is_not_waited_for_by_the_others)
{
	begin_golden(TWO);
	building_run_until_asked(&on, PORT_LIST);
	world_next(world, PORT_PUT, FATE_TRANSIENT);
	world_run(world, 2000);
	holds("/golden/copy", CLOUD_GOLDEN);
	CHECK_INT(building_finished(&on), 0);
	world_run(world, 5 * MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(is("golden_written AND trouble IS NULL"));
	CHECK_INT((int)world->cloud->n_puts, 3);
	end();
}

TEST(each_may_have_an_output_of_its_own)
{
	begin_golden("[/golden/ami, {name: /golden/copy, output: COPY}]");
	world_run(world, 5 * MINUTE);
	holds(NAME, CLOUD_GOLDEN);
	CHECK(is("NOT golden_written AND trouble = '/golden/copy in eu-west-1 was not written:"
	         " no action has the output variable COPY'"));
	end();
}

/* What was planned is done, whatever the configuration says by then. */
TEST(what_is_planned_is_in_the_ledger)
{
	begin(1);
	world->cloud->golden_state = "pending";
	world_run(world, 5 * MINUTE);
	sql_run(world->path, "UPDATE golden_moves SET name = '/golden/elsewhere'");
	world->cloud->golden_state = "available";
	building_restart(&on);
	world_run(world, 5 * MINUTE);
	holds("/golden/elsewhere", CLOUD_GOLDEN);
	holds(NAME, "");
	end();
}

/* ---- never backwards ------------------------------------------------------------------------- */

/* Two builds of one line under way, which is what a crash or an operator can make of it. */
static void begin_line(void)
{
	begin(2);
	world->cloud->golden_state = "pending";
	world_run(world, 10 * MINUTE);
	CHECK_INT(moves("state = 'waiting'"), 2);
	sql_run(world->path, "UPDATE builds SET region = 'eu-west-1';"
	                     "UPDATE golden_moves SET region = 'eu-west-1', target = 'same'");
}

TEST(an_older_release_is_not_written_over_a_newer_one)
{
	begin_line();
	sql_run(world->path, "UPDATE builds SET release = '2023.10.20260901.0' WHERE id = 2;"
	                     "UPDATE builds SET due_ms = due_ms + 900000 WHERE id = 1");
	world->cloud->golden_state = "available";
	building_restart(&on);
	world_run(world, 5 * MINUTE);
	CHECK_INT(moves("build = 2 AND state = 'written'"), 1);
	world_run(world, HOUR);
	holds(NAME, "ami-0000000000010901d");
	CHECK(is("NOT golden_written AND trouble LIKE '%it names a newer golden AMI'"));
	end();
}

TEST(an_earlier_build_is_not_written_over_a_later_one_of_its_release)
{
	begin_line();
	sql_run(world->path, "UPDATE builds SET due_ms = due_ms + 900000 WHERE id = 1");
	world->cloud->golden_state = "available";
	building_restart(&on);
	world_run(world, HOUR);
	holds(NAME, "ami-0000000000010901d");
	CHECK(is("NOT golden_written AND trouble LIKE '%it names a newer golden AMI'"));
	end();
}

TEST(what_another_build_is_about_to_write_is_waited_for)
{
	begin_line();
	sql_run(world->path, "UPDATE builds SET due_ms = due_ms + 60000 WHERE id = 2");
	world->cloud->golden_state = "available";
	building_restart(&on);
	world_next(world, PORT_PUT, FATE_HELD);
	world_run(world, 10 * MINUTE);
	CHECK_INT(moves("build = 2 AND detail = 'another build is about to write it'"), 1);
	world_release(world, 0, FATE_FINE);
	world_run(world, 10 * MINUTE);
	holds(NAME, "ami-0000000000010901d");
	CHECK_INT(moves("state = 'written'"), 2);
	CHECK_INT(moves("build = 2 AND previous = '" CLOUD_GOLDEN "'"), 1);
	end();
}

/* While it was building people have learned what is wrong with its base. */
static void check_barred(const char *sql)
{
	begin(1);
	(void)cloud_set_parameter(world->cloud, NAME, "ami-000000000000000d1");
	building_run_until_asked(&on, PORT_START);
	sql_run(world->path, sql);
	world_run(world, 5 * MINUTE);
	holds(NAME, "ami-000000000000000d1");
	CHECK(is("status = 'Succeeded' AND NOT golden_written AND trouble LIKE"
	         " '% was not written: its base is in quarantine, or was taken back'"));
	end();
}

TEST(what_is_made_of_a_base_in_quarantine_is_not_written)
{
	check_barred("INSERT INTO quarantines SELECT 'web', release, 'panics', 1 FROM builds");
	check_barred("INSERT INTO quarantines SELECT '', image_id, 'panics', 1 FROM builds");
	check_barred("UPDATE builds SET withdrawn_ms = 1");
}

/* ---- killed at every request ----------------------------------------------------------------- */

/* True when it was killed; false when there was no such request. */
static bool die_at(int request, bool too_late)
{
	bool crashed;

	begin_golden(TWO);
	building_run_until_asked(&on, PORT_LIST);
	world->crash_at = world->steps + request;
	world->crash_too_late = too_late;
	world_run(world, 10 * MINUTE);
	crashed = world->crashed;
	building_restart(&on);
	world_run(world, 10 * MINUTE);
	CHECK(is("golden_written AND trouble IS NULL AND golden_previous IS NULL"));
	holds(NAME, CLOUD_GOLDEN);
	holds("/golden/copy", CLOUD_GOLDEN);
	CHECK_INT(moves("state = 'written' AND version = 1 AND previous = ''"), 2);
	CHECK_INT((int)world->cloud->n_puts, 3);
	end();
	return crashed;
}

TEST(killed_at_any_request_each_is_written_once)
{
	int request = 1;

	while (die_at(request, false) && die_at(request, true))
		request++;
	CHECK(request > 12, "only %d requests", request);
}

int main(void)
{
	check_run(what_it_held_is_remembered_before_it_moves);
	check_run(one_that_did_not_exist_is_created);
	check_run(one_that_names_the_ami_already_is_not_put);
	check_run(one_that_was_created_meanwhile_is_read_again);
	check_run(one_that_somebody_moves_meanwhile_is_left_alone);
	check_run(one_that_somebody_removes_meanwhile_stays_removed);
	check_run(what_holds_secrets_is_no_place_for_it);
	check_run(it_outlasts_an_outage);
	check_run(it_is_given_up_at_last);
	check_run(what_is_refused_is_told_at_once);
	check_run(what_is_denied_is_told_and_asked_again_for_a_day);
	check_run(what_a_proxy_answers_is_asked_again);
	check_run(only_an_image_id_becomes_golden);
	check_run(an_ami_that_is_being_made_is_waited_for);
	check_run(an_ami_that_came_to_nothing_is_told_at_once);
	check_run(an_ami_that_nobody_knows_may_become_known);
	check_run(an_ami_that_nobody_knows_is_told_before_long);
	check_run(what_ec2_checks_is_written_when_it_can_be_read);
	check_run(what_ec2_does_not_let_in_is_told);
	check_run(each_is_written_where_it_is_by_whom_it_takes);
	check_run(one_that_cannot_be_written_keeps_the_others_from_nothing);
	check_run(one_that_has_to_wait_is_not_waited_for_by_the_others);
	check_run(each_may_have_an_output_of_its_own);
	check_run(what_is_planned_is_in_the_ledger);
	check_run(an_older_release_is_not_written_over_a_newer_one);
	check_run(an_earlier_build_is_not_written_over_a_later_one_of_its_release);
	check_run(what_another_build_is_about_to_write_is_waited_for);
	check_run(what_is_made_of_a_base_in_quarantine_is_not_written);
	check_run(killed_at_any_request_each_is_written_once);
	return check_done();
}
