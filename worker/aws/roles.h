/*
 * roles: credentials of the roles in which requests are made.
 *
 * Each role, session name and region has a provider of its own. It assumes the role with the
 * client's own credentials when it is first asked, then keeps and renews what it got as
 * credentials_cached() does. LIMIT_ROLES of them are kept: the one that was taken longest ago, and
 * is not in use, makes room. Errors begin with the role's ARN.
 */
#ifndef EVERGOLD_AWS_ROLES_H
#define EVERGOLD_AWS_ROLES_H

#include "worker/aws/client.h"

struct roles;
struct assumed_role;

void roles_free(struct roles *roles); /* all that was taken must have been given back */

/* The client, which asks STS, is borrowed, as is what its options name. */
struct roles *roles_new(struct aws_client *client, const struct aws_client_options *options)
	OWNED(roles_free);

/* The role's texts are copied. NULL with ERR_TRANSIENT: LIMIT_ROLES others are in use. */
struct assumed_role *roles_take(struct roles *roles, const struct aws_role *role,
                                struct err *reterr);
void roles_give_back(struct assumed_role *assumed); /* NULL is fine */

/* Borrowed until it is given back. */
struct credentials_provider *assumed_role_credentials(struct assumed_role *assumed);

#endif
