#include "worker/aws/secrets.h"

#include "common/aws/wire_secretsmanager.h"
#include "common/aws/wire_ssm.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/adapters/file.h"

#include <stdlib.h>

#include "common/base/banned.h"

/* ---- What is a secret ------------------------------------------------------------------------ */

/* found: as it lies there. */
static bool take(struct span found, struct secret *ret_secret, struct err *reterr)
{
	struct span text = span_trim(found);

	if (!text.len)
		return err_set(reterr, ERR_BROKEN, "it is empty");
	if (text.at[0] == '{')
		return err_set(reterr, ERR_BROKEN,
		               "it is a JSON object; store the token or URL alone, as plain text");
	if (text.len > LIMIT_SECRET)
		return err_set(reterr, ERR_BROKEN, "it is over %d bytes", LIMIT_SECRET);
	if (text_has_control(text))
		return err_set(reterr, ERR_BROKEN, "it is more than one line of text");
	*ret_secret = secret_of(text);
	return true;
}

/* ---- Here ------------------------------------------------------------------------------------ */

static bool read_environment(const char *name, struct secret *ret_secret, struct err *reterr)
{
	const char *value = getenv(name);

	if (!value || !value[0])
		return err_set(reterr, ERR_BROKEN, "the environment variable %s is not set", name);
	return take(span_of(value), ret_secret, reterr) ||
	       err_wrap(reterr, "the environment variable %s", name);
}

static bool read_file(const char *path, struct secret *ret_secret, struct err *reterr)
{
	struct buf text = buf_with_max(LIMIT_SECRET + 1);
	bool fine = buf_reserve(&text, text.max) && file_read_at_once(path, &text, reterr);

	if (fine)
		fine = take(buf_span(&text), ret_secret, reterr) || err_wrap(reterr, "%s", path);
	buf_wipe(&text);
	return fine;
}

bool secrets_is_local(const struct secret_ref *ref)
{
	return ref->source == SECRET_ENV || ref->source == SECRET_FILE;
}

bool secrets_read_local(const struct secret_ref *ref, struct secret *ret_secret, struct err *reterr)
{
	return ref->source == SECRET_ENV ? read_environment(ref->name, ret_secret, reterr)
	                                 : read_file(ref->name, ret_secret, reterr);
}

/* ---- One question ---------------------------------------------------------------------------- */

struct question {
	struct call call;     /* first: what who asks holds */
	struct call *pending; /* the next turn, or AWS */
	const struct secret_ref *ref;
	secret_done_fn *done;
	void *ctx;
};

static void cancel(struct call *call)
{
	struct question *question = (struct question *)call;

	call_cancel(question->pending);
	free(question);
}

/* Takes over the secret. */
static void give(struct question *question, struct secret *secret, const struct err *err)
{
	question->done(question->ctx, err ? NULL : secret, err);
	secret_clear(secret);
	free(question);
}

static void on_turn(void *ctx)
{
	struct question *question = ctx;
	struct secret secret = { 0 };
	struct err err;
	bool fine = secrets_read_local(question->ref, &secret, &err);

	give(question, &secret, fine ? NULL : &err);
}

/* ---- In AWS ---------------------------------------------------------------------------------- */

static bool read_answer(const struct secret_ref *ref, struct span json, struct secret *ret_secret,
                        struct err *reterr)
{
	struct secret found = { 0 };
	bool fine = ref->source == SECRET_SSM ? ssm_get_secret_answer(json, &found, reterr)
	                                      : secretsmanager_get_answer(json, &found, reterr);

	fine = fine && take(secret_reveal(&found), ret_secret, reterr);
	secret_clear(&found);
	return fine;
}

static void on_answer(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct question *question = ctx;
	struct secret secret = { 0 };
	struct err why;
	bool fine = !err && read_answer(question->ref, answer->body, &secret, &why);

	question->pending = NULL;
	if (err)
		why = *err;
	if (!fine)
		err_wrap(&why, "%s", question->ref->name);
	give(question, &secret, fine ? NULL : &why);
}

static struct call *ask(struct aws_client *client, struct question *question)
{
	const struct secret_ref *ref = question->ref;
	bool ssm = ref->source == SECRET_SSM;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);
	struct call *call;

	if (ssm)
		ssm_get_body(ref->name, true, &body);
	else
		secretsmanager_get_body(ref->name, &body);
	call = aws_start(client,
	                 &(struct aws_request){
				 .operation = ssm ? &aws_ssm_get_parameter
	                                          : &aws_secretsmanager_get_secret_value,
				 .region = ref->region,
				 .body = buf_span(&body),
			 },
	                 on_answer, question);
	buf_clear(&body);
	return call;
}

struct call *secrets_get(const struct secrets *secrets, const struct secret_ref *ref,
                         secret_done_fn *done, void *ctx)
{
	struct question *question = xcalloc(1, sizeof(*question));
	struct timers *timers = secrets->timers;

	question->call.cancel = cancel;
	question->ref = ref;
	question->done = done;
	question->ctx = ctx;
	question->pending = secrets_is_local(ref) ? timers->after(timers, 0, on_turn, question)
	                                          : ask(secrets->client, question);
	return &question->call;
}
