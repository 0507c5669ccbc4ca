#include "worker/aws/roles.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/aws/credential_sources.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/base/banned.h"

struct assumed_role {
	TAILQ_ENTRY(assumed_role) in_kept;
	char *arn, *session_name, *region; /* owned */
	struct credential_step step;       /* of these texts */
	struct credentials_provider *credentials;
	int users;
};

struct roles {
	struct credentials_provider base; /* first: of every role, and none of them frees it */
	struct aws_client *client;
	struct aws_client_options options;
	TAILQ_HEAD(role_list, assumed_role) kept; /* the latest taken first */
	int n;
};

/* ---- The base of every role ------------------------------------------------------------------ */

static struct credentials_provider *own_credentials(struct credentials_provider *base)
{
	return ((struct roles *)base)->options.credentials;
}

static struct call *base_get(struct credentials_provider *base, credentials_done_fn *done,
                             void *ctx)
{
	struct credentials_provider *own = own_credentials(base);

	return own->get(own, done, ctx);
}

static void base_expired(struct credentials_provider *base)
{
	struct credentials_provider *own = own_credentials(base);

	own->expired(own);
}

static void base_free(struct credentials_provider *base)
{
	(void)base; /* other roles have it, too, and it is not ours */
}

/* ---- One role -------------------------------------------------------------------------------- */

static struct credentials_provider *make_credentials(struct roles *roles,
                                                     const struct assumed_role *assumed)
{
	struct timers *timers = roles->options.timers;
	struct credential_tools tools = {
		.http = roles->options.http,
		.timers = timers,
		.client = roles->client,
		.region = assumed->region,
	};

	return credentials_cached(credentials_role(&tools, &assumed->step, &roles->base), timers,
	                          roles->options.log);
}

static struct assumed_role *add(struct roles *roles, const struct aws_role *role)
{
	struct assumed_role *assumed = xcalloc(1, sizeof(*assumed));

	assumed->arn = xstrdup(role->arn);
	assumed->session_name = xstrdup(role->session_name);
	assumed->region = xstrdup(role->region);
	assumed->step = (struct credential_step){
		.kind = CREDENTIAL_ASSUME_ROLE,
		.where = assumed->arn,
		.role_arn = assumed->arn,
		.session_name = assumed->session_name,
	};
	assumed->credentials = make_credentials(roles, assumed);
	TAILQ_INSERT_HEAD(&roles->kept, assumed, in_kept);
	roles->n++;
	return assumed;
}

static void drop(struct roles *roles, struct assumed_role *assumed)
{
	assert(assumed->users == 0);
	TAILQ_REMOVE(&roles->kept, assumed, in_kept);
	roles->n--;
	assumed->credentials->free(assumed->credentials);
	free(assumed->arn);
	free(assumed->session_name);
	free(assumed->region);
	free(assumed);
}

/* ---- Those that are kept --------------------------------------------------------------------- */

static struct assumed_role *find(struct roles *roles, const struct aws_role *role)
{
	struct assumed_role *assumed;

	TAILQ_FOREACH(assumed, &roles->kept, in_kept)
	{
		if (strcmp(assumed->arn, role->arn) == 0 &&
		    strcmp(assumed->session_name, role->session_name) == 0 &&
		    strcmp(assumed->region, role->region) == 0)
			break;
	}
	return assumed;
}

static bool make_room(struct roles *roles)
{
	struct assumed_role *last = TAILQ_LAST(&roles->kept, role_list);

	if (roles->n < LIMIT_ROLES)
		return true;
	while (last && last->users)
		last = TAILQ_PREV(last, role_list, in_kept);
	if (last)
		drop(roles, last);
	return last;
}

struct assumed_role *roles_take(struct roles *roles, const struct aws_role *role,
                                struct err *reterr)
{
	struct assumed_role *assumed = find(roles, role);

	if (assumed) {
		TAILQ_REMOVE(&roles->kept, assumed, in_kept);
		TAILQ_INSERT_HEAD(&roles->kept, assumed, in_kept);
	} else if (make_room(roles)) {
		assumed = add(roles, role);
	} else {
		err_set(reterr, ERR_TRANSIENT, "%s: %d other roles are in use", role->arn,
		        LIMIT_ROLES);
		return NULL;
	}
	assumed->users++;
	return assumed;
}

void roles_give_back(struct assumed_role *assumed)
{
	if (assumed)
		assumed->users--;
}

struct credentials_provider *assumed_role_credentials(struct assumed_role *assumed)
{
	return assumed->credentials;
}

/* ---- Life ------------------------------------------------------------------------------------ */

void roles_free(struct roles *roles)
{
	if (!roles)
		return;
	while (!TAILQ_EMPTY(&roles->kept))
		drop(roles, TAILQ_FIRST(&roles->kept));
	free(roles);
}

struct roles *roles_new(struct aws_client *client, const struct aws_client_options *options)
{
	struct roles *roles = xcalloc(1, sizeof(*roles));

	roles->base = (struct credentials_provider){ base_get, base_expired, base_free };
	roles->client = client;
	roles->options = *options;
	TAILQ_INIT(&roles->kept);
	return roles;
}
