/*
 * parameter: a parameter of a pipeline's account, read and written in the name of a build.
 *
 * Parameter Store has no write with a condition but that of creating. So whoever replaces a value
 * has read it just before; what is written in between by somebody else is covered, and logged.
 *
 * Errors: ERR_TRANSIENT: worth asking again later; ERR_BROKEN: more rarely, since somebody has to
 * give rights or keys first; any other: it will stay so.
 */
#ifndef EVERGOLD_FLOWS_PARAMETER_H
#define EVERGOLD_FLOWS_PARAMETER_H

#include "worker/flows/ports.h"

/* Which one. Copied; its texts are borrowed until the end of what is started with it. */
struct parameter {
	const struct ports *ports;
	const struct build *build; /* in whose name */
	const char *name, *region;
	const char *role_arn; /* another than the build's; NULL: that one */
};

struct parameter_state {
	const char *value; /* "": it does not exist, which no parameter's value is */
	int64_t version;   /* 0: it does not exist */
	bool late; /* EC2 checks what is written after the answer: only reading tells the end */
};

/* state: borrowed until done returns; NULL with err. What is no String is ERR_REFUSED. */
typedef void parameter_read_fn(void *ctx, const struct parameter_state *state,
                               const struct err *err);

struct call *parameter_read(const struct parameter *parameter, parameter_read_fn *done, void *ctx);

/* version: that it has now; 0 with err. */
typedef void parameter_written_fn(void *ctx, int64_t version, const struct err *err);

struct parameter_write {
	const struct parameter *parameter;
	const struct parameter_state *over; /* what was read of it */
	const char *value;
};

struct call *parameter_write(const struct parameter_write *write, parameter_written_fn *done,
                             void *ctx);

#endif
