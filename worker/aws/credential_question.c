#include "worker/aws/credential_question.h"

#include "common/aws/credential_answer.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/adapters/file.h"

#include <stdlib.h>

#include "common/base/banned.h"

/* ---- Life ------------------------------------------------------------------------------------ */

static void cancel(struct call *call)
{
	struct credential_question *question = (struct credential_question *)call;

	call_cancel(question->pending);
	free(question);
}

void *credential_question_new(size_t size, credentials_done_fn *done, void *ctx)
{
	struct credential_question *question = xcalloc(1, size);

	question->call.cancel = cancel;
	question->done = done;
	question->ctx = ctx;
	return question;
}

void credential_question_give(struct credential_question *question, struct credentials *credentials)
{
	question->done(question->ctx, credentials, NULL);
	credentials_clear(credentials);
	free(question);
}

void credential_question_fail(struct credential_question *question,
                              const struct credential_step *step, const struct err *err)
{
	struct err told = *err;

	err_wrap(&told, "%s", step->where);
	told.kind = err->kind == ERR_TRANSIENT ? ERR_TRANSIENT : ERR_BROKEN;
	question->done(question->ctx, NULL, &told);
	free(question);
}

/* ---- What they answer ------------------------------------------------------------------------ */

static void take(const struct credential_answer *answer, const struct credential_step *step,
                 struct credentials *ret_credentials)
{
	*ret_credentials = (struct credentials){
		.access_key_id = xspandup(answer->access_key_id),
		.secret_access_key = secret_of(answer->secret_access_key),
		.source = xstrdup(step->where),
		.expires_ms = answer->expires_ms,
	};
	if (answer->token.len)
		ret_credentials->session_token = secret_of(answer->token);
}

bool credential_answer_read(struct span json, const struct credential_step *step,
                            struct credentials *ret_credentials, struct err *reterr)
{
	struct credential_answer answer;
	bool fine = credential_answer_parse(json, step->kind, &answer, reterr);

	if (fine)
		take(&answer, step, ret_credentials);
	credential_answer_clear(&answer);
	return fine;
}

bool credential_token_read(const char *path, struct secret *ret_token, struct err *reterr)
{
	struct buf text = buf_with_max(LIMIT_CREDENTIAL_TOKEN);
	bool fine = buf_reserve(&text, LIMIT_CREDENTIAL_TOKEN) &&
	            file_read_at_once(path, &text, reterr);
	struct span token = span_trim(buf_span(&text));

	if (fine && (!token.len || text_has_control(token)))
		fine = err_set(reterr, ERR_BROKEN, "%s: %s", path,
		               token.len ? "more than one line" : "it is empty");
	if (fine)
		*ret_token = secret_of(token);
	buf_wipe(&text);
	return fine;
}
