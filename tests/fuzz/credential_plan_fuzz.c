#include "common/aws/credential_plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *no_variable(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

/* The text is also what these variables say, so that URIs and numbers are as odd as the files. */
static const char *some_variables(void *ctx, const char *name)
{
	return strstr(name, "CONTAINER") || strstr(name, "METADATA_SERVICE") ? ctx : NULL;
}

/* Whatever there is: a chain of roles that ends in something else, or a fault that says why. */
static void plan(const struct aws_environment *environment, const struct aws_files *files)
{
	struct credential_plan plan;
	struct err err = { 0 };

	if (credential_plan_make(environment, files, &plan, &err)) {
		if (!plan.n || plan.steps[plan.n - 1].kind == CREDENTIAL_ASSUME_ROLE)
			abort();
		for (size_t i = 0; i + 1 < plan.n; i++) {
			if (plan.steps[i].kind != CREDENTIAL_ASSUME_ROLE)
				abort();
		}
	} else if (err.kind != ERR_BROKEN || !err.text[0]) {
		abort();
	}
	credential_plan_clear(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	char *value = calloc(size + 1, 1);

	if (!value)
		return 0;
	memcpy(value, data, size);
	plan(&(struct aws_environment){ no_variable, NULL },
	     &(struct aws_files){ text, SPAN_NONE, "credentials", "config" });
	plan(&(struct aws_environment){ no_variable, NULL },
	     &(struct aws_files){ SPAN_NONE, text, "credentials", "config" });
	plan(&(struct aws_environment){ some_variables, value },
	     &(struct aws_files){ SPAN_NONE, SPAN_NONE, "credentials", "config" });
	free(value);
	return 0;
}
