/*
 * credential_server: answers as everything does that hands out credentials over HTTP: containers'
 * endpoints, EC2's metadata, STS and IAM Identity Center. What it does wrong, the path says; what
 * it hands out is AKID, s3cr3t and t0ken.
 */
#ifndef TESTS_FLOWS_CREDENTIAL_SERVER_H
#define TESTS_FLOWS_CREDENTIAL_SERVER_H

#include "tests/flows/local_server.h"

#include <stdint.h>

#define CREDENTIAL_SERVER_EXPIRES_MS INT64_C(1893456000000) /* 2030-01-01T00:00:00Z */

enum local_end credential_server_answer(const struct local_request *request);

#endif
