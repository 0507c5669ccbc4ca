/*
 * Says where requests go, for tests/differential: a line comes in (SERVICE REGION VARIANT, where
 * the variant is some of f: FIPS, d: dual stack, g: global STS, or "-"), one goes out with the URL
 * and the region to sign for.
 */
#include "common/aws/endpoint.h"

#include <stdio.h>
#include <string.h>

static bool find_service(const char *id, enum aws_service *ret_service)
{
	for (size_t i = 0; i < AWS_SERVICES; i++) {
		*ret_service = (enum aws_service)i;
		if (strcmp(aws_service_info(*ret_service)->id, id) == 0)
			return true;
	}
	return false;
}

static void say(enum aws_service service, struct span region, const char *flags)
{
	struct aws_endpoint_variant variant = { .fips = strchr(flags, 'f') != NULL,
		                                .dual_stack = strchr(flags, 'd') != NULL,
		                                .global_sts = strchr(flags, 'g') != NULL };
	struct span signing = aws_endpoint_signing_region(service, region, variant);
	struct buf url = buf_with_max(1024);

	aws_endpoint_url(service, region, variant, &url);
	printf("%s %.*s\n", buf_text(&url), SPAN_ARG(signing));
	buf_clear(&url);
}

int main(void)
{
	char id[32], region[64], flags[8];
	enum aws_service service;

	while (scanf("%31s %63s %7s", id, region, flags) == 3) {
		if (!find_service(id, &service) || !aws_region_is_valid(span_of(region))) {
			fprintf(stderr, "no service or region: %s %s\n", id, region);
			return 1;
		}
		say(service, span_of(region), flags);
	}
	return 0;
}
