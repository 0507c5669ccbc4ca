/*
 * local_server: an HTTP server on loopback that behaves, or misbehaves, as a test says.
 *
 * It runs in processes of its own, one a connection, made by fork(): start it before anything that
 * has threads. The answering function runs there; it sees one whole request and writes what it
 * likes to the descriptor. What was asked is kept in shared memory, for the test to look at.
 */
#ifndef TESTS_FLOWS_LOCAL_SERVER_H
#define TESTS_FLOWS_LOCAL_SERVER_H

#include "common/base/attr.h"

#define LOCAL_REQUESTS 32          /* so many are kept */
#define LOCAL_REQUEST  (16 * 1024) /* of each so much */

struct local_request {
	int number; /* from 0, over all connections */
	int fd;
	const char *path; /* "/thing" */
	const char *text; /* head and body */
};

enum local_end { LOCAL_KEEP, LOCAL_CLOSE, LOCAL_RESET };
typedef enum local_end local_answer_fn(const struct local_request *request);

struct local_server;

void local_server_stop(struct local_server *server); /* all its processes end */
struct local_server *local_server_start(local_answer_fn *answer) OWNED(local_server_stop);

const char *local_server_origin(const struct local_server *server); /* "http://127.0.0.1:PORT" */
int local_server_requests(const struct local_server *server);

/* Head and beginning of the body of one request; "" when there was none. */
const char *local_server_request(const struct local_server *server, int number);

/* For answering functions. */
void local_say(const struct local_request *request, const char *format, ...) PRINTF_LIKE(2, 3);
void local_say_bytes(const struct local_request *request, char byte, int n);
void local_await_hangup(const struct local_request *request); /* the client gave up */

#endif
