#include "tests/flows/credential_server.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SERVED                                                    \
	"{\"Code\": \"Success\", \"AccessKeyId\": \"AKID\", "     \
	"\"SecretAccessKey\": \"s3cr3t\", \"Token\": \"t0ken\", " \
	"\"Expiration\": \"2030-01-01T00:00:00Z\"}"

static void say(const struct local_request *request, const char *status, const char *body)
{
	local_say(request, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body),
	          body);
}

static bool asks(const struct local_request *request, const char *text)
{
	return strstr(request->text, text) != NULL;
}

/*
 * Below /rotated the first session has ended, below /denied every one; below /hang, /old and
 * /roleless IMDS is unwell.
 */
static void serve_imds(const struct local_request *request)
{
	if (strncmp(request->path, "/hang", 5) == 0)
		local_await_hangup(request);
	else if (strncmp(request->path, "/old", 4) == 0)
		say(request, "403 Forbidden", "");
	else if (strncmp(request->text, "PUT ", 4) == 0)
		say(request, asks(request, "ttl-seconds: 21600") ? "200 OK" : "400 Bad Request",
		    request->number == 0 ? "session-0" : "session-1");
	else if (!asks(request, "X-aws-ec2-metadata-token: session-") ||
	         strncmp(request->path, "/denied", 7) == 0 ||
	         (strncmp(request->path, "/rotated", 8) == 0 && asks(request, "session-0")))
		say(request, "401 Unauthorized", "");
	else if (strncmp(request->path, "/roleless", 9) == 0)
		say(request, "404 Not Found", "");
	else if (strstr(request->path, "/security-credentials/web-role"))
		say(request, "200 OK",
		    strncmp(request->path, "/failed", 7) == 0
		            ? "{\"Code\": \"AssumeRoleUnauthorizedAccess\", \"Message\": \"no\"}"
		            : SERVED);
	else
		say(request, "200 OK", "web-role\nanother\n");
}

static void serve_sts(const struct local_request *request)
{
	const char *operation = asks(request, "Action=AssumeRoleWithWebIdentity")
	                                ? "AssumeRoleWithWebIdentity"
	                                : "AssumeRole";
	char body[1024];

	snprintf(body, sizeof(body),
	         "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult>"
	         "<Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>s3cr3t"
	         "</SecretAccessKey><SessionToken>t0ken</SessionToken>"
	         "<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></%sResult>"
	         "</%sResponse>",
	         operation, operation, operation, operation);
	if (asks(request, "role%2Fforbidden"))
		say(request, "403 Forbidden",
		    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
		    "<Message>not this one</Message></Error></ErrorResponse>");
	else
		say(request, "200 OK", body);
}

static void serve_container(const struct local_request *request)
{
	if (strcmp(request->path, "/container/fine") == 0)
		say(request, "200 OK", SERVED);
	else if (strcmp(request->path, "/container/second") == 0)
		say(request, request->number ? "200 OK" : "500 Oops",
		    request->number ? SERVED : "");
	else if (strcmp(request->path, "/container/garbage") == 0)
		say(request, "200 OK", "<html>s3cr3t</html>");
	else if (strcmp(request->path, "/container/empty") == 0)
		say(request, "200 OK", "{}");
	else
		say(request, "404 Not Found", "");
}

enum local_end credential_server_answer(const struct local_request *request)
{
	if (strncmp(request->path, "/container/", 11) == 0)
		serve_container(request);
	else if (strncmp(request->path, "/federation/", 12) == 0)
		say(request,
		    asks(request, "role_name=web%2Brole&account_id=123456789012") ? "200 OK"
		                                                                  : "401 No",
		    "{\"roleCredentials\": {\"accessKeyId\": \"AKID\", \"secretAccessKey\": "
		    "\"s3cr3t\", \"sessionToken\": \"t0ken\", \"expiration\": 1893456000000}}");
	else if (strcmp(request->path, "/") == 0)
		serve_sts(request);
	else
		serve_imds(request);
	return LOCAL_CLOSE;
}
