/* Requests in the name of roles: whose credentials sign them, and how often STS is asked. */
#include "worker/aws/roles.h"

#include "common/base/limits.h"
#include "tests/flows/aws_world.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define ARN(name)  "arn:aws:iam::444455556666:role/" name
#define BASE_TOKEN "t0ken/+="
#define CALLS      20
#define HOUR_MS    INT64_C(3600000)

/* ---- The server ------------------------------------------------------------------------------ */

static bool asks_sts(const char *text)
{
	return strstr(text, "\r\n\r\nAction=AssumeRole&") != NULL;
}

/* The hour of the simulated day in which it was signed. */
static int hour_of(const struct local_request *request)
{
	const char *date = strstr(request->text, "X-Amz-Date: 20251201T");
	int hour = 0;

	if (date)
		sscanf(date, "X-Amz-Date: 20251201T%2d", &hour);
	return hour;
}

/* Keys for an hour or so; "t0ken-N" for the N-th request that the server saw. */
static enum local_end give_keys(const struct local_request *request)
{
	char body[512];

	snprintf(body, sizeof(body),
	         "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE"
	         "</AccessKeyId><SecretAccessKey>s3cr3t-of-role</SecretAccessKey><SessionToken>"
	         "t0ken-%d</SessionToken><Expiration>2025-12-01T%02d:00:00Z</Expiration>"
	         "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
	         request->number, hour_of(request) + 1);
	return aws_world_say(request, "200 OK", body);
}

static enum local_end deny(const struct local_request *request)
{
	return aws_world_say(request, "403 Forbidden",
	                     "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you"
	                     "</Message></Error></ErrorResponse>");
}

static enum local_end expire(const struct local_request *request)
{
	if (asks_sts(request->text))
		return aws_world_say(request, "403 Forbidden",
		                     "<ErrorResponse><Error><Code>ExpiredToken</Code></Error>"
		                     "</ErrorResponse>");
	return aws_world_say(request, "400 Bad Request", "{\"__type\": \"ExpiredTokenException\"}");
}

static enum local_end say_fine(const struct local_request *request)
{
	if (asks_sts(request->text))
		return give_keys(request);
	return aws_world_say(request, "200 OK", "{}");
}

static enum local_end say_denied_once(const struct local_request *request)
{
	return request->number ? say_fine(request) : deny(request);
}

/* The first request is for keys: those are taken once, and then no more. */
static enum local_end say_first_keys_expire(const struct local_request *request)
{
	bool first = strstr(request->text, "X-Amz-Security-Token: t0ken-0\r\n") != NULL;

	return first && request->number > 1 ? expire(request) : say_fine(request);
}

static enum local_end say_base_expired_once(const struct local_request *request)
{
	return request->number ? say_fine(request) : expire(request);
}

/* ---- Requests -------------------------------------------------------------------------------- */

static struct aws_role role_of(const char *arn)
{
	return (struct aws_role){ arn, "evergold-web", "eu-west-1" };
}

static void run_as(struct outcome *ret_outcome, const struct aws_role *role)
{
	struct aws_request request = aws_world_request(&aws_codepipeline_get_pipeline);

	request.role = role;
	aws_world_run_request(ret_outcome, &request);
}

static void check_fine_as(const struct aws_role *role)
{
	struct outcome outcome;

	run_as(&outcome, role);
	CHECK_TEXT(outcome.err.text, "");
	CHECK_TEXT(outcome.body, "{}");
}

static void start_as(struct outcome *ret_outcome, const struct aws_role *role)
{
	struct aws_request request = aws_world_request(&aws_codepipeline_get_pipeline);

	request.role = role;
	aws_world_start(ret_outcome, &request);
}

static void run_all(void)
{
	while (aws_world_go_on())
		;
}

static int requests(void)
{
	return local_server_requests(aws_world.server);
}

static bool was_sent(int number, const char *text)
{
	return strstr(local_server_request(aws_world.server, number), text) != NULL;
}

/* ---- Whose credentials ----------------------------------------------------------------------- */

TEST(a_role_is_assumed_with_our_own_credentials)
{
	struct aws_role role = { ARN("start-golden"), "evergold-web", "us-east-1" };

	aws_world_begin(say_fine);
	check_fine_as(&role);
	CHECK_INT(requests(), 2);
	CHECK(was_sent(0, "RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fstart-golden"
	                  "&RoleSessionName=evergold-web"));
	CHECK(was_sent(0, "Credential=AKIDEXAMPLE/20251201/us-east-1/sts/"));
	CHECK_TEXT(aws_world_header(0, "X-Amz-Security-Token"), BASE_TOKEN);
	CHECK(was_sent(1, "Credential=ASIAROLE/20251201/eu-west-1/codepipeline/"));
	CHECK_TEXT(aws_world_header(1, "X-Amz-Security-Token"), "t0ken-0");
	aws_world_end();
}

TEST(what_has_no_role_is_ours)
{
	aws_world_begin(say_fine);
	check_fine_as(&(struct aws_role){ ARN("a"), "evergold-web", "eu-west-1" });
	check_fine_as(NULL);
	CHECK_INT(requests(), 3);
	CHECK_TEXT(aws_world_header(2, "X-Amz-Security-Token"), BASE_TOKEN);
	aws_world_end();
}

TEST(however_many_wait_the_role_is_assumed_once)
{
	struct aws_role role = role_of(ARN("a"));
	struct outcome outcomes[CALLS];

	aws_world_begin(say_fine);
	for (int i = 0; i < CALLS; i++)
		start_as(&outcomes[i], &role);
	run_all();
	for (int i = 0; i < CALLS; i++)
		CHECK_TEXT(outcomes[i].body, "{}");
	CHECK_INT(requests(), 1 + CALLS);
	check_fine_as(&role);
	CHECK_INT(requests(), 2 + CALLS);
	aws_world_end();
}

TEST(each_role_session_and_region_has_its_own)
{
	static const struct aws_role roles[] = {
		{ ARN("a"), "evergold-web", "eu-west-1" },
		{ ARN("b"), "evergold-web", "eu-west-1" },
		{ ARN("a"), "evergold-db", "eu-west-1" },
		{ ARN("a"), "evergold-web", "us-east-1" },
	};

	aws_world_begin(say_fine);
	for (int i = 0; i < (int)ARRAY_LEN(roles); i++) {
		check_fine_as(&roles[i]);
		CHECK_INT(requests(), 2 * (i + 1));
	}
	check_fine_as(&roles[0]);
	CHECK_INT(requests(), 2 * (int)ARRAY_LEN(roles) + 1);
	CHECK_TEXT(aws_world_header(requests() - 1, "X-Amz-Security-Token"), "t0ken-0");
	aws_world_end();
}

/* ---- Their end ------------------------------------------------------------------------------- */

TEST(keys_of_a_role_are_renewed_before_they_end)
{
	struct aws_role role = role_of(ARN("a"));

	aws_world_begin(say_fine);
	check_fine_as(&role);
	simulation_advance(aws_world.simulation, HOUR_MS - 5 * 60000);
	check_fine_as(&role);
	CHECK_INT(requests(), 4);
	CHECK_TEXT(aws_world_header(3, "X-Amz-Security-Token"), "t0ken-2");
	aws_world_end();
}

TEST(keys_that_are_refused_are_asked_for_anew)
{
	struct aws_role role = role_of(ARN("a"));

	aws_world_begin(say_first_keys_expire);
	check_fine_as(&role);
	check_fine_as(&role);
	CHECK_INT(requests(), 5);
	CHECK_TEXT(aws_world_header(2, "X-Amz-Security-Token"), "t0ken-0");
	CHECK_TEXT(aws_world_header(3, "X-Amz-Security-Token"), BASE_TOKEN);
	CHECK_TEXT(aws_world_header(4, "X-Amz-Security-Token"), "t0ken-3");
	CHECK_INT(aws_world.keys.expired, 0); /* ours are good */
	aws_world_end();
}

TEST(our_own_keys_are_renewed_when_sts_refuses_them)
{
	struct aws_role role = role_of(ARN("a"));

	aws_world_begin(say_base_expired_once);
	check_fine_as(&role);
	CHECK_INT(requests(), 3);
	CHECK_INT(aws_world.keys.expired, 1);
	aws_world_end();
}

/* ---- Refusals -------------------------------------------------------------------------------- */

TEST(a_role_that_is_denied_is_named_and_asked_for_again)
{
	struct aws_role role = role_of(ARN("a"));
	struct outcome outcome;

	aws_world_begin(say_denied_once);
	run_as(&outcome, &role);
	CHECK(!outcome.answered);
	CHECK_INT((int)outcome.err.kind, (int)ERR_BROKEN);
	CHECK_TEXT(outcome.err.text,
	           "CODEPIPELINE GetPipeline: " ARN("a") ": STS AssumeRole: AccessDenied: not you");
	CHECK_INT(requests(), 1);
	check_fine_as(&role);
	CHECK_INT(requests(), 3);
	aws_world_end();
}

TEST(without_credentials_of_our_own_there_are_none_of_a_role)
{
	struct aws_role role = role_of(ARN("a"));
	struct outcome outcome;

	aws_world_begin(say_fine);
	aws_world.keys.absent = true;
	run_as(&outcome, &role);
	CHECK_TEXT(outcome.err.text,
	           "CODEPIPELINE GetPipeline: " ARN("a") ": STS AssumeRole: no credentials");
	CHECK_INT(requests(), 0);
	aws_world_end();
}

/* ---- Cancelled ------------------------------------------------------------------------------- */

TEST(who_gives_up_does_not_take_the_keys_from_others)
{
	struct aws_role role = role_of(ARN("a"));
	struct outcome given_up, kept;

	aws_world_begin(say_fine);
	start_as(&given_up, &role);
	start_as(&kept, &role);
	call_cancel(given_up.call);
	run_all();
	CHECK_INT(given_up.done, 0);
	CHECK_TEXT(kept.body, "{}");
	CHECK_INT(requests(), 2);
	aws_world_end();
}

static void on_nothing(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	(void)ctx;
	CHECK(false, "done: %s", err ? err->text : answer->request_id.at);
}

TEST(a_client_ends_while_it_assumes_a_role)
{
	struct aws_role role = role_of(ARN("a"));
	struct aws_request request = aws_world_request(&aws_codepipeline_get_pipeline);
	struct aws_client *client;

	aws_world_begin(say_fine);
	client = aws_world_client(NULL);
	request.role = &role;
	call_cancel(aws_start(client, &request, on_nothing, NULL));
	CHECK(simulation_waiting(aws_world.simulation) > 0);
	aws_client_free(client);
	CHECK_INT((int)simulation_waiting(aws_world.simulation), 0);
	aws_world_end();
}

/* ---- How many -------------------------------------------------------------------------------- */

static struct assumed_role *take(struct roles *roles, int number, struct err *reterr)
{
	char arn[64];
	struct aws_role role = role_of(arn);

	snprintf(arn, sizeof(arn), ARN("%d"), number);
	return roles_take(roles, &role, reterr);
}

static struct roles *new_roles(void)
{
	return roles_new(aws_world.client,
	                 &(struct aws_client_options){ .http = aws_world.http,
	                                               .timers = aws_world.timers,
	                                               .credentials = &aws_world.keys.provider });
}

/* Takes it and gives it back; what served as its credentials. */
static const void *touch(struct roles *roles, int number)
{
	struct assumed_role *assumed = take(roles, number, NULL);
	const void *credentials = assumed_role_credentials(assumed);

	roles_give_back(assumed);
	return credentials;
}

static void count_question(void *ctx, const struct credentials *credentials, const struct err *err)
{
	CHECK((credentials == NULL) == (err != NULL));
	++*(int *)ctx;
}

static void ask(struct roles *roles, int number)
{
	struct assumed_role *assumed = take(roles, number, NULL);
	struct credentials_provider *provider = assumed_role_credentials(assumed);
	int answers = 0;

	provider->get(provider, count_question, &answers);
	run_all();
	CHECK_INT(answers, 1);
	roles_give_back(assumed);
}

TEST(the_one_unused_longest_makes_room)
{
	struct roles *roles;

	aws_world_begin(say_fine);
	roles = new_roles();
	ask(roles, 0);
	ask(roles, 1);
	CHECK_INT(requests(), 2);
	for (int i = 2; i < LIMIT_ROLES; i++)
		touch(roles, i);
	ask(roles, 0);
	touch(roles, LIMIT_ROLES); /* for which 1 has to go */
	ask(roles, 0);
	CHECK_INT(requests(), 2);
	ask(roles, 1);
	CHECK_INT(requests(), 3);
	roles_free(roles);
	aws_world_end();
}

TEST(what_is_in_use_does_not_make_room)
{
	struct assumed_role *taken[LIMIT_ROLES];
	const void *first;
	struct roles *roles;
	struct err err = { ERR_NONE, "" };

	aws_world_begin(say_fine);
	roles = new_roles();
	for (int i = 0; i < LIMIT_ROLES; i++)
		taken[i] = take(roles, i, NULL);
	first = assumed_role_credentials(taken[0]);
	CHECK(take(roles, LIMIT_ROLES, &err) == NULL);
	CHECK_INT((int)err.kind, (int)ERR_TRANSIENT);
	CHECK(strstr(err.text, "other roles are in use") != NULL, "%s", err.text);
	roles_give_back(taken[1]);
	touch(roles, LIMIT_ROLES);
	CHECK(touch(roles, 0) == first);
	for (int i = 0; i < LIMIT_ROLES; i++) {
		if (i != 1)
			roles_give_back(taken[i]);
	}
	roles_free(roles);
	aws_world_end();
}

int main(void)
{
	check_run(a_role_is_assumed_with_our_own_credentials);
	check_run(what_has_no_role_is_ours);
	check_run(however_many_wait_the_role_is_assumed_once);
	check_run(each_role_session_and_region_has_its_own);
	check_run(keys_of_a_role_are_renewed_before_they_end);
	check_run(keys_that_are_refused_are_asked_for_anew);
	check_run(our_own_keys_are_renewed_when_sts_refuses_them);
	check_run(a_role_that_is_denied_is_named_and_asked_for_again);
	check_run(without_credentials_of_our_own_there_are_none_of_a_role);
	check_run(who_gives_up_does_not_take_the_keys_from_others);
	check_run(a_client_ends_while_it_assumes_a_role);
	check_run(the_one_unused_longest_makes_room);
	check_run(what_is_in_use_does_not_make_room);
	return check_done();
}
