/*
 * aws_world: an AWS client between a real local server and simulated time, for one test at a time.
 *
 * Its credentials count what happens to them; its log goes to a file that the test can read, and
 * aws_world_end() fails the test when anything secret is in it.
 */
#ifndef TESTS_FLOWS_AWS_WORLD_H
#define TESTS_FLOWS_AWS_WORLD_H

#include "tests/flows/local_server.h"
#include "tests/flows/simulated_time.h"
#include "worker/aws/client.h"

#include <stdio.h>

struct keys {
	struct credentials_provider provider; /* first: what the client holds */
	struct credentials credentials;
	int expired; /* so often it was told so */
	bool absent; /* there are none */
	bool slow;   /* they never come */
};

struct aws_world {
	struct loop *loop;
	struct http *http;
	struct simulation *simulation;
	struct timers *timers; /* simulated */
	struct local_server *server;
	struct keys keys;
	struct log log;
	FILE *log_file;
	struct aws_client *client;
};

extern struct aws_world aws_world;

void aws_world_begin(local_answer_fn *answer); /* AWS_ENDPOINT_URL leads to the server */
void aws_world_end(void);

struct aws_client *aws_world_client(struct err *reterr); /* another one; owned */
const char *aws_world_log(void);                         /* all that was logged */

/* Lets the loop come to rest, then runs one simulated timer. False: nothing is left to do. */
bool aws_world_go_on(void);

/* What became of a call. */
struct outcome {
	int done;
	bool answered, in_doubt;
	struct call *call; /* NULL once it is done */
	char body[256], request_id[64];
	struct aws_error error;
	struct err err;
};

struct aws_request aws_world_request(const struct aws_operation *operation);
void aws_world_start(struct outcome *ret_outcome, const struct aws_request *request);
void aws_world_run_request(struct outcome *ret_outcome, const struct aws_request *request);
void aws_world_run(struct outcome *ret_outcome, const struct aws_operation *operation);

/* A header of a request that the server saw, without its name; "" when it was not there. */
const char *aws_world_header(int number, const char *name);

/* For the server: status and further headers, and the body. The request id is "r-NUMBER". */
enum local_end aws_world_say(const struct local_request *request, const char *head,
                             const char *body);

#endif
