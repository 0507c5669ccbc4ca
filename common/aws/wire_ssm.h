/*
 * wire_ssm: AWS Systems Manager Parameter Store: read and write parameters.
 *
 * Source: the Systems Manager API reference. Bodies are appended to *out. An answer that is no JSON
 * or lacks Value or Version is ERR_MALFORMED; other members are ignored, null counts as absent.
 */
#ifndef EVERGOLD_AWS_WIRE_SSM_H
#define EVERGOLD_AWS_WIRE_SSM_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/limits.h"
#include "common/base/secret.h"

#include <stdint.h>

void ssm_get_body(const char *name, bool with_decryption, struct buf *out);

struct ssm_parameter {
	const char *value; /* in the arena */
	int64_t version;   /* 1 and up */
	const char *type;  /* "String", "SecureString", …; of GetParameter; NULL when absent */
	const char *data_type; /* likewise: "text", "aws:ec2:image" */
};

bool ssm_get_answer(struct span json, struct arena *arena, struct ssm_parameter *ret_parameter,
                    struct err *reterr) MUST_USE;

/* The same for a value that must not be seen; *ret_secret is owned by the caller. */
bool ssm_get_secret_answer(struct span json, struct secret *ret_secret, struct err *reterr)
	MUST_USE;

/* No place for secrets: an arena does not overwrite what it frees. */
struct ssm_page {
	struct {
		const char *name;
		struct ssm_parameter parameter;
	} at[LIMIT_PARAMETERS];

	size_t n;
	const char *next_token; /* NULL: this was the last page; an empty one may have it */
};

/* GetParameters: up to LIMIT_PARAMETERS at once. Those that there are not are left out. */
void ssm_names_body(const char *const *names, size_t n, struct buf *out);
bool ssm_names_answer(struct span json, struct arena *arena, struct ssm_page *ret_page,
                      struct err *reterr) MUST_USE;

/* GetParametersByPath. */
struct ssm_path {
	const char *path; /* "/golden/" */
	bool recursive;
	const char *next_token; /* of the page before, or NULL */
};

void ssm_path_body(const struct ssm_path *path, struct buf *out);

bool ssm_path_answer(struct span json, struct arena *arena, struct ssm_page *ret_page,
                     struct err *reterr) MUST_USE;

/* GetParameterHistory: the oldest version first, at most LIMIT_VERSIONS over all pages. */
struct ssm_version {
	const char *value; /* in the arena */
	int64_t version, modified_ms;
};

struct ssm_history {
	struct ssm_version at[LIMIT_VERSIONS];
	size_t n;
	const char *next_token; /* NULL: this was the last page */
};

void ssm_history_body(const char *name, const char *next_token, struct buf *out);

/* Adds a page. After an error *history is as it was. */
bool ssm_history_answer(struct span json, struct arena *arena, struct ssm_history *history,
                        struct err *reterr) MUST_USE;

#define SSM_TEXT  "text"
#define SSM_IMAGE "aws:ec2:image"

/*
 * PutParameter, of type String. What has the data type aws:ec2:image is checked by EC2 after the
 * answer, and forgotten if there is no such image: an answer with a version promises nothing then.
 */
struct ssm_put {
	const char *name, *value;
	const char *data_type; /* NULL: text */
	bool overwrite;        /* creates or replaces; else it must not exist */
};

void ssm_put_body(const struct ssm_put *put, struct buf *out);
bool ssm_put_answer(struct span json, int64_t *ret_version, struct err *reterr) MUST_USE;

/*
 * Compare and set. SSM has no condition on the wire, but counts every write: who read version v and
 * replaced it gets v + 1. Another number means that somebody wrote in between and ours has covered
 * it: ERR_REFUSED, *ret_version is set, and the caller reads and decides again. To create, at
 * version 0, overwrite = false is a real condition: ParameterAlreadyExists.
 */
bool ssm_put_answer_after(struct span json, int64_t read_version, int64_t *ret_version,
                          struct err *reterr) MUST_USE;

#endif
